"""What a reader saw and the machine did not: a finding made by hand, and how a review carries it."""

from __future__ import annotations

import re
from dataclasses import replace

from catheterview.geometry import Frame
from catheterview.model import Finding, Kind, Mark, Review

#: Files of the first version wrote the place at the head of the reason: ``kink at (12.3, -40.0, 871.5) mm in 1.2: …``.
_PLACE = re.compile(r"^(?P<kind>[a-z_]+) at \((?P<x>[-\d.]+), (?P<y>[-\d.]+), (?P<z>[-\d.]+)\) mm in (?P<uid>[^\s:]*)")


def finding_by_hand(mark: Mark, kind: Kind) -> Finding:
    """Return a finding that a reader marks, its place rounded to a tenth of a mm or pixel: nobody points finer."""
    return Finding(
        kind=kind,
        score=1.0,
        frame=mark.frame,
        point=tuple(round(float(value), 1) + 0.0 for value in mark.points[0]),
        series_instance_uid=mark.series_instance_uid,
        sop_instance_uid=mark.sop_instance_uid,
        message=f"Marked by a reader: {kind.replace('_', ' ')}.",
    )


def missed_review(review: Review, finding: Finding) -> Review:
    """Put a finding's kind and place into a review."""
    mark = Mark(
        series_instance_uid=finding.series_instance_uid,
        sop_instance_uid=finding.sop_instance_uid,
        frame=finding.frame,
        kind=finding.kind,
        points=(finding.point,),
    )
    return replace(review, mark=mark)


def missed_finding(review: Review) -> Finding | None:
    """Read back the finding of a ``missed`` review; None when the review is not one."""
    if review.verdict != "missed":
        return None
    mark = review.mark or _mark_in_words(review.reason)
    return None if mark is None or mark.kind is None else finding_by_hand(mark, mark.kind)


def _mark_in_words(reason: str) -> Mark | None:
    match = _PLACE.match(reason)
    if match is None or match["kind"] not in set(Kind):
        return None
    return Mark(
        series_instance_uid=match["uid"],
        frame=Frame.PATIENT,
        kind=Kind(match["kind"]),
        points=((float(match["x"]), float(match["y"]), float(match["z"])),),
    )


def finding_in_words(words: str, place: Mark) -> Finding | None:
    """Return what a reader wrote as a finding at a place: a kind, after a colon anything; None for no kind."""
    name = words.partition(":")[0].strip().lower().replace(" ", "_")
    return finding_by_hand(place, Kind(name)) if name in set(Kind) else None
