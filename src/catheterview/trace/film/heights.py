"""Vertebrae of a lateral film named after those of the frontal one at the same heights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.model.film_levels import FilmLevels
from catheterview.trace.film.pair import Pair, met

_SAME_SHARE = 0.35  # of a level's height: further apart it may be the next one


def levels_by_heights(pair: Pair, front: FilmLevels, side: FilmLevels) -> FilmLevels:
    """Name the vertebrae of the lateral film.

    Parameters
    ----------
    pair : Pair
    front : FilmLevels
        With names.
    side : FilmLevels

    Returns
    -------
    FilmLevels
        Those of `side`; as they were where the two rows of vertebrae do not lie at the same heights.
    """
    if not front.named or len(front.levels) < 2 or not side.levels:
        return side
    places = [np.array([level.point for level in one.levels]) for one in (front, side)]
    space = met(pair, places[0], places[1])
    apart = np.abs(space[..., 2] - space[..., 3])
    pitch = float(np.median(np.abs(np.diff(space[:, 0, 2]))))
    matches = [(int(j), int(i)) for j, i in enumerate(apart.argmin(axis=0)) if apart[i, j] < _SAME_SHARE * pitch]
    if len(matches) < 2 or len({j - i for j, i in matches}) > 1:
        return side
    shift = matches[0][0] - matches[0][1]
    kept = [(n - shift, level) for n, level in enumerate(side.levels) if 0 <= n - shift < len(front.levels)]
    named = tuple(replace(level, name=front.levels[n].name) for n, level in kept)
    return replace(side, levels=named, levels_from="other view", why=front.why)
