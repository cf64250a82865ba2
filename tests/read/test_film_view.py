"""Where the header is silent the picture tells a frontal from a lateral film; what shows no trunk has no view."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.limits.read import ReadLimits
from catheterview.model.film import View
from catheterview.read.film_view import column_seen, view_seen
from film_scenes import as_film, frontal, lateral

LIMITS = ReadLimits()


@pytest.mark.parametrize("mirrored", [False, True])
def test_frontal_and_lateral_films_are_told_apart(mirrored: bool) -> None:
    """The vertebrae stand in the middle of the trunk or behind it, whichever way the film is turned."""
    way = -1 if mirrored else 1
    front, side = as_film(frontal()), as_film(lateral())
    assert view_seen(front.density[:, ::way], front.exposed[:, ::way], LIMITS) is View.AP
    assert view_seen(side.density[:, ::way], side.exposed[:, ::way], LIMITS) is View.LATERAL


def test_a_trunk_that_goes_on_beyond_the_film_is_not_judged() -> None:
    """Without both sides of the outline nobody knows where the middle is."""
    film = as_film(frontal())
    part = np.s_[:, 300:560]
    assert view_seen(film.density[part], film.exposed[part], LIMITS) is View.UNKNOWN


def test_what_is_no_trunk_has_no_view() -> None:
    """An even wedge, noise, and a picture that is all shut have no column of vertebrae."""
    rng = np.random.default_rng(3)
    wedge = np.tile(np.linspace(0.0, 4.0, 300, dtype=np.float32), (260, 1))
    noise = rng.normal(2.0, 0.1, (260, 300)).astype(np.float32)
    open_ = np.ones((260, 300), dtype=bool)
    assert view_seen(wedge, open_, LIMITS) is View.UNKNOWN
    assert view_seen(noise, open_, LIMITS) is View.UNKNOWN
    assert column_seen(wedge, ~open_) is None
