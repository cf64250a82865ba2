"""Vertebral levels, against drawings with ribs and a sacrum and against vertebrae named by hand on real CTs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from anatomy_drawings import CANAL_RADIUS_MM, PITCH_MM, axial_grid, canal_at, image_of, patient

from catheterview.anatomy import find_anatomy
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits, ReadLimits
from catheterview.model import Anatomy, Image
from catheterview.read import load, scan

LIMITS = AnatomyLimits()

MARKS = json.loads(Path(__file__).with_name("marks.json").read_text())
#: Vertebral bodies of the lumbar CT, named by hand: LPS z in mm of the discs below and above, on the midline.
BODIES = MARKS["ct-lumbar-pelvis-5mm.zip"]["bodies"]
#: Height at which each of the twelve ribs of the thorax CT leaves the spine, read off a view from the front.
RIB_NECKS = MARKS["ct-thorax-1mm.zip"]["rib_necks"]


def pedicles() -> FloatArray:
    """Heights of the drawn pedicles that lie within the drawing."""
    return np.asarray(np.arange(-3, 3) * PITCH_MM + 10.0, dtype=np.float64)


def with_bones(image: Image, *, ribs: tuple[int, ...] = (), wings: tuple[int, ...] = ()) -> Image:
    """Add ribs, and wings of a sacrum, to the n-th drawn vertebrae."""
    grid = image.placed
    points = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    x0, y0 = canal_at(points[..., 2])
    aside, back, z = np.abs(points[..., 0] - x0), points[..., 1] - y0, points[..., 2]
    hu = image.voxels.astype(float)
    for n in ribs:
        sinks = pedicles()[n] - 0.5 * np.clip(aside - 20.0, 0.0, None)
        hu[(np.abs(z - sinks) < 5.5) & (np.abs(back - 6.0) < 5.0) & (aside > 10.0) & (aside < 80.0)] = 600.0
    for n in wings:
        ahead = np.abs(back + CANAL_RADIUS_MM + 10.0) < 14.0
        hu[(np.abs(z - pedicles()[n]) < 16.0) & ahead & (aside > 15.0) & (aside < 60.0)] = 250.0
    return image_of(hu, grid)


def names_at(found: Anatomy, heights: FloatArray) -> list[str]:
    """The name of the level nearest to each height."""
    z = np.array([level.point[2] for level in found.levels])
    return [found.levels[int(np.argmin(np.abs(z - at)))].name for at in heights]


@pytest.mark.parametrize("turn", ["head first", "prone", "coronal"])
def test_levels_are_counted_from_the_sacrum(turn: str) -> None:
    """Above the wings comes L5, whatever way the array lies."""
    found = find_anatomy(with_bones(patient(axial_grid(turn=turn)), wings=(1,)), LIMITS)
    assert found.levels_from == "sacrum"
    assert names_at(found, pedicles()[1:5]) == ["S1", "L5", "L4", "L3"]


def test_levels_are_counted_from_the_last_rib() -> None:
    """The lowest of several ribs, with a ribless vertebra below it, is the twelfth."""
    found = find_anatomy(with_bones(patient(axial_grid()), ribs=(3, 4, 5)), LIMITS)
    assert found.levels_from == "last rib"
    assert names_at(found, pedicles()[1:5]) == ["L2", "L1", "T12", "T11"]


def test_a_rib_too_many_is_said() -> None:
    """Ribs that do not fit the count from the sacrum are mentioned, and the sacrum wins."""
    found = find_anatomy(with_bones(patient(axial_grid()), wings=(1,), ribs=(3, 4, 5)), LIMITS)
    assert found.levels_from == "sacrum"
    assert "last rib is at L4" in found.why


def test_without_sacrum_and_last_rib_levels_are_relative() -> None:
    """Neither end of the count in view: vertebrae are numbered from the lowest, and it is said."""
    for bones in ((), (0, 1, 2, 3, 4, 5)):
        found = find_anatomy(with_bones(patient(axial_grid()), ribs=bones), LIMITS)
        assert found.levels_from == "relative"
        assert found.levels[0].name == "V1"
        assert "relative" in found.why


def test_levels_lie_in_the_canal_one_a_vertebra() -> None:
    """One level for each drawn vertebra, from feet to head, on the canal's middle."""
    found = find_anatomy(patient(axial_grid()), LIMITS)
    points = np.array([level.point for level in found.levels])
    assert np.diff(points[:, 2]) == pytest.approx(PITCH_MM, abs=5.0)
    x, y = canal_at(points[:, 2])
    assert float(np.hypot(points[:, 0] - x, points[:, 1] - y).max()) < 2.0


def real_ct(folder: Path, name: str) -> Image:
    inventory = scan([folder / name], limits=ReadLimits(), key=b"a key of the tests")
    series = [s for case in inventory.cases for study in case.studies for s in study.series if s.role == "volume"]
    return load(max(series, key=lambda s: len(s.instances)), limits=ReadLimits())


@pytest.mark.real
def test_levels_of_a_real_lumbar_spine_are_right(real_data: Path) -> None:
    """In the lumbar CT the sacrum is found, and the inner half of each body bears the right name."""
    found = find_anatomy(real_ct(real_data, "ct-lumbar-pelvis-5mm.zip"), LIMITS)
    assert found.levels_from == "sacrum"
    assert found.why == ""
    for name, (low, high) in BODIES.items():
        inner = np.linspace(low, high, 9)[2:-2]
        assert set(names_at(found, inner)) == {name}


@pytest.mark.real
def test_every_vertebra_of_a_real_thorax_is_told_from_the_next(real_data: Path) -> None:
    """In the thorax CT, whose last rib is cut off, there are twelve vertebrae, one at each rib, numbered from below."""
    found = find_anatomy(real_ct(real_data, "ct-thorax-1mm.zip"), LIMITS)
    assert found.levels_from == "relative"
    assert names_at(found, np.array(RIB_NECKS)) == [f"V{n}" for n in range(1, 13)]
    z = np.array([level.point[2] for level in found.levels])
    assert float(np.abs(z - np.array(RIB_NECKS)).max()) < 10.0
