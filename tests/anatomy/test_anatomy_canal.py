"""The spinal canal, against drawings whose canal is known and against marks made by hand on real CTs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from anatomy_drawings import CANAL_RADIUS_MM, axial_grid, canal_at, distance_from_canal_mm, image_of, patient

from catheterview.anatomy import find_anatomy
from catheterview.errors import UnsuitableError
from catheterview.limits import AnatomyLimits, ReadLimits
from catheterview.model import Anatomy, Image
from catheterview.read import load, scan

LIMITS = AnatomyLimits()
TURNS = ("head first", "feet first", "prone", "sheared", "oblique", "coronal")

#: (z, x, y) LPS mm of the middle of the canal, marked by hand on axial slices.
MARKS = {
    name: marks["canal"]
    for name, marks in json.loads(Path(__file__).with_name("marks.json").read_text()).items()
    if name != "about"
}


def real_ct(folder: Path, name: str) -> Image:
    inventory = scan([folder / name], limits=ReadLimits(), key=b"a key of the tests")
    series = [s for case in inventory.cases for study in case.studies for s in study.series if s.role == "volume"]
    return load(max(series, key=lambda s: len(s.instances)), limits=ReadLimits())


@pytest.mark.parametrize("turn", TURNS)
def test_canal_is_found_however_the_array_lies(turn: str) -> None:
    """The canal is found within 2 mm on head-first, feet-first, prone, sheared, oblique and coronal stacks."""
    found = find_anatomy(patient(axial_grid(turn=turn)), LIMITS)
    away = distance_from_canal_mm(found.canal)
    assert float(away.max()) < 2.0
    assert float(away.mean()) < 1.0
    assert np.ptp(found.canal[:, 2]) > 150.0


def test_canal_runs_from_feet_to_head() -> None:
    """Points are ordered by height whatever the order of the slices."""
    for turn in ("head first", "feet first"):
        heights = find_anatomy(patient(axial_grid(turn=turn)), LIMITS).canal[:, 2]
        assert (np.diff(heights) > 0).all()


def test_radius_is_that_of_the_drawn_canal() -> None:
    """The circle inside the canal has the drawn radius, within a pixel of the drawing."""
    found = find_anatomy(patient(axial_grid()), LIMITS)
    assert float(np.median(found.canal_radius_mm)) == pytest.approx(CANAL_RADIUS_MM, abs=2.3)


@pytest.mark.parametrize("sac_hu", [300.0, 700.0])
def test_contrast_in_the_sac_does_not_hide_the_canal(sac_hu: float) -> None:
    """A sac as bright as bone is followed as a dark one is."""
    found = find_anatomy(patient(axial_grid(), sac_hu=sac_hu), LIMITS)
    assert float(distance_from_canal_mm(found.canal).mean()) < 1.5


def test_a_layer_of_contrast_along_one_side_is_no_wall() -> None:
    """Contrast in the outer third of one side of the canal, over two vertebrae, leaves its middle and its width."""
    plain = patient(axial_grid())
    points = plain.placed.index_to_world(np.moveaxis(np.indices(plain.placed.shape), 0, -1))
    x0, y0 = canal_at(points[..., 2])
    x, y = points[..., 0] - x0, points[..., 1] - y0
    away = np.hypot(x, y)
    layer = (away > 4.0) & (away < 7.5) & (x > -2.0) & (np.abs(points[..., 2]) < 45.0)
    found = find_anatomy(image_of(np.where(layer, 320.0, plain.voxels), plain.placed), LIMITS)
    assert float(distance_from_canal_mm(found.canal).max()) < 3.0
    assert float(found.canal_radius_mm.min()) > 0.75 * CANAL_RADIUS_MM


def test_catheter_in_the_canal_does_not_move_its_middle() -> None:
    """A bright catheter off the middle of the canal is not taken for its wall."""
    plain = find_anatomy(patient(axial_grid()), LIMITS).canal
    with_catheter = find_anatomy(patient(axial_grid(), catheter=True), LIMITS).canal
    away = distance_from_canal_mm(with_catheter)
    assert float(away.mean()) < float(distance_from_canal_mm(plain).mean()) + 0.7


def test_body_without_a_spine_is_said_to_have_none() -> None:
    """Where no bone encloses a canal there is none, the body is still given, and the reason is said."""
    found = find_anatomy(patient(axial_grid(), spine=False), LIMITS)
    assert len(found.canal) == 0
    assert found.body is not None
    assert "no spine" in found.why


def test_air_alone_has_no_body() -> None:
    """An empty scanner gives no body and says so."""
    grid = axial_grid((12, 40, 44))
    found = find_anatomy(image_of(np.full(grid.shape, -1000.0), grid), LIMITS)
    assert found.body is None
    assert found.why == "no body in view"


def test_only_ct_is_read() -> None:
    """A modality without Hounsfield units is refused by name."""
    image = replace(patient(axial_grid((8, 30, 34))), modality="MR")
    with pytest.raises(UnsuitableError, match="MR"):
        find_anatomy(image, LIMITS)


def test_same_image_gives_same_anatomy() -> None:
    """Two runs agree to the bit."""
    image = patient(axial_grid())
    first, second = find_anatomy(image, LIMITS), find_anatomy(image, LIMITS)
    assert np.array_equal(first.canal, second.canal)
    assert np.array_equal(first.canal_radius_mm, second.canal_radius_mm)


def _at_height(found: Anatomy, z: float) -> tuple[float, float]:
    return tuple(float(np.interp(z, found.canal[:, 2], found.canal[:, axis])) for axis in (0, 1))  # type: ignore[return-value]


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(MARKS))
def test_canal_agrees_with_marks_made_by_hand(real_data: Path, name: str) -> None:
    """On real CTs the canal is within 2 mm of the marks on average and within 3 mm of each (readers' own spread)."""
    found = find_anatomy(real_ct(real_data, name), LIMITS)
    away = [np.hypot(*np.subtract(_at_height(found, z), (x, y))) for z, x, y in MARKS[name]]
    assert float(np.mean(away)) < 2.0
    assert max(away) < 3.0
    assert np.ptp(found.canal[:, 2]) > 250.0


@pytest.mark.real
def test_phantom_without_a_spine_has_no_canal(real_data: Path) -> None:
    """A quality phantom on the table is a body without a spine."""
    found = find_anatomy(real_ct(real_data, "cbct-catphan-wires.zip"), LIMITS)
    assert len(found.canal) == 0
    assert "no spine" in found.why


def test_a_catheter_full_of_contrast_is_no_wall() -> None:
    """The canal keeps its radius round a bright tube that runs up in it, clear of the bone."""
    plain = patient(axial_grid())
    points = plain.placed.index_to_world(np.moveaxis(np.indices(plain.placed.shape), 0, -1))
    x, y = canal_at(points[..., 2])
    voxels = np.where(np.hypot(points[..., 0] - x - 1.0, points[..., 1] - y - 2.0) < 1.6, 3000, plain.voxels)
    radius = [
        float(np.median(find_anatomy(image, LIMITS).canal_radius_mm))
        for image in (plain, image_of(voxels.astype(np.float64), plain.placed))
    ]
    assert radius[1] == pytest.approx(radius[0], rel=0.1)
