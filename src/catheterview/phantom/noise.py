"""Quantum noise with the grain of a reconstruction kernel."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray


def quantum_noise(
    shape: tuple[int, int], spacing_mm: tuple[float, float], psf_mm: float, rng: np.random.Generator
) -> FloatArray:
    """Draw one slice of noise of unit standard deviation.

    Parameters
    ----------
    shape : (rows, columns)
    spacing_mm : (row, column) mm
    psf_mm : float
        Full width at half maximum of the point spread; the sharper, the finer the grain.
    rng : numpy.random.Generator

    Returns
    -------
    (rows, columns) float64

    Notes
    -----
    The noise power spectrum of filtered back-projection is the ramp times the squared transfer function (Riederer,
    Pelc, Chesler, Phys Med Biol 1978, 23, 446); a floor at low frequency stands for scatter and beam shaping.
    """
    white = np.fft.rfft2(rng.standard_normal(shape))
    rows, columns = np.fft.fftfreq(shape[0], spacing_mm[0]), np.fft.rfftfreq(shape[1], spacing_mm[1])
    frequency = np.hypot(rows[:, None], columns[None, :])
    sigma = psf_mm / 2.354820045
    power = (frequency + 0.05) * np.exp(-2.0 * (np.pi * sigma * frequency) ** 2 * 2.0)
    grain = np.fft.irfft2(white * np.sqrt(power), s=shape)
    return np.asarray(grain / grain.std())
