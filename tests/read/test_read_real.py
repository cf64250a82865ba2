"""Real studies: the traps are recognised by name, the good ones load as SimpleITK and highdicom load them."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from synthetic_series import KEY

from catheterview.errors import GeometryError
from catheterview.geometry import Frame
from catheterview.model import OUTSIDE_HU
from catheterview.read import Inventory, Series, load, scan

pytestmark = pytest.mark.real


def found(real_data: Path, name: str) -> Inventory:
    path = real_data / f"{name}.zip"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the real studies")
    return scan([path], key=KEY)


def series_reasons(inventory: Inventory) -> list[str]:
    return [problem.reason for problem in inventory.problems if ".zip/" not in problem.path_or_uid]


def test_the_tilted_head_is_refused_as_uneven_and_tilted(real_data: Path) -> None:
    """Steps of 1 to 7 mm at a tilt of 18.5 degrees: both are said, and nothing is stretched."""
    inventory = found(real_data, "ct-head-gantry-tilt")
    (series,) = inventory.series
    assert (series.stackable, series.role, inventory.files) == (False, "slices", 28)
    assert series.why.startswith("uneven spacing: steps of 1.08 to 7.00 mm")
    assert "gantry tilt: slices lean by 18.5 degrees" in series.why
    assert series_reasons(inventory) == [series.why]
    with pytest.raises(GeometryError, match="uneven spacing"):
        load(series)


def test_two_acquisitions_under_one_uid_are_split(real_data: Path) -> None:
    """Each acquisition is a stack of even 5 mm steps; the single slice of the third is refused."""
    inventory = found(real_data, "ct-two-acquisitions-one-series")
    first, second, third = inventory.series
    assert [len(series.files) for series in inventory.series] == [24, 15, 1]
    assert [series.stack for series in inventory.series] == [1, 2, 3]
    assert len({series.series_instance_uid for series in inventory.series}) == 1
    for series in (first, second):
        assert series.why.startswith("two acquisitions in one series: ")
        assert load(series).placed.spacing_mm[0] == pytest.approx(5.0, abs=1e-6)
        assert len({one.acquisition for one in series.instances}) == 1
    assert third.why.startswith("not a volume: 1 slice")
    assert "two acquisitions in one series" in third.why


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("notavolume/001", "not a volume: all 4 slices lie at one position"),
        ("slicecount/001", "not a volume: 2 slices"),
        ("sliceincrement/001", "missing slice: 1 absent"),
        ("sliceincrement/002", "missing slice: 1 absent"),
        ("sliceorientation/001", "mixed orientation: "),
    ],
)
def test_each_trap_is_refused_by_name(real_data: Path, folder: str, reason: str) -> None:
    """Every short series of the trap collection is refused for what is wrong with it."""
    inventory = found(real_data, "stack-traps")
    (series,) = [one for one in inventory.series if f"/{folder}/" in one.files[0]]
    assert not series.stackable
    assert series.why.startswith(reason)
    assert series.why in series_reasons(inventory)


def test_the_short_tilted_stack_is_kept_sheared(real_data: Path) -> None:
    """Four even slices at a tilt make a sheared grid whose step is along the table, and say so."""
    inventory = found(real_data, "stack-traps")
    (series,) = [one for one in inventory.series if "/gantrytilting/" in one.files[0]]
    assert series.why.startswith("gantry tilt: slices lean by 14.0 degrees")
    assert series.why in series_reasons(inventory)
    grid = load(series).placed
    np.testing.assert_allclose(grid.affine[:3, 0], (0.0, 0.0, 5.0), atol=1e-6)
    assert grid.shear_deg == pytest.approx(14.0, abs=0.01)


@pytest.fixture(scope="module", params=["ct-chest-port-2p5mm", "cbct-catphan-wires", "ct-lumbar-pelvis-5mm"])
def unpacked(request: pytest.FixtureRequest, real_data: Path) -> Iterator[Path]:
    """A real study as a folder, for the readers that know no zips."""
    path = real_data / f"{request.param}.zip"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the real studies")
    folder = Path(tempfile.mkdtemp())
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".dcm"):
                (folder / Path(name).name).write_bytes(archive.read(name))
    yield folder
    shutil.rmtree(folder)


def only(folder: Path) -> Series:
    (series,) = scan([folder], key=KEY).series
    return series


def test_good_studies_equal_simpleitk(unpacked: Path) -> None:
    """Every voxel and its place are SimpleITK's, with padding and what lies under the scale taken as outside."""
    image = load(only(unpacked))
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(unpacked)))
    theirs = reader.Execute()
    voxels = np.maximum(sitk.GetArrayFromImage(theirs), OUTSIDE_HU)
    ours = image.placed
    first = theirs.TransformPhysicalPointToIndex(ours.index_to_world((0, 0, 0)).tolist())
    end = ours.index_to_world(np.array(ours.shape) - 1)
    last = theirs.TransformPhysicalPointToIndex(end.tolist())
    assert first[:2] == (0, 0)
    assert (last[1] + 1, last[0] + 1) == ours.shape[1:]
    np.testing.assert_allclose(
        theirs.TransformIndexToPhysicalPoint(last), ours.index_to_world(np.array(ours.shape) - 1), atol=0.01
    )
    voxels = voxels[:: 1 if last[2] > first[2] else -1]
    np.testing.assert_array_equal(image.voxels, voxels)


def test_good_studies_equal_highdicom(unpacked: Path) -> None:
    """An independent implementation of the standard's geometry puts every slice at the same place."""
    series = only(unpacked)
    datasets = [pydicom.dcmread(path, stop_before_pixels=True) for path in unpacked.iterdir()]
    shaped = [one for one in datasets if one.Modality == "CT"]
    spacing, places = highdicom.spatial.get_series_volume_positions(shaped)
    assert series.grid is not None
    assert spacing == pytest.approx(series.grid.spacing_mm[0], abs=1e-3)
    order = {one.SOPInstanceUID: place for one, place in zip(shaped, places, strict=True)}
    theirs = [order[one.sop_instance_uid] for one in series.instances]
    assert theirs in (sorted(theirs), sorted(theirs, reverse=True))


def test_the_thin_thorax_loads_feet_first(real_data: Path) -> None:
    """Feet first, implicit VR, unsigned: 275 slices at 1 mm, placed as pydicom reads them."""
    inventory = found(real_data, "ct-thorax-1mm")
    (series,) = inventory.series
    assert series_reasons(inventory) == []
    assert series.grid is not None
    assert series.grid.shape == (275, 512, 512)
    np.testing.assert_allclose(series.grid.spacing_mm, (1.0, 0.78125, 0.78125), atol=1e-5)
    np.testing.assert_allclose(series.grid.index_to_world((0, 0, 0)), (-201.0, -59.0, -679.8), atol=1e-3)
    assert series.grid.affine[2, 0] == pytest.approx(1.0, abs=1e-6)


def test_padding_and_clipping_of_the_real_vendors(real_data: Path) -> None:
    """Padding of -3024 HU and of 63536 is outside; the port's scale clips at 3071."""
    lumbar = load(found(real_data, "ct-lumbar-pelvis-5mm").series[0])
    port = load(found(real_data, "ct-chest-port-2p5mm").series[0])
    assert (lumbar.voxels[:, 0, 0] == OUTSIDE_HU).all()
    assert (port.voxels[:, 0, 0] == OUTSIDE_HU).all()
    assert (lumbar.saturated_hu, port.saturated_hu) == (None, 3071)
    assert (lumbar.slice_thickness_mm, lumbar.placed.spacing_mm[0]) == (5.0, pytest.approx(4.25))
    assert found(real_data, "ct-lumbar-pelvis-5mm").series[0].overlapping


def test_real_films_are_typed_and_equal_in_every_codec(real_data: Path) -> None:
    """The same hip in three codecs gives the same values; the leg without spacing stays in pixels and is inverted."""
    inventory = found(real_data, "nema-samples")
    films = {series.files[0].rsplit("/", 1)[1]: series for series in inventory.series}
    hips = [load(films[name]) for name in ("RG2_JPLL", "RG2_J2KR", "RG2_JLSL")]
    assert hips[0].voxels.shape == (1, 2140, 1760)
    assert all(np.array_equal(hip.voxels, hips[0].voxels) for hip in hips)
    assert {hip.frame for hip in hips} == {Frame.DETECTOR}
    leg = load(films["RG3_JPLL"])
    assert leg.frame is Frame.PIXEL
    raw = _stored(real_data, "RG3_JPLL")
    np.testing.assert_array_equal(leg.voxels[0], 1023 - raw)
    assert [films[name].role for name in ("NM1_JPLL", "NM1_RLE", "XA1_JPLL")] == ["nuclear", "nuclear", "film"]
    np.testing.assert_array_equal(load(films["NM1_JPLL"]).voxels[0], _stored(real_data, "NM1_JPLL"))


def _stored(real_data: Path, name: str) -> np.ndarray:
    """Stored values by pydicom."""
    with zipfile.ZipFile(real_data / "nema-samples.zip") as archive:
        (member,) = [one for one in archive.namelist() if one.endswith(f"/{name}")]
        with archive.open(member) as stream:
            return pydicom.dcmread(stream).pixel_array
