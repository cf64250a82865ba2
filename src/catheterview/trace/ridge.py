"""Ridge points: voxels that lie on something thin and bright, with their direction and sub-voxel place.

Work is sparse. Slice by slice a white top-hat leaves what is narrower than a few millimetres (cheap, and blind to the
HU of what surrounds it); of those, voxels that are a maximum along two of three axes get a local quadratic fitted in
millimetres, so that thick slices and sheared grids need no special case. The eigenvalues of the quadratic tell a tube
(two large negative ones) from a sheet (one) and a blob (three); its gradient gives the offset to the ridge.

Source of the method: Steger, An unbiased detector of curvilinear structures, IEEE TPAMI 1998, 20(2); the quadratic fit
is Haralick's facet model with Gaussian weights.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Grid, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image, Voxels

IndexArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ridge:
    """Ridge points of one image; N of them.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm, on the ridge
    directions : (N, 3) float64, unit, along the tube; the sign means nothing
    strength : (N,) float64, HU
        Contrast of an ideal tube of the catheter's width that bends the intensity as much as this one does.
    roundness : (N,) float64, 0 to 1
        Ratio of the two curvatures across: 1 for a tube, 0 for a sheet.
    """

    points: FloatArray
    directions: FloatArray
    strength: FloatArray
    roundness: FloatArray

    def __len__(self) -> int:
        return len(self.points)

    def where(self, keep: NDArray[np.bool_]) -> Ridge:
        """The ridge points that `keep`, (N,) bool, selects."""
        return Ridge(
            points=self.points[keep],
            directions=self.directions[keep],
            strength=self.strength[keep],
            roundness=self.roundness[keep],
        )


def find_ridges(image: Image, limits: TraceLimits, *, box: tuple[slice, slice, slice] | None = None) -> Ridge:
    """Find every ridge point of an image, or of a box of it.

    Parameters
    ----------
    image : Image with a grid
    box : slices along k, j, i, optional
        Only candidates inside are looked at (their neighbourhoods may reach out of it).

    Returns
    -------
    Ridge
    """
    grid = image.placed
    index = _candidates(image.voxels, grid, limits, box or (slice(None),) * 3)
    taps, weights = _facet(grid, limits)
    # Most candidates are noise: the Laplacian alone, a ninth of the work, sends them away.
    trace = (taps, weights[3:6].sum(axis=0, keepdims=True))
    laplacian = _fit_facets(image.voxels, index, trace, limits.threads)[:, 0]
    index = index[-laplacian * limits.tube_sigma_mm**2 >= 1.5 * limits.ridge_strength_hu]
    return _ridge_of(grid, index, _fit_facets(image.voxels, index, (taps, weights), limits.threads), limits)


def tubeness(image: Image, first_kji: NDArray[np.intp], shape: tuple[int, int, int], limits: TraceLimits) -> FloatArray:
    """Ridge strength at every voxel of a small box: high on a tube, near 0 on a sheet, an edge or in flat noise.

    Parameters
    ----------
    first_kji : (3,) int
        The box's first voxel; it lies in the image.
    shape : (slices, rows, columns) of the box

    Returns
    -------
    `shape` float64, HU
    """
    index = (np.indices(shape).reshape(3, -1).T + first_kji).astype(np.int32)
    bends = _bends(_fit_facets(image.voxels, index, _facet(image.placed, limits), limits.threads))
    return np.asarray(np.maximum(-bends[:, 1], 0.0).reshape(shape) * limits.tube_sigma_mm**2)


def _candidates(voxels: Voxels, grid: Grid, limits: TraceLimits, box: tuple[slice, slice, slice]) -> IndexArray:
    """(N, 3) kji of voxels that stand out of their slice and are a maximum along two axes."""
    size = [max(3, round(limits.tophat_mm / step) | 1) for step in grid.spacing_mm[1:]]
    slices = range(*box[0].indices(voxels.shape[0]))
    with ThreadPoolExecutor(limits.threads) as pool:
        found = list(pool.map(lambda k: _standing_out(voxels[k, box[1], box[2]], size, limits), slices))
    index = np.empty((sum(map(len, found)), 3), dtype=np.int32)
    index[:, 0] = np.repeat(np.array(slices, dtype=np.int32), [len(f) for f in found])
    index[:, 1:] = np.concatenate([np.zeros((0, 2), dtype=np.intp), *found])
    index[:, 1:] += np.array([box[1].start or 0, box[2].start or 0], dtype=np.int32)
    return np.asarray(index[_is_crest(voxels, index)])


def _standing_out(patch: NDArray[np.int16], size: list[int], limits: TraceLimits) -> NDArray[np.intp]:
    """(N, 2) row and column in a part of a slice that stand out from what is wider than a catheter."""
    floor = cv2.morphologyEx(np.ascontiguousarray(patch), cv2.MORPH_OPEN, np.ones(size, np.uint8))
    # Lung is left out by what surrounds the candidate: a pulmonary vessel is a perfect tube, but no catheter is there.
    stands = (patch - floor >= limits.candidate_contrast_hu) & (floor > limits.lung_hu)
    found = cv2.findNonZero(np.ascontiguousarray(stands).view(np.uint8))
    return (
        np.zeros((0, 2), dtype=np.intp) if found is None else np.asarray(found.reshape(-1, 2)[:, ::-1], dtype=np.intp)
    )


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _is_crest(voxels: Voxels, index: IndexArray) -> NDArray[np.bool_]:
    """Say for each candidate whether it is a maximum along at least two of the three axes; a border voxel is not."""
    crest = np.zeros(len(index), dtype=np.bool_)
    last = np.array(voxels.shape) - 2
    for n in range(len(index)):
        k, j, i = index[n]
        if k < 1 or j < 1 or i < 1 or k > last[0] or j > last[1] or i > last[2]:
            continue
        here = voxels[k, j, i]
        count = 0
        if here >= voxels[k - 1, j, i] and here >= voxels[k + 1, j, i]:
            count += 1
        if here >= voxels[k, j - 1, i] and here >= voxels[k, j + 1, i]:
            count += 1
        if here >= voxels[k, j, i - 1] and here >= voxels[k, j, i + 1]:
            count += 1
        crest[n] = count >= 2
    return crest


def _facet(grid: Grid, limits: TraceLimits) -> tuple[IndexArray, FloatArray]:
    """Neighbour offsets (T, 3) and the weights (9, T) that turn their values into a gradient and a Hessian.

    Both are per mm, of millimetres that `_stretch` has made longer where slices are thick.
    """
    sigma = _window_mm(grid, limits)
    reach = np.maximum(1, np.round(2.4 * sigma / grid.spacing_mm)).astype(int)
    axes = [np.arange(-r, r + 1) for r in reach]
    taps = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    far2 = ((taps * grid.spacing_mm / sigma) ** 2).sum(axis=1)
    taps, far2 = taps[far2 <= 6.0], far2[far2 <= 6.0]  # beyond 2.4 sigma a tap costs more than it tells
    weight = np.exp(-0.5 * far2)
    x, y, z = (taps @ grid.affine[:3, :3].T @ np.linalg.inv(_stretch(grid, limits))).T
    design = np.stack(
        [np.ones_like(x), x, y, z, x * x / 2, y * y / 2, z * z / 2, x * y, x * z, y * z],
        axis=1,
    )
    root = np.sqrt(weight)[:, None]
    solve = np.linalg.pinv(design * root) * root.T
    return taps.astype(np.int32), np.ascontiguousarray(solve[1:])


def _window_mm(grid: Grid, limits: TraceLimits) -> FloatArray:
    """(3,) standard deviation of the fit's window along k, j, i: the tube's own width, or what the voxels allow."""
    return np.asarray(np.maximum(limits.facet_sigma_mm, limits.facet_sigma_voxels * grid.spacing_mm))


def _stretch(grid: Grid, limits: TraceLimits) -> FloatArray:
    """(3, 3) symmetric matrix from a space in which the window is as long through slices as in them to LPS mm.

    Through a thick slice the window blurs a tube into a sheet; measured in windows it is round again.
    """
    window = _window_mm(grid, limits)
    through = grid.affine[:3, 0] / np.linalg.norm(grid.affine[:3, 0])
    return np.eye(3) + (max(1.0, float(window[0] / window[1:].max())) - 1.0) * np.outer(through, through)


def _fit_facets(voxels: Voxels, index: IndexArray, facet: tuple[IndexArray, FloatArray], threads: int) -> FloatArray:
    """(N, W) weighted sums of the neighbourhood of each index, for (T, 3) taps and their (W, T) weights.

    With all nine weights: gradient (x, y, z) and Hessian (xx, yy, zz, xy, xz, yz) per mm and mm2.
    """
    taps, weights = facet
    with ThreadPoolExecutor(threads) as pool:
        # Plain threads: numba's own take longer to be loaded than they save.
        parts = pool.map(lambda part: _facets(voxels, part, taps, weights), np.array_split(index, threads))
        return np.concatenate(list(parts))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _facets(voxels: Voxels, index: IndexArray, taps: IndexArray, weights: FloatArray) -> FloatArray:
    """(N, W) weighted sums round each index; a tap outside of the image takes the border's value."""
    out = np.zeros((len(index), len(weights)))
    last = np.array(voxels.shape) - 1
    for n in range(len(index)):
        for t in range(len(taps)):
            k = min(max(index[n, 0] + taps[t, 0], 0), last[0])
            j = min(max(index[n, 1] + taps[t, 1], 0), last[1])
            i = min(max(index[n, 2] + taps[t, 2], 0), last[2])
            value = float(voxels[k, j, i])
            for c in range(len(weights)):
                out[n, c] += weights[c, t] * value
    return out


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bends(fits: FloatArray) -> FloatArray:
    """(N, 2) the two most negative eigenvalues of each fitted Hessian, by the closed form for symmetric 3 x 3 matrices.

    Source: Smith, Eigenvalues of a symmetric 3 x 3 matrix, Communications of the ACM 1961, 4(4).
    """
    out = np.empty((len(fits), 2))
    for n in range(len(fits)):
        xx, yy, zz, xy, xz, yz = fits[n, 3], fits[n, 4], fits[n, 5], fits[n, 6], fits[n, 7], fits[n, 8]
        mean = (xx + yy + zz) / 3.0
        a, b, c = xx - mean, yy - mean, zz - mean
        size = np.sqrt(max((a * a + b * b + c * c + 2.0 * (xy * xy + xz * xz + yz * yz)) / 6.0, 1e-30))
        det = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
        third = np.arccos(min(1.0, max(-1.0, det / (2.0 * size**3)))) / 3.0
        largest = mean + 2.0 * size * np.cos(third)
        smallest = mean + 2.0 * size * np.cos(third + 2.0943951023931953)
        out[n, 0], out[n, 1] = smallest, 3.0 * mean - largest - smallest
    return out


def _ridge_of(grid: Grid, index: IndexArray, fits: FloatArray, limits: TraceLimits) -> Ridge:
    """Turn fitted facets into ridge points and drop what is no ridge.

    Plan: eigenvalues in one call for all; across are the two most negative; the ridge lies where the gradient across
    vanishes, and must do so within the voxel (with some slack), or its neighbour is the better witness.
    """
    bends = _bends(fits)
    quick = (-bends[:, 1] * limits.tube_sigma_mm**2 >= limits.ridge_strength_hu) & (
        bends[:, 1] <= limits.ridge_roundness * bends[:, 0]
    )
    index, fits = index[quick], fits[quick]
    xx, yy, zz, xy, xz, yz = fits[:, 3:].T
    hessian = np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=1).reshape(-1, 3, 3)
    values, vectors = np.linalg.eigh(hessian)
    across = vectors[:, :, :2]
    bend = np.minimum(values[:, :2], -1e-6)
    offset = -(np.einsum("nca,nc->na", across, fits[:, :3]) / bend)
    stretch = _stretch(grid, limits)
    shift = np.einsum("nca,na->nc", across, offset) @ stretch
    along = vectors[:, :, 2] @ stretch
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    inside = np.abs(shift @ np.linalg.inv(grid.affine[:3, :3]).T).max(axis=1, initial=0.0) <= limits.ridge_offset_voxels
    # A tube that runs within a thick slice fills less of it than one that runs through it, by as much as the slice is
    # stretched; half of that, on the scale of ratios, is made up for, so that neither is far from the other's contrast.
    in_slice = 1.0 - (along @ unit(grid.affine[:3, 0])) ** 2
    filled = (1.0 + (np.linalg.det(stretch) ** 2 - 1.0) * in_slice) ** -0.25
    strength = -bend[:, 1] * limits.tube_sigma_mm**2 / filled
    roundness = bend[:, 1] / bend[:, 0]
    ridge = Ridge(points=grid.index_to_world(index) + shift, directions=along, strength=strength, roundness=roundness)
    return ridge.where(inside)
