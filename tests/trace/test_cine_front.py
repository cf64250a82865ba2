"""The front of a dye study: timed along the whole course at once."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.trace.cine.front import Front, Laid, curves, front_along

LIMITS = CineLimits()
FRAMES, FRAME_S, START, PER_MM = 56, 0.3, 7.0, 0.018


def way(*, hidden_mm: float = 0.0) -> tuple[Laid, FloatArray]:
    """A course of 260 points, of which a gap in the middle hides more catheter than it shows; and its arrivals."""
    arc = np.arange(260) * 1.3
    bridged = np.zeros(260, dtype=bool)
    bridged[120:140] = hidden_mm > 0.0
    swing = np.sin(2.0 * np.pi * np.arange(FRAMES) / 13.0)[:, None]
    laid = Laid(arc_mm=arc, bridged=bridged, swing=swing / np.linalg.norm(swing), frame_s=FRAME_S)
    before = LIMITS.pump_side_ml / LIMITS.lumen_ml_per_mm
    return laid, START + PER_MM * (before + arc + np.where(np.arange(260) >= 140, hidden_mm, 0.0))


def timed(laid: Laid, arrival: FloatArray, *, noise: float, sway: float = 0.0) -> Front:
    """The front of a course that was seen in noise, and that sways with the breath."""
    seen = curves(FRAMES, START, arrival - START, LIMITS.mixing_s / FRAME_S).T
    rng = np.random.default_rng(5)
    moved = sway * laid.swing * rng.standard_normal(len(arrival)) * np.sqrt(FRAMES)
    return front_along(seen + moved + noise * rng.standard_normal(seen.shape), laid, LIMITS)


@pytest.mark.parametrize(("hidden_mm", "sway"), [(0.0, 0.0), (0.0, 0.8), (150.0, 0.0)])
def test_the_front_is_timed_within_a_frame(hidden_mm: float, sway: float) -> None:
    """In noise as large as half of the contrast, beside breathing, and behind a gap that hides a loop."""
    laid, arrival = way(hidden_mm=hidden_mm)
    front = timed(laid, arrival, noise=0.5, sway=sway)
    off = np.abs(front.arrival - arrival)[~laid.bridged]
    assert float((off <= 1.0).mean()) >= 0.9
    assert abs(front.start - START) < 3.0


def test_flow_tells_which_end_is_nearer_the_pump() -> None:
    """The same course from its other end explains less."""
    laid, arrival = way()
    seen = curves(FRAMES, START, arrival - START, LIMITS.mixing_s / FRAME_S).T
    noise = 0.2 * np.random.default_rng(6).standard_normal(seen.shape)
    forwards = front_along(seen + noise, laid, LIMITS)
    backwards = front_along((seen + noise)[:, ::-1], laid.reversed(), LIMITS)
    assert forwards.fit > backwards.fit
