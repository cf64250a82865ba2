"""Pixels become HU: every format and transfer syntax, padding, clipping, films; judged by pydicom and SimpleITK."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import UID, HTJ2KLossless, HTJ2KLosslessRPCL
from synthetic_series import (
    COMPRESSED,
    KEY,
    NATIVE,
    feet_first_grid,
    oblique_grid,
    ramp,
    write_series,
)

from catheterview.errors import UnsuitableError
from catheterview.model import OUTSIDE_HU, Image
from catheterview.read import READERS, ROLES, Series, load, scan
from catheterview.read.codec import codestream_size


def only(folder: Path) -> Series:
    (series,) = scan([folder], key=KEY).series
    return series


def loaded(folder: Path) -> Image:
    return load(only(folder))


def judged(folder: Path, image: Image) -> np.ndarray:
    """The same voxels by pydicom alone: stored value x slope + intercept, in the order of the image's slices."""
    by_uid = {one.SOPInstanceUID: one for one in map(pydicom.dcmread, folder.iterdir())}
    slices = [by_uid[uid] for uid in image.sop_instance_uids]
    return np.stack([one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept) for one in slices])


@pytest.mark.parametrize("syntax", [*NATIVE, *COMPRESSED], ids=lambda syntax: syntax.keyword)
def test_every_lossless_transfer_syntax_gives_the_same_voxels(tmp_path: Path, syntax: UID) -> None:
    """The way of packing changes no voxel."""
    grid = oblique_grid((4, 40, 51))
    write_series(tmp_path, grid, ramp(grid.shape), syntax=syntax)
    image = loaded(tmp_path)
    assert pydicom.dcmread(next(tmp_path.iterdir())).file_meta.TransferSyntaxUID == syntax
    np.testing.assert_array_equal(image.voxels[:, :, :], ramp(grid.shape)[_order(image)])
    np.testing.assert_array_equal(image.voxels, judged(tmp_path, image))


def _order(image: Image) -> list[int]:
    """The slice numbers as they were written, from the UIDs that they were given."""
    return [int(uid.rsplit(".", 1)[1]) - 1 for uid in image.sop_instance_uids]


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL], ids=lambda syntax: syntax.keyword)
def test_high_throughput_jpeg_2000_has_a_decoder(syntax: UID) -> None:
    """No encoder is at hand; that the decoder is installed is what can be held."""
    assert pydicom.pixels.get_decoder(syntax).is_available


@pytest.mark.parametrize(
    ("signed", "stored", "intercept"),
    [(True, 16, -1024), (True, 13, 0), (False, 12, -1024), (False, 16, -1000), (False, 16, -32768), (True, 16, 5)],
)
def test_signed_and_unsigned_words_of_any_width(tmp_path: Path, signed: bool, stored: int, intercept: int) -> None:
    """HU do not depend on how a vendor stores them."""

    def change(one, _k):
        one.PixelRepresentation, one.BitsStored, one.HighBit = int(signed), stored, stored - 1
        one.RescaleIntercept = str(intercept)

    grid = oblique_grid((4, 40, 51))
    write_series(tmp_path, grid, ramp(grid.shape), change=change)
    image = loaded(tmp_path)
    np.testing.assert_array_equal(image.voxels, ramp(grid.shape)[_order(image)])


@pytest.mark.parametrize("signed", [True, False])
def test_overlay_bits_above_the_value_are_not_part_of_it(tmp_path: Path, signed: bool) -> None:
    """Bits above BitsStored are an old overlay, whatever they hold."""
    grid = oblique_grid((4, 6, 7))
    values = (np.arange(np.prod(grid.shape)).reshape(grid.shape) % 4096).astype(np.uint16)

    def change(one, k):
        one.PixelRepresentation, one.BitsStored, one.HighBit = int(signed), 12, 11
        one.PixelData = (values[k] | 0xA000).astype("<u2").tobytes()

    write_series(tmp_path, grid, change=change)
    image = loaded(tmp_path)
    expected = values.astype(np.int32)
    expected = np.where(expected >= 2048, expected - 4096, expected) if signed else expected
    np.testing.assert_array_equal(image.voxels, np.maximum(expected - 1024, OUTSIDE_HU)[_order(image)])


def test_rescale_is_taken_from_each_slice(tmp_path: Path) -> None:
    """Slices with scales of their own come to the same HU."""

    def change(one, k):
        one.RescaleSlope, one.RescaleIntercept = ("1", "2", "0.5")[k % 3], str(-1024 + 2 * k)

    grid = oblique_grid((6, 8, 9))
    even = ramp(grid.shape) // 2 * 2
    write_series(tmp_path, grid, even, change=change)
    image = loaded(tmp_path)
    np.testing.assert_array_equal(image.voxels, even[_order(image)])


@pytest.mark.parametrize(
    ("signed", "intercept", "padding"),
    [(True, -1024, -2000), (True, 0, -3024), (False, -1024, 63536), (False, -1000, 65535), (True, -1024, -32768)],
)
def test_padding_is_outside(tmp_path: Path, signed: bool, intercept: int, padding: int) -> None:
    """Whatever a vendor writes where there is no patient becomes one value, and never bright."""
    grid = oblique_grid((4, 6, 7))
    stored = ramp(grid.shape).astype(np.int64) - intercept
    stored[:, 0, :] = padding

    def change(one, k):
        one.PixelRepresentation, one.RescaleIntercept = int(signed), str(intercept)
        one.add_new("PixelPaddingValue", "SS" if signed else "US", padding)
        one.PixelData = stored[k].astype("<i2" if signed else "<u2").tobytes()

    write_series(tmp_path, grid, change=change)
    image = loaded(tmp_path)
    assert (image.voxels[:, 0, :] == OUTSIDE_HU).all()
    np.testing.assert_array_equal(image.voxels[:, 1:], ramp(grid.shape)[_order(image)][:, 1:])


def test_a_range_of_padding_is_outside(tmp_path: Path) -> None:
    """PixelPaddingRangeLimit is the other end of the range."""
    grid = oblique_grid((4, 6, 7))
    stored = (ramp(grid.shape) % 500 + 1024).astype("<u2")
    stored[:, 0, :] = [60000, 60001, 60500, 61000, 1024, 59999, 61001]

    def change(one, k):
        one.PixelRepresentation = 0
        one.add_new("PixelPaddingValue", "US", 61000)
        one.add_new("PixelPaddingRangeLimit", "US", 60000)
        one.PixelData = stored[k].tobytes()

    write_series(tmp_path, grid, change=change)
    row = loaded(tmp_path).voxels[:, 0, :]
    assert (row[:, :4] == OUTSIDE_HU).all()
    assert (row[:, 4] == 0).all()
    assert (row[:, 5:] == 32767).all()  # beyond what fits: the highest that does, not a wrapped one


def test_a_padding_value_that_is_water_is_a_mistake(tmp_path: Path) -> None:
    """A header that calls 0 HU padding does not make holes in the patient."""
    grid = oblique_grid((4, 6, 7))
    voxels = ramp(grid.shape)
    voxels[1, 2, 3] = 0

    def change(one, _k):
        one.add_new("PixelPaddingValue", "SS", 1024)

    write_series(tmp_path, grid, voxels, change=change)
    image = loaded(tmp_path)
    np.testing.assert_array_equal(image.voxels, voxels[_order(image)])


@pytest.mark.parametrize(("highest", "saturated"), [(3071, 3071), (3070, None)])
def test_a_scale_that_clips_says_where(tmp_path: Path, highest: int, saturated: int | None) -> None:
    """Metal at the end of a 12-bit scale is known to be brighter than it looks."""
    grid = oblique_grid((4, 6, 7))
    voxels = ramp(grid.shape)
    voxels[2, 3, 4] = highest
    write_series(tmp_path, grid, voxels)
    assert loaded(tmp_path).saturated_hu == saturated


def test_a_twelve_bit_scale_with_another_intercept_clips_elsewhere(tmp_path: Path) -> None:
    """Stored 4095 of 12 bits is the end of the scale, whatever HU it means."""
    grid = oblique_grid((4, 6, 7))
    voxels = ramp(grid.shape)
    voxels[2, 3, 4] = 3095

    def change(one, _k):
        one.PixelRepresentation, one.BitsStored, one.HighBit, one.RescaleIntercept = 0, 12, 11, "-1000"

    write_series(tmp_path, grid, voxels, change=change)
    assert loaded(tmp_path).saturated_hu == 3095


@pytest.mark.parametrize("grid", [oblique_grid(), feet_first_grid(), oblique_grid(step_mm=-1.7)])
def test_geometry_and_voxels_equal_those_of_simpleitk(tmp_path: Path, grid) -> None:
    """An independent reader finds the same value at the same place of the patient."""
    write_series(tmp_path, grid)
    image = loaded(tmp_path)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    theirs = reader.Execute()
    for index in [(0, 0, 0), (0, 4, 6), (5, 0, 6), (2, 3, 4), (5, 4, 0)]:
        point = image.placed.index_to_world(index)
        at = theirs.TransformPhysicalPointToIndex(point.tolist())
        np.testing.assert_allclose(theirs.TransformIndexToPhysicalPoint(at), point, atol=1e-3)
        assert theirs.GetPixel(*at) == image.voxels[index]


def test_what_is_no_image_is_not_loaded(tmp_path: Path) -> None:
    """A colour page is kept and typed, and refuses to be voxels."""

    def change(one, _k):
        one.SOPClassUID, one.Modality = "1.2.840.10008.5.1.4.1.1.7", "OT"
        one.SamplesPerPixel, one.PhotometricInterpretation, one.PlanarConfiguration = 3, "RGB", 0
        one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 8, 8, 7, 0
        one.PixelData = bytes(one.Rows * one.Columns * 3)

    write_series(tmp_path, oblique_grid((1, 4, 6)), change=change)
    series = only(tmp_path)
    assert series.role == "secondary_capture"
    with pytest.raises(UnsuitableError, match="secondary capture"):
        load(series)


def test_a_series_can_be_sent_to_another_process(tmp_path: Path) -> None:
    """What was found can be pickled, and loads the same."""
    write_series(tmp_path, oblique_grid())
    series = only(tmp_path)
    np.testing.assert_array_equal(load(pickle.loads(pickle.dumps(series))).voxels, load(series).voxels)


def test_voxels_cannot_be_written_to(tmp_path: Path) -> None:
    """What was read stays what was read."""
    write_series(tmp_path, oblique_grid())
    with pytest.raises(ValueError, match="read-only"):
        loaded(tmp_path).voxels[0, 0, 0] = 1


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Reading twice, by one thread or several, is the same."""
    write_series(tmp_path, oblique_grid((9, 16, 17)))
    assert loaded(tmp_path).voxels.tobytes() == loaded(tmp_path).voxels.tobytes()


def test_readers_are_named_once() -> None:
    """The registry has one reader of each name, and roles are spelled once."""
    assert len({reader.name for reader in READERS}) == len(READERS)
    assert len(set(ROLES)) == len(ROLES)


@pytest.mark.parametrize("syntax", COMPRESSED[1:], ids=lambda syntax: syntax.keyword)
def test_a_codestream_says_its_size(tmp_path: Path, syntax: UID) -> None:
    """The size inside JPEG, JPEG-LS and JPEG 2000 is found, so that lies can be."""
    grid = oblique_grid((3, 40, 51))
    paths = write_series(tmp_path, grid, syntax=syntax)
    data = pydicom.dcmread(paths[0]).PixelData
    assert codestream_size(pydicom.encaps.get_frame(data, 0, number_of_frames=1)) == (40, 51)
