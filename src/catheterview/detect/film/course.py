"""What is wrong with the catheter's course on one film: interrupted, kinked, or not to be assessed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Finding, Kind, Segment
from catheterview.model.film import View

#: Said of what the other view has not been asked about, or does not show.
ONE_VIEW = "Seen in one view only: a second view or CT confirms it."
_NOT_SEEN = "Not visible is not the same as disconnected: some catheters have radiolucent parts."


def find_film_gaps(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report every place at which the film shows that there is no tube between two pieces of it.

    Measures: ``gap_mm`` at the pump's depth, ``gap_detector_mm`` on the detector or ``gap_px``, as the frame has it;
    a gap that runs towards the film is longer than it looks.
    """
    found = []
    for catheter in _trusted(evidence):
        for (_, before), (after, _) in pairwise(catheter.pieces):
            near, far = catheter.points[before], catheter.points[after]
            gap = float(np.linalg.norm(far - near))
            score = _gap_score(catheter, before, after)
            if score < limits.gap_score or _over_bodies(evidence, catheter, before):
                continue
            if _at_unknown_stem(evidence, catheter, before, limits):
                continue
            sight = Sight(
                kind=Kind.DISCONTINUITY,
                point=0.5 * (near + far),
                score=score,
                message=f"The catheter is interrupted over {evidence.told(gap)}",
                measures={**evidence.length("gap", gap), **_along(evidence, catheter, before)},
                segment=segment_on(evidence, catheter, before, limits),
                cautions=(ONE_VIEW, _NOT_SEEN),
                ends=tuple((round(float(p[0]), 1), round(float(p[1]), 1)) for p in (near, far)),
            )
            found.append(finding_on(evidence, sight))
    return tuple(found)


def _over_bodies(evidence: FilmEvidence, catheter: Centreline, n: int) -> bool:
    """Whether a place lies where a frontal film has vertebrae behind the catheter: their edges end as a tube does."""
    entry = catheter.landmarks.dural_entry
    return evidence.film.view is not View.LATERAL and entry is not None and n >= entry


def _at_unknown_stem(evidence: FilmEvidence, catheter: Centreline, n: int, limits: FilmDetectLimits) -> bool:
    """Whether a way begins with a gap at a pump of which it is not known where the catheter leaves it."""
    mm = evidence.mm_per_px
    unread = not evidence.pumps or evidence.pumps[0].turn_deg is None
    return unread and mm is not None and float(arc_length(catheter.points)[n]) * mm < limits.connector_mm


def _trusted(evidence: FilmEvidence) -> list[Centreline]:
    """The catheters that end as a catheter does: a way that is lost may have turned into a cable or a bone's edge."""
    return [catheter for catheter in evidence.catheters if catheter.landmarks.tip is not None]


def _gap_score(catheter: Centreline, before: int, after: int) -> float:
    """How surely the tube is absent: its peak beside the gap against what the surroundings show there."""
    beside = np.r_[max(0, before - 25) : before + 1, after : min(len(catheter.points), after + 26)]
    noise = np.median(catheter.noise[max(0, before - 5) : after + 6])
    ratio = float(np.median(catheter.contrast[beside]) / max(float(noise), 1e-9))
    return float(1.0 - 0.5 ** (ratio / 3.0))


def find_film_kinks(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report every sharp bend at which the tube is no denser than beside it.

    A bend that only looks sharp, because the tube runs towards the film there, is denser at its apex.
    """
    mm = evidence.mm_per_px
    if mm is None:
        return ()
    found = []
    for catheter in _trusted(evidence):
        for first, last in catheter.pieces:
            for n, turn in _sharpest(catheter, (first, last), mm, limits):
                sight = _kink(evidence, catheter, n, turn)
                found.append(finding_on(evidence, _placed(evidence, sight, (catheter, n), limits)))
    return tuple(found)


def _placed(evidence: FilmEvidence, sight: Sight, at: tuple[Centreline, int], limits: FilmDetectLimits) -> Sight:
    """Name the segment of a sight."""
    segment = segment_on(evidence, at[0], at[1], limits)
    return Sight(
        kind=sight.kind,
        point=sight.point,
        score=sight.score,
        message=sight.message,
        measures=sight.measures,
        segment=segment,
        cautions=sight.cautions,
    )


def _kink(evidence: FilmEvidence, catheter: Centreline, n: int, turn: float) -> Sight:
    """Describe one kink."""
    return Sight(
        kind=Kind.KINK,
        point=catheter.points[n],
        score=min(1.0, turn / 90.0) * float(catheter.confidence[max(0, n - 6) : n + 7].mean()),
        message=f"The catheter is kinked: it turns by {turn:.0f} degrees within a few of its own widths",
        measures={"turn_deg": round(turn, 1), **_along(evidence, catheter, n)},
        cautions=(ONE_VIEW, "A strain-relief loop seen on its edge can look like this.",
                  "A bend is not an occlusion: patency is shown by aspiration or contrast."),
    )  # fmt: skip


def _sharpest(
    catheter: Centreline, piece: tuple[int, int], mm: float, limits: FilmDetectLimits
) -> list[tuple[int, float]]:
    """Index and turn of every sharp bend of a piece that is seen well and not foreshortened."""
    first, last = piece
    points = catheter.points[first : last + 1]
    arc = arc_length(points) * mm if len(points) > 2 else np.zeros(1)
    turn = turns(points, arc, limits.kink_window_mm)
    turn[_unfit(catheter, piece, arc, limits)] = 0.0
    out = []
    while turn.max(initial=0.0) >= limits.kink_turn_deg:
        n = int(np.argmax(turn))
        out.append((first + n, float(turn[n])))
        turn[np.abs(arc - arc[n]) <= limits.kink_window_mm] = 0.0
    return out


def _unfit(
    catheter: Centreline, piece: tuple[int, int], arc: FloatArray, limits: FilmDetectLimits
) -> NDArray[np.bool_]:
    """Where a bend proves nothing: seen badly, or denser than beside it, at the pump or a gap, or where it turns up."""
    part = slice(piece[0], piece[1] + 1)
    seen, contrast = catheter.confidence[part], catheter.contrast[part]
    level = np.array([np.median(contrast[(arc > a - 25.0) & (arc < a + 25.0)]) for a in arc])
    near = np.array([contrast[(arc > a - 3.0) & (arc < a + 3.0)].max() for a in arc])
    least = np.array([seen[(arc > a - 4.0) & (arc < a + 4.0)].min() for a in arc])
    at_pump = arc < limits.kink_from_pump_mm if piece[0] == 0 else np.zeros(len(arc), dtype=bool)
    if piece[0] > 0:
        at_pump |= arc < limits.kink_from_gap_mm
    if piece[1] < len(catheter.points) - 1:
        at_pump |= arc > arc[-1] - limits.kink_from_gap_mm
    entry = catheter.landmarks.dural_entry
    if entry is not None and piece[0] <= entry <= piece[1]:
        at_pump |= np.abs(arc - arc[entry - piece[0]]) < limits.kink_from_entry_mm
    return np.asarray((least < limits.kink_confidence) | (near > limits.kink_denser * level) | at_pump)


def turns(points: FloatArray, arc: FloatArray, window: float) -> FloatArray:
    """Angle in degrees between the chords before and after each point; 0 nearer to the ends than half a window.

    Parameters
    ----------
    points : (N, 2)
    arc : (N,)
    window : float
        From the first chord's beginning to the second chord's end, the unit of `arc`.
    """
    turn = np.zeros(len(points))
    inner = np.nonzero((arc >= window / 2) & (arc <= arc[-1] - window / 2))[0]
    if not len(inner):
        return turn
    shifts = (-window / 2, -window / 6, window / 6, window / 2)
    at = [np.stack([np.interp(arc[inner] + s, arc, column) for column in points.T], axis=1) for s in shifts]
    before, after = at[1] - at[0], at[3] - at[2]
    size = np.maximum(np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-9)
    turn[inner] = np.degrees(np.arccos(np.clip((before * after).sum(axis=1) / size, -1.0, 1.0)))
    return turn


def find_film_unseen(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report every stretch in which neither the tube nor its absence is seen, and an end that need not be the tip."""
    mm = evidence.mm_per_px
    found = []
    for catheter in evidence.catheters:
        arc = arc_length(catheter.points)
        for first, last in catheter.pieces:
            low = catheter.confidence[first : last + 1] < limits.seen_confidence
            edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(np.int8))).reshape(-1, 2)
            for a, b in edges:
                start, end = first + int(a), first + int(b) - 1
                length = float(arc[end] - arc[start])
                if length * (mm or 0.15) >= limits.hidden_mm:
                    found.append(_unseen(evidence, catheter, (start, end), length))
        if catheter.landmarks.tip is None:
            found.append(_lost(evidence, catheter))
    return tuple(found)


def _lost(evidence: FilmEvidence, catheter: Centreline) -> Finding:
    """Describe an end at which the catheter could be followed no further."""
    sight = Sight(
        kind=Kind.NOT_ASSESSABLE,
        point=catheter.points[-1],
        score=1.0,
        message="The catheter could not be followed beyond this point; the rest of it, and its tip, cannot be assessed",
        measures=_along(evidence, catheter, len(catheter.points) - 1),
        cautions=(_NOT_SEEN, "A gap or kink beyond this point would not be seen."),
    )
    return finding_on(evidence, sight)


def _unseen(evidence: FilmEvidence, catheter: Centreline, run: tuple[int, int], length: float) -> Finding:
    """Describe one stretch."""
    middle = (run[0] + run[1]) // 2
    metal = bool(np.median(catheter.contrast[run[0] : run[1] + 1]) <= 0.0)
    why = "behind metal or off the film" if metal else "too faint against what lies over it"
    sight = Sight(
        kind=Kind.NOT_ASSESSABLE,
        point=catheter.points[middle],
        score=1.0,
        message=f"The catheter cannot be assessed over {evidence.told(length)} ({why})",
        measures={**evidence.length("hidden", length), **_along(evidence, catheter, middle)},
        cautions=("A gap or kink in this stretch would not be seen.",),
    )
    return finding_on(evidence, sight)


def _along(evidence: FilmEvidence, catheter: Centreline, n: int) -> dict[str, float]:
    """Distance along the catheter from the pump, as it is seen."""
    return evidence.length("arc", float(arc_length(catheter.points)[n]))


def segment_on(evidence: FilmEvidence, catheter: Centreline, n: int, limits: FilmDetectLimits) -> Segment | None:
    """The segment that a place on the catheter belongs to, as far as one film tells it; None where it does not."""
    mm = evidence.mm_per_px
    if mm is None or not evidence.pumps:
        return None
    arc = float(arc_length(catheter.points)[n]) * mm
    pump = evidence.pumps[0]
    away = float(np.linalg.norm(catheter.points[n] - np.array(pump.center))) - pump.radius_px
    if arc <= limits.connector_mm:
        return Segment.CONNECTOR
    if away * mm <= limits.pocket_mm:
        return Segment.POCKET
    steep = evidence.film.view in (View.AP, View.PA, View.LATERAL) and _runs_up(catheter, n, mm)
    return Segment.INTRATHECAL if steep else Segment.SUBCUTANEOUS_TRACT


def _runs_up(catheter: Centreline, n: int, mm: float) -> bool:
    """Whether the catheter from here to its end only climbs, as it does in the canal."""
    rest = catheter.points[n:]
    if len(rest) < 20:
        return True
    climbed = float(rest[0, 0] - rest[-1, 0])
    return climbed * mm > 15.0 and climbed > 0.85 * float(arc_length(rest)[-1])
