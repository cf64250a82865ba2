"""A device put into a real CT from the command line: the two trunks take it, what is none is refused in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner, Result
from pydicom.data import get_testdata_file

from catheterview.cli import main


def put_into(given: Path, out: Path, *more: str) -> Result:
    """Run the command without projections, which only cost time here."""
    return CliRunner().invoke(main, ["phantom", str(out), "--into", str(given), "--dial", "physics=false", *more])


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(("name", "slices"), [("ct-lumbar-pelvis-5mm.zip", 99), ("ct-thorax-1mm.zip", 275)])
def test_a_trunk_takes_a_device(name: str, slices: int, real_data: Path, tmp_path: Path) -> None:
    """As many slices as the CT has, a gap in the truth, and metal where the truth has the pump."""
    done = put_into(real_data / name, tmp_path / "out", "--fault", "discontinuity", "--seed", "4")
    assert done.exit_code == 0, done.output
    truth = json.loads((tmp_path / "out" / "truth.json").read_text(encoding="utf-8"))
    assert [one["kind"] for one in truth["findings"]] == ["discontinuity"]
    files = sorted((tmp_path / "out" / "dicom").glob("*.dcm"))
    assert len(files) == slices
    heights = [float(pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]) for path in files]
    middle = pydicom.dcmread(files[int(np.argmin(np.abs(np.array(heights) - truth["pumps"][0]["center_mm"][2])))])
    assert (middle.pixel_array + float(middle.RescaleIntercept)).max() > 2800


@pytest.mark.real
def test_a_head_is_refused_with_the_reason(real_data: Path, tmp_path: Path) -> None:
    """The tilted head makes no volume; the message says what was met."""
    done = put_into(real_data / "ct-head-gantry-tilt.zip", tmp_path / "out")
    assert done.exit_code != 0
    assert "ct-head-gantry-tilt.zip" in done.output
    assert "CT (" in done.output or "no trunk" in done.output
    assert not (tmp_path / "out").exists()


def test_an_mri_and_a_wrong_folder_are_refused_with_the_reason(tmp_path: Path) -> None:
    """An MRI is named as one; a folder without DICOM is said to hold none; nothing is written."""
    mri, other = tmp_path / "mri", tmp_path / "other"
    mri.mkdir()
    other.mkdir()
    shutil.copy(str(get_testdata_file("MR_small.dcm")), mri / "one.dcm")
    (other / "notes.txt").write_text("no image", encoding="utf-8")
    for folder, said in ((mri, "MR ("), (other, "no DICOM image")):
        done = put_into(folder, tmp_path / "out")
        assert done.exit_code == 2
        assert f"{folder.name}: no CT volume" in done.output
        assert said in done.output
    assert not (tmp_path / "out").exists()
