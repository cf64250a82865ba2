"""Leaks: contrast outside the catheter, named by where it lies and by what it joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from catheterview.detect.along import Marks, marks_of
from catheterview.detect.contrast.hanging import Named, once_each
from catheterview.detect.contrast.mapping import map_contrast
from catheterview.detect.contrast.observe import Words, near_record, observed
from catheterview.detect.place import finding_of
from catheterview.limits import DetectLimits
from catheterview.model import Evidence, Finding, Kind, Rung, Segment
from catheterview.model.contrast import Collection, ContrastMap

_EARLIER = "Contrast of an earlier study may have stayed in the tissue: compare with its date."
_RETROGRADE = "Contrast near the pocket may be retrograde tracking of a dural leak."
_NOT_IODINE = "Bone, calcification, clips and streaks can look like contrast: look at the voxels."
_PUNCTURE = "Contrast spilt at the puncture of the access port is not a leak of the connector."
_INJECTED = "Contrast may have been injected into the pocket by mistake: ask about the injection."
_DURA_UNSEEN = "The dural end is not in the scan: whether the contrast came from there is undetermined."


def find_leaks(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Name every collection of contrast outside catheter and sac.

    Parameters
    ----------
    evidence : Evidence
        With its contrast map.
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``volume_ml``, ``mean_hu``, ``peak_hu``, ``arc_mm``; ``track_mm`` and ``falls`` of a track.

    Notes
    -----
    A collection that joins the dural entry and goes back along the catheter is a dural leak that tracks back, whatever
    it reaches, and then contrast in the pocket is taken for its end (clinical catalogue CT-RETRO before CT-POCKET).
    """
    seen = evidence.contrast or map_contrast(evidence, limits)
    evidence = replace(evidence, contrast=seen)
    named = [(one, _kind(one, evidence, seen, limits)) for one in seen.collections]
    tracks = any(kind is Kind.RETROGRADE_TRACKING for _, kind in named)
    believed = [
        (one, kind)
        for one, kind in named
        if kind is not None
        and not (tracks and kind is Kind.POCKET_POOLING)
        and (_believed(one, evidence, seen, limits) or _from_full_sac(kind, seen))
    ]
    kept = once_each(_off_tracks(believed, evidence), limits.contrast)
    return tuple(
        finding_of(
            evidence, observed(_placed(one, kind, evidence, limits), _words(one, kind, evidence, limits)), limits
        )
        for one, kind in kept
    )


def _off_tracks(named: Sequence[Named], evidence: Evidence) -> list[Named]:
    """All but what lies on a stretch along which a track from the dura was followed: it is the same contrast."""
    tracks = [one for one, kind in named if kind is Kind.RETROGRADE_TRACKING]
    return [
        (one, kind)
        for one, kind in named
        if kind is Kind.RETROGRADE_TRACKING or not any(_lies_on(one, track, evidence) for track in tracks)
    ]


def _lies_on(one: Collection, track: Collection, evidence: Evidence) -> bool:
    """Whether a collection lies within a track's stretch of the same catheter."""
    if one.arc_mm is None or track.first_mm is None or track.last_mm is None:
        return False
    within = track.first_mm <= one.arc_mm <= track.last_mm
    return within and near_record(one, evidence) is near_record(track, evidence)


def _placed(one: Collection, kind: Kind, evidence: Evidence, limits: DetectLimits) -> Collection:
    """A track is shown where it comes from: where it is densest near the dural entry."""
    if kind is not Kind.RETROGRADE_TRACKING or one.last_mm is None or evidence.contrast is None:
        return one
    catheter = near_record(one, evidence)
    course = evidence.contrast.courses[evidence.catheters.index(catheter)]
    ending = (course.arc_mm >= one.last_mm - limits.contrast.track_mm) & (course.arc_mm <= one.last_mm)
    arc_mm = float(course.arc_mm[ending][int(np.argmax(uniform_filter1d(course.sleeve_hu[ending], 5)))])
    x, y, z = (float(np.interp(arc_mm, catheter.arc_mm, column)) for column in catheter.points.T)
    return replace(one, point=(x, y, z), arc_mm=arc_mm)


def _from_full_sac(kind: Kind, seen: ContrastMap) -> bool:
    """Whether it is a track out of a sac that holds contrast, however that came there (clinical catalogue LP-LEAK)."""
    return kind is Kind.RETROGRADE_TRACKING and seen.told is not Rung.CT


def _believed(one: Collection, evidence: Evidence, seen: ContrastMap, limits: DetectLimits) -> bool:
    """Whether a collection is what contrast can be in a study whose pixels show none where it was to go.

    In thick slices the blurred tube beside a line that is a little off looks like a blush, and none is told from it.
    """
    thick = evidence.image.slice_mm > limits.contrast.blush_slice_mm
    if thick and one.mean_hu < limits.contrast.faint_hu:
        return False
    if one.mean_hu < limits.contrast.swell_sure_hu and seen.told is not Rung.CAP_CT:
        return False  # as bright as muscle or scar: contrast only where some was given through the catheter
    if seen.told in (Rung.CAP_CT, None):
        return True
    if thick:
        return False
    if one.site == "pump":
        # Without contrast in the sac all of it may lie here: hardly diluted, or a large pool brighter than any organ.
        large = one.volume_ml >= limits.contrast.lone_pool_ml and one.mean_hu >= limits.contrast.lone_pool_hu
        return seen.told is not Rung.CT or large or one.mean_hu >= limits.contrast.spilt_hu
    return one.mean_hu <= limits.contrast.blush_hu and one.score >= limits.contrast.blush_alone


def _kind(one: Collection, evidence: Evidence, seen: ContrastMap, limits: DetectLimits) -> Kind | None:
    """Name one collection; None for what is no leak."""
    if one.site == "puncture":
        return None
    if one.site == "pump":
        return Kind.POCKET_POOLING
    marks = _marks(one, evidence, limits)
    if one.first_mm is None or one.last_mm is None or one.arc_mm is None:
        return Kind.EXTRAVASATION
    if _tracks_back(one, marks, limits):
        return Kind.RETROGRADE_TRACKING
    if one.arc_mm <= marks.rim_mm + limits.connector_mm:
        pool = [p for p in seen.collections if p.site == "pump" and p.volume_ml > one.volume_ml]
        return None if pool else Kind.CONNECTOR_LEAK
    if marks.end_mm - one.last_mm < limits.tip_mm and marks.entry_mm is not None and one.first_mm > marks.entry_mm:
        return None  # a pool at the tip inside the canal is judged with the sac
    if marks.entry_mm is not None and one.first_mm > marks.entry_mm + limits.contrast.near_mm[1]:
        return None  # the sac's own contrast, where the canal was taken to end inside it
    return Kind.EXTRAVASATION


def _tracks_back(one: Collection, marks: Marks, limits: DetectLimits) -> bool:
    """Whether a collection joins the dural entry and goes back from it along the catheter, thinner and thinner."""
    if marks.entry_mm is None or one.first_mm is None or one.last_mm is None:
        return False
    joins = one.last_mm >= marks.entry_mm - limits.contrast.dura_join_mm
    back_mm = one.last_mm - one.first_mm
    return joins and back_mm >= limits.contrast.track_mm and one.falls < limits.contrast.track_falls


def _marks(one: Collection, evidence: Evidence, limits: DetectLimits) -> Marks:
    """The marks of the catheter that a collection lies on."""
    return marks_of(near_record(one, evidence), evidence, limits)


def _words(one: Collection, kind: Kind, evidence: Evidence, limits: DetectLimits) -> Words:
    """Kind, segment, message and cautions of one named collection."""
    amount = f"{one.volume_ml:.1f} ml at {one.mean_hu:.0f} HU"
    if kind is Kind.RETROGRADE_TRACKING:
        back = f" and tracks back along the catheter over {((one.last_mm or 0) - (one.first_mm or 0)) / 10:.0f} cm"
        message = f"Contrast leaks at the dural entry{back} ({amount})"
        return Words(kind, Segment.DURAL_ENTRY, message, (_NOT_IODINE,))
    undetermined = kind is not Kind.EXTRAVASATION and not _sees_dura(evidence, limits)
    near = (_RETROGRADE, *((_DURA_UNSEEN,) if undetermined else ()))
    if kind is Kind.POCKET_POOLING:
        message = f"Contrast lies round the pump ({amount})"
        return Words(kind, Segment.POCKET, message, (*near, _INJECTED, _NOT_IODINE))
    if kind is Kind.CONNECTOR_LEAK:
        message = f"Contrast leaks at the pump connector ({amount})"
        return Words(kind, Segment.CONNECTOR, message, (*near, _PUNCTURE))
    faint = "A faint blush of contrast lies" if one.mean_hu < limits.contrast.faint_hu else "Contrast lies"
    return Words(kind, None, f"{faint} in the tissue beside the catheter ({amount})", (_EARLIER, _NOT_IODINE))


def _sees_dura(evidence: Evidence, limits: DetectLimits) -> bool:
    """Whether a catheter is followed to its dural entry."""
    return any(marks_of(one, evidence, limits).entry_mm is not None for one in evidence.catheters)
