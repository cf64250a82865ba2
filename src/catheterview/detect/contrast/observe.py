"""From a collection to what is said of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catheterview.detect.place import Observation
from catheterview.model import Centreline, Evidence, Kind, Segment
from catheterview.model.contrast import Collection


class Words(NamedTuple):
    """What is said of something seen, besides its measures; the segment is None where its arc length tells it."""

    kind: Kind
    segment: Segment | None
    message: str
    cautions: tuple[str, ...]


def observed(one: Collection, words: Words) -> Observation:
    """Put a collection into a detector's terms."""
    measures = {
        "volume_ml": round(one.volume_ml, 2),
        "mean_hu": round(one.mean_hu, 0),
        "peak_hu": round(one.peak_hu, 0),
    }
    if one.first_mm is not None and one.last_mm is not None:
        measures |= {"track_mm": round(one.last_mm - one.first_mm, 1), "falls": round(one.falls, 2)}
    return Observation(
        kind=words.kind,
        point=np.array(one.point),
        arc_mm=one.arc_mm,
        score=one.score,
        measures=measures,
        message=words.message,
        cautions=words.cautions,
        segment=words.segment,
    )


def near_record(one: Collection, evidence: Evidence) -> Centreline:
    """The catheter that a collection lies on."""
    at = np.array(one.point)
    return min(evidence.catheters, key=lambda c: float(np.linalg.norm(c.points - at, axis=1).min()))
