"""Quantum noise with the grain of a reconstruction kernel."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.phantom.kernel import Kernel


def frequencies(shape: tuple[int, int], spacing_mm: tuple[float, float]) -> FloatArray:
    """Spatial frequency (rows, columns // 2 + 1) per mm of the real Fourier transform of an image."""
    rows, columns = np.fft.fftfreq(shape[0], spacing_mm[0]), np.fft.rfftfreq(shape[1], spacing_mm[1])
    return np.asarray(np.hypot(rows[:, None], columns[None, :]))


def quantum_noise(
    shape: tuple[int, int], spacing_mm: tuple[float, float], kernel: Kernel, rng: np.random.Generator
) -> FloatArray:
    """Draw one slice of noise of unit standard deviation.

    Parameters
    ----------
    shape : (rows, columns)
    spacing_mm : (row, column) mm
    kernel : Kernel
        The sharper, the finer the grain.
    rng : numpy.random.Generator

    Returns
    -------
    (rows, columns) float64
    """
    white = np.fft.rfft2(rng.standard_normal(shape))
    power = kernel.noise_power(frequencies(shape, spacing_mm))
    grain = np.fft.irfft2(white * np.sqrt(power), s=shape)
    return np.asarray(grain / grain.std())


def filtered(plane: FloatArray, spacing_mm: tuple[float, float], kernel: Kernel) -> FloatArray:
    """One slice without noise (rows, columns) as a kernel shows it."""
    shape = (plane.shape[0], plane.shape[1])
    return np.asarray(np.fft.irfft2(np.fft.rfft2(plane) * kernel.mtf(frequencies(shape, spacing_mm)), s=shape))
