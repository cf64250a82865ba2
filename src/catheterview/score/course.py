"""How well a traced catheter follows the true one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from catheterview.geometry import FloatArray
from catheterview.limits.score import ScoreLimits
from catheterview.score.line import Line, distances, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseScore:
    """One true catheter and what was traced of it; lengths in mm (in pixels on a film without scale).

    Parameters
    ----------
    traced : bool
        Whether any catheter of the report was held against it; when not, every distance is None.
    overlap : float
        OV of the Rotterdam framework: share of the points of both lines that lie within the tolerance of the other.
    until_first_error : float
        OF: share of the true line, from the pump, that is followed before the first point that is not.
    overlap_intrathecal : float or None
        OT, the overlap on the part that matters: from the dural entry to the tip; None where truth names no entry.
    accuracy_inside : float or None
        AI: mean distance of the points that do overlap.
    cl_dice : float or None
        Harmonic mean of the shares of each line's points inside the other's tube; None where a radius is not known.
    mean_error, p95_error, max_error : float or None
        From the points of the traced line to the segments of the true one.
    mean_miss, p95_miss, max_miss : float or None
        From the points of the true line to the segments of the traced one.
    mean_surface : float or None
        Mean over the points of both lines (ASSD).
    hausdorff : float or None
        The largest distance either way.
    close_points, points : int
        Traced points within `ScoreLimits.close_mm` of truth, and all of them, evenly spaced.
    length_error : float or None
        Traced minus true length, gaps left out of both.
    start_error, tip_error : float or None
        Between the ends at the pump, and between the tips.
    pieces, true_pieces : int
    missed_arcs, stray_arcs : tuple of (first, last)
        Where along the true line, and along the traced one, points lie outside the tolerance: arc lengths from the
        first point, gaps counted straight across.
    """

    traced: bool
    overlap: float
    until_first_error: float
    overlap_intrathecal: float | None
    accuracy_inside: float | None = None
    cl_dice: float | None = None
    mean_error: float | None = None
    p95_error: float | None = None
    max_error: float | None = None
    mean_miss: float | None = None
    p95_miss: float | None = None
    max_miss: float | None = None
    mean_surface: float | None = None
    hausdorff: float | None = None
    close_points: int = 0
    points: int = 0
    length_error: float | None = None
    start_error: float | None = None
    tip_error: float | None = None
    true_length: float
    pieces: int = 0
    true_pieces: int
    missed_arcs: tuple[tuple[float, float], ...] = ()
    stray_arcs: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairing:
    """Distances from each line's points to the other line, and which of them are within the tolerance."""

    error: FloatArray
    miss: FloatArray
    good: NDArray[np.bool_]
    found: NDArray[np.bool_]

    def overlap(self, part: NDArray[np.bool_], of_traced: NDArray[np.bool_]) -> float | None:
        """OV over a part of the true points and the traced points that belong to it; None where there are neither."""
        count = int(part.sum() + of_traced.sum())
        return float((self.found[part].sum() + self.good[of_traced].sum()) / count) if count else None


def score_course(traced: Line | None, truth: Line, limits: ScoreLimits) -> CourseScore:
    """Hold one traced line, or the lack of one, against the true line.

    Parameters
    ----------
    traced, truth : Line
        Of the same frame.
    limits : ScoreLimits

    Notes
    -----
    OV, OF, OT and AI after Schaap et al., Standardized evaluation methodology and reference database for evaluating
    coronary artery centerline extraction algorithms, Med Image Anal 2009, 13(5):701-714, with one fixed tolerance.
    """
    if traced is None:
        return CourseScore(
            traced=False,
            overlap=0.0,
            until_first_error=0.0,
            overlap_intrathecal=None if truth.entry_arc is None else 0.0,
            true_length=truth.length,
            true_pieces=truth.pieces,
            missed_arcs=_runs(np.ones(len(truth.arc), dtype=bool), truth.arc),
        )
    error, miss = distances(traced.points, truth), distances(truth.points, traced)
    tolerance = limits.overlap_mm
    pair = _Pairing(error=error, miss=miss, good=error < tolerance, found=miss < tolerance)
    return _course_of(traced, truth, pair, limits)


def _course_of(traced: Line, truth: Line, pair: _Pairing, limits: ScoreLimits) -> CourseScore:
    """Gather every measure of one pairing."""
    whole = pair.overlap(np.ones(len(pair.found), dtype=bool), np.ones(len(pair.good), dtype=bool))
    inside = np.concatenate([pair.error[pair.good], pair.miss[pair.found]])
    return CourseScore(
        traced=True,
        overlap=float(whole or 0.0),
        until_first_error=_until_first_error(pair.found, truth.arc, limits.first_error_free_mm),
        overlap_intrathecal=_overlap_intrathecal(traced, truth, pair),
        accuracy_inside=float(inside.mean()) if len(inside) else None,
        cl_dice=_cl_dice(traced, truth, pair),
        mean_error=float(pair.error.mean()),
        p95_error=float(np.quantile(pair.error, 0.95)),
        max_error=float(pair.error.max()),
        mean_miss=float(pair.miss.mean()),
        p95_miss=float(np.quantile(pair.miss, 0.95)),
        max_miss=float(pair.miss.max()),
        mean_surface=float(np.concatenate([pair.error, pair.miss]).mean()),
        hausdorff=float(max(pair.error.max(), pair.miss.max())),
        close_points=int((pair.error < limits.close_mm).sum()),
        points=len(pair.error),
        length_error=traced.length - truth.length,
        start_error=float(np.linalg.norm(traced.points[0] - truth.points[0])),
        tip_error=float(np.linalg.norm(traced.tip - truth.tip)),
        true_length=truth.length,
        pieces=traced.pieces,
        true_pieces=truth.pieces,
        missed_arcs=_runs(~pair.found, truth.arc),
        stray_arcs=_runs(~pair.good, traced.arc),
    )


def _runs(outside: NDArray[np.bool_], arc: FloatArray) -> tuple[tuple[float, float], ...]:
    """Return the arc lengths at which each run of points begins and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], outside.astype(int), [0]])))
    pairs = edges.reshape(-1, 2)
    return tuple((round(float(arc[first]), 1), round(float(arc[last - 1]), 1)) for first, last in pairs)


def _until_first_error(found: NDArray[np.bool_], arc: FloatArray, free: float) -> float:
    """OF: how much of the true line is followed before the first miss, the first `free` of it forgiven."""
    missed = np.flatnonzero(~found & (arc - arc[0] >= free))
    if not found.any():
        return 0.0
    return float(missed[0] / len(found)) if len(missed) else 1.0


def _overlap_intrathecal(traced: Line, truth: Line, pair: _Pairing) -> float | None:
    """OT: the overlap beyond the dural entry; a traced point belongs to the part of the true point nearest to it."""
    if truth.entry_arc is None:
        return None
    part = truth.arc >= truth.entry_arc
    away = np.linalg.norm(traced.points[:, None, :] - truth.points[None, :, :], axis=2)
    return pair.overlap(part, part[away.argmin(axis=1)])


def _cl_dice(traced: Line, truth: Line, pair: _Pairing) -> float | None:
    """ClDice of two tubes given by centreline and radius (Shit et al., CVPR 2021), without a voxel grid."""
    if not truth.radius.all() or not traced.radius.all():
        return None
    precision = float((pair.error <= truth.radius.mean()).mean())
    sensitivity = float((pair.miss <= traced.radius.mean()).mean())
    return 2.0 * precision * sensitivity / (precision + sensitivity) if precision + sensitivity else 0.0


def score_courses(
    report: Mapping[str, Any], truth: Mapping[str, Any], limits: ScoreLimits
) -> tuple[tuple[CourseScore, ...], int]:
    """Pair the catheters of a report with those of truth so that they overlap most.

    Parameters
    ----------
    report, truth : mapping
        With ``catheters`` as in report.json.

    Returns
    -------
    scores : tuple of CourseScore
        One for each true catheter, in the order of the truth file.
    spare : int
        Traced catheters that belong to none, in series that truth speaks of.

    Raises
    ------
    InputError
        When an entry cannot be read.
    """
    true_entries, entries = truth.get("catheters") or [], _eligible(report, truth)
    lines = [line_of(entry, step=limits.step_mm) for entry in entries]
    true_lines = [line_of(entry, step=limits.step_mm) for entry in true_entries]
    table = np.zeros((len(true_lines), len(lines)))
    scores: dict[tuple[int, int], CourseScore] = {}
    for n, true_line in enumerate(true_lines):
        for m, line in enumerate(lines):
            if _comparable(true_entries[n], entries[m]):
                scores[n, m] = score_course(line, true_line, limits)
                # A line that misses everything is still the answer that was given, so long as nothing else was.
                table[n, m] = 1e-6 + scores[n, m].overlap
    rows, columns = linear_sum_assignment(table, maximize=True)
    chosen = {int(n): (int(n), int(m)) for n, m in zip(rows, columns, strict=True) if table[n, m] > 0}
    answers = tuple(
        scores[chosen[n]] if n in chosen else score_course(None, true_line, limits)
        for n, true_line in enumerate(true_lines)
    )
    return answers, len(lines) - len(chosen)


def _eligible(report: Mapping[str, Any], truth: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the report's catheters in the series that truth speaks of; all of them where truth names no series."""
    named = {str(entry.get("series_instance_uid") or "") for entry in truth.get("catheters") or []} - {""}
    entries = list(report.get("catheters") or [])
    return [entry for entry in entries if not named or entry.get("series_instance_uid") in named]


def _comparable(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Say whether two entries lie in one frame and, on films, on one image."""
    frames = first.get("frame", "PATIENT"), second.get("frame", "PATIENT")
    if frames[0] != frames[1]:
        return False
    return frames[0] == "PATIENT" or first.get("sop_instance_uid") == second.get("sop_instance_uid")
