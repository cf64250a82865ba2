"""A way that cuts a kink off is led round it; a loose end from which a tube goes on is a wrong way, not a gap."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import resample_polyline
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.detours import with_detours
from catheterview.trace.film.ending import ends_here, goes_on
from catheterview.trace.film.show import presence

LIMITS = FilmTraceLimits()
WIDTH, MM = 4.0, 0.325


def drawn(*lines: np.ndarray) -> np.ndarray:
    """Tubes 4 pixels wide along lines (row, column) on quiet ground."""
    shape = (170, 230)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    at = np.stack([rows, columns], axis=-1).reshape(-1, 2)
    plane = np.random.default_rng(8).normal(1.0, 0.004, shape)
    for line in lines:
        away = cKDTree(resample_polyline(line, step=0.5)).query(at)[0].reshape(shape)
        plane += 0.08 * np.exp(-0.5 * (away / (0.42 * WIDTH)) ** 2.6)
    return plane.astype(np.float32)


def test_a_way_is_led_round_a_kink_that_it_cut_off() -> None:
    """The limbs of a narrow kink are followed to within two of its widths of the apex; across a true gap nothing is."""
    kinked = np.array([[100.0, 20.0], [100.0, 100.0], [70.0, 110.0], [100.0, 120.0], [100.0, 205.0]])
    straight = resample_polyline(kinked[[0, -1]], step=1.0)
    led = with_detours(drawn(kinked), straight, (WIDTH, MM), LIMITS)
    assert np.linalg.norm(led - kinked[2], axis=1).min() < 2.0 * WIDTH
    gap = drawn(kinked[:2], kinked[3:])
    assert np.linalg.norm(with_detours(gap, straight, (WIDTH, MM), LIMITS) - kinked[2], axis=1).min() > 25.0


def test_a_loose_end_from_which_a_tube_goes_on_is_none() -> None:
    """Where the tube turns away and the way goes straight on, the tube goes on; where it stops, it ends."""
    first = np.array([[100.0, 20.0], [100.0, 100.0]])
    way = resample_polyline(np.array([[100.0, 20.0], [100.0, 205.0]]), step=1.0)
    how = (WIDTH, MM, LIMITS)
    turned = drawn(np.concatenate([first, [[60.0, 125.0]]]))
    assert goes_on(turned, way, (80, 1), how)
    assert not goes_on(drawn(first), way, (80, 1), how)
    for plane, ends in ((drawn(first), True), (turned, False)):
        assert ends_here(plane, way[:81], presence(plane, way[:81], WIDTH, LIMITS), how) is ends
