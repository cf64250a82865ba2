"""Pictures of two films: the views linked by numbers, the earlier film moved onto the skeleton of the later."""

from __future__ import annotations

import cv2
import numpy as np

from catheterview.geometry import Frame
from catheterview.model import Centreline, KeyImage
from catheterview.model.film import SkeletonShift
from catheterview.model.film_course import FilmCourse
from catheterview.picture.film import SIDE_PX
from catheterview.picture.film_pair import Drawn, prior_image, views_image
from film_scenes import drawn_film


def drawn() -> Drawn:
    film, _, course = drawn_film()
    count = len(course)
    line = Centreline(
        series_instance_uid="1.2", frame=Frame.CALIBRATED, points=course, pieces=((0, count - 1),),
        radius=np.full(count, 3.0), confidence=np.ones(count), contrast=np.ones(count), noise=np.ones(count),
    )  # fmt: skip
    return Drawn(film=film, outlines=(), catheters=(line,))


def decoded(image: KeyImage) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(image.png, np.uint8), cv2.IMREAD_COLOR))


def test_the_two_views_stand_beside_each_other() -> None:
    """One picture as wide as both films, with what is drawn on it; the course has places every 5 cm."""
    one = drawn()
    index = np.linspace(0, len(one.catheters[0].points) - 1, 60).astype(np.intp)
    points = np.stack([np.zeros(60), np.zeros(60), np.linspace(0.0, 180.0, 60)], axis=1)
    course = FilmCourse(points=points, apart_mm=np.zeros(60), front=index, side=index, base_mm=3.0, whole=True)
    image = views_image(one, one, course)
    pixels = decoded(image)
    assert image.name == "film-views"
    assert pixels.shape[1] > 1.6 * pixels.shape[0]
    assert np.ptp(pixels.astype(int), axis=2).max() > 60


def test_the_earlier_film_is_moved_onto_the_later() -> None:
    """A film that lies 70 rows lower on the earlier day is drawn 70 rows higher, in the picture's own scale."""
    one = drawn()
    still, moved = (
        decoded(prior_image(one, one, SkeletonShift(rows_px=rows, columns_px=0.0, fit=1.0))) for rows in (0.0, 70.0)
    )
    half = still.shape[1] // 2 - 8
    by = round(70.0 * SIDE_PX / 700.0)
    assert np.array_equal(moved[20 : 300 - by, :half], still[20 + by : 300, :half])
    assert np.array_equal(moved[:, -half:], still[:, -half:])
