"""The catheter on a film is followed where it is seen, cut where it is shown to be absent, and never invented."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from catheterview.device.film import outline_of
from catheterview.geometry import Frame
from catheterview.limits.film import FilmLimits, FilmTraceLimits
from catheterview.model import Centreline
from catheterview.trace.film import PumpOnFilm, trace_film
from film_scenes import drawn_film


def traced(gap_mm: float = 0.0, noise: float = 0.01) -> tuple[Centreline | None, np.ndarray, str]:
    film, pump, course = drawn_film(gap_mm, noise=noise)
    outline = outline_of(pump, FilmLimits(), margin_px=3.0)
    where = PumpOnFilm(pump=pump, outline=outline.points, covered=outline.mask(film.density.shape))
    tracing = trace_film(film, where, FilmTraceLimits())
    return tracing.catheter, course, tracing.why


def test_a_whole_tube_is_followed_in_one_piece() -> None:
    """From the pump to the end within half a millimetre, in the frame that the pump calibrates."""
    catheter, course, _ = traced()
    assert catheter is not None
    assert catheter.frame is Frame.CALIBRATED
    assert len(catheter.pieces) == 1
    away, _ = cKDTree(course).query(catheter.points)
    assert np.median(away) * 0.2 < 0.2
    back, _ = cKDTree(catheter.points).query(course[80:-40])
    assert (back * 0.2 < 0.5).mean() > 0.95


def test_a_gap_is_cut_where_it_is() -> None:
    """A gap of 8 mm makes two pieces, and its length is found within 2.5 mm."""
    catheter, course, _ = traced(8.0)
    assert catheter is not None
    ((_, before), (after, _)) = catheter.pieces
    near, far = catheter.points[before], catheter.points[after]
    assert np.hypot(*(0.5 * (near + far) - course[450])) * 0.2 < 3.0
    assert abs(np.hypot(*(far - near)) * 0.2 - 8.0) < 2.5


def test_noise_makes_no_gap() -> None:
    """Where noise is as strong as the tube, nothing is claimed to be absent."""
    catheter, _, why = traced(0.0, noise=0.12)
    assert catheter is None or len(catheter.pieces) == 1
    assert catheter is not None or why
