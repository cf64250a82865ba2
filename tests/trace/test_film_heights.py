"""Vertebrae of a lateral film take the names of the frontal one's that lie at the same heights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from test_film_pair import FRONT, PAIR, SIDE

from catheterview.model.film_levels import FilmLevel, FilmLevels
from catheterview.trace.film.heights import levels_by_heights

NAMES = ("L5", "L4", "L3", "L2", "L1", "T12")


def both(*, shift_mm: float = 0.0) -> tuple[FilmLevels, FilmLevels]:
    """A straight spine 32 mm to a level, as both beams see it; the lateral film lacks the lowest body."""
    up = 32.0 * np.arange(len(NAMES)) - 40.0
    rows = 800.0 - (FRONT.pump_mm[1] + up) / (FRONT.depth_mm + 120.0) / FRONT.step[0]
    aside = 700.0 + (FRONT.pump_mm[0] + 80.0) / (FRONT.depth_mm + 120.0) / FRONT.step[1]
    deep = 700.0 + (SIDE.pump_mm[0] + 120.0) / (SIDE.depth_mm + 80.0) / SIDE.step[1]
    heights = 800.0 - (SIDE.pump_mm[1] + up + shift_mm) / (SIDE.depth_mm + 80.0) / SIDE.step[0]
    front = [FilmLevel(name=name, point=(float(row), aside)) for name, row in zip(NAMES, rows, strict=True)]
    side = [FilmLevel(name=f"V{n + 1}", point=(float(row), deep)) for n, row in enumerate(heights[1:])]
    return (
        FilmLevels(levels=tuple(front), levels_from="last rib", reach_px=150.0),
        FilmLevels(levels=tuple(side), levels_from="relative", reach_px=150.0),
    )


def test_a_lateral_film_is_named_after_the_frontal_one() -> None:
    """Each body bears the name of the one at its height, whatever its number from below."""
    named = levels_by_heights(PAIR, *both())
    assert named.levels_from == "other view"
    assert tuple(level.name for level in named.levels) == NAMES[1:]


def test_heights_that_do_not_match_give_no_names() -> None:
    """Half a level apart nothing is named, nor after a film whose own levels are only relative."""
    front, side = both(shift_mm=16.0)
    assert levels_by_heights(PAIR, front, side).levels_from == "relative"
    front, side = both()
    assert levels_by_heights(PAIR, replace(front, levels_from="relative"), side) == side
