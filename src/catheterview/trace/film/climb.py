"""The last part of a catheter: it climbs beside the vertebral bodies, where edges of bone look like it.

Piece by piece it cannot be told from them; over its whole length it can: the steep smooth way that sums up to most is
found row by row, from wherever a way from the pump may enter the canal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import STEPS, Sketch
from catheterview.trace.film.search import Partial
from catheterview.trace.film.show import sampled
from catheterview.trace.film.spine import Spine
from catheterview.trace.film.web import Web

_NEVER = -1e9
_STEP = 4  # rows from node to node
#: Columns that the way goes over while it climbs by a row, and which direction of the bank that is.
_SLOPES = sorted((-float(right) / float(down), n) for n, (right, down) in enumerate(STEPS) if abs(down) > abs(right))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What a climb is looked for on; `ends`: between which rows of the sketch the tip may lie."""

    sketch: Sketch
    web: Web
    spine: Spine
    ends: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Climb:
    """A way up the canal.

    Parameters
    ----------
    points : (N, 2) (row, column) of the sketch, upwards
    score : float
        With what the way to its beginning scores.
    own : float
        Without it.
    start : Partial
        The way to its beginning.
    """

    points: FloatArray
    score: float
    own: float
    start: Partial


def climb_of(ground: Ground, ways: dict[int, Partial], contrast: float, limits: FilmTraceLimits) -> Climb | None:
    """Find the best way up.

    Parameters
    ----------
    ground : Ground
    ways : dict of int to Partial
        The ways to every node.
    contrast : float
        Of the tube, in the film's own logarithm.
    limits : FilmTraceLimits

    Returns
    -------
    Climb or None
        None where no way reaches the canal.
    """
    canal = ground.spine.canal
    entry, owner = _entries(ground, ways, limits)
    columns = np.flatnonzero(canal.any(axis=0))
    if not len(columns) or entry.max() <= _NEVER:
        return None
    span = slice(max(0, int(columns[0]) - 3), int(columns[-1]) + 4)
    gains = _gains(ground.sketch, canal, (contrast, span), limits)
    found = _upward(gains, entry[:, span], (limits.slope_cost_mm, ground.ends))
    if found is None:
        return None
    points, score = found
    row, column = (int(v) for v in points[0])
    rows = slice(max(0, row - _STEP + 1), row + 1)
    column += span.start
    first = int(np.argmax(entry[rows, column]))
    begun = float(entry[rows, column][first])
    start = ways[int(owner[rows, column][first])]
    return Climb(points=points + np.array([0.0, span.start]), score=score, own=score - begun, start=start)


def _entries(ground: Ground, ways: dict[int, Partial], limits: FilmTraceLimits) -> tuple[FloatArray, NDArray[np.intp]]:
    """The best score with which a climb may begin at each pixel of the canal, and the node that it comes from."""
    canal = ground.spine.canal
    entry, owner = np.full(canal.shape, _NEVER), np.full(canal.shape, -1, dtype=np.intp)
    least = max((way.score for way in ways.values()), default=0.0) - limits.beam_mm
    rim = np.stack(np.nonzero(canal & (ground.sketch.to_pump < 4.0) & ~ground.sketch.hidden), axis=1)
    for node, way in ways.items():
        if way.score < least:
            continue
        at, cost = _open_entries(ground, node, limits)
        if ground.web.outward[node][0] > limits.entry_down:
            at, cost = at[:0], cost[:0]  # a catheter that comes down the canal does not turn up in it
        _offer(entry, owner, at, (way.score - cost, node))
        if len(rim) and float(sampled(ground.sketch.to_pump, ground.web.leave[node][None])[0]) < limits.rim_px:
            _offer(entry, owner, rim, (way.score - _hidden_cost(ground, node, rim, limits), node))
    return entry, owner


def _open_entries(ground: Ground, node: int, limits: FilmTraceLimits) -> tuple[NDArray[np.intp], FloatArray]:
    """The pixels of the canal (N, 2) near a node's end, and what it costs to enter there."""
    reach = int(limits.entry_mm / ground.sketch.mm)
    row, column = (int(v) for v in ground.web.leave[node])
    first = (max(0, row - reach), max(0, column - reach))
    part = ground.spine.canal[first[0] : row + reach // 3, first[1] : column + reach]
    at = np.stack(np.nonzero(part), axis=1) + first
    cosine, away = _toward(at, ground.web.leave[node], ground.web.outward[node])
    cost = limits.entry_cost_mm + limits.entry_share * away * ground.sketch.mm
    return at, cost + limits.entry_bend_mm * (1.0 - cosine) * np.minimum(away / 4.0, 1.0)


def _hidden_cost(ground: Ground, node: int, rim: NDArray[np.intp], limits: FilmTraceLimits) -> FloatArray:
    """What it costs to enter where the canal comes out from behind the pump."""
    cosine, away = _toward(rim, ground.web.leave[node], ground.web.outward[node])
    cost = 2.0 * limits.entry_cost_mm + limits.hidden_share * away * ground.sketch.mm
    return cost + limits.entry_bend_mm * (1.0 - cosine) + np.where(cosine < 0.0, np.inf, 0.0)


def _toward(at: NDArray[np.intp], begin: FloatArray, heading: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosine of the turn to each place (N, 2), and pixels to it."""
    step = at - begin
    away = np.linalg.norm(step, axis=1)
    cosine = (step @ heading) / np.maximum(away, 1e-6)
    return np.where(away < 2.0, 0.5, cosine), away


def _offer(entry: FloatArray, owner: NDArray[np.intp], at: NDArray[np.intp], offered: tuple[FloatArray, int]) -> None:
    """Write scores down where they are better, in place."""
    rows, columns = at[:, 0], at[:, 1]
    better = offered[0] > entry[rows, columns]
    entry[rows[better], columns[better]] = offered[0][better]
    owner[rows[better], columns[better]] = offered[1]


def _gains(sketch: Sketch, canal: NDArray[np.bool_], tube: tuple[float, slice], limits: FilmTraceLimits) -> FloatArray:
    """What a row of the way is worth at each pixel, for each slope: (S, R, W), mm."""
    contrast, span = tube
    expected = contrast * sketch.share[:, span]
    unit_of = np.maximum(limits.climb_noise * sketch.noise[:, span], limits.climb_share * expected)
    least = np.maximum(limits.climb_share * expected, limits.climb_least * sketch.noise[:, span])
    out = np.empty((len(_SLOPES), *expected.shape))
    for n, (slope, turn) in enumerate(_SLOPES):
        seen = sketch.bank[turn][:, span]
        gain = np.clip((seen - least) / unit_of, -0.8, 1.0)
        gain -= np.clip(np.log(np.maximum(seen, 1e-9) / (limits.climb_dense * expected)), 0.0, 2.0)
        gain = np.where(sketch.hidden[:, span], -limits.hidden_share, gain - limits.climb_toll)
        gain = np.where(canal[:, span], gain, np.minimum(gain, -0.8))
        out[n] = np.where(sketch.shut[:, span], -3.0, gain) * np.hypot(1.0, slope) * sketch.mm
    return out


def _upward(
    gains: FloatArray, entry: FloatArray, how: tuple[float, tuple[float, float]]
) -> tuple[FloatArray, float] | None:
    """The best way upwards: its points (N, 2), and its score."""
    slopes, height, width = gains.shape
    rows = np.arange(height - 1, _STEP, -_STEP)
    total = np.full((slopes, width), _NEVER)
    back: list[tuple[NDArray[np.intp], NDArray[np.bool_]]] = []
    best, end = _NEVER / 2.0, (-1, 0, 0)
    for n, row in enumerate(rows):
        begun = entry[row - _STEP + 1 : row + 1].max(axis=0)
        fresh = begun > total
        source, value = _turned(np.maximum(total, begun), how[0])
        total = np.full((slopes, width), _NEVER)
        for k, (slope, _) in enumerate(_SLOPES):
            gain = sum(np.roll(gains[k, row - t], -round(slope * t)) for t in range(_STEP))
            _shifted(value[k] + gain, round(slope * _STEP), total[k])
        back.append((source, fresh))
        top = int(total.argmax())
        if total.ravel()[top] > best and how[1][0] <= row - _STEP <= how[1][1]:
            best, end = float(total.ravel()[top]), (n, top // width, top % width)
    return (_walked(back, rows, end), best) if end[0] >= 0 else None


def _turned(total: FloatArray, cost: float) -> tuple[NDArray[np.intp], FloatArray]:
    """For each slope the best slope before it, at most one apart."""
    padded = np.pad(total, ((1, 1), (0, 0)), constant_values=_NEVER)
    near = np.stack([padded[:-2] - cost, padded[1:-1], padded[2:] - cost])
    choice = near.argmax(axis=0)
    return choice - 1 + np.arange(len(total))[:, None], near.max(axis=0)


def _shifted(values: FloatArray, by: int, out: FloatArray) -> None:
    """Move values along a row by some columns, in place of `out`."""
    if by >= 0:
        out[by:] = values[: len(values) - by]
    else:
        out[:by] = values[-by:]


def _walked(
    back: list[tuple[NDArray[np.intp], NDArray[np.bool_]]], rows: NDArray[np.intp], end: tuple[int, int, int]
) -> FloatArray:
    """The points (N, 2) from the beginning to an end."""
    n, slope, column = end
    path = [(float(rows[n] - _STEP), float(column))]
    while True:
        column -= round(_SLOPES[slope][0] * _STEP)
        source, fresh = back[n]
        slope = int(source[slope, column])
        path.append((float(rows[n]), float(column)))
        if fresh[slope, column] or n == 0:
            return np.array(path[::-1])
        n -= 1
