"""Radiographs and cine runs are read without a place in the patient, and never with an invented millimetre."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from synthetic_series import KEY, oblique_grid, write_series

from catheterview.geometry import Frame
from catheterview.model import Image
from catheterview.read import Series, load, scan


def only(folder: Path) -> Series:
    (series,) = scan([folder], key=KEY).series
    return series


def loaded(folder: Path) -> Image:
    return load(only(folder))


def film(one, _k, *, modality="CR", photometric="MONOCHROME2", frames=0):
    """A change that makes a slice a radiograph."""
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept", "PixelSpacing"):
        delattr(one, name)
    one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    one.Modality, one.ImageType, one.PhotometricInterpretation = modality, ["ORIGINAL", "PRIMARY"], photometric
    one.PixelRepresentation, one.BitsStored, one.HighBit = 0, 12, 11
    values = np.arange(max(1, frames) * one.Rows * one.Columns)
    one.PixelData = values.astype("<u2").tobytes()
    if frames:
        one.NumberOfFrames = frames


def test_a_film_has_no_place_in_the_patient(tmp_path: Path) -> None:
    """A radiograph is read as (frames, rows, columns) without a grid, in pixels while no spacing is known."""
    write_series(tmp_path, oblique_grid((1, 5, 7)), change=film)
    series = only(tmp_path)
    image = load(series)
    assert (series.role, series.stackable, image.grid, image.frame) == ("film", False, None, Frame.PIXEL)
    np.testing.assert_array_equal(image.voxels, np.arange(35).reshape(1, 5, 7))


def test_a_film_with_imager_spacing_is_in_the_frame_of_its_detector(tmp_path: Path) -> None:
    """ImagerPixelSpacing is millimetres on the detector, not in the patient."""

    def change(one, k):
        film(one, k)
        one.ImagerPixelSpacing = ["0.15", "0.16"]

    write_series(tmp_path, oblique_grid((1, 5, 7)), change=change)
    series = only(tmp_path)
    assert series.spacing_mm == (0.15, 0.16)
    assert load(series).frame is Frame.DETECTOR


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    """High is bright on every film."""
    write_series(tmp_path, oblique_grid((1, 5, 7)), change=lambda one, k: film(one, k, photometric="MONOCHROME1"))
    np.testing.assert_array_equal(loaded(tmp_path).voxels, 4095 - np.arange(35).reshape(1, 5, 7))


def test_a_cine_run_has_its_frames(tmp_path: Path) -> None:
    """Fluoroscopy is read frame by frame in the order of time."""
    write_series(tmp_path, oblique_grid((1, 5, 7)), change=lambda one, k: film(one, k, modality="XA", frames=4))
    series = only(tmp_path)
    assert series.role == "cine"
    np.testing.assert_array_equal(load(series).voxels, np.arange(140).reshape(4, 5, 7))


def test_full_sixteen_bit_films_are_halved_not_wrapped(tmp_path: Path) -> None:
    """A value above 32767 stays brighter than those below it."""

    def change(one, k):
        film(one, k)
        one.BitsStored, one.HighBit = 16, 15
        one.PixelData = (np.arange(35) * 1872).astype("<u2").tobytes()

    write_series(tmp_path, oblique_grid((1, 5, 7)), change=change)
    np.testing.assert_array_equal(loaded(tmp_path).voxels.ravel(), np.arange(35) * 1872 // 2)
