"""What of the body is known in one image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.anatomy.axial import AxialView, axial_view
from catheterview.anatomy.body import find_body
from catheterview.anatomy.canal import canal_centreline
from catheterview.anatomy.chain import Course, find_course
from catheterview.anatomy.contrast import without_contrast
from catheterview.anatomy.enclosure import Scores, canal_scores, scores_beside
from catheterview.anatomy.levels import find_levels
from catheterview.anatomy.mend import mended, narrow_share
from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits
from catheterview.model import Anatomy, Image, Region

#: Rounds of taking contrast out; each straightens the sac by the course of the one before.
_ROUNDS = 3
#: Rounds in which what is taken out is carried on to what is as bright beside it, where the canal is left too narrow.
_SPREADS = 2


def find_anatomy(image: Image, limits: AnatomyLimits) -> Anatomy:
    """Find the body, the spinal canal and the vertebral levels in a CT.

    Parameters
    ----------
    image : Image
        CT in the patient frame, HU; any orientation of the array, sheared or not.
    limits : AnatomyLimits

    Returns
    -------
    Anatomy
        LPS mm. What is not found is left out, and `why` says so.

    Raises
    ------
    GeometryError
        When the image has no place in the patient frame.
    UnsuitableError
        When it is not a CT.
    """
    if image.modality != "CT":
        raise UnsuitableError(f"anatomy is read from CT, not from {image.modality}", where=image.series_instance_uid)
    view = axial_view(image, limits)
    body = find_body(view, limits)
    if body is None:
        return Anatomy(series_instance_uid=image.series_instance_uid, why="no body in view")
    return _with_canal(image, view, body, limits)


def _with_canal(image: Image, view: AxialView, body: Region, limits: AnatomyLimits) -> Anatomy:
    """Add the canal to a body that was found."""
    near = _near_spine(view, body, limits)
    found = _canal(*near, limits)
    if found is None:
        why = f"no spine in view: nowhere is a canal enclosed by bone over {limits.canal_length_mm:g} mm"
        return Anatomy(series_instance_uid=image.series_instance_uid, body=body, why=why)
    if narrow_share(found[1], limits) > limits.narrow_share:
        # Contrast left in a sac that is much denser on its lower side passes for the canal's wall.
        again = _canal(*near, replace(limits, sac_spreads=_SPREADS))
        if again is not None and narrow_share(again[1], limits) < narrow_share(found[1], limits) / 2.0:
            found = again
    points, radius_mm = found
    counted = find_levels(image, points, radius_mm, limits)
    return Anatomy(
        series_instance_uid=image.series_instance_uid,
        body=body,
        canal=points,
        canal_radius_mm=radius_mm,
        levels=counted.levels,
        levels_from=counted.levels_from,
        why=counted.why,
    )


def _canal(view: AxialView, middle_column: float, limits: AnatomyLimits) -> tuple[FloatArray, FloatArray] | None:
    """Middle and radius of the canal; None where no spine is in view."""
    near, course = _best_course(view, middle_column, limits)
    return mended(*canal_centreline(near, course, limits), limits) if len(course.levels) else None


def _best_course(view: AxialView, middle_column: float, limits: AnatomyLimits) -> tuple[AxialView, Course]:
    """Follow the canal as it is and with contrast taken out; keep what more speaks for.

    Contrast along the canal's border encloses, too: taken out, a little less may speak for the canal, and it is right.
    """
    scores = canal_scores(view, middle_column, limits)
    first = _course(view, scores, limits)
    beside = first if len(first.levels) else _course(view, scores, _loose(limits))
    seen = _Seen(view=view, scores=scores, middle_column=middle_column)
    dark = [_darkened(seen, beside, drift_mm, limits) for drift_mm in (0.0, limits.lasting_drift_mm)]
    best = max((one for one in dark if one is not None), key=_speaks, default=(view, first))
    return best if _speaks(best) > limits.dark_evidence * _speaks((view, first)) else (view, first)


def _speaks(one: tuple[AxialView, Course]) -> float:
    """How much speaks for a course in a view."""
    return float(one[1].evidence.sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """A view as it is, with its scores."""

    view: AxialView
    scores: Scores
    middle_column: float


def _darkened(seen: _Seen, beside: Course, drift_mm: float, limits: AnatomyLimits) -> tuple[AxialView, Course] | None:
    """Take contrast out round after round, as long as more speaks for the canal; None where nothing is to be taken."""
    best: tuple[AxialView, Course] | None = None
    for _ in range(_ROUNDS):
        dark = without_contrast(seen.view, beside, limits, drift_mm=drift_mm)
        if dark is None:
            break
        again = _course(dark, scores_beside(dark, (seen.view, seen.scores), seen.middle_column, limits), limits)
        if best is not None and _speaks((dark, again)) <= limits.dark_gain * _speaks(best):
            break
        best, beside = (dark, again), again
    return best


def _loose(limits: AnatomyLimits) -> AnatomyLimits:
    """Limits by which a course is at least looked for where a bright sac hides the canal from its bone."""
    return replace(limits, evidence=limits.evidence / 3.0, canal_length_mm=0.0)


def _course(view: AxialView, scores: Scores, limits: AnatomyLimits) -> Course:
    """Follow the canal in a view by its scores."""
    return find_course(scores, (view.level_mm, view.pixel_mm), limits)


def _near_spine(view: AxialView, body: Region, limits: AnatomyLimits) -> tuple[AxialView, float]:
    """Crop a view to the body, sideways to where a spine can be; say on which of its columns the middle lies."""
    filled = body.mask
    rows = np.flatnonzero(filled.any(axis=(0, 2)))
    share = np.cumsum(filled.sum(axis=(0, 1)))
    column = float(np.searchsorted(share, share[-1] / 2))
    corners = body.grid.index_to_world([(0, rows[0], column), (0, rows[-1], column)])
    (_, first, middle), (_, last, _) = view.grid.world_to_index(corners)
    top, bottom = max(0, int(first)), int(np.ceil(last)) + 1
    aside = 1.6 * limits.aside_mm / view.pixel_mm
    left, right = max(0, int(middle - aside)), min(view.grid.shape[2], int(middle + aside) + 1)
    voxels = view.voxels[:, top:bottom, left:right]
    grid = view.grid.cropped((0, top, left), (voxels.shape[0], voxels.shape[1], voxels.shape[2]))
    return AxialView(voxels=voxels, grid=grid), float(middle - left)
