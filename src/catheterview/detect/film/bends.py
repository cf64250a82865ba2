"""Kinks of the catheter on one film: bends that are too sharp for a tube that only runs towards the film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.detect.film.course import ONE_VIEW, along, segment_on, trusted
from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.detect.film.thin import is_thin, step_px
from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Finding, Kind

_LIMB_MM = 5.0  # of a kink's limbs that are compared with each other


def find_film_kinks(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report every sharp bend at which the tube is no denser than beside it.

    A bend that only looks sharp, because the tube runs towards the film there, is denser at its apex.
    """
    mm = evidence.mm_per_px
    if mm is None:
        return ()
    found = []
    for catheter in trusted(evidence):
        for first, last in catheter.pieces:
            for n, turn in _sharpest(catheter, (first, last), mm, limits):
                if _comes_back(catheter, n, mm, limits) or not is_thin(evidence, catheter, (n, n), limits):
                    continue
                sight = _kink(evidence, catheter, n, turn)
                found.append(finding_on(evidence, _placed(evidence, sight, (catheter, n), limits)))
    return tuple(found)


def _comes_back(catheter: Centreline, n: int, mm: float, limits: FilmDetectLimits) -> bool:
    """Whether a way goes to a place and back on itself, as one does that has missed its turning."""
    reach = round(_LIMB_MM / mm / max(step_px(catheter), 1e-6))
    ends = catheter.points[[max(0, n - reach), min(len(catheter.points) - 1, n + reach)]]
    return float(np.linalg.norm(ends[1] - ends[0])) * mm < limits.kink_apart_mm


def _placed(evidence: FilmEvidence, sight: Sight, at: tuple[Centreline, int], limits: FilmDetectLimits) -> Sight:
    """Name the segment of a sight."""
    return replace(sight, segment=segment_on(evidence, at[0], at[1], limits))


def _kink(evidence: FilmEvidence, catheter: Centreline, n: int, turn: float) -> Sight:
    """Describe one kink."""
    return Sight(
        kind=Kind.KINK,
        point=catheter.points[n],
        score=min(1.0, turn / 90.0) * float(catheter.confidence[max(0, n - 6) : n + 7].mean()),
        message=f"The catheter is kinked: it turns by {turn:.0f} degrees within a few of its own widths",
        measures={"turn_deg": round(turn, 1), **along(evidence, catheter, n)},
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
    contrast = catheter.contrast[first : last + 1]
    turn[_unfit(catheter, piece, arc, limits) | _foreshortened(contrast, arc, turn, limits)] = 0.0
    out = []
    while turn.max(initial=0.0) >= limits.kink_turn_deg:
        n = int(np.argmax(turn))
        out.append((first + n, float(turn[n])))
        turn[np.abs(arc - arc[n]) <= limits.kink_window_mm] = 0.0
    return out


def _unfit(
    catheter: Centreline, piece: tuple[int, int], arc: FloatArray, limits: FilmDetectLimits
) -> NDArray[np.bool_]:
    """Where a bend proves nothing: seen badly, at the pump, a loose end, the entry, or beside another limb."""
    part = slice(piece[0], piece[1] + 1)
    at_end = arc < limits.kink_from_pump_mm if piece[0] == 0 else arc < limits.kink_from_gap_mm
    if piece[1] < len(catheter.points) - 1:
        at_end |= arc > arc[-1] - limits.kink_from_gap_mm
    entry = catheter.landmarks.dural_entry
    if entry is not None and piece[0] <= entry <= piece[1]:
        at_end |= np.abs(arc - arc[entry - piece[0]]) < limits.kink_from_entry_mm
    return np.asarray(~_seen_round(catheter, part, arc, limits) | at_end | _beside_itself(catheter, part, arc, limits))


def _seen_round(catheter: Centreline, part: slice, arc: FloatArray, limits: FilmDetectLimits) -> NDArray[np.bool_]:
    """Where both limbs of a bend are seen, and the tube stands out all round it.

    Round a kink each limb is what the other is seen beside, so that the noise is that of the stretch about it.
    """
    seen, contrast, noise = catheter.confidence[part], catheter.contrast[part], catheter.noise[part]
    out = np.zeros(len(arc), dtype=bool)
    for n, at in enumerate(arc):
        off = arc - at
        limbs = (seen[(off > -8.0) & (off < -3.0)], seen[(off > 3.0) & (off < 8.0)])
        about = noise[(np.abs(off) < 25.0) & (noise > 0.0)]
        if any(len(limb) == 0 for limb in limbs) or not len(about):
            continue
        limb = min(float(np.median(one)) for one in limbs)
        quiet = float(np.percentile(about, 30.0))
        out[n] = limb >= limits.kink_confidence and contrast[np.abs(off) < 3.0].min() >= limits.kink_quiet * quiet
    return out


def _beside_itself(catheter: Centreline, part: slice, arc: FloatArray, limits: FilmDetectLimits) -> NDArray[np.bool_]:
    """Where another limb of the catheter passes: turns of a loop that is seen on its edge lie on each other there."""
    points = catheter.points
    mm = float(arc[-1]) / max(float(arc_length(points[part])[-1]), 1e-9)
    whole = arc_length(points) * mm
    pairs = cKDTree(points).query_pairs(limits.kink_limb_mm / mm, output_type="ndarray")
    apart = np.abs(whole[pairs[:, 0]] - whole[pairs[:, 1]]) > limits.kink_other_mm
    out = np.zeros(len(points), dtype=bool)
    out[pairs[apart].ravel()] = True
    return out[part]


def _foreshortened(
    contrast: FloatArray, arc: FloatArray, turn: FloatArray, limits: FilmDetectLimits
) -> NDArray[np.bool_]:
    """Where a bend is as dense as a wide one that is seen on its edge.

    A loop of radius R that looks as sharp as r at its end runs towards the film there, at a slope that makes it
    sqrt(R / r) times as dense; a kink is no denser than the tube beside it. Half way between, in the logarithm, is the
    border.
    """
    level = np.array([_level(contrast[(arc > a - 25.0) & (arc < a + 25.0)]) for a in arc])
    near = np.array([contrast[(arc > a - 3.0) & (arc < a + 3.0)].max() for a in arc])
    radius = (2.0 / 3.0) * limits.kink_window_mm / np.maximum(np.radians(turn), 1e-6)
    border = np.maximum(limits.loop_radius_mm / radius, 1.0) ** 0.25
    return np.asarray(near > border * level)


def _level(contrast: FloatArray) -> float:
    """What a stretch of tube usually shows, where it shows anything."""
    shown = contrast[contrast > 0.0]
    return float(np.median(shown)) if len(shown) else 0.0


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
