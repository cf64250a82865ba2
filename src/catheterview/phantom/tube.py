"""Thin tubes seen by a scanner: wall and lumen through the point spread, only near the tube."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from catheterview.geometry import FloatArray, Grid, arc_length, moving_frame, resample_polyline

_FWHM_PER_SIGMA = 2.354820045
_CHUNK_MM = 12.0
_LEAST_SHEAR_DEG = 0.01
_EDGE_SHARE = 0.2  # blur of the slice profile's edges, as a share of the slice thickness


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """A hollow or solid cylinder of one material round an axis.

    Parameters
    ----------
    axis : (N, 3) LPS mm
    inner_mm, outer_mm : float
        Diameters.
    excess_hu : (N,) float
        HU of the material above what lies there without it.
    """

    axis: FloatArray
    inner_mm: float
    outer_mm: float
    excess_hu: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """The scanner's point spread.

    Parameters
    ----------
    psf_mm : float
        In-plane full width at half maximum, a Gaussian.
    slice_mm : float
        Full width at half maximum of the slice profile, a box with blurred edges.
    """

    psf_mm: float
    slice_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patch:
    """Something to add to some voxels.

    Parameters
    ----------
    voxels : (N,) int64
        Flat indices, each once.
    hu : (N,) float32
    """

    voxels: NDArray[np.int64]
    hu: NDArray[np.float32]


def render(layers: tuple[Layer, ...], grid: Grid, scanner: Scanner) -> Patch:
    """Say what tubes add to an image.

    Parameters
    ----------
    layers : tuple of Layer
    grid : Grid
        Perhaps sheared: thickness and point spread are those of each slice.
    scanner : Scanner

    Returns
    -------
    Patch
        What the tubes alone add, convolved with the point spread and sampled at the voxel centres.

    Notes
    -----
    Every layer is cut into small volume elements of equal size; each is spread over the voxels near it by the separable
    point spread, so that partial volume is exact up to the size of the elements (about 0.15 mm).
    """
    found: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for layer in layers:
        for points, weights in _elements(layer, scanner):
            found.extend(_spread(points, weights, grid, scanner))
    return _collected(found)


def _collected(found: list[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> Patch:
    """Add up what falls on the same voxel."""
    if not found:
        return Patch(voxels=np.zeros(0, np.int64), hu=np.zeros(0, np.float32))
    voxels, back = np.unique(np.concatenate([voxel for voxel, _ in found]), return_inverse=True)
    total = np.bincount(back, weights=np.concatenate([value for _, value in found]))
    return Patch(voxels=voxels, hu=total.astype(np.float32))


def _elements(layer: Layer, scanner: Scanner) -> list[tuple[FloatArray, FloatArray]]:
    """Cut a layer into volume elements: positions (M, 3) and HU times mm3 (M,), in stretches along the axis."""
    step = min(0.25, scanner.psf_mm / 4.0)
    length = float(arc_length(layer.axis)[-1])
    edges = resample_polyline(layer.axis, step=step)
    excess = np.interp(np.linspace(0.0, length, len(edges)), arc_length(layer.axis), layer.excess_hu)
    first, second = moving_frame(edges)
    ring, area = _cross_section(layer.inner_mm, layer.outer_mm)
    middle, a, b = (0.5 * (item[1:] + item[:-1]) for item in (edges, first, second))
    slab = np.linalg.norm(np.diff(edges, axis=0), axis=1) * 0.5 * (excess[1:] + excess[:-1])
    points = middle[:, None] + ring[None, :, :1] * a[:, None] + ring[None, :, 1:] * b[:, None]
    size = max(1, round(_CHUNK_MM / step))
    return [
        (points[n : n + size].reshape(-1, 3), np.repeat(slab[n : n + size] * area, len(ring)))
        for n in range(0, len(middle), size)
    ]


def _cross_section(inner_mm: float, outer_mm: float) -> tuple[FloatArray, float]:
    """Points (M, 2) that each stand for the same area (second value, mm2) of a ring."""
    rings = max(1, round((outer_mm - inner_mm) / 2.0 / 0.13))
    squares = np.linspace(inner_mm**2, outer_mm**2, rings + 1) / 4.0
    radii = np.sqrt((squares[1:] + squares[:-1]) / 2.0)
    count = 12
    angle = 2.0 * np.pi * (np.arange(count) + 0.5 * (np.arange(rings)[:, None] % 2)) / count
    points = np.stack([radii[:, None] * np.cos(angle), radii[:, None] * np.sin(angle)], axis=-1).reshape(-1, 2)
    return points, float(np.pi * (squares[-1] - squares[0]) / len(points))


def _spread(
    points: FloatArray, weights: FloatArray, grid: Grid, scanner: Scanner
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Spread elements that lie close together over a small box of voxels."""
    index, leans = grid.world_to_index(points), _leans(grid)
    reach = (
        np.array([0.5 * scanner.slice_mm * (1.0 + 3.0 * _EDGE_SHARE), *[1.7 * scanner.psf_mm] * 2]) / grid.spacing_mm
    )
    if leans is not None:
        reach = reach + np.abs(leans) * reach[0]
    low = np.maximum(np.floor(index.min(axis=0) - reach).astype(int), 0)
    high = np.minimum(np.ceil(index.max(axis=0) + reach).astype(int), np.array(grid.shape) - 1)
    if (high < low).any():
        return []
    k, j, i = (np.arange(a, b + 1) for a, b in zip(low, high, strict=True))
    if leans is None:
        in_k = _slice_profile((k - index[:, :1]) * grid.spacing_mm[0], scanner.slice_mm) * weights[:, None]
        in_j, in_i = (
            _gaussian((at - index[:, axis : axis + 1]) * grid.spacing_mm[axis], scanner.psf_mm)
            for axis, at in ((1, j), (2, i))
        )
        plane = (in_j[:, :, None] * in_i[:, None, :]).reshape(len(points), -1)
        box = in_k.T @ plane
    else:
        box = np.stack([_leaning(index, weights, (int(at), j, i), (grid, scanner)) for at in k])
    voxels = (k[:, None, None] * grid.shape[1] + j[None, :, None]) * grid.shape[2] + i[None, None, :]
    keep = np.abs(box.ravel()) > 0.05
    return [(voxels.ravel()[keep].astype(np.int64), box.ravel()[keep])]


def _leans(grid: Grid) -> FloatArray | None:
    """How the slice axis of a sheared grid leans: 0, and rows and columns a slice; None for a grid that does not."""
    if grid.shear_deg <= _LEAST_SHEAR_DEG:
        return None
    in_plane = grid.affine[:3, 0] @ grid.directions[:, 1:] / grid.spacing_mm[1:]
    return np.array([0.0, *in_plane])


def _leaning(
    index: FloatArray,
    weights: FloatArray,
    where: tuple[int, NDArray[np.int64], NDArray[np.int64]],
    seen_by: tuple[Grid, Scanner],
) -> FloatArray:
    """What elements (N, 3) add to a box of one leaning slice: along its normal by its profile, in it by the spread."""
    (k, j, i), (grid, scanner) = where, seen_by
    leans = _leans(grid)
    assert leans is not None
    away = k - index[:, :1]
    along = away * grid.spacing_mm[0] * np.cos(np.radians(grid.shear_deg))
    in_k = _slice_profile(along, scanner.slice_mm) * weights[:, None]
    in_j, in_i = (
        _gaussian((at - index[:, axis : axis + 1] + away * leans[axis]) * grid.spacing_mm[axis], scanner.psf_mm)
        for axis, at in ((1, j), (2, i))
    )
    return np.asarray(((in_k * in_j).T @ in_i).ravel())


def _gaussian(offset_mm: FloatArray, fwhm_mm: float) -> FloatArray:
    """Gaussian density per mm."""
    sigma = fwhm_mm / _FWHM_PER_SIGMA
    return np.asarray(np.exp(-0.5 * (offset_mm / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi)))


def _slice_profile(offset_mm: FloatArray, width_mm: float) -> FloatArray:
    """Slice sensitivity per mm: a box of the slice's thickness with blurred edges."""
    sigma = _EDGE_SHARE * width_mm
    upper, lower = (offset_mm + width_mm / 2.0) / sigma, (offset_mm - width_mm / 2.0) / sigma
    return np.asarray((ndtr(upper) - ndtr(lower)) / width_mm)
