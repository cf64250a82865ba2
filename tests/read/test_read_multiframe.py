"""One file, many slices: enhanced CT and reconstructed SPECT are judged and placed like stacks of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, JPEGLosslessSV1, RLELossless
from synthetic_series import KEY, ct_slice, oblique_grid, ramp, write

from catheterview.errors import CatheterviewError
from catheterview.geometry import Frame, Grid
from catheterview.read import Series, load, scan


def one_of(**fields) -> list[Dataset]:
    """A sequence of one item."""
    item = Dataset()
    for name, value in fields.items():
        setattr(item, name, value)
    return [item]


def enhanced(grid: Grid, *, order: list[int] | None = None) -> Dataset:
    """An enhanced CT whose frames lie in any order, each with its own intercept."""
    one = ct_slice(grid, 0)
    first = [ct_slice(grid, k) for k in range(grid.shape[0])]
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept"):
        delattr(one, name)
    del one.SliceThickness
    one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2.1"
    one.NumberOfFrames = len(order or range(grid.shape[0]))
    shared = Dataset()
    shared.PixelMeasuresSequence = one_of(PixelSpacing=first[0].PixelSpacing, SliceThickness="2.5")
    shared.PlaneOrientationSequence = one_of(ImageOrientationPatient=first[0].ImageOrientationPatient)
    shared.CTImageFrameTypeSequence = one_of(FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])
    one.SharedFunctionalGroupsSequence = [shared]
    frames, pixels = [], []
    for k in order or range(grid.shape[0]):
        frame = Dataset()
        frame.PlanePositionSequence = one_of(ImagePositionPatient=first[k].ImagePositionPatient)
        frame.PixelValueTransformationSequence = one_of(
            RescaleSlope="1", RescaleIntercept=str(-1000 - k), RescaleType="HU"
        )
        frame.FrameContentSequence = one_of(FrameAcquisitionNumber=1)
        frames.append(frame)
        pixels.append((ramp(grid.shape)[k] + 1000 + k).astype("<i2").tobytes())
    one.PerFrameFunctionalGroupsSequence = frames
    one.PixelData = b"".join(pixels)
    one["PixelData"].VR = "OW"
    return one


def only(folder: Path) -> Series:
    (series,) = scan([folder], key=KEY).series
    return series


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless, JPEGLosslessSV1])
def test_an_enhanced_ct_is_sorted_by_position_of_its_frames(tmp_path: Path, syntax) -> None:
    """Frames in any order, each with its own rescale, make the grid that they were written on."""
    grid = oblique_grid((5, 40, 51), step_mm=-2.5)
    write(enhanced(grid, order=[3, 0, 4, 1, 2]), tmp_path / "one.dcm", syntax=syntax)
    image = load(only(tmp_path))
    np.testing.assert_allclose(image.placed.corners()[-1], grid.corners()[3], atol=1e-3)
    np.testing.assert_array_equal(image.voxels, ramp(grid.shape)[::-1])
    assert image.slice_thickness_mm == 2.5
    assert len(image.sop_instance_uids) == 5


def test_an_enhanced_ct_with_a_missing_frame_is_refused(tmp_path: Path) -> None:
    """Frames are held to the same rules as files."""
    grid = oblique_grid((6, 5, 7))
    write(enhanced(grid, order=[0, 1, 3, 4, 5]), tmp_path / "one.dcm")
    inventory = scan([tmp_path], key=KEY)
    assert [reason.reason.partition(":")[0] for reason in inventory.problems] in (
        ["missing slice"],
        ["truncated pixel data"],
    )


def test_fewer_functional_groups_than_frames_are_refused(tmp_path: Path) -> None:
    """A frame without a place is not given one."""
    one = enhanced(oblique_grid((6, 5, 7)))
    one.PerFrameFunctionalGroupsSequence = one.PerFrameFunctionalGroupsSequence[:4]
    write(one, tmp_path / "one.dcm")
    inventory = scan([tmp_path], key=KEY)
    assert [problem.reason for problem in inventory.problems] == ["4 functional groups for 6 frames"]


def spect(*, step: str, image_type: str = "RECON TOMO") -> Dataset:
    """A SPECT reconstruction of 6 anisotropic slices."""
    grid = oblique_grid((6, 5, 7))
    one = ct_slice(grid, 0)
    for name in ("RescaleSlope", "RescaleIntercept", "ImagePositionPatient", "ImageOrientationPatient"):
        delattr(one, name)
    one.SOPClassUID, one.Modality = "1.2.840.10008.5.1.4.1.1.20", "NM"
    one.ImageType = ["ORIGINAL", "PRIMARY", image_type, "EMISSION"]
    one.PixelRepresentation, one.NumberOfFrames = 0, 6
    one.SpacingBetweenSlices, one.PixelSpacing, one.SliceThickness = step, ["4.5", "4.7"], "4"
    detector = Dataset()
    detector.ImagePositionPatient, detector.ImageOrientationPatient = [-100, 50, 30], [1, 0, 0, 0, 1, 0]
    one.DetectorInformationSequence = [detector]
    one.SliceVector = list(range(1, 7))
    one.NumberOfSlices = 6
    one.PixelData = np.arange(6 * 35).astype("<u2").tobytes()
    one["PixelData"].VR = "OW"
    return one


@pytest.mark.parametrize("step", ["3.5", "-3.5"])
def test_spect_slices_go_the_way_of_the_sign(tmp_path: Path, step: str) -> None:
    """A negative SpacingBetweenSlices stacks against the normal: every count is where SimpleITK puts it."""
    write(spect(step=step), tmp_path / "nm.dcm")
    series = only(tmp_path)
    assert (series.role, series.stackable) == ("nuclear", True)
    image = load(series)
    theirs = sitk.ReadImage(str(tmp_path / "nm.dcm"))
    for index in np.ndindex(image.voxels.shape):
        point = image.placed.index_to_world(index)
        at = theirs.TransformPhysicalPointToIndex(point.tolist())
        np.testing.assert_allclose(theirs.TransformIndexToPhysicalPoint(at), point, atol=1e-3)
        assert theirs.GetPixel(*at) == image.voxels[index]


def test_a_planar_scintigram_has_no_grid(tmp_path: Path) -> None:
    """Static views are read frame by frame, in the frame of the detector."""
    write(spect(step="3.5", image_type="STATIC"), tmp_path / "nm.dcm")
    series = only(tmp_path)
    assert (series.role, series.stackable) == ("nuclear", False)
    image = load(series)
    assert (image.grid, image.frame, image.voxels.shape) == (None, Frame.DETECTOR, (6, 5, 7))


def test_counts_beyond_fifteen_bits_keep_their_order(tmp_path: Path) -> None:
    """Counts that do not fit are halved together, none is cut."""
    one = spect(step="3.5")
    one.PixelData = (np.arange(6 * 35) * 310).astype("<u2").tobytes()
    write(one, tmp_path / "nm.dcm")
    np.testing.assert_array_equal(load(only(tmp_path)).voxels.ravel(), np.arange(6 * 35) * 155)


def test_a_reconstruction_without_a_place_is_refused(tmp_path: Path) -> None:
    """Without position the counts are never given one."""
    one = spect(step="3.5")
    del one.DetectorInformationSequence
    write(one, tmp_path / "nm.dcm")
    series = only(tmp_path)
    assert not series.stackable
    with pytest.raises(CatheterviewError, match="not a volume: "):
        load(series)
