"""Tracer far from catheter and canal: what the body excretes. It is named, put into the model, and left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label
from scipy.spatial import cKDTree

from catheterview.detect.nuclear.forward import Stretches
from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import Evidence, Scintigram

_MOST_POINTS = 400  # of all places together: a large organ needs no more to be blurred
_WIDER = 4.0  # than the point spread: wider than a kidney
_FEW = 3  # voxels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Elsewhere:
    """A place that holds tracer, away from pump, catheter and canal.

    Parameters
    ----------
    name : str
        ``right kidney``, ``left kidney``, ``bladder``, or ``bowel or another place``.
    points : (N, 3) LPS mm
    share : float
        Of the reservoir's activity.
    """

    name: str
    points: FloatArray
    share: float


def places_elsewhere(
    scan: Scintigram, disc: Reservoir, lines: tuple[Stretches | None, Stretches | None], limits: NuclearLimits
) -> tuple[Elsewhere, ...]:
    """Every such place, the strongest first.

    Parameters
    ----------
    scan : Scintigram
    disc : Reservoir
    lines : Stretches or None, twice
        Catheter and canal: what lies near them is judged and not excused.
    limits : NuclearLimits
    """
    grid, voxels = scan.image.placed, scan.image.voxels.astype(np.float64)
    sigma = disc.sigma_mm / np.array(grid.spacing_mm)
    smooth = gaussian_filter(voxels, sigma)
    alone = smooth > limits.elsewhere_alone * gaussian_filter(smooth, _WIDER * sigma)  # an organ, and no halo
    index = np.argwhere(alone & (smooth > limits.elsewhere_level * voxels.max()))
    points = grid.index_to_world(index)
    usual = disc.at(points)
    kept = (smooth[tuple(index.T)] > limits.elsewhere_times * usual) & _clear(points, disc, lines, limits)
    marked = np.zeros(grid.shape, dtype=bool)
    marked[tuple(index[kept].T)] = True
    labels, _ = label(marked)
    of = labels[tuple(index[kept].T)]
    over = (voxels[tuple(index[kept].T)] - usual[kept]) * grid.voxel_volume_mm3 / disc.total
    found = []
    for one in np.unique(of):
        inside, share = points[kept][of == one], float(over[of == one].sum())
        if len(inside) >= _FEW and share > limits.elsewhere_share:
            found.append(Elsewhere(name=_named(inside.mean(axis=0), scan.ct, limits), points=inside, share=share))
    return tuple(sorted(found, key=lambda one: -one.share))


def _clear(
    points: FloatArray, disc: Reservoir, lines: tuple[Stretches | None, Stretches | None], limits: NuclearLimits
) -> NDArray[np.bool_]:
    """Which points lie away from pump, catheter and canal."""
    height, out = disc.local(points)
    reach = limits.beside_pump_mm + limits.pool_to_mm
    clear = (np.abs(height) > disc.thickness_mm / 2.0 + reach) | (out > disc.radius_mm + reach)
    for line, away_mm in zip(lines, (limits.beside_mm, limits.roi_mm), strict=True):
        if line is not None and len(points):
            away, _ = cKDTree(line.points).query(points, distance_upper_bound=away_mm)
            clear &= np.isinf(away)
    return np.asarray(clear)


def _named(point: FloatArray, ct: Evidence, limits: NuclearLimits) -> str:
    """What usually holds excreted tracer there: beside the spine a kidney, low and in front of it the bladder."""
    canal = ct.anatomy.canal
    if not len(canal):
        return "a place that was not named"
    beside, front, _ = point - canal[int(np.argmin(np.abs(canal[:, 2] - point[2])))]
    low_mm = float(point[2] - canal[:, 2].min())
    if low_mm < limits.bladder_up_mm and abs(beside) < limits.bladder_beside_mm and -front > limits.bladder_front_mm:
        return "bladder"
    if limits.kidney_from_mm < abs(beside) < limits.kidney_to_mm and -front < limits.kidney_front_mm:
        return "left kidney" if beside > 0.0 else "right kidney"
    return "bowel or another place"


def as_stretches(places: tuple[Elsewhere, ...]) -> Stretches | None:
    """All places as columns of the model, one each; None without any."""
    if not places:
        return None
    each = max(1, _MOST_POINTS // len(places))
    parts = [one.points[:: max(1, len(one.points) // each)] for one in places]
    return Stretches(
        points=np.concatenate(parts),
        stretch=np.repeat(np.arange(len(parts), dtype=np.intp), [len(part) for part in parts]),
        arc_mm=np.zeros(len(parts)),
        middle=np.stack([part.mean(axis=0) for part in parts]),
        length_mm=1.0,
    )


def places_said(places: tuple[Elsewhere, ...]) -> str:
    """The places in words, those of one name together; empty without any."""
    held: dict[str, float] = {}
    for one in places:
        held[one.name] = held.get(one.name, 0.0) + one.share
    told = ", ".join(f"{name} ({100.0 * share:.2g} %)" for name, share in held.items())
    return f"tracer elsewhere, as it is excreted, was left alone: {told} of the reservoir's activity" if told else ""
