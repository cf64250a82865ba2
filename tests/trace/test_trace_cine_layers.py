"""A pump that breathes before a spine that stands still."""

from __future__ import annotations

import cv2
import numpy as np

from catheterview.limits.cine import CineLimits
from catheterview.model.film import FilmPump
from catheterview.trace.cine.layers import layers_of

LIMITS = CineLimits()
SHAPE, FRAMES = (150, 170), 24
PUMP = FilmPump(
    series_instance_uid="1.2.3",
    sop_instance_uid="1.2.3.4",
    center=(80.0, 75.0),
    radius_px=32.0,
    toward=(0.0, 0.0, 1.0),
    mm_per_px=1.3,
)


def drawn(breath_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Frames of a disc that goes up and down before a faint pattern that stands still, and how far it has gone."""
    rng = np.random.default_rng(3)
    still = cv2.GaussianBlur(rng.standard_normal(SHAPE), (0, 0), 3.0) * 1.0
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    way = breath_px * np.sin(np.arange(FRAMES) * 0.9)
    frames = []
    for down in way:
        away = np.hypot(row - PUMP.center[0] - down, column - PUMP.center[1])
        disc = 1.2 / (1.0 + np.exp((away - PUMP.radius_px) / 0.8)) * (1.0 + 0.2 * np.cos((row - down) / 3.0))
        frames.append(still + disc + 0.01 * rng.standard_normal(SHAPE))
    return np.stack(frames).astype(np.float32), way


def test_what_breathes_is_told_from_what_stands_still() -> None:
    """The way of the disc is found to a fifth of a pixel, and both pictures explain nearly all that changes."""
    density, way = drawn(2.5)
    layers = layers_of(density, np.ones(SHAPE, dtype=np.float32), PUMP, LIMITS)
    assert layers is not None
    off = (layers.going_px - layers.still_px)[:, 0] - way
    assert float(np.std(off)) < 0.2
    number = int(np.argmax(way))
    nowhere = np.zeros((2, *SHAPE), dtype=np.float32)
    inner = np.hypot(*np.ogrid[-25:26, -25:26]) < 25
    part = np.s_[80 - 25 : 80 + 26, 75 - 25 : 75 + 26]
    changed = (density[number] - density[0])[part][inner]
    left = np.zeros(SHAPE, dtype=np.float32)
    left[layers.box] = layers.left(number, nowhere) - layers.left(0, nowhere)
    assert np.std(changed - left[part][inner]) < 0.25 * np.std(changed)


def test_a_pump_that_keeps_still_has_no_layer_of_its_own() -> None:
    """Where all moves as one, one picture says as much."""
    density, _ = drawn(0.0)
    assert layers_of(density, np.ones(SHAPE, dtype=np.float32), PUMP, LIMITS) is None
