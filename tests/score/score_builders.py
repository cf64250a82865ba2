"""Reports and truths small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

STUDY = "1.2.826.0.1.3680043.10.1"
SERIES = STUDY + ".1"


def catheter(
    points: Any, *, pieces: Any = None, radius: float = 0.7, landmarks: Any = None, **more: Any
) -> dict[str, Any]:
    """One entry of ``catheters`` as report.json has it."""
    table = np.asarray(points, dtype=float)
    last = len(table) - 1
    return {
        "series_instance_uid": SERIES,
        "frame": "PATIENT",
        "points": table.tolist(),
        "pieces": pieces or [[0, last]],
        "radius": [radius] * len(table),
        "confidence": [1.0] * len(table),
        "landmarks": landmarks or {"pump": 0, "dural_entry": None, "tip": last},
        **more,
    }


def finding(
    kind: str, point: Any, *, score: float = 1.0, segment: str | None = "anchor", **more: Any
) -> dict[str, Any]:
    """One entry of ``findings`` as report.json has it."""
    return {
        "id": "0",
        "kind": kind,
        "segment": segment,
        "score": score,
        "frame": "PATIENT",
        "point": list(point),
        "series_instance_uid": SERIES,
        "measures": {},
        **more,
    }


def pump(center: Any = (80.0, -60.0, 20.0)) -> dict[str, Any]:
    """One entry of ``pumps`` as report.json has it."""
    return {
        "series_instance_uid": SERIES,
        "center_mm": list(center),
        "normal": [0.0, -0.8, 0.6],
        "diameter_mm": 87.5,
        "thickness_mm": 19.5,
    }


def straight(*, shift: float = 0.0, length: float = 100.0) -> np.ndarray:
    """A line along an oblique direction, pushed sideways by `shift` mm."""
    along, across = np.array([0.6, 0.0, 0.8]), np.array([0.0, 1.0, 0.0])
    start = np.array([12.0, -7.0, 31.0])
    return start + np.linspace(0.0, length, 101)[:, None] * along + shift * across


def truth_of(
    *, uid: str = STUDY, findings: Any = (), catheters: Any = None, pumps: Any = None, **more: Any
) -> dict[str, Any]:
    """A truth file: one straight catheter, one pump, and these findings."""
    entry = catheter(straight(), landmarks={"pump": 0, "dural_entry": 60, "tip": 100})
    return {
        "study_instance_uid": uid,
        "catheters": [entry] if catheters is None else catheters,
        "pumps": [pump()] if pumps is None else pumps,
        "findings": list(findings),
        **more,
    }


def report_of(truth: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The report that says exactly what truth says, but for `changes`."""
    uid = truth["study_instance_uid"]
    series = [{"series_instance_uid": SERIES, "modality": "CT", "role": "volume"}]
    return {
        "schema": "catheterview/report/1",
        "case_id": "c" + uid[-1],
        "priority": "soon",
        "studies": [{"study_instance_uid": uid, "date": "", "rung": "ct", "series": series}],
        "pumps": truth["pumps"],
        "catheters": truth["catheters"],
        "findings": truth["findings"],
        **changes,
    }
