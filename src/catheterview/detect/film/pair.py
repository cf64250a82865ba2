"""What the second view says of a finding of the first: the same, otherwise, or nothing, for the place is not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.film.course import ONE_VIEW
from catheterview.detect.film.evidence import FilmEvidence
from catheterview.geometry import arc_length
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Examined, Finding, Kind, Segment
from catheterview.model.film_course import FilmCourse

_BOTH_VIEWS = "Seen in both views."
_AT_PUMP = (Segment.CONNECTOR, Segment.POCKET)
_ASKED = (Kind.DISCONTINUITY, Kind.KINK)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoViews:
    """A frontal and a lateral film of one study with what was found on each, and their course in space."""

    front: FilmEvidence
    side: FilmEvidence
    course: FilmCourse
    front_found: tuple[Finding, ...]
    side_found: tuple[Finding, ...]


def settled(views: TwoViews, limits: FilmDetectLimits) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Hold each view's gaps and kinks against the other view.

    A gap over which the other view shows the tube becomes a stretch that cannot be assessed; a kink at which the tube
    runs along the beam, as the other view shows, is a loop seen on its edge and is left out. What both views show is
    surer; what the other view does not show keeps the caution that it was seen in one view only.

    Parameters
    ----------
    views : TwoViews
    limits : FilmDetectLimits

    Returns
    -------
    front, side : tuple of Finding
    """
    out = []
    for lateral, found in ((False, views.front_found), (True, views.side_found)):
        told = [_told(views, finding, limits, lateral=lateral) for finding in found]
        out.append(tuple(finding for finding in told if finding is not None))
    return out[0], out[1]


def examined_pair(front: FilmEvidence, side: FilmEvidence, course: FilmCourse | None, why: str) -> Examined:
    """Say that two views were joined and what the course measures, or why not."""
    uids = (front.film.image.series_instance_uid, side.film.image.series_instance_uid)
    if course is None:
        return Examined(detector="two_views", series_instance_uids=uids, outcome="SKIPPED", why=why)
    height, error = course.points[-1, 2], course.error_mm[-1]
    end = "its tip" if course.whole else "the last point that both views show"
    told = (
        f"one course of {course.length_mm / 10.0:.0f} cm in space; {end} lies {abs(height):.0f} mm (give or take "
        f"{2.0 * error:.0f}) {'above' if height >= 0 else 'below'} the pump's middle; the views' heights differ by "
        f"{course.disagreement_mm:.1f} mm in the median"
    )
    return Examined(detector="two_views", series_instance_uids=uids, outcome="RAN", why=told)


def _told(views: TwoViews, finding: Finding, limits: FilmDetectLimits, *, lateral: bool) -> Finding | None:
    """One finding with the other view's word; None where that explains it away."""
    own, other = (views.side, views.front) if lateral else (views.front, views.side)
    if finding.kind not in _ASKED or not own.catheters or not other.catheters:
        return finding
    near = _near(views, finding, own.catheters[0], limits, lateral=lateral)
    if not len(near):
        return finding
    theirs = (views.front if lateral else views.side).catheters[0]
    seen = (views.course.front if lateral else views.course.side)[near]
    for one in views.front_found if lateral else views.side_found:
        if one.kind is finding.kind and seen.min() - 1 <= _index(theirs, one) <= seen.max() + 1:
            return _confirmed(finding, one)
    if np.abs(views.course.apart_mm[near]).max() > limits.apart_mm:
        return finding
    if finding.kind is Kind.KINK:
        return None if _along_beam(views, finding, own, limits, lateral=lateral) else finding
    # The other view has the pump in its way, or the way round it.
    at_pump = finding.measures.get("arc_mm", np.inf) < limits.pump_hides_mm or finding.segment in _AT_PUMP
    known = (views.course.side if lateral else views.course.front)[near]
    sure = _is_shown(theirs, seen, limits) and _is_steep(own.catheters[0], known, limits)
    return _shown_there(finding) if sure and not at_pump else finding


def _index(line: Centreline, finding: Finding) -> int:
    """The point of a centreline that a finding is at."""
    return int(np.argmin(np.linalg.norm(line.points - np.array(finding.point), axis=1)))


def _near(
    views: TwoViews, finding: Finding, line: Centreline, limits: FilmDetectLimits, *, lateral: bool
) -> NDArray[np.intp]:
    """Points of the course about a finding; empty where the course does not reach it."""
    index = _index(line, finding)
    known = views.course.side if lateral else views.course.front
    if not known.min() <= index <= known.max():
        return np.zeros(0, dtype=np.intp)
    arc = arc_length(views.course.points)
    middle = float(arc[views.course.at(index, lateral=lateral)].mean())
    return np.flatnonzero(np.abs(arc - middle) <= limits.other_reach_mm)


def _confirmed(finding: Finding, other: Finding) -> Finding:
    """A finding that both views show."""
    cautions = tuple(_BOTH_VIEWS if text == ONE_VIEW else text for text in finding.cautions)
    return replace(finding, score=round(1.0 - (1.0 - finding.score) * (1.0 - other.score), 3), cautions=cautions)


def _is_shown(line: Centreline, seen: NDArray[np.intp], limits: FilmDetectLimits) -> bool:
    """Whether a view shows the tube all along a stretch."""
    first, last = int(seen.min()), int(seen.max())
    whole = any(a <= first and last <= b for a, b in line.pieces)
    return whole and float(line.confidence[first : last + 1].min()) >= limits.shown_confidence


def _is_steep(line: Centreline, known: NDArray[np.intp], limits: FilmDetectLimits) -> bool:
    """Whether a stretch climbs or falls: views are matched by height, and a level stretch has the same all along."""
    part = line.points[int(known.min()) : int(known.max()) + 1]
    length = float(arc_length(part)[-1]) if len(part) > 1 else 0.0
    return length > 0.0 and abs(float(part[-1, 0] - part[0, 0])) >= limits.steep_share * length


def _shown_there(finding: Finding) -> Finding:
    """A gap over which the other view shows the tube."""
    return replace(
        finding,
        kind=Kind.NOT_ASSESSABLE,
        score=1.0,
        message="The catheter looks interrupted here, but the other view shows it whole at this height",
        measures={name: value for name, value in finding.measures.items() if not name.startswith("gap")},
        ends=(),
    )


def _along_beam(
    views: TwoViews, finding: Finding, own: FilmEvidence, limits: FilmDetectLimits, *, lateral: bool
) -> bool:
    """Whether the tube runs towards the film about a kink, further than it goes across it."""
    line, mm = own.catheters[0], own.mm_per_px
    if mm is None:
        return False
    index = _index(line, finding)
    arc = arc_length(line.points) * mm
    known = views.course.side if lateral else views.course.front
    about = np.abs(arc[known] - arc[index]) <= 0.5 * limits.kink_window_mm
    theirs, other = (views.front, views.course.front) if lateral else (views.side, views.course.side)
    if not about.any() or float(np.median(theirs.catheters[0].confidence[other[about]])) < limits.kink_confidence:
        return False  # what the other view does not show tells nothing of depth
    depth = views.course.points[about, 0 if lateral else 1]
    return float(np.ptp(depth)) >= limits.along_beam_mm
