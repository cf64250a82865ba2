"""A small scene to take pictures of: a block of tissue with a disc, a tube with a gap, and a slab of bone before it."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.geometry import Frame, arc_length, grid_from_axes, unit
from catheterview.model import (
    Anatomy,
    Centreline,
    Evidence,
    Finding,
    Image,
    Kind,
    Landmarks,
    Pump,
    Rung,
    VertebralLevel,
)

SERIES = "1.2.826.0.1.3680043.8.498.11"
#: Slices run from head to feet, rows and columns are turned by 12 degrees about the body's axis, spacing is uneven.
TURN = np.radians(12.0)
GRID = grid_from_axes(
    (60, 90, 100),
    origin=(-70.0, -40.0, 610.0),
    axes_mm=[
        [0.0, 0.0, -2.0],
        [-1.1 * np.sin(TURN), 1.1 * np.cos(TURN), 0.0],
        [1.3 * np.cos(TURN), 1.3 * np.sin(TURN), 0.0],
    ],
)
RADIUS_MM = 1.5
TUBE_HU = 800
BONE_HU = 1400


def course() -> np.ndarray:
    """(N, 3) LPS mm: from the pump in front, round the left side, up the back."""
    t = np.linspace(0.0, 1.0, 240)[:, None]
    middle = GRID.index_to_world((45, 40, 50))
    return middle + np.concatenate([35 * np.sin(2.2 * t), -20 + 45 * t, 70 * t**2], axis=1)


def catheter() -> Centreline:
    """The tube in two pieces, 8 to 9 mm missing between them."""
    whole = course()
    along = arc_length(whole)
    missing = (along > 40.0) & (along < 48.5)
    points = whole[~missing]
    first = int(np.argmax(missing))
    count = len(points)
    return Centreline(
        series_instance_uid=SERIES,
        frame=Frame.PATIENT,
        points=points,
        pieces=((0, first - 1), (first, count - 1)),
        radius=np.full(count, RADIUS_MM),
        confidence=np.linspace(1.0, 0.3, count),
        contrast=np.full(count, float(TUBE_HU - 40)),
        noise=np.full(count, 10.0),
        landmarks=Landmarks(pump=0, dural_entry=count - 40, tip=count - 1),
    )


def pump() -> Pump:
    """A small disc at the beginning of the tube, tilted."""
    normal = unit((0.3, -1.0, 0.2))
    center = course()[0] + 8.0 * normal
    return Pump(
        series_instance_uid=SERIES,
        center_mm=(float(center[0]), float(center[1]), float(center[2])),
        normal=(float(normal[0]), float(normal[1]), float(normal[2])),
        diameter_mm=30.0,
        thickness_mm=10.0,
    )


def voxels() -> np.ndarray:
    """(60, 90, 100) int16 HU; the bone lies behind the upper part of the tube, seen from the front."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in GRID.shape), indexing="ij"), axis=-1)
    world = GRID.index_to_world(index)
    values = np.full(GRID.shape, 40, dtype=np.int16)
    values[:, 80:] = BONE_HU
    line = catheter()
    for first, last in line.pieces:
        for point in line.points[first : last + 1]:
            k, j, i = np.maximum(np.round(GRID.world_to_index(point)).astype(int) - 3, 0)
            box = (slice(k, k + 7), slice(j, j + 7), slice(i, i + 7))
            values[box][np.abs(world[box] - point).max(axis=-1) < RADIUS_MM] = TUBE_HU
    disc = pump()
    offset = world - np.array(disc.center_mm)
    height = offset @ np.array(disc.normal)
    away = np.linalg.norm(offset - height[..., None] * np.array(disc.normal), axis=-1)
    values[(np.abs(height) < disc.thickness_mm / 2) & (away < disc.diameter_mm / 2)] = 3071
    return values


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """The scene and all that is known of it."""
    line = catheter()
    image = Image(
        voxels=voxels(),
        grid=GRID,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid=SERIES,
        study_instance_uid="1.2",
    )
    level = tuple(float(n) for n in line.points[-30])
    anatomy = Anatomy(series_instance_uid=SERIES, levels=(VertebralLevel(name="T11", point=level),))
    return Evidence(image=image, rung=Rung.CT, pumps=(pump(),), anatomy=anatomy, catheters=(line,))


@pytest.fixture(scope="session")
def gap(evidence: Evidence) -> Finding:
    """The gap as a finding, with its loose ends."""
    line = evidence.catheters[0]
    ends = (line.points[line.pieces[0][1]], line.points[line.pieces[1][0]])
    return Finding(
        kind=Kind.DISCONTINUITY,
        score=0.9,
        frame=Frame.PATIENT,
        point=tuple(float(n) for n in (ends[0] + ends[1]) / 2),
        series_instance_uid=SERIES,
        message="The catheter is interrupted.",
        ends=tuple(tuple(float(n) for n in end) for end in ends),
    )
