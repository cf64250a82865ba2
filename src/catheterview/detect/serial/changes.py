"""Findings that need an earlier CT: a pump that was turned, turned over or has moved, and a tip that has moved."""

from __future__ import annotations

import numpy as np

from catheterview.detect.place import Observation, finding_of
from catheterview.detect.serial.bones import Laid, lay_on_bones
from catheterview.detect.serial.pattern import Turn, turn_between
from catheterview.detect.serial.prior import PriorCt, prior_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.limits.serial import SerialLimits
from catheterview.model import Evidence, Examined, Finding, Kind, Segment

#: Name in a report's `examined`.
CHANGES = "since earlier CT"

_POSTURE = "Posture and breath move a pump under the skin and tilt it: compare how the patient lay."
_REFILL = "Its ports may not be reached by a needle: look before any refill."
_TIP = ("Posture moves a tip by part of a level.", "A faint end beyond the tip would not have been seen.")


def detect_since_ct(
    evidence: Evidence, earlier: PriorCt | None, limits: DetectLimits, serial: SerialLimits
) -> tuple[tuple[Finding, ...], Examined]:
    """Hold a CT against an earlier one of the same patient.

    Parameters
    ----------
    evidence : Evidence
    earlier : PriorCt or None
    limits : DetectLimits
    serial : SerialLimits

    Returns
    -------
    findings : tuple of Finding
        Measures: ``turn_deg`` and ``fit`` of the pump; ``moved_mm`` of the pump, ``shift_mm`` of the tip (towards the
        head positive, along the spine), after the bones were laid on each other.
    examined : Examined
    """
    now = None if earlier is None else prior_of(evidence, limits, serial)
    if earlier is None or now is None:
        why = "there is no earlier CT with a pump" if earlier is None else "not exactly one pump was found"
        return (), _told(evidence, "SKIPPED", why)
    turn = turn_between(earlier.pattern, now.pattern)
    seen = _lies(evidence, turn, serial)
    ways: tuple[Laid, ...] = ()
    if now.spine and earlier.spine:
        rise_mm = earlier.pump.center_mm[2] - now.pump.center_mm[2]
        ways = lay_on_bones(now.spine, earlier.spine, serial, about_mm=rise_mm)
    seen += _moved(now, earlier, ways, serial)
    return tuple(finding_of(evidence, one, limits) for one in seen), _told(evidence, "RAN", _how_sure(ways))


def _lies(evidence: Evidence, turn: Turn | None, limits: SerialLimits) -> list[Observation]:
    """A pump that was turned over, or about its axis."""
    if turn is None or turn.fit < limits.pattern_fit or turn.margin < limits.pattern_margin:
        return []
    (pump,) = evidence.pumps
    measures = {"fit": round(turn.fit, 2), "turn_deg": round(turn.turn_deg, 0)}
    sure = float(np.clip(0.5 + turn.margin, 0.0, 0.95))
    if turn.flipped:
        message = "The pump has been turned over since the earlier CT: its inside is mirrored"
        return [_pump(pump.center_mm, (Kind.PUMP_FLIP, message, (_REFILL, _POSTURE)), measures, sure)]
    if abs(turn.turn_deg) < limits.turned_deg:
        return []
    message = f"The pump has turned about its axis by {abs(turn.turn_deg):.0f} degrees since the earlier CT"
    return [_pump(pump.center_mm, (Kind.PUMP_ROTATION, message, (_POSTURE,)), measures, sure)]


def _how_sure(ways: tuple[Laid, ...]) -> str:
    """What is doubtful about how the bones were laid."""
    if not ways:
        return "the bones of the two scans could not be laid on each other: only how the pump lies was compared"
    if len(ways) > 1:
        return (
            "the spine also fits a vertebra off: what moved along it was only told where the pump is at its old place"
        )
    return ""


def _pump_way(now: PriorCt, earlier: PriorCt, laid: Laid) -> FloatArray:
    """(3,) mm by which the pump has moved against the bones."""
    return np.asarray(laid.before(np.array([now.pump.center_mm]))[0] - np.array(earlier.pump.center_mm))


def _moved(now: PriorCt, earlier: PriorCt, ways: tuple[Laid, ...], limits: SerialLimits) -> list[Observation]:
    """A pump or a tip that lies elsewhere against the bones.

    Where the spine fits a vertebra off, too, it is laid so that the pump has moved least, and of the pump only what it
    has moved across the spine counts.
    """
    if not ways:
        return []
    laid = min(ways, key=lambda way: float(np.linalg.norm(_pump_way(now, earlier, way))))
    pump_way = _pump_way(now, earlier, laid)
    moved_mm = float(np.linalg.norm(pump_way if len(ways) == 1 else pump_way[:2]))
    out = []
    if moved_mm >= limits.pump_moved_mm:
        message = f"The pump has moved by {moved_mm / 10:.1f} cm against the spine since the earlier CT"
        measures = {"moved_mm": round(moved_mm, 1), "fit": round(laid.fit, 2)}
        out.append(_pump(now.pump.center_mm, (Kind.PUMP_MIGRATION, message, (_POSTURE,)), measures, 0.8))
    if len(ways) > 1 and float(np.linalg.norm(pump_way)) > limits.pump_still_mm:
        return out
    tip = _tip_moved(now, earlier, laid, limits)
    return [*out, tip] if tip is not None else out


def _tip_moved(now: PriorCt, earlier: PriorCt, laid: Laid, limits: SerialLimits) -> Observation | None:
    """A tip that lies elsewhere.

    A catheter that a scan cuts off reached at least as far as it was seen: where the other scan shows its end short of
    that, it has moved by at least as much.
    """
    if now.tip is None or earlier.tip is None or (now.goes_on and earlier.goes_on):
        return None
    way = laid.before(now.tip[None])[0] - earlier.tip
    shift_mm = float(np.linalg.norm(way))
    up = bool(way[2] > 0.0)
    if shift_mm < limits.tip_moved_mm or (earlier.goes_on and up) or (now.goes_on and not up):
        return None
    least = "at least " if now.goes_on or earlier.goes_on else ""
    return Observation(
        kind=Kind.MIGRATION,
        point=now.tip,
        arc_mm=None,
        score=float(np.clip(0.5 + shift_mm / 60.0, 0.5, 0.95)),
        measures={"shift_mm": round(float(np.copysign(shift_mm, way[2])), 1), "fit": round(laid.fit, 2)},
        message=f"The catheter's tip has moved {'up' if up else 'down'} by {least}{shift_mm / 10:.1f} cm "
        "since the earlier CT",
        cautions=_TIP,
        segment=Segment.TIP,
    )


def _pump(
    center: tuple[float, float, float],
    what: tuple[Kind, str, tuple[str, ...]],
    measures: dict[str, float],
    score: float,
) -> Observation:
    """What is said of the pump itself."""
    kind, message, cautions = what
    return Observation(
        kind=kind,
        point=np.array(center),
        arc_mm=None,
        score=score,
        measures=measures,
        message=message,
        cautions=cautions,
        segment=Segment.PUMP,
    )


def _told(evidence: Evidence, outcome: str, why: str) -> Examined:
    return Examined(
        detector=CHANGES,
        series_instance_uids=(evidence.image.series_instance_uid,),
        outcome="RAN" if outcome == "RAN" else "SKIPPED",
        why=why,
    )
