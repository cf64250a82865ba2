"""A loop that crosses itself is followed all round, not cut short; a cable that runs off the film is left alone."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.spatial import cKDTree

from catheterview.device.film import outline_of
from catheterview.limits.film import FilmLimits, FilmTraceLimits
from catheterview.model.film import Film
from catheterview.trace.film import PumpOnFilm, trace_film
from film_scenes import drawn_film


def looped() -> tuple[Film, np.ndarray, PumpOnFilm]:
    """The drawn pump with a tube that makes one turn, and a cable from edge to edge across it."""
    film, pump, _ = drawn_film()
    shape = film.density.shape
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    rng = np.random.default_rng(7)
    density = 1.0 + rng.normal(0.0, 0.01, shape) + 1.5 * (np.hypot(rows - 560.0, columns - 200.0) < 80.0)
    turn = np.linspace(0.0, 2.4 * np.pi, 700)
    course = np.stack([460.0 - 28.0 * turn + 70.0 * np.cos(turn), 330.0 + 90.0 * np.sin(turn)], axis=1)
    course = np.concatenate([np.linspace((550.0, 281.0), course[0], 80), course[1:]])
    cable = np.stack([np.linspace(0.0, 699.0, 800), np.full(800, 520.0)], axis=1)
    for line in (course, cable):
        drawn = np.ones(shape, dtype=np.uint8)
        cv2.polylines(drawn, [np.round(line[:, ::-1]).astype(np.int32)], isClosed=False, color=0)
        away = cv2.distanceTransform(drawn, cv2.DIST_L2, 5)
        density += 0.08 * np.exp(-0.5 * (away / 2.6) ** 2.6)
    shown = Film(
        image=film.image, density=density.astype(np.float32), exposed=film.exposed.copy(), spacing_mm=film.spacing_mm,
        view=film.view, view_from="tags",
    )  # fmt: skip
    outline = outline_of(pump, FilmLimits(), margin_px=3.0)
    where = PumpOnFilm(
        pump=pump, outline=outline.points, covered=outline.mask((shape[0], shape[1])), stem=(550.0, 281.0)
    )
    return shown, course, where


def test_a_loop_is_followed_all_round() -> None:
    """The way goes round once, although it would be shorter to go straight on where it crosses itself."""
    film, course, where = looped()
    catheter = trace_film(film, where, FilmTraceLimits()).catheter
    assert catheter is not None
    back, _ = cKDTree(catheter.points).query(course[60:-30])
    assert (back * 0.2 < 1.0).mean() > 0.95
    away, _ = cKDTree(course).query(catheter.points)
    assert (away * 0.2 < 2.0).mean() > 0.95
