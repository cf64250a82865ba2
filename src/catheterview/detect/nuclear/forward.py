"""What the camera should see of catheter and canal: short stretches blurred by the point spread, fitted to the counts.

Every stretch of a centimetre of catheter, and of two of the canal, is one column; with them go the reservoir's tails
and an even background. The fit maximises a quasi-Poisson likelihood under the condition that no stretch holds less than
nothing: variance grows with the mean, and by how much is measured on what the model leaves over, because a
reconstruction's noise is no plain Poisson noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import nnls
from scipy.spatial import cKDTree

from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.detect.nuclear.samples import Samples
from catheterview.geometry import FloatArray, arc_length, resample_polyline
from catheterview.limits import NuclearLimits

_POINT_MM = 2.5  # distance of the points that stand for a line
_ROUNDS = 4  # of reweighting


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """A polyline cut into stretches of equal length.

    Parameters
    ----------
    points : (P, 3) LPS mm
    stretch : (P,) int
        Which stretch each point belongs to.
    arc_mm : (S,) middle of each stretch
    middle : (S, 3) LPS mm
    length_mm : float
        Of a stretch.
    """

    points: FloatArray
    stretch: NDArray[np.intp]
    arc_mm: FloatArray
    middle: FloatArray
    length_mm: float

    def columns(self, voxels: FloatArray, sigma_mm: float) -> sparse.csc_array:
        """(N, S) density per cubic mm at (N, 3) voxels of a total of 1 in each stretch, blurred."""
        out = np.zeros((len(voxels), len(self.arc_mm)))
        tree = cKDTree(voxels)
        scale = (2.0 * np.pi * sigma_mm**2) ** -1.5
        share = 1.0 / np.bincount(self.stretch, minlength=len(self.arc_mm))
        for point, stretch in zip(self.points, self.stretch, strict=True):
            near = tree.query_ball_point(point, 4.0 * sigma_mm)
            away2 = ((voxels[near] - point) ** 2).sum(axis=1)
            out[near, stretch] += share[stretch] * scale * np.exp(-0.5 * away2 / sigma_mm**2)
        return sparse.csc_array(out)


def stretches_of(line: FloatArray, length_mm: float) -> Stretches:
    """Cut a polyline (N, 3) into stretches of about `length_mm`."""
    points = resample_polyline(line, step=_POINT_MM)
    arc = arc_length(points)
    count = max(1, round(float(arc[-1]) / length_mm))
    stretch = np.minimum((arc / arc[-1] * count).astype(int), count - 1)
    middle_mm = (np.arange(count) + 0.5) * float(arc[-1]) / count
    middle = np.stack([np.interp(middle_mm, arc, column) for column in points.T], axis=1)
    return Stretches(points=points, stretch=stretch, arc_mm=middle_mm, middle=middle, length_mm=float(arc[-1]) / count)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """What the counts say of every stretch.

    Parameters
    ----------
    amounts, sds : one (S,) for each line
        Amount in each stretch and its standard deviation, image unit times cubic mm; infinite where most of what a
        stretch would show lies outside the voxels that were fitted.
    tail, background : float
        How much of the reservoir's tails, and the even part in image units.
    spread : float
        Variance over mean of the counts.
    model, counts : (N,) at the voxels that were fitted
    voxels : (N, 3) LPS mm
    """

    amounts: tuple[FloatArray, ...]
    sds: tuple[FloatArray, ...]
    tail: float
    background: float
    spread: float
    model: FloatArray
    counts: FloatArray
    voxels: FloatArray


def fit_counts(
    near: Samples, disc: Reservoir, lines: tuple[tuple[Stretches, float], ...], limits: NuclearLimits
) -> Fit:
    """Fit the model to the counts near the device.

    Parameters
    ----------
    near : Samples
        Near the catheter or the canal, not in the hot part of the reservoir.
    disc : Reservoir
        Its tails are part of the model.
    lines : pairs of Stretches and float
        Each with the standard deviation of its blur, mm.
    limits : NuclearLimits
    """
    voxels, counts = near.points, near.counts
    parts = [one.columns(voxels, sigma) for one, sigma in lines]
    tail = disc.at(voxels)
    even = sparse.csc_array(np.stack([tail, np.ones(len(voxels))], axis=1))
    design = sparse.hstack([*parts, even], format="csc")
    floor = max(1.0, float(np.percentile(counts, 25)))
    model = np.maximum(counts, floor)
    for _ in range(_ROUNDS):
        weight = 1.0 / (np.maximum(model, floor) + (limits.model_error * tail) ** 2)
        amount, normal = _weighed(design, counts, weight)
        model = design @ amount
    spread = _spread(np.abs((counts - model) * np.sqrt(weight)), counts)
    sd = np.sqrt(spread * np.diag(np.linalg.pinv(normal)).clip(0.0))
    covered = np.concatenate([np.asarray(part.sum(axis=0)).ravel() for part in parts]) * near.voxel_mm3
    sd[:-2][covered < limits.covered] = np.inf
    ends = np.cumsum([part.shape[1] for part in parts])[:-1]
    return Fit(
        amounts=tuple(np.split(amount[:-2], ends)),
        sds=tuple(np.split(sd[:-2], ends)),
        tail=float(amount[-2]),
        background=float(amount[-1]),
        spread=spread,
        model=model,
        counts=counts,
        voxels=voxels,
    )


def _spread(apart: FloatArray, counts: FloatArray) -> float:
    """Variance over mean, from how far counts lie from the model; the middle says nothing where most are empty."""
    if np.median(counts) > 0.0:
        return float(np.median(apart) * 1.4826) ** 2
    return float(np.percentile(apart, 90.0) / 1.645) ** 2


def _weighed(design: sparse.csc_array, counts: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least squares without negative amounts: the amounts (P,) and the matrix (P, P) of the normal equations."""
    normal = np.asarray((design.T @ sparse.diags_array(weight) @ design).todense())
    size = np.sqrt(np.maximum(np.diag(normal), 1e-12))
    scaled = normal / size[:, None] / size[None, :] + 1e-9 * np.eye(len(size))
    lower = np.linalg.cholesky(scaled)
    amount, _ = nnls(lower.T, np.linalg.solve(lower, design.T @ (counts * weight) / size))
    return amount / size, normal
