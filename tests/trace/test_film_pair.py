"""Two views of one patient as rays: what goes through a cone beam comes back in millimetres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.geometry import Frame
from catheterview.limits.film import FilmPairLimits
from catheterview.model import Centreline, Landmarks
from catheterview.trace.film.pair import Beam, Pair, joined, met, tip_rows

FRONT = Beam(middle=(800.0, 700.0), step=(0.3 / 1150.0, 0.3 / 1150.0), depth_mm=860.0, pump_mm=(-70.0, -90.0), source=1)
SIDE = Beam(
    middle=(800.0, 700.0), step=(0.3 / 1150.0, 0.3 / 1150.0), depth_mm=900.0, pump_mm=(-110.0, -95.0), source=1, back=1
)
PAIR = Pair(front=FRONT, side=SIDE)


def course() -> np.ndarray:
    """From the pump to the back and up the canal, (left, back, up) mm from the pump's middle."""
    t = np.linspace(0.0, 1.0, 400)
    left = 70.0 * np.minimum(2.0 * t, 1.0)
    back = 150.0 * np.minimum(2.0 * t, 1.0)
    return np.stack([left, back, 30.0 * np.sin(6.0 * t) + 200.0 * np.maximum(t - 0.5, 0.0)], axis=1)


def seen(points: np.ndarray, beam: Beam, across: int, deep: int) -> Centreline:
    """Project as the cone beam does."""
    depth = beam.depth_mm + beam.source * points[:, deep]
    right = (beam.pump_mm[0] + points[:, across]) / depth / beam.step[1]
    up = (beam.pump_mm[1] + points[:, 2]) / depth / beam.step[0]
    pixels = np.stack([beam.middle[0] - up, beam.middle[1] + right], axis=1)
    count = len(pixels)
    return Centreline(
        series_instance_uid="1.2", frame=Frame.CALIBRATED, points=pixels, pieces=((0, count - 1),),
        radius=np.full(count, 3.0), confidence=np.ones(count), contrast=np.full(count, 0.1), noise=np.full(count, 0.01),
        landmarks=Landmarks(pump=0, dural_entry=200, tip=count - 1), sop_instance_uid="1.2.3",
    )  # fmt: skip


def views(points: np.ndarray) -> tuple[Centreline, Centreline]:
    return seen(points, FRONT, 0, 1), seen(points, SIDE, 1, 0)


def test_rays_of_two_views_meet_where_the_point_is() -> None:
    """Place and both heights come back within a hundredth of a millimetre, whatever the magnification there."""
    points = course()[::40]
    front, side = views(points)
    back = met(PAIR, front.points, side.points)[np.arange(len(points)), np.arange(len(points))]
    assert np.abs(back[:, :3] - points).max() < 0.01
    assert np.abs(back[:, 3] - points[:, 2]).max() < 0.01


def test_two_views_make_one_course() -> None:
    """The course in space has the true length within 2 % and the tip within 2 mm."""
    points = course()
    found = joined(PAIR, *views(points), FilmPairLimits())
    assert found is not None
    assert found.whole
    assert found.length_mm == pytest.approx(float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()), rel=0.02)
    assert np.linalg.norm(found.points[-1] - points[-1]) < 2.0


def test_views_of_different_heights_are_not_joined() -> None:
    """Where one view follows something 60 mm higher, there is no course."""
    points = course()
    front, side = views(points)
    assert joined(PAIR, front, replace(side, points=side.points - [400.0, 0.0]), FilmPairLimits()) is None


def test_the_lateral_tip_tells_the_rows_of_the_frontal_one() -> None:
    """A tip of the lateral film bounds the frontal one's rows, though they are not the same rows."""
    front, side = views(course())
    low, high = tip_rows(PAIR, side.points[-1], FilmPairLimits())
    assert low < front.points[-1, 0] < high
    assert high - low < 130.0
