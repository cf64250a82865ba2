"""The best chain of positions through all levels, cut off where nothing speaks for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.anatomy.enclosure import Scores
from catheterview.limits import AnatomyLimits

Integers = NDArray[np.int_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Where the canal runs, to the voxel.

    Parameters
    ----------
    levels : (N,) int
        Consecutive levels of the view, feet to head; none when there is no canal.
    pixels : (N, 2) int
        (row, column).
    evidence : (N,) float32, 0 to 1
    """

    levels: Integers
    pixels: Integers
    evidence: Scores


def find_course(scores: Scores, spacing_mm: tuple[float, float], limits: AnatomyLimits) -> Course:
    """Follow the canal through the levels.

    Parameters
    ----------
    scores : (Z, Y, X) float32
        From `canal_scores`.
    spacing_mm : (between levels, between pixels)
    limits : AnatomyLimits

    Returns
    -------
    Course
        Without levels when no spine is in view.
    """
    level_mm, pixel_mm = spacing_mm
    reach = int(np.ceil(limits.slope * level_mm / pixel_mm))
    cost = limits.slide_cost * pixel_mm**2 / level_mm
    gains = (scores - np.float32(limits.evidence)) * np.float32(level_mm)
    rows, columns = _worthwhile(scores, limits)
    bottom, pixels = _best_chain(np.ascontiguousarray(gains[:, rows, columns]), np.arange(-reach, reach + 1), cost)
    pixels += np.array([rows.start, columns.start])
    levels = np.arange(bottom, bottom + len(pixels))
    evidence = scores[levels, pixels[:, 0], pixels[:, 1]]
    kept = _supported(evidence, level_mm, limits)
    return Course(levels=levels[kept], pixels=pixels[kept], evidence=evidence[kept])


def _worthwhile(scores: Scores, limits: AnatomyLimits) -> tuple[slice, slice]:
    """Rows and columns between the outermost that reach the evidence at any level."""
    reached = scores.max(axis=0) >= limits.evidence
    if not reached.any():
        return slice(0, 1), slice(0, 1)
    rows, columns = np.flatnonzero(reached.any(axis=1)), np.flatnonzero(reached.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _best_chain(gains: Scores, moves: Integers, cost: float) -> tuple[int, Integers]:
    """First level, and (N, 2) row and column at each, of the chain with most gain and least sideways travel."""
    gained = np.array(gains)
    came_by = np.zeros((len(gains), 2, *gains.shape[1:]), np.int8)
    for level in range(1, len(gains)):
        below, came_by[level, 0] = _slid(gained[level - 1], moves, cost)
        across, by = _slid(below.T, moves, cost)
        came_by[level, 1] = by.T
        gained[level] += np.maximum(across.T, 0.0)
    return _walked_back(gained, came_by, gains)


def _slid(gained: Scores, moves: Integers, cost: float) -> tuple[Scores, NDArray[np.int8]]:
    """Best total with which each row can be reached from the rows around it, and by which move."""
    margin = int(moves[-1])
    wide = np.full((len(gained) + 2 * margin, gained.shape[1]), -np.inf, np.float32)
    wide[margin : margin + len(gained)] = gained
    best = np.full(gained.shape, -np.inf, np.float32)
    by = np.zeros(gained.shape, np.int8)
    for move in sorted(moves.tolist(), key=abs):
        reached = wide[margin - move : margin - move + len(gained)] - np.float32(cost * move**2)
        better = reached > best
        np.copyto(best, reached, where=better)
        by[better] = move
    return best, by


def _walked_back(gained: Scores, came_by: NDArray[np.int8], gains: Scores) -> tuple[int, Integers]:
    """Follow the moves from the best end down to the level where the chain began."""
    level, row, column = (int(n) for n in np.unravel_index(int(gained.argmax()), gained.shape))
    chain = [(row, column)]
    while level > 0 and gained[level, row, column] > gains[level, row, column]:
        column -= int(came_by[level, 1, row, column])
        row -= int(came_by[level, 0, row, column])
        level -= 1
        chain.append((row, column))
    return level, np.array(chain[::-1])


def _supported(evidence: Scores, level_mm: float, limits: AnatomyLimits) -> slice:
    """Return the part between the first and the last level with evidence, if that is long enough for a canal."""
    strong = np.flatnonzero(evidence >= limits.evidence)
    if not len(strong) or len(strong) * level_mm < limits.canal_length_mm:
        return slice(0, 0)
    return slice(int(strong[0]), int(strong[-1]) + 1)
