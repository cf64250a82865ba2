"""Whole studies: equal bytes, the same scene on other grids, truth where the voxels are, and DICOM that reads back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless, RLELossless
from scipy import ndimage

from catheterview.errors import InputError, UnsuitableError
from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.model import Anatomy, Kind, Segment
from catheterview.phantom import (
    CtRecipe,
    Phantom,
    Writing,
    default_grid,
    make_and_write,
    make_ct,
    small_recipe,
    write_phantom,
)

Phantoms = Callable[[CtRecipe], Phantom]
TINY = {"shape": (60, 96, 100), "spacing_mm": (3.5, 3.3, 3.2), "slice_thickness_mm": 1.5}


def _sampled(phantom: Phantom, points: FloatArray) -> FloatArray:
    index = phantom.image.placed.world_to_index(points).T
    return ndimage.map_coordinates(phantom.image.voxels.astype(np.float32), index, order=1)


def test_equal_recipes_give_equal_bytes(tmp_path: Path) -> None:
    """Two runs write the same files, name by name and byte by byte."""
    recipe = small_recipe(3, fault="discontinuity", **TINY)
    for name in ("one", "two"):
        make_and_write(recipe, tmp_path / name)
    one, two = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    )
    assert one == two
    assert len(one) == 61


def test_another_dial_is_another_study() -> None:
    """Identifiers follow from the recipe."""
    one, two = (make_ct(small_recipe(3, fault="no_device", noise_hu=noise, **TINY)).image for noise in (5.0, 6.0))
    assert one.series_instance_uid != two.series_instance_uid
    assert len({*one.sop_instance_uids, *two.sop_instance_uids}) == 120


def test_the_catheter_is_bright_where_the_truth_says(gap: Phantom) -> None:
    """Along every piece the image is brighter than 2 to 3 mm beside it; in the gap it is not."""
    (catheter,), (finding,) = gap.catheters, gap.findings
    first, last = catheter.pieces[1][0] + 20, catheter.landmarks.dural_entry
    assert last is not None
    points = catheter.points[first : last - 40]
    around = [points + np.array(step) for step in ([0, 0, 4.0], [0, 0, -4.0])]
    beside = np.mean([_sampled(gap, place) for place in around], axis=0)
    assert np.median(_sampled(gap, points) - beside) > 120.0
    ends = np.array(finding.ends)
    between = ends[0] + np.linspace(0.3, 0.7, 5)[:, None] * (ends[1] - ends[0])
    assert _sampled(gap, between).max() < np.median(_sampled(gap, points))
    assert finding.kind is Kind.DISCONTINUITY
    assert finding.segment is Segment.SUBCUTANEOUS_TRACT
    assert finding.sop_instance_uid in gap.image.sop_instance_uids


def test_the_pump_is_metal_where_the_truth_says(gap: Phantom) -> None:
    """Saturated voxels lie in the pump's disc, and their middle is its middle."""
    (pump,) = gap.pumps
    metal = gap.image.placed.index_to_world(np.argwhere(gap.image.voxels >= 3071))
    offset = metal - pump.center_mm
    height = offset @ np.array(pump.normal)
    in_disc = np.linalg.norm(offset, axis=1) < 60.0
    assert np.abs(height[in_disc]).max() < pump.thickness_mm / 2.0 + 4.0
    assert np.ptp(offset[in_disc][:, 2]) == pytest.approx(pump.diameter_mm, abs=6.0)
    assert np.linalg.norm(np.array(pump.normal)) == pytest.approx(1.0)
    assert pump.normal[1] < -0.3


def _turned(grid: Grid) -> Grid:
    """The same box, its axes exchanged and one of them reversed, with other spacings."""
    corners = grid.corners()
    low, high = corners.min(axis=0), corners.max(axis=0)
    steps = np.array([[2.1, 0.0, 0.0], [0.0, 0.0, -1.9], [0.0, 1.7, 0.0]])
    size = (high - low) / (2.1, 1.7, 1.9)
    return grid_from_axes((int(size[0]), int(size[2]), int(size[1])), origin=(low[0], low[1], high[2]), axes_mm=steps)


def test_the_same_scene_on_a_turned_grid_is_the_same_scene(phantom_of: Phantoms) -> None:
    """Sagittal instead of axial, other spacings: truth unchanged, and tissue is the same at the same place."""
    recipe = small_recipe(5, noise_hu=0.0, wall_hu=1500.0)
    axial = phantom_of(recipe)
    sagittal = make_ct(recipe, grid=_turned(default_grid(recipe)))
    assert np.array_equal(axial.catheters[0].points, sagittal.catheters[0].points)
    assert sagittal.image.series_instance_uid != axial.image.series_instance_uid
    rng = np.random.default_rng(1)
    points = axial.image.placed.index_to_world(rng.uniform(8, np.array(axial.image.voxels.shape) - 9, (4000, 3)))
    one, two = _sampled(axial, points), _sampled(sagittal, points)
    assert np.median(np.abs(one - two)) < 12.0
    assert np.corrcoef(one, two)[0, 1] > 0.97


def test_no_device_means_no_truth_and_no_metal(phantom_of: Phantoms) -> None:
    """A control without a device has nothing to find."""
    phantom = phantom_of(small_recipe(2, fault="no_device", **TINY))
    assert (phantom.catheters, phantom.pumps, phantom.findings) == ((), (), ())
    assert phantom.image.voxels.max() < 2000


def test_a_healthy_study_has_a_catheter_and_no_finding(phantom_of: Phantoms) -> None:
    """The matched control of every fault."""
    phantom = phantom_of(small_recipe(5, noise_hu=0.0, wall_hu=1500.0))
    assert phantom.findings == ()
    assert len(phantom.catheters[0].pieces) == 1
    assert phantom.anatomy.canal[0, 2] < phantom.anatomy.canal[-1, 2]


def test_confusers_add_bright_thin_things(phantom_of: Phantoms) -> None:
    """A cable on the skin and a second lead change the image only near themselves."""
    plain = phantom_of(small_recipe(2, fault="no_device", noise_hu=0.0, **TINY))
    busy = phantom_of(small_recipe(2, fault="no_device", noise_hu=0.0, ecg_cable=True, second_lead=True, **TINY))
    changed = busy.image.voxels.astype(int) - plain.image.voxels
    assert changed.max() > 400
    assert 0.0002 < (changed != 0).mean() < 0.02


def test_noise_is_as_strong_as_the_dial(phantom_of: Phantoms) -> None:
    """The difference to the noise-free study has the wanted deviation deep in the body."""
    clean = phantom_of(small_recipe(2, fault="no_device", noise_hu=0.0, **TINY)).image.voxels.astype(float)
    noisy = phantom_of(small_recipe(2, fault="no_device", noise_hu=20.0, **TINY)).image.voxels.astype(float)
    middle = (slice(20, 40), slice(44, 54), slice(45, 55))
    assert (noisy - clean)[middle].std() == pytest.approx(20.0, rel=0.12)


def test_projected_metal_makes_streaks(phantom_of: Phantoms) -> None:
    """In the pump's slices tissue beside its disc is darkened and streaked; far slices are left as they were."""
    pytest.importorskip("algotom")
    recipe = small_recipe(5, noise_hu=0.0, wall_hu=1500.0, shape=(30, 232, 244), spacing_mm=(7.0, 1.35, 1.35))
    blooming, projected = phantom_of(recipe), make_ct(replace(recipe, physics=True))
    change = projected.image.voxels.astype(float) - blooming.image.voxels
    (pump,) = projected.pumps
    k, j, i = projected.image.placed.world_to_index(pump.center_mm).round().astype(int)
    assert not change[-6:].any()
    inside = blooming.image.voxels[k] > -200
    rows, columns = np.indices(inside.shape)
    near = inside & (np.abs(rows - j) < 14) & (np.abs(np.abs(columns - i) - 48) < 12)
    far = inside & (rows - j > 90)
    assert change[k][near].std() > 4.0 * change[k][far].std()
    assert np.percentile(change[k][near], 5) < -60.0
    assert projected.image.voxels[k, j - 10 : j + 11, i - 25 : i + 26].max() == 3071


@pytest.mark.parametrize("position", ["HFS", "FFS", "HFP", "FFP"])
@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless, JPEG2000Lossless]
)
def test_what_is_written_reads_back_in_its_place(position: str, syntax: str, tmp_path: Path) -> None:
    """Whatever the position, order and codec: every voxel is where it was in the patient."""
    phantom = make_ct(
        small_recipe(2, fault="no_device", **(TINY | {"shape": (9, 96, 100)}), extended_hu=position == "HFP")
    )
    how = Writing(position=position, transfer_syntax=str(syntax), shuffled=True)  # type: ignore[arg-type]
    folder = write_phantom(phantom, tmp_path, how=how)
    files = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    assert len(files) == 9
    for one in files:
        assert one.file_meta.TransferSyntaxUID == syntax
        hu = one.pixel_array.astype(int) * int(one.RescaleSlope) + int(one.RescaleIntercept)
        row_way, column_way = np.array(one.ImageOrientationPatient, float).reshape(2, 3)
        at = np.array([[0, 0], [95, 0], [40, 71], [95, 99]])
        steps = np.outer(at[:, 0] * one.PixelSpacing[0], column_way) + np.outer(at[:, 1] * one.PixelSpacing[1], row_way)
        index = phantom.image.placed.world_to_index(np.array(one.ImagePositionPatient, float) + steps)
        assert index == pytest.approx(index.round(), abs=1e-4)
        there = phantom.image.voxels[tuple(index.round().astype(int).T)]
        assert np.array_equal(hu[tuple(at.T)], there)


def test_truth_is_in_the_reports_terms(gap: Phantom, tmp_path: Path) -> None:
    """Catheters, pumps and findings as report.json has them, with recipe and split; no patient, no date of today."""
    folder = write_phantom(gap, tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    (catheter,), (finding,) = truth["catheters"], truth["findings"]
    assert truth["study_instance_uid"] == gap.image.study_instance_uid
    assert catheter["pieces"] == [list(piece) for piece in gap.catheters[0].pieces]
    assert len(catheter["points"]) == len(catheter["radius"]) == catheter["pieces"][-1][1] + 1
    assert finding["measures"]["gap_mm"] == pytest.approx(8.0, abs=0.5)
    assert truth["recipe"]["split"] in ("train", "calibration", "test")
    one = pydicom.dcmread(next(folder.iterdir()))
    assert (one.PatientName, one.StudyDate) == ("PHANTOM^5", "20000101")


def test_what_makes_no_sense_is_refused(phantom_of: Phantoms, tmp_path: Path) -> None:
    """An image without its anatomy, an image for a synthetic patient, an MR, a folder in use, a tilt of a given one."""
    phantom = phantom_of(small_recipe(2, fault="no_device", **TINY))
    recipe = small_recipe(2, background="given")
    with pytest.raises(InputError, match="anatomy"):
        make_ct(recipe, into=phantom.image)
    with pytest.raises(InputError, match="keeps its gantry tilt"):
        make_ct(replace(recipe, tilt_deg=5.0), into=phantom.image, anatomy=phantom.anatomy)
    with pytest.raises(InputError, match="synthetic"):
        make_ct(small_recipe(2), into=phantom.image, anatomy=phantom.anatomy)
    with pytest.raises(InputError, match="not into MR"):
        make_ct(recipe, into=replace(phantom.image, modality="MR"), anatomy=phantom.anatomy)
    with pytest.raises(UnsuitableError, match="no body"):
        make_ct(recipe, into=phantom.image, anatomy=Anatomy(series_instance_uid="1"))
    write_phantom(phantom, tmp_path)
    with pytest.raises(InputError, match="already"):
        write_phantom(phantom, tmp_path)


def test_a_device_put_into_a_given_ct_leaves_the_rest_alone(phantom_of: Phantoms) -> None:
    """Away from pump, bulge and catheter every voxel of the given image is kept; near the catheter it is brighter."""
    given = phantom_of(small_recipe(5, fault="no_device", noise_hu=4.0))
    recipe = small_recipe(8, background="given", wall_hu=1500.0, fault="kink")
    made = make_ct(recipe, into=given.image, anatomy=given.anatomy)
    changed = made.image.voxels != given.image.voxels
    (pump,), (catheter,), (finding,) = made.pumps, made.catheters, made.findings
    points = made.image.placed.index_to_world(np.argwhere(changed))
    to_pump = np.linalg.norm(points - pump.center_mm, axis=1)
    rest = points[to_pump > 150.0]
    nearest = np.min([np.linalg.norm(rest - point, axis=1) for point in catheter.points[::6]], axis=0)
    assert nearest.max() < 6.0
    assert 0.002 < changed.mean() < 0.35
    assert made.recipe.shape == given.image.voxels.shape
    assert made.recipe.slice_thickness_mm == given.image.slice_thickness_mm
    assert finding.kind is Kind.KINK
    assert made.image.series_instance_uid != given.image.series_instance_uid
