"""The anatomy of a CT with what another tool has segmented in place of what was found here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.anatomy.axial import axial_view
from catheterview.anatomy.canal import canal_centreline, smoothed
from catheterview.anatomy.chain import Course
from catheterview.anatomy.contrast import without_contrast
from catheterview.anatomy.levels import find_levels, renamed
from catheterview.geometry import FloatArray, unit
from catheterview.limits import AnatomyLimits
from catheterview.model import Anatomy, GivenAnatomy, Image, VertebralLevel

#: Where the levels were counted from, when masks have named them.
MASKS = "masks"
_END_POINTS = 10  # that tell which way a course goes on


def with_given(image: Image, found: Anatomy, given: GivenAnatomy, limits: AnatomyLimits) -> tuple[Anatomy, str]:
    """Put what another tool has segmented in place of what was found; what it does not hold stays.

    Parameters
    ----------
    image : Image
        The CT.
    found : Anatomy
        From `find_anatomy`.
    given : GivenAnatomy
        Known to lie in this CT.
    limits : AnatomyLimits

    Returns
    -------
    anatomy : Anatomy
    told : str
        Where each part comes from, and what is doubtful about it.

    Notes
    -----
    A canal's mask gives its middle and its border. The mask of a cord or a dural sac only says where the canal runs:
    its middle and its border are then read from the CT. Beyond the masks' ends the canal that was found goes on where
    it meets theirs.
    """
    canal, radius_mm, border = _canal(image, given, limits)
    whole, wide, meets = _lengthened(canal, radius_mm, found, limits)
    known = found if not len(canal) else _counted(image, replace(found, canal=whole, canal_radius_mm=wide), limits)
    levels, levels_from, doubt = _levels(known, given, limits)
    told = {
        "body": "masks" if given.body else "found here",
        "canal": border if len(canal) else "found here",
        "levels": "masks" if levels_from == MASKS else "found here",
        "other contrast": "masks" if given.elsewhere else "not told",
    }
    anatomy = replace(
        known,
        body=given.body or found.body,
        levels=levels,
        levels_from=levels_from,
        elsewhere=given.elsewhere,
        why="" if levels_from == MASKS else known.why,
    )
    parts = "; ".join(f"{part}: {whence}" for part, whence in told.items())
    return anatomy, "; ".join(filter(None, (parts, given.tool, meets, doubt)))


def _canal(image: Image, given: GivenAnatomy, limits: AnatomyLimits) -> tuple[FloatArray, FloatArray, str]:
    """Middle and radius of the canal by the masks, and where they come from; none where the masks have none."""
    if len(given.canal) > 1:
        step_mm = float(np.median(np.linalg.norm(np.diff(given.canal, axis=0), axis=1)))
        even = smoothed(np.column_stack([given.canal, given.canal_radius_mm]), limits.smooth_mm / step_mm)
        return even[:, :3], even[:, 3], "masks"
    if len(given.course) > 1:
        canal, radius_mm = _round_course(image, given.course, limits)
        return canal, radius_mm, "masks of what lies in it, its border from the CT"
    return np.zeros((0, 3)), np.zeros(0), ""


def _round_course(image: Image, course: FloatArray, limits: AnatomyLimits) -> tuple[FloatArray, FloatArray]:
    """Read the canal round a course from the CT.

    It is read beyond the course's ends, too, and cut there: an end may lie between two laminae, where no wall is.
    """
    view = axial_view(image, limits)
    index = view.grid.world_to_index(_prolonged(course, limits.closing_mm))
    levels = np.arange(max(0, int(np.ceil(index[0, 0]))), min(view.grid.shape[0] - 1, int(index[-1, 0])) + 1)
    if not len(levels):
        return np.zeros((0, 3)), np.zeros(0)
    at = np.column_stack([np.interp(levels, index[:, 0], index[:, n]) for n in (1, 2)])
    pixels = np.clip(np.rint(at).astype(int), 0, np.array(view.grid.shape[1:]) - 1)
    known = Course(levels=levels, pixels=pixels, evidence=np.ones(len(levels), np.float32))
    points, radius_mm = canal_centreline(without_contrast(view, known, limits) or view, known, limits)
    within = (points[:, 2] >= course[0, 2]) & (points[:, 2] <= course[-1, 2])
    return points[within], radius_mm[within]


def _prolonged(course: FloatArray, by_mm: float) -> FloatArray:
    """A course from feet to head that goes on straight at both ends."""
    few = min(len(course) - 1, _END_POINTS)
    down, up = unit(course[0] - course[few]), unit(course[-1] - course[-1 - few])
    return np.concatenate([[course[0] + by_mm * down], course, [course[-1] + by_mm * up]])


def _lengthened(
    canal: FloatArray, radius_mm: FloatArray, found: Anatomy, limits: AnatomyLimits
) -> tuple[FloatArray, FloatArray, str]:
    """The masks' canal, beyond its ends the one that was found where the two meet; and what is doubtful."""
    if not len(canal):
        return found.canal, found.canal_radius_mm, ""
    if not len(found.canal):
        return canal, radius_mm, ""
    parts = [(canal, radius_mm)]
    lower, upper = found.canal[:, 2] < canal[0, 2], found.canal[:, 2] > canal[-1, 2]
    if lower.any() and _meets(found, canal[0], limits):
        parts.insert(0, (found.canal[lower], found.canal_radius_mm[lower]))
    if upper.any() and _meets(found, canal[-1], limits):
        parts.append((found.canal[upper], found.canal_radius_mm[upper]))
    apart_mm = _apart_mm(found, canal)
    doubt = f"the canal found here lies {apart_mm:.0f} mm from that of the masks"
    whole, wide = (np.concatenate(column) for column in zip(*parts, strict=True))
    return whole, wide, doubt if apart_mm > limits.meets_mm else ""


def _meets(found: Anatomy, end: FloatArray, limits: AnatomyLimits) -> bool:
    return float(np.linalg.norm(found.canal - end, axis=1).min()) <= limits.meets_mm


def _apart_mm(found: Anatomy, canal: FloatArray) -> float:
    """Median distance, within the axial plane, of a canal from the one that was found."""
    both = (canal[:, 2] >= found.canal[0, 2]) & (canal[:, 2] <= found.canal[-1, 2])
    if not both.any():
        return 0.0
    z = canal[both, 2]
    there = np.column_stack([np.interp(z, found.canal[:, 2], found.canal[:, n]) for n in (0, 1)])
    return float(np.median(np.linalg.norm(canal[both, :2] - there, axis=1)))


def _counted(image: Image, anatomy: Anatomy, limits: AnatomyLimits) -> Anatomy:
    """Count the vertebrae anew along another canal."""
    if len(anatomy.canal) < 2:
        return anatomy
    counted = find_levels(image, anatomy.canal, anatomy.canal_radius_mm, limits)
    return replace(anatomy, levels=counted.levels, levels_from=counted.levels_from, why=counted.why)


def _levels(
    anatomy: Anatomy, given: GivenAnatomy, limits: AnatomyLimits
) -> tuple[tuple[VertebralLevel, ...], str, str]:
    """Vertebrae as the masks name them, in the canal; those that were found here go on from them, renamed."""
    if not given.vertebrae or not len(anatomy.canal):
        return anatomy.levels, anatomy.levels_from, ""
    named = tuple(_in_canal(level, anatomy.canal) for level in given.vertebrae)
    pairs = [(one.name, level.name) for one in named if (level := _same(one, anatomy, limits)) is not None]
    others = renamed(anatomy.levels, pairs)
    if others is None:
        return named, MASKS, "the vertebrae found here do not fit those of the masks one by one"
    low, high = named[0].point[2] - limits.same_mm, named[-1].point[2] + limits.same_mm
    below = tuple(level for level in others if level.point[2] < low)
    above = tuple(level for level in others if level.point[2] > high)
    differ = anatomy.levels_from != "relative" and any(a != b for a, b in pairs)
    doubt = f"counted from the {anatomy.levels_from}, {pairs[0][0]} of the masks is {pairs[0][1]}" if differ else ""
    return (*below, *named, *above), MASKS, doubt


def _in_canal(level: VertebralLevel, canal: FloatArray) -> VertebralLevel:
    """A vertebra at the point of the canal that is nearest to its body."""
    x, y, z = canal[int(np.linalg.norm(canal - np.array(level.point), axis=1).argmin())].tolist()
    return replace(level, point=(x, y, z))


def _same(named: VertebralLevel, anatomy: Anatomy, limits: AnatomyLimits) -> VertebralLevel | None:
    """The vertebra found here that is the one that masks name; None without one."""
    if not anatomy.levels:
        return None
    away = [abs(level.point[2] - named.point[2]) for level in anatomy.levels]
    nearest = int(np.argmin(away))
    return anatomy.levels[nearest] if away[nearest] <= limits.same_mm else None
