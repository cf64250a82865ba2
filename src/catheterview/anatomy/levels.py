"""Vertebral levels: vertebrae are told by their pedicles, and counted from the sacrum or the ribs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from catheterview.anatomy.chain_of_foramina import regular_chain
from catheterview.anatomy.side_bones import Reach, reaches_out, side_map
from catheterview.anatomy.spine_frame import SpineFrame, spine_frame
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits
from catheterview.model import Image, VertebralLevel

#: From the head down; a thirteenth rib or a sixth lumbar vertebra is not foreseen, and is said where it is met.
_CERVICAL = tuple(f"C{n}" for n in range(1, 8))
_THORACIC = tuple(f"T{n}" for n in range(1, 13))
_NAMES = (*_CERVICAL, *_THORACIC, *(f"L{n}" for n in range(1, 6)), *(f"S{n}" for n in range(1, 6)))
_T1, _T12, _S1 = _NAMES.index("T1"), _NAMES.index("T12"), _NAMES.index("S1")

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Named vertebrae from feet to head, what they were counted from, and what is doubtful about that."""

    levels: tuple[VertebralLevel, ...]
    levels_from: str
    why: str


def find_levels(image: Image, canal: FloatArray, radius_mm: FloatArray, limits: AnatomyLimits) -> Levels:
    """Find and name the vertebrae along a canal.

    Parameters
    ----------
    image : Image
        CT in the patient frame.
    canal : (N, 3) LPS mm, from feet to head
    radius_mm : (N,)
    limits : AnatomyLimits

    Returns
    -------
    Levels
        Where neither the sacrum nor an end of the ribs is in view, names are ``V1``, ``V2``, … from the lowest
        vertebra in view up, and `levels_from` is ``relative``.
    """
    frame = spine_frame(canal, radius_mm, limits)
    rows = _vertebrae(image, frame, limits)
    if not len(rows):
        return Levels(levels=(), levels_from="none", why="no vertebra was told from the next")
    sacral, ribbed = _sacral(image, frame, rows, limits), _ribbed(image, frame, rows, limits)
    names, counted_from, why = _named(sacral, ribbed, _shown(rows, frame, limits))
    points = frame.points[_middles(rows, frame.step_mm, limits)]
    levels = tuple(
        VertebralLevel(name=name, point=(float(x), float(y), float(z)))
        for name, (x, y, z) in zip(names, points, strict=True)
        if name
    )
    return Levels(levels=levels, levels_from=counted_from, why=why)


def _vertebrae(image: Image, frame: SpineFrame, limits: AnatomyLimits) -> NDArray[np.intp]:
    """Rows of the frame at which pedicles close the canal on both sides, from feet to head: between two foramina."""
    closed = np.minimum(_pedicle_hu(image, frame, limits), limits.pedicle_full_hu)
    smooth = gaussian_filter1d(closed, limits.pedicle_smooth_mm / frame.step_mm, mode="nearest")
    open_rows = regular_chain(smooth, frame.step_mm, limits)
    if len(open_rows) < 2:
        return np.zeros(0, dtype=np.intp)
    pitch = np.diff(open_rows)
    middles = (open_rows[1:] + open_rows[:-1]) / 2.0
    # A vertebra cut by the end of the scan is one when its pedicles are still in view.
    below, above = open_rows[0] - pitch[0] / 2.0, open_rows[-1] + pitch[-1] / 2.0
    whole = [at for at in (below, *middles, above) if 0.0 <= at <= len(smooth) - 1]
    return np.rint(whole).astype(np.intp)


def _pedicle_hu(image: Image, frame: SpineFrame, limits: AnatomyLimits) -> FloatArray:
    """(N,) HU of the brightest way across each side wall of the canal, the mean of both sides."""
    out = np.arange(1.0, limits.pedicle_reach_mm + 0.5, 1.0)
    ahead = np.arange(-3.0, 6.1, 1.5)
    sides = []
    for side in (-1.0, 1.0):
        aside = side * (frame.radius_mm[:, None, None] + out[None, :, None])
        sides.append(frame.sampled(image, aside, ahead[None, None, :]).max(axis=1).mean(axis=1))
    return np.asarray(np.mean(sides, axis=0), dtype=np.float64)


def _middles(rows: NDArray[np.intp], step_mm: float, limits: AnatomyLimits) -> NDArray[np.intp]:
    """Rows of the vertebrae's middles: pedicles sit on the upper half of a body, a share of the pitch above."""
    pitch = np.gradient(rows.astype(float)) if len(rows) > 1 else np.array([limits.vertebra_mm / step_mm])
    return np.asarray(np.maximum(np.rint(rows - limits.pedicle_above * pitch), 0), dtype=np.intp)


def _sacral(image: Image, frame: SpineFrame, rows: NDArray[np.intp], limits: AnatomyLimits) -> Flags:
    """Which vertebrae have the sacrum's wings: bone that goes on sideways beside the body, on both sides."""
    wings = side_map(image, frame, (limits.wing_back_mm, limits.wing_ahead_mm), mean=True, limits=limits)
    reach = Reach(from_mm=limits.wing_from_mm, to_mm=limits.wing_to_mm, bone_hu=limits.wing_hu)
    return np.array([all(reaches_out(wings, row, reach, limits)) for row in rows], dtype=bool)


def _ribbed(image: Image, frame: SpineFrame, rows: NDArray[np.intp], limits: AnatomyLimits) -> Flags:
    """Which vertebrae bear a rib: bone that goes on sideways behind the canal, farther than a transverse process."""
    ribs = side_map(image, frame, (limits.rib_back_mm, limits.rib_ahead_mm), mean=False, limits=limits)
    reach = Reach(from_mm=limits.rib_from_mm, to_mm=limits.rib_to_mm, bone_hu=limits.rib_hu)
    return np.array([any(reaches_out(ribs, row, reach, limits)) for row in rows], dtype=bool)


def _shown(rows: NDArray[np.intp], frame: SpineFrame, limits: AnatomyLimits) -> Flags:
    """Of which vertebrae the scan shows enough around that a rib would be seen: it begins near and sinks."""
    below, above = rows * frame.step_mm, (len(frame.points) - 1 - rows) * frame.step_mm
    return np.asarray((below >= limits.rib_sinks_mm) & (above >= limits.side_start_mm))


def _named(sacral: Flags, ribbed: Flags, shown: Flags) -> tuple[list[str], str, str]:
    """Names from feet to head, what they were counted from, and what is doubtful."""
    last_rib, sacrum = _last_rib(ribbed & ~sacral, shown), _top_of_sacrum(sacral)
    if sacrum is not None:
        names = _counted(len(sacral), sacrum, _S1)
        doubt = last_rib is not None and names[last_rib] != "T12"
        why = f"the last rib is at {names[last_rib]} counted from the sacrum" if doubt and last_rib is not None else ""
        return names, "sacrum", why
    if last_rib is not None:
        return _counted(len(sacral), last_rib, _T12), "last rib", ""
    first_rib = _first_rib(ribbed, shown)
    if first_rib is not None:
        return _counted(len(sacral), first_rib, _T1), "first rib", ""
    why = "vertebral levels are relative: neither the sacrum nor the first or last rib is in view"
    return [f"V{n + 1}" for n in range(len(sacral))], "relative", why


def _counted(count: int, at: int, name: int) -> list[str]:
    """Names of `count` vertebrae from feet to head when the one at index `at` has the name at index `name`."""
    places = [name - (n - at) for n in range(count)]
    return [_NAMES[place] if 0 <= place < len(_NAMES) else "" for place in places]


def renamed(levels: Sequence[VertebralLevel], pairs: Sequence[tuple[str, str]]) -> tuple[VertebralLevel, ...] | None:
    """Name vertebrae by what some of them are called elsewhere.

    Parameters
    ----------
    levels : sequence of VertebralLevel
        From feet to head, none left out.
    pairs : sequence of (name elsewhere, name in `levels`)

    Returns
    -------
    tuple of VertebralLevel or None
        None where no vertebra is named elsewhere, or where the names do not count alike.
    """
    place = {level.name: n for n, level in enumerate(levels)}
    counts = {_NAMES.index(elsewhere) + place[here] for elsewhere, here in pairs}
    if len(counts) != 1:
        return None
    names = _counted(len(levels), 0, counts.pop())
    return tuple(replace(level, name=name) for level, name in zip(levels, names, strict=True) if name)


def _top_of_sacrum(sacral: Flags) -> int | None:
    """Index of the highest of the winged vertebrae at the lower end; None without one."""
    found = np.flatnonzero(sacral)
    if not len(found) or found[0] > 2:
        return None
    top = int(found[0])
    while top + 1 < len(sacral) and sacral[top + 1]:
        top += 1
    return top if top + 1 < len(sacral) else None


def _last_rib(ribbed: Flags, shown: Flags) -> int | None:
    """Index of the lowest vertebra with a rib, borne out by ribs above it and a ribless one below; else None."""
    found = np.flatnonzero(ribbed)
    lowest = int(found[0]) if len(found) else 0
    if lowest == 0 or not shown[lowest - 1]:
        return None
    above = ribbed[lowest + 1 : lowest + 3]
    return lowest if above.all() and len(above) else None


def _first_rib(ribbed: Flags, shown: Flags) -> int | None:
    """Index of the highest vertebra with a rib: a ribless one is above it, or there are twelve; else None."""
    found = np.flatnonzero(ribbed)
    if len(found) < 3:
        return None
    lowest, highest = int(found[0]), int(found[-1])
    if len(found) == len(_THORACIC) == highest - lowest + 1:
        return highest
    ribless = highest + 1 < len(ribbed) and bool(shown[highest + 1])
    return highest if ribless and bool(ribbed[highest - 2 : highest].all()) else None
