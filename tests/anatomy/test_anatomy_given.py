"""Masks of another tool in place of the anatomy that is found, in drawn patients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from anatomy_drawings import CANAL_RADIUS_MM, PITCH_MM, axial_grid, canal_at, distance_from_canal_mm, patient

from catheterview.anatomy import find_anatomy, with_given
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits
from catheterview.model import Anatomy, GivenAnatomy, Image, Region, VertebralLevel

LIMITS = AnatomyLimits()
HEIGHTS = np.arange(-60.0, 61.0, 3.0)
NAMES = ["L5", "L4", "L3", "L2", "L1", "T12", "T11", "T10"]
ASIDE = np.array([3.0, 0.0, 0.0])


def middle(heights: FloatArray) -> FloatArray:
    """(N, 3) LPS mm of the drawn canal."""
    return np.column_stack([*canal_at(heights), heights])


def body_of(number: int, name: str) -> VertebralLevel:
    """The n-th drawn vertebra, at the middle of its body, under a name."""
    z = number * PITCH_MM + 12.0
    x, y = canal_at(np.array(z))
    return VertebralLevel(name=name, point=(float(x), float(y) - 24.0, z))


@pytest.fixture(scope="module")
def drawn() -> tuple[Image, Anatomy]:
    """A drawn patient, oblique, and what is found in it."""
    image = patient(axial_grid(turn="oblique"))
    return image, find_anatomy(image, LIMITS)


def test_the_canal_of_the_masks_is_taken_as_it_is(drawn: tuple[Image, Anatomy]) -> None:
    """A canal that masks give 3 mm aside is there 3 mm aside, with their radius; beyond it goes on as it was found."""
    image, found = drawn
    given = GivenAnatomy(canal=middle(HEIGHTS) + ASIDE, canal_radius_mm=np.full(len(HEIGHTS), 5.0), tool="Segmenter 2")
    anatomy, told = with_given(image, found, given, LIMITS)
    within = np.abs(anatomy.canal[:, 2]) < 50.0
    assert distance_from_canal_mm(anatomy.canal[within]) == pytest.approx(3.0, abs=0.3)
    assert anatomy.canal_radius_mm[within] == pytest.approx(5.0)
    assert float(distance_from_canal_mm(anatomy.canal[np.abs(anatomy.canal[:, 2]) > 61.0]).max()) < 1.5
    assert np.ptp(anatomy.canal[:, 2]) == pytest.approx(np.ptp(found.canal[:, 2]), abs=6.0)
    assert "canal: masks" in told
    assert "levels: found here" in told
    assert "Segmenter 2" in told


def test_a_cord_says_where_the_canal_runs_and_the_ct_how_wide_it_is(drawn: tuple[Image, Anatomy]) -> None:
    """A course beside the middle leads to the canal's own middle and border, with nothing found before."""
    image, found = drawn
    bare = Anatomy(series_instance_uid=found.series_instance_uid, body=found.body, why="no spine in view")
    anatomy, told = with_given(image, bare, GivenAnatomy(course=middle(HEIGHTS) + ASIDE), LIMITS)
    assert float(distance_from_canal_mm(anatomy.canal).max()) < 2.0
    assert float(np.median(anatomy.canal_radius_mm)) == pytest.approx(CANAL_RADIUS_MM, abs=2.3)
    assert "its border from the CT" in told
    assert len(anatomy.levels) >= 3


def test_vertebrae_of_the_masks_name_those_found_beyond_them(drawn: tuple[Image, Anatomy]) -> None:
    """Two named vertebrae name all that were told from each other, and each lies in the canal."""
    image, found = drawn
    given = GivenAnatomy(vertebrae=(body_of(-1, "L2"), body_of(0, "L1")))
    anatomy, told = with_given(image, found, given, LIMITS)
    assert anatomy.levels_from == "masks"
    assert anatomy.why == ""
    names = [level.name for level in anatomy.levels]
    assert names == NAMES[NAMES.index(names[0]) :][: len(found.levels)]
    points = np.array([level.point for level in anatomy.levels])
    assert (np.diff(points[:, 2]) > 0.5 * PITCH_MM).all()
    assert float(distance_from_canal_mm(points).max()) < 2.0
    assert "levels: masks" in told


def test_names_that_do_not_count_are_taken_alone_and_it_is_said(drawn: tuple[Image, Anatomy]) -> None:
    """Masks that leave a vertebra out between two neighbours name nothing but themselves."""
    image, found = drawn
    given = GivenAnatomy(vertebrae=(body_of(-1, "L3"), body_of(0, "L1")))
    anatomy, told = with_given(image, found, given, LIMITS)
    assert [level.name for level in anatomy.levels] == ["L3", "L1"]
    assert "do not fit" in told


def test_a_count_that_differs_is_said(drawn: tuple[Image, Anatomy]) -> None:
    """Where the vertebrae were counted from the sacrum and the masks say otherwise, theirs are taken and it is told."""
    image, found = drawn
    levels = tuple(replace(level, name=name) for level, name in zip(found.levels, NAMES, strict=False))
    counted = replace(found, levels_from="sacrum", levels=levels)
    anatomy, told = with_given(image, counted, GivenAnatomy(vertebrae=(body_of(0, "T9"),)), LIMITS)
    assert "T9" in [level.name for level in anatomy.levels]
    assert "counted from the sacrum, T9 of the masks is " in told


def test_a_canal_elsewhere_is_told_and_not_joined(drawn: tuple[Image, Anatomy]) -> None:
    """Masks whose canal lies 20 mm from the one that is found are taken, alone, and the distance is told."""
    image, found = drawn
    given = GivenAnatomy(canal=middle(HEIGHTS) + 20.0 / 3.0 * ASIDE, canal_radius_mm=np.full(len(HEIGHTS), 6.0))
    anatomy, told = with_given(image, found, given, LIMITS)
    assert len(anatomy.canal) == len(HEIGHTS)
    assert "lies 20 mm from that of the masks" in told


def test_body_and_organs_are_handed_on(drawn: tuple[Image, Anatomy]) -> None:
    """Regions of the masks are those of the anatomy; what the masks do not hold stays."""
    image, found = drawn
    assert found.body is not None
    region = Region.of(np.ones((3, 4, 5), bool), found.body.grid.cropped((2, 3, 4), (3, 4, 5)))
    anatomy, told = with_given(image, found, GivenAnatomy(body=region, elsewhere=region), LIMITS)
    assert anatomy.body is region
    assert anatomy.elsewhere is region
    assert np.array_equal(anatomy.canal, found.canal)
    assert anatomy.levels == found.levels
    assert "body: masks; canal: found here; levels: found here; other contrast: masks" in told
