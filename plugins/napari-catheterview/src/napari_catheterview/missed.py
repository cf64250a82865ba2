"""What a reader saw and the machine did not: a finding made by hand, and how a review carries it.

A review has no field for a place, so the place is written at the head of its reason, in words that a person can read
and this module can read back: ``kink at (12.3, -40.0, 871.5) mm: remark``.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import Frame
from catheterview.model import Finding, Kind, Review

_PLACE = re.compile(r"^(?P<kind>[a-z_]+) at \((?P<x>[-\d.]+), (?P<y>[-\d.]+), (?P<z>[-\d.]+)\) mm in (?P<uid>[^\s:]*)")


def finding_by_hand(kind: Kind, point: tuple[float, float, float], series_instance_uid: str) -> Finding:
    """Return a finding that a reader marks at (3,) LPS mm, rounded to a tenth so that its id can be read back."""
    x, y, z = (round(float(value), 1) + 0.0 for value in point)
    return Finding(
        kind=kind,
        score=1.0,
        frame=Frame.PATIENT,
        point=(x, y, z),
        series_instance_uid=series_instance_uid,
        message=f"Marked by a reader: {kind.replace('_', ' ')}.",
    )


def missed_review(review: Review, finding: Finding) -> Review:
    """Write a finding's kind and place at the head of a review's reason."""
    place = ", ".join(f"{value:.1f}" for value in finding.point)
    head = f"{finding.kind.value} at ({place}) mm in {finding.series_instance_uid}"
    return replace(review, reason=f"{head}: {review.reason}" if review.reason else head)


def missed_finding(review: Review) -> Finding | None:
    """Read back the finding of a ``missed`` review; None when the review is not one."""
    match = _PLACE.match(review.reason) if review.verdict == "missed" else None
    if match is None or match["kind"] not in set(Kind):
        return None
    point = (float(match["x"]), float(match["y"]), float(match["z"]))
    return finding_by_hand(Kind(match["kind"]), point, match["uid"])


def finding_in_words(words: str, point: ArrayLike, series_instance_uid: str) -> Finding | None:
    """Return what a reader wrote as a finding at (3,) LPS mm: a kind, after a colon anything; None for no kind."""
    name = words.partition(":")[0].strip().lower().replace(" ", "_")
    x, y, z = (float(value) for value in np.asarray(point))
    return finding_by_hand(Kind(name), (x, y, z), series_instance_uid) if name in set(Kind) else None
