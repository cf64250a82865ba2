"""A CT held against an earlier one: how the pump lies, where it is, and where the tip is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from detect_scenes import catheter_of
from scipy.spatial.transform import Rotation

from catheterview.detect.serial import detect_since_ct, prior_of
from catheterview.geometry import FloatArray, Frame, grid_from_axes, unit
from catheterview.limits import Limits
from catheterview.model import Anatomy, Evidence, Image, Kind, Pump, Rung, VertebralLevel

LIMITS = Limits()
CENTER = np.array([92.0, -55.0, 40.0])
NORMAL = unit(np.array([0.35, -0.9, 0.1]))
#: Dense parts of a pump in its own axes (mm) with their radius: no two alike, so that its mirror image is another.
PARTS = ((30.0, 4.0, 3.0, 8.0), (-14.0, -24.0, -2.0, 10.0), (-28.0, 14.0, 5.0, 5.0), (12.0, 28.0, -5.0, 6.0))
#: Height and size of vertebrae, mm; and heights of vertebrae of one mould, more than are in view.
VERTEBRAE = ((-70.0, 13.0), (-38.0, 17.0), (2.0, 11.0), (30.0, 19.0), (74.0, 14.0), (112.0, 16.0))
EVEN_MM = tuple(float(z) for z in range(-131, 200, 33))
NAMES = ("S1", "L5", "L4", "L3", "L2", "L1", "T12", "T11", "T10", "T9", "T8")


@cache
def _grid_points() -> tuple[object, FloatArray]:
    """An anisotropic grid that runs from the head down and from left to right, and its points."""
    grid = grid_from_axes(
        (84, 88, 104), origin=(148.0, -108.0, 158.0), axes_mm=((0, 0, -2.9), (0, 2.3, 0), (-2.2, 0, 0))
    )
    return grid, grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))


def _scan(
    *, turn_deg: float = 0.0, flipped: bool = False, moved: tuple[float, float, float] = (0.0, 0.0, 0.0),
    drawn_back_mm: float = 0.0, posture_deg: float = 0.0, alike: tuple[str, ...] | None = None,
) -> Evidence:  # fmt: skip
    """A pump, a spine of unequal vertebrae and a catheter, in a patient who may lie differently.

    With `alike` the vertebrae are of one mould, evenly apart, and bear these names from feet to head.
    """
    grid, points = _grid_points()
    middle = np.array([0.0, 40.0, 30.0])
    lie = Rotation.from_euler("z", posture_deg, degrees=True)
    body = lie.inv().apply(points.reshape(-1, 3) - middle) + middle
    center = CENTER + np.array(moved)
    hu = np.full(len(body), 40.0)
    for z, size in VERTEBRAE if alike is None else [(z, 14.0) for z in EVEN_MM]:
        for x, y in ((0.0, 14.0), (0.8 * size, 44.0), (-0.8 * size, 44.0)):
            hu[np.linalg.norm(body - (x, y, z), axis=1) < size * (0.9 if y < 20.0 else 0.55)] = 500.0
    up = unit(np.array([0.0, 0.0, 1.0]) - NORMAL * NORMAL[2])
    axes = np.stack([up, np.cross(NORMAL, up), NORMAL])
    local = (body - center) @ axes.T
    inside = (np.hypot(local[:, 0], local[:, 1]) < 43.0) & (np.abs(local[:, 2]) < 11.0)
    hu[inside] = 600.0
    own = Rotation.from_euler("z", -turn_deg, degrees=True).apply(local) * ((1, -1, -1) if flipped else (1, 1, 1))
    for u, v, n, radius in PARTS:
        hu[inside & (np.linalg.norm(own - (u, v, n), axis=1) < radius)] = 2600.0
    hu += np.random.default_rng(3).normal(0.0, 15.0, len(hu))
    line = np.stack([np.zeros(80), np.full(80, 40.0), np.linspace(-60.0, 90.0 - drawn_back_mm, 80)], axis=1)
    canal = np.stack([np.zeros(60), np.full(60, 38.0), np.linspace(-82.0, 132.0, 60)], axis=1)
    return Evidence(
        image=Image(
            voxels=np.asarray(hu.reshape(grid.shape), dtype=np.int16), grid=grid, frame=Frame.PATIENT,  # type: ignore[attr-defined,arg-type]
            modality="CT", series_instance_uid="1.2", study_instance_uid="1.1",
        ),
        rung=Rung.CT,
        pumps=(_pump(lie.apply(center - middle) + middle, lie.apply(NORMAL)),),
        anatomy=Anatomy(
            series_instance_uid="1.2", canal=lie.apply(canal - middle) + middle, canal_radius_mm=np.full(60, 8.0),
            levels=tuple(
                VertebralLevel(name=n, point=(0.0, 38.0, z)) for n, z in zip(alike or (), EVEN_MM, strict=False)
            ),
            levels_from="last rib" if alike else "none",
        ),
        catheters=(catheter_of([lie.apply(line - middle) + middle]),),
    )  # fmt: skip


def _pump(center: FloatArray, normal: FloatArray) -> Pump:
    (x, y, z), (a, b, c) = (tuple(float(v) for v in one) for one in (center, normal))
    return Pump(series_instance_uid="1.2", center_mm=(x, y, z), normal=(a, b, c), diameter_mm=87.5, thickness_mm=24.0)


@pytest.fixture(scope="module")
def earlier() -> Evidence:
    """The scan that the others are held against."""
    return _scan()


def _since(now: Evidence, earlier: Evidence) -> dict[Kind, dict[str, float]]:
    before = prior_of(earlier, LIMITS.detect, LIMITS.serial)
    findings, examined = detect_since_ct(now, before, LIMITS.detect, LIMITS.serial)
    assert examined.outcome == "RAN"
    return {one.kind: dict(one.measures) for one in findings}


def test_nothing_has_changed_in_a_patient_who_only_lies_differently(earlier: Evidence) -> None:
    """A pump, a tip and a spine that are turned together have not moved."""
    assert _since(_scan(posture_deg=4.0), earlier) == {}


def test_a_turned_pump_is_told_with_its_angle(earlier: Evidence) -> None:
    """The angle about the pump's axis is right within 4 degrees, whichever way it went."""
    for turn in (-70.0, 110.0):
        found = _since(_scan(turn_deg=turn), earlier)
        assert set(found) == {Kind.PUMP_ROTATION}
        assert found[Kind.PUMP_ROTATION]["turn_deg"] == pytest.approx(turn, abs=4.0)


def test_a_pump_that_was_turned_over_is_told_whatever_its_angle(earlier: Evidence) -> None:
    """A mirrored inside is a flip and no rotation."""
    assert set(_since(_scan(flipped=True, turn_deg=40.0), earlier)) == {Kind.PUMP_FLIP}


def test_a_pump_and_a_tip_that_have_moved_are_told_against_the_bones(earlier: Evidence) -> None:
    """How far each has moved is right within 4 mm, though the patient lies differently."""
    found = _since(_scan(moved=(-14.0, 6.0, -42.0), drawn_back_mm=30.0, posture_deg=3.0), earlier)
    assert set(found) == {Kind.PUMP_MIGRATION, Kind.MIGRATION}
    assert found[Kind.PUMP_MIGRATION]["moved_mm"] == pytest.approx(44.7, abs=4.0)
    assert found[Kind.MIGRATION]["shift_mm"] == pytest.approx(-30.0, abs=4.0)


def test_a_tip_that_came_back_into_a_scan_that_had_cut_it_off_has_moved_by_at_least_as_much(earlier: Evidence) -> None:
    """What was cut off reached at least as far as it was seen; a tip that is seen farther on may not have moved."""
    before = prior_of(earlier, LIMITS.detect, LIMITS.serial)
    assert before is not None
    assert before.tip is not None
    cut = replace(before, goes_on=True)
    (found,) = detect_since_ct(_scan(drawn_back_mm=30.0), cut, LIMITS.detect, LIMITS.serial)[0]
    assert found.kind is Kind.MIGRATION
    assert "at least" in found.message
    lower = replace(cut, tip=before.tip - np.array([0.0, 0.0, 30.0]))
    assert detect_since_ct(earlier, lower, LIMITS.detect, LIMITS.serial)[0] == ()


def test_without_an_earlier_scan_it_says_that_it_could_not_look(earlier: Evidence) -> None:
    """Silence is told from absence."""
    findings, examined = detect_since_ct(earlier, None, LIMITS.detect, LIMITS.serial)
    assert not findings
    assert examined.outcome == "SKIPPED"
    assert "no earlier CT" in examined.why


def test_names_of_vertebrae_tell_which_of_two_fits_is_right() -> None:
    """Of a spine of one mould nobody can say where a tip is once the pump has moved, unless vertebrae have names."""
    before = _scan(alike=())
    changed = {"moved": (0.0, 0.0, -45.0), "drawn_back_mm": 30.0}
    assert Kind.MIGRATION not in _since(_scan(alike=(), **changed), before)  # type: ignore[arg-type]
    found = _since(_scan(alike=NAMES, **changed), _scan(alike=NAMES))  # type: ignore[arg-type]
    assert found[Kind.MIGRATION]["shift_mm"] == pytest.approx(-30.0, abs=4.0)
    assert found[Kind.PUMP_MIGRATION]["moved_mm"] == pytest.approx(45.0, abs=4.0)
