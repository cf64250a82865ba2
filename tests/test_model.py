"""The types that rooms hand to each other check themselves at the door."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.errors import GeometryError
from catheterview.geometry import FloatArray, Frame, Grid, arc_length
from catheterview.model import Anatomy, Centreline, Finding, Image, Kind, Region
from strategies import centrelines, findings, grids


def image(grid: Grid | None, **changes: object) -> Image:
    """An image of zeros on `grid`, with some of its fields changed."""
    shape = (3, 4, 5) if grid is None else grid.shape
    given: dict[str, object] = {
        "voxels": np.zeros(shape, dtype=np.int16),
        "grid": grid,
        "frame": Frame.PATIENT if grid else Frame.PIXEL,
        "modality": "CT",
        "series_instance_uid": "1.2.3",
        "study_instance_uid": "1.2",
    }
    return Image(**given | changes)  # type: ignore[arg-type]


@given(grid=grids())
def test_an_image_fits_its_grid(grid: Grid) -> None:
    """Voxels of another shape than the grid are refused, and so is another number of slice UIDs."""
    with pytest.raises(GeometryError, match="does not fit"):
        image(grid, voxels=np.zeros((grid.shape[0] + 1, *grid.shape[1:]), dtype=np.int16))
    with pytest.raises(GeometryError, match="one SOP Instance UID per slice"):
        image(grid, sop_instance_uids=("1",) * (grid.shape[0] + 1))


@pytest.mark.parametrize("voxels", [np.zeros((3, 4, 5)), np.zeros((4, 5), dtype=np.int16)])
def test_voxels_are_three_dimensional_int16(voxels: FloatArray) -> None:
    """A volume is never held as floats: it would take four times the memory."""
    with pytest.raises(GeometryError, match="3-D int16"):
        image(None, voxels=voxels)


@given(grid=grids())
def test_voxels_cannot_be_written(grid: Grid) -> None:
    """What one detector sees, the next one sees too."""
    made = image(grid)
    with pytest.raises(ValueError, match="read-only"):
        made.voxels[0, 0, 0] = 1


@given(grid=grids())
def test_an_image_knows_its_place_or_says_that_it_has_none(grid: Grid) -> None:
    """A film has no grid: asking for one is an error that names the series."""
    assert image(grid).placed is grid
    with pytest.raises(GeometryError, match=r"1\.2\.3: this image has no place"):
        _ = image(None).placed


def test_slices_know_their_object() -> None:
    """The SOP Instance UID of a slice is found, or is empty where none is known."""
    assert image(None, sop_instance_uids=("7", "8", "9")).sop_instance_uid_at(1) == "8"
    assert image(None).sop_instance_uid_at(1) == ""


@given(grid=grids(sheared=True), seed=st.integers(0, 2**32 - 1))
def test_a_region_comes_back_as_it_was_packed(grid: Grid, seed: int) -> None:
    """One bit a voxel loses nothing, and the volume is the number of set voxels times theirs."""
    mask = np.random.default_rng(seed).random(grid.shape) < 0.3
    region = Region.of(mask, grid)
    assert np.array_equal(region.mask, mask)
    assert region.volume_ml == pytest.approx(mask.sum() * grid.voxel_volume_mm3 / 1000.0)
    assert region.bits.nbytes <= mask.size / 8 + 1


@given(grid=grids())
def test_a_region_fits_its_box(grid: Grid) -> None:
    """A mask of another shape, or too few bits, is refused."""
    with pytest.raises(GeometryError, match="does not fit grid"):
        Region.of(np.zeros((grid.shape[0] + 1, *grid.shape[1:]), dtype=bool), grid)
    with pytest.raises(GeometryError, match="bytes"):
        Region(grid=grid, bits=np.zeros(1000, dtype=np.uint8))


def test_a_canal_has_a_radius_at_each_point() -> None:
    """Points without radii are refused; an anatomy of which nothing is known is a value."""
    with pytest.raises(GeometryError, match="one canal radius"):
        Anatomy(series_instance_uid="1", canal=np.ones((3, 3)), canal_radius_mm=np.ones(2))
    assert Anatomy(series_instance_uid="1").canal.shape == (0, 3)


@given(line=centrelines())
def test_length_leaves_out_the_gaps(line: Centreline) -> None:
    """The length is that of the pieces; the arc goes straight across a gap."""
    gaps = sum(
        float(np.linalg.norm(line.points[after[0]] - line.points[before[1]]))
        for before, after in zip(line.pieces[:-1], line.pieces[1:], strict=True)
    )
    assert line.length_mm == pytest.approx(float(arc_length(line.points)[-1]) - gaps)
    assert line.arc_mm[-1] == pytest.approx(line.length_mm + gaps)


@given(line=centrelines(), name=st.sampled_from(["radius", "confidence", "contrast", "noise"]))
def test_a_centreline_says_something_at_each_point(line: Centreline, name: str) -> None:
    """Radius, confidence, contrast and noise have one value for each point."""
    with pytest.raises(GeometryError, match=f"one {name} per point"):
        dataclasses.replace(line, **{name: np.ones(len(line.points) + 1)})


@given(line=centrelines())
def test_pieces_cover_a_centreline_in_order(line: Centreline) -> None:
    """Pieces that leave the ends out, that overlap backwards, or that are none, are refused."""
    last = len(line.points) - 1
    for pieces in ((), ((1, last),), ((0, last - 1),), ((0, 2), (1, last))):
        with pytest.raises(GeometryError, match="pieces"):
            dataclasses.replace(line, pieces=pieces)


@given(line=centrelines())
def test_points_have_the_dimensions_of_their_frame(line: Centreline) -> None:
    """A point in the patient has three numbers, one on a film two."""
    with pytest.raises(GeometryError, match="cannot have shape"):
        dataclasses.replace(line, frame=Frame.DETECTOR)
    flat = dataclasses.replace(line, frame=Frame.DETECTOR, points=line.points[:, :2])
    assert flat.points.shape[1] == 2


@given(finding=findings())
def test_a_finding_keeps_its_id(finding: Finding) -> None:
    """The id depends on what was found where, not on how it is worded or how surely it is there."""
    assert dataclasses.replace(finding, message="other words", score=0.5, level="L5").id == finding.id
    assert len(finding.id) == 16


@given(finding=findings(kinds=(Kind.KINK,)))
def test_another_finding_has_another_id(finding: Finding) -> None:
    """Another kind, place, series or measure is another finding."""
    moved = tuple(value + 5.0 for value in finding.point)
    others = [
        dataclasses.replace(finding, kind=Kind.DISCONTINUITY),
        dataclasses.replace(finding, point=moved),
        dataclasses.replace(finding, series_instance_uid="9.9"),
        dataclasses.replace(finding, measures={"gap_mm": 77.0}),
    ]
    assert len({finding.id, *(other.id for other in others)}) == 5


@given(finding=findings())
def test_measures_are_sorted_and_cannot_be_changed(finding: Finding) -> None:
    """Measures are written in the order of their names, and nobody can add one later."""
    assert list(finding.measures) == sorted(finding.measures)
    with pytest.raises(TypeError):
        finding.measures["gap_mm"] = 1.0  # type: ignore[index]
