"""Parallel projection of slices and filtered back-projection.

The forward projection turns the slice (OpenCV) and adds up its columns, the same scheme as scikit-image's ``radon``;
the filtered back-projection is algotom's. Why these: docs/decisions/0005-ct-projection-library.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.errors import InputError
from catheterview.geometry import FloatArray
from catheterview.phantom.kernel import Kernel

Sinogram = NDArray[np.float32]

_LEAST_BLUR = 0.55  # pixels, standard deviation of the least smoothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """A square slice and its views.

    Parameters
    ----------
    size : int
        Pixels along a side, and detector elements of a view.
    pixel_mm : float
    views : int
        Over 180 degrees.
    """

    size: int
    pixel_mm: float
    views: int

    @property
    def angles(self) -> FloatArray:
        """(views,) radians; the view at 180 degrees would repeat the first."""
        return np.asarray(np.arange(self.views) * (np.pi / self.views), dtype=np.float64)


def project(maps: NDArray[np.float32], corner: tuple[int, int], geometry: Geometry) -> Sinogram:
    """Add up maps along parallel rays.

    Parameters
    ----------
    maps : (rows, columns, channels) float32
        Part of the slice, zero elsewhere.
    corner : (row, column)
        Of the part's first pixel in the slice.
    geometry : Geometry

    Returns
    -------
    (views, size, channels) float32
        Path lengths in mm times the maps' values. A ray at angle a that meets (x right, y down) from the slice's middle
        falls on x cos a - y sin a.
    """
    rows, columns, channels = maps.shape
    middle = (geometry.size - 1) / 2.0
    x0, y0 = corner[1] + (columns - 1) / 2.0 - middle, corner[0] + (rows - 1) / 2.0 - middle
    out = np.zeros((geometry.views, geometry.size, channels), dtype=np.float32)
    for view, angle in enumerate(geometry.angles):
        way = (float(np.cos(angle)), float(np.sin(angle)))
        on_detector = x0 * way[0] - y0 * way[1] + middle
        first, sums = _shadow(maps, way, on_detector)
        low, high = max(first, 0), min(first + len(sums), geometry.size)
        out[view, low:high] = sums[low - first : high - first]
    return out * np.float32(geometry.pixel_mm)


def _shadow(maps: NDArray[np.float32], way: tuple[float, float], on_detector: float) -> tuple[int, NDArray[np.float32]]:
    """Turn a part whose middle falls on `on_detector` and add it up: first element hit, and sums (M, channels)."""
    rows, columns, channels = maps.shape
    cosine, sine = way
    half_t = int(0.5 * (abs(cosine) * columns + abs(sine) * rows)) + 2
    half_s = int(0.5 * (abs(sine) * columns + abs(cosine) * rows)) + 2
    first = round(on_detector) - half_t
    t = first - on_detector
    move = np.array(
        [
            [cosine, sine, (columns - 1) / 2.0 + t * cosine - half_s * sine],
            [-sine, cosine, (rows - 1) / 2.0 - t * sine - half_s * cosine],
        ]
    )
    size = (2 * half_t + 1, 2 * half_s + 1)
    turned = cv2.warpAffine(maps, move, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return first, turned.reshape(size[1], size[0], channels).sum(axis=0)


def reconstruct(sinogram: Sinogram, geometry: Geometry, kernel: Kernel) -> NDArray[np.float32]:
    """Filtered back-projection.

    Parameters
    ----------
    sinogram : (views, size) float32
        Line integrals, mm times a value.
    geometry : Geometry
    kernel : Kernel
        Gives the window on the ramp; no sharper than the pixels allow.

    Returns
    -------
    (size, size) float32
        The value.
    """
    library, numba = _libraries()
    pad = geometry.size // 4
    ramp = library.make_2d_ramp_window(geometry.views, geometry.size + 2 * pad)
    width = geometry.size + 2 * pad
    window = sum(weight * _gaussian_window(width, geometry.pixel_mm, wide) for weight, wide in kernel.parts)
    threads = numba.get_num_threads()
    numba.set_num_threads(1)  # the library's back-projection adds up views in a race when there are more
    try:
        image = library.fbp_reconstruction(
            sinogram,
            (geometry.size - 1) / 2.0,
            angles=geometry.angles,
            ratio=None,
            ramp_win=ramp * window,
            pad=pad,
            apply_log=False,
            gpu=False,
            ncore=1,
        )
    finally:
        numba.set_num_threads(threads)
    spread = (geometry.views - 1) / geometry.views  # the library counts views as if both ends were there
    return np.asarray(image * (spread / geometry.pixel_mm), dtype=np.float32)


def _gaussian_window(width: int, pixel_mm: float, psf_mm: float) -> FloatArray:
    """Transfer function, zero frequency in the middle, that brings the interpolation's blur up to the wanted one.

    Linear interpolation blurs like a Gaussian of variance pixel^2 / 6, once where the slice is turned and once in the
    back-projection. Some smoothing is kept in any case: metal edges hold frequencies that the detector cannot.
    """
    sigma2 = max((psf_mm / 2.354820045) ** 2 - pixel_mm**2 / 3.0, (_LEAST_BLUR * pixel_mm) ** 2)
    frequency = np.fft.fftshift(np.fft.fftfreq(width, pixel_mm))
    return np.asarray(np.exp(-2.0 * np.pi**2 * sigma2 * frequency**2))


def _libraries() -> tuple[Any, Any]:
    """Load the reconstruction library and numba, which it is compiled by."""
    try:
        import numba  # noqa: PLC0415 - heavy, and not needed without physics
        from algotom.rec import reconstruction  # noqa: PLC0415 - as above
    except ImportError as error:
        raise InputError("metal artefacts need algotom: install catheterview[lab], or set physics=False") from error
    return reconstruction, numba
