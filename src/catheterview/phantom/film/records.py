"""Truth of films as plain values, in the shape of `report.json`."""

from __future__ import annotations

from catheterview.model import Centreline, Finding

_DIGITS = 3  # a thousandth of a pixel


def catheter_record(catheter: Centreline) -> dict[str, object]:
    """One catheter in pixels."""
    marks = catheter.landmarks
    return {
        "series_instance_uid": catheter.series_instance_uid,
        "sop_instance_uid": catheter.sop_instance_uid,
        "frame": str(catheter.frame),
        "points": [[round(float(v), _DIGITS) for v in point] for point in catheter.points],
        "pieces": [list(piece) for piece in catheter.pieces],
        "radius": [round(float(v), _DIGITS) for v in catheter.radius],
        "confidence": [1.0] * len(catheter.points),
        "length_mm": None,
        "landmarks": {"pump": marks.pump, "dural_entry": marks.dural_entry, "tip": marks.tip},
    }


def finding_record(finding: Finding) -> dict[str, object]:
    """One finding in pixels."""
    return {
        "id": finding.id,
        "kind": str(finding.kind),
        "segment": str(finding.segment) if finding.segment else None,
        "score": finding.score,
        "frame": str(finding.frame),
        "point": [round(float(v), _DIGITS) for v in finding.point],
        "ends": [[round(float(v), _DIGITS) for v in end] for end in finding.ends],
        "series_instance_uid": finding.series_instance_uid,
        "sop_instance_uid": finding.sop_instance_uid,
        "index_kji": list(finding.index_kji) if finding.index_kji else None,
        "measures": {name: round(float(value), _DIGITS) for name, value in finding.measures.items()},
        "level": finding.level,
        "message": finding.message,
        "cautions": list(finding.cautions),
    }
