"""The tube followed out of the ends of lines, a millimetre at a time, until it comes to another line's end.

All ends go on in step, so that the image is cut for all of them at once: what a step costs is numpy's overhead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.lanes import End, Way
from catheterview.trace.strand import Cut, Fitted, Strand, cuts_across, fit_strands
from catheterview.trace.weave import outward

#: A step's heading is taken from so many of the last points.
_LAST = 7
#: A cut is averaged along no tighter a bend, 1/mm: of a loop of 8 mm.
_TIGHTEST = 0.12


def ends_of(lines: Sequence[FloatArray]) -> list[End]:
    """Name both ends of every line."""
    return [(n, side) for n in range(len(lines)) for side in (0, 1)]


def follow_out(
    image: Image,
    strand: Strand,
    lines: Sequence[FloatArray],
    begins: Sequence[tuple[End, TraceLimits]],
    *,
    near: cKDTree,
) -> list[Way]:
    """Follow the tube out of ends of lines.

    Parameters
    ----------
    lines : sequence of (N, 3) float64, LPS mm, at steps of a millimetre; N >= 8
    begins : sequence of End and TraceLimits
        Where to begin, and in what manner.
    near : tree of (S, 3) LPS mm
        Followed to no more than `loop_reach_mm` from these.

    Returns
    -------
    list of Way
        One for each beginning.
    """
    gates = ends_of(lines)
    mouths = _mouths(lines, gates)
    all_tracks = [_Track(lines, end, limits) for end, limits in begins]
    for _ in range(max((round(limits.coil_mm) for _, limits in begins), default=0)):
        tracks = [track for track in all_tracks if track.goes_on]
        if not tracks:
            break
        alike = _alike(tracks)
        ahead = np.concatenate([_stepped(image, strand, same) for same in alike])
        tracks = [track for same in alike for track in same]
        at = np.array([track.points[-1] for track in tracks])
        away = np.asarray(near.query(at)[0])
        entered = _entered(at, ahead, *mouths)
        for track, far, at_gates in zip(tracks, away.tolist(), entered, strict=True):
            track.look_round(far, [gates[n] for n in np.flatnonzero(at_gates).tolist()])
    return [track.way() for track in all_tracks]


def stopped_at(way: Way, lines: Sequence[FloatArray], gates: Sequence[End]) -> Way:
    """End a way where it comes to an end of a line that was not known when it was followed.

    Parameters
    ----------
    way : Way
    lines : sequence of (N, 3) float64, LPS mm, at steps of a millimetre; N >= 8
    gates : sequence of End
        What it may come to; at least one.

    Returns
    -------
    Way
        The same where it comes to none of them.
    """
    before = np.concatenate([way.points[:1], way.points])[:-1]
    entered = _entered(way.points, unit(way.points - before), *_mouths(lines, gates))
    at = np.flatnonzero(entered.any(axis=1))
    if not len(at):
        return way
    last = int(at[0]) + 1
    return Way(
        points=way.points[:last],
        touches=way.touches[:last],
        to=gates[int(entered[at[0]].argmax())],
        crowded=way.crowded[:last],
        beside=way.beside[:last],
    )


def _mouths(lines: Sequence[FloatArray], gates: Sequence[End]) -> tuple[FloatArray, FloatArray]:
    """(G, 6, 3) the last points at ends of lines, LPS mm, and the (G, 3) directions that lead in there."""
    tails = np.array([outward(lines, gate)[-6:] for gate in gates]).reshape(-1, 6, 3)
    return tails, unit(tails[:, 0] - tails[:, -1])


def _entered(at: FloatArray, ahead: FloatArray, tails: FloatArray, inward: FloatArray) -> NDArray[np.bool_]:
    """(W, G) whether each of (W, 3) places, reached in (W, 3) directions, lies in an end of a line and leads in."""
    near = ((tails - at[:, None, None]) ** 2).sum(axis=3).min(axis=2) <= 0.7**2
    return np.asarray(near & (ahead @ inward.T > 0.6))


def _alike(tracks: list[_Track]) -> list[list[_Track]]:
    """Tracks whose cuts are averaged alike, together: they are made at once."""
    reaches = sorted({track.limits.strand_along_mm for track in tracks})
    return [[track for track in tracks if track.limits.strand_along_mm == reach] for reach in reaches]


def _stepped(image: Image, strand: Strand, tracks: list[_Track]) -> FloatArray:
    """Go on by a step with tracks that average alike; the (W, 3) unit directions in which they went."""
    limits = tracks[0].limits
    if limits.strand_along_mm > limits.strand_alongs_mm[0]:
        last = np.array([track.points[-limits.strand_bend_mm :] for track in tracks])
        ahead, bend = _bending(last)
    else:
        last = np.array([track.points[-_LAST:] for track in tracks])
        ahead, bend = _headings(last), None
    cuts = cuts_across(image, last[:, -1] + ahead, ahead, limits, bend=bend)
    for track, cut, way in zip(tracks, cuts, ahead, strict=True):
        track.step(image, strand, cut, way)
    return ahead


def _bending(last: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(W, 3) unit directions of the next step, and the bends there, 1/mm, by a quadratic through (W, N, 3) points."""
    count = last.shape[1]
    at = np.arange(1.0 - count, 1.0)
    weight = np.exp(1.5 * at / count)  # what lies farther back tells less
    design = np.stack([np.ones(count), at, at * at / 2], axis=1) * weight[:, None]
    told = np.einsum("an,wnc->awc", np.linalg.pinv(design) * weight, last)
    bend = told[2] * np.minimum(1.0, _TIGHTEST / np.maximum(np.linalg.norm(told[2], axis=1, keepdims=True), 1e-9))
    return unit(told[1] + bend), bend


class _Track:
    """One end from which the tube is followed: where it got to, and what was beside it."""

    def __init__(self, lines: Sequence[FloatArray], end: End, limits: TraceLimits) -> None:
        self.points = list(outward(lines, end)[-limits.strand_bend_mm - 1 : -1])
        self.limits = limits
        self.goes_on = True
        self._end = end
        self._to: End | None = None
        self._beside = np.zeros((2, 0, 3))
        self._touches: list[bool] = []
        self._seen: list[FloatArray] = []
        self._crowded: list[bool] = []
        self._faint = 0

    def step(self, image: Image, strand: Strand, cut: Cut, ahead: FloatArray) -> None:
        """Go to where the tube is in a cut a step ahead."""
        fitted = fit_strands(image, cut, (strand, _expected(cut, self._beside.sum(axis=0))), self.limits)
        self.points.append(cut.place(fitted.offsets[0]))
        now, share = _neighbours(cut, fitted, self.limits)
        self._beside = np.stack([now, _drifts(self._beside, now, ahead, self.limits)])
        self._touches.append(bool(len(now)))
        self._seen.append(np.column_stack([now, share]))
        self._crowded.append(len(fitted.share) >= self.limits.strand_most - 1)
        self._faint = self._faint + 1 if fitted.share[0] < self.limits.strand_lost else 0

    def look_round(self, away_mm: float, entered: list[End]) -> None:
        """Stop where the tube is lost, too far off, or come to another line's end."""
        limits = self.limits
        others = [gate for gate in entered if gate != self._end]
        if self._faint >= limits.strand_lost_mm or away_mm > limits.loop_reach_mm:
            self.goes_on = False
        elif others:
            self.goes_on, self._to = False, others[0]
        elif len(self._touches) >= round(limits.coil_mm):
            self.goes_on = False

    def way(self) -> Way:
        """What was followed."""
        return Way(
            points=np.array(self.points[len(self.points) - len(self._touches) :]).reshape(-1, 3),
            touches=np.array(self._touches, dtype=np.bool_),
            to=self._to,
            beside=tuple(self._seen),
            crowded=np.array(self._crowded, dtype=np.bool_),
        )


def _headings(last: FloatArray) -> FloatArray:
    """(W, 3) unit directions of the next step after (W, 7, 3) points, with half of the last bend carried on."""
    now, before = unit(last[:, -1] - last[:, -4]), unit(last[:, -4] - last[:, -7])
    return unit(now + 0.5 * (now - before))


def _expected(cut: Cut, beside: FloatArray) -> FloatArray:
    """(K, 2) offsets of the tube that is followed, and of the neighbours of the step before."""
    offsets = (beside - cut.middle) @ cut.across.T
    reach = float(np.abs(cut.offsets).max())
    return np.concatenate([np.zeros((1, 2)), offsets[np.linalg.norm(offsets, axis=1) < reach]])


def _neighbours(cut: Cut, fitted: Fitted, limits: TraceLimits) -> tuple[FloatArray, FloatArray]:
    """(K, 3) LPS mm and (K,) share of the neighbours that are still there and have not fallen onto the tube itself."""
    offsets, share = fitted.offsets[1:], fitted.share[1:]
    there = (share >= limits.strand_lost) & (
        np.linalg.norm(offsets - fitted.offsets[0], axis=1) > limits.strand_apart_mm / 2
    )
    return cut.place(offsets[there]), share[there]


def _drifts(before: FloatArray, now: FloatArray, ahead: FloatArray, limits: TraceLimits) -> FloatArray:
    """(K, 3) mm by which neighbours at (K, 3) places stray from the tube's course in a step; 0 of one that is new.

    It is learnt from (2, M, 3) places and drifts before. Turns cross at small angles: a neighbour that is expected
    where it was would be pushed back by the tube that it crosses, and the two would change places.
    """
    drifts = np.zeros_like(now)
    if before.shape[1] and len(now):
        apart = np.linalg.norm(now[:, None] - ahead - before.sum(axis=0)[None], axis=2)
        known = apart.min(axis=1) < limits.strand_apart_mm / 2
        place, drift = before[:, apart.argmin(axis=1)[known]]
        drifts[known] = drift + limits.strand_drift * (now[known] - ahead - place - drift)
    return drifts
