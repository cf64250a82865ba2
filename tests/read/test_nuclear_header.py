"""What a nuclear medicine header says is read, what it does not say is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from catheterview.phantom.nuclear import NuclearWriting, Planar, planar_dataset, write_nuclear
from catheterview.read import Series, scan
from catheterview.read.nuclear import nuclear_header
from nuclear_studies import small_study


@pytest.fixture(scope="module")
def tomogram(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated RECON TOMO."""
    home = tmp_path_factory.mktemp("header") / "study"
    write_nuclear(small_study(with_ct=True), home, how=NuclearWriting(ct=False))
    return home / "t048h" / "spect.dcm"


def _series(path: Path) -> Series:
    (series,) = scan([path], key=b"k").series
    return series


def test_a_tomogram_says_all(tomogram: Path) -> None:
    """Kind, times, activity, windows of both peaks, stops."""
    header = nuclear_header(_series(tomogram))
    assert header.kind == "tomogram"
    assert (header.injected_at, header.at) == ("2000-01-01T08:00:00", "2000-01-03T08:00:00")
    assert header.injected_mbq == 20.0
    assert header.is_indium is True
    assert [round(w.low_kev) for w in header.windows] == [155, 220]
    assert header.seconds == 50.0
    assert header.corrections == ("ATTN", "SCAT")
    assert header.lacking == ()


def test_what_is_missing_is_named(tomogram: Path, tmp_path: Path) -> None:
    """Without injection and time nothing is made up; a time without a date is no moment."""
    dataset = dcmread(tomogram)
    given = dataset.RadiopharmaceuticalInformationSequence[0]
    del given.RadiopharmaceuticalStartDateTime, given.RadionuclideTotalDose, dataset.AcquisitionDate, dataset.SeriesDate
    given.RadiopharmaceuticalStartTime = "080000"
    dataset.save_as(tmp_path / "bare.dcm")
    header = nuclear_header(_series(tmp_path / "bare.dcm"))
    assert (header.at, header.injected_at, header.injected_mbq) == (None, None, None)
    assert header.lacking == ("when it was acquired", "when the tracer was injected", "how much was injected")


def test_planar_views_are_told_apart(tmp_path: Path) -> None:
    """Two detectors and two windows: which frame is the front, which the back."""
    planar = Planar(counts=np.ones((4, 8, 8), dtype=np.float32), pixel_mm=4.8, seconds=600.0, hours=48.0)
    planar_dataset(small_study(with_ct=True), planar).save_as(tmp_path / "planar.dcm", enforce_file_format=True)
    header = nuclear_header(_series(tmp_path / "planar.dcm"))
    assert header.kind == "planar"
    assert header.views == ("anterior", "posterior", "anterior", "posterior")
    assert header.detectors == 2
    assert header.seconds == 600.0


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "JPGExtended.dcm"])
def test_a_real_whole_body_scan_is_named_and_gets_no_place(name: str) -> None:
    """pydicom's bone scans: whole body, no grid made up, and what they lack is named."""
    path = get_testdata_file(name)
    assert path is not None
    series = _series(Path(path))
    header = nuclear_header(series)
    assert header.kind == "whole body"
    assert not series.stackable
    assert series.grid is None
    assert "when the tracer was injected" in header.lacking
