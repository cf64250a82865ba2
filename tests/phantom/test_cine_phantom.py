"""A simulated dye study has contrast where and when its truth says, and is written as one multi-frame object."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from catheterview.errors import InputError
from catheterview.phantom.cine import CINE_FAULTS, MISHAPS, CinePhantom, make_cine, random_cine_recipe, write_cine
from catheterview.phantom.film import Sitter, sit

SMALL = {"rows": 128, "columns": 128, "pitch_mm": 2.9, "photons_per_mm2": 20000.0}


@pytest.fixture(scope="module")
def sitter() -> Sitter:
    """One patient for all."""
    return sit(random_cine_recipe(31, fault="healthy").film)


def small(sitter: Sitter, fault: str, **fixed: object) -> CinePhantom:
    recipe = random_cine_recipe(31, fault=fault, frames=12, frame_s=1.5, breath_mm=0.0, shift_mm=(0.0, 0.0), **fixed)  # type: ignore[arg-type]
    return make_cine(replace(recipe, film=replace(recipe.film, **SMALL)), sitter)


def test_the_same_patient_lies_there_whatever_the_fault() -> None:
    """A control has the same pump, route and detector as the faulty study of its seed."""
    first, second = (random_cine_recipe(31, fault=fault).film for fault in ("healthy", "extravasation"))
    assert first == second


def test_contrast_comes_down_the_catheter_and_leaves_where_the_truth_says(sitter: Sitter) -> None:
    """Arrivals rise along the arc; the pool is densest round the true point, and is not there before the injection."""
    cine = small(sitter, "extravasation", leak_share=0.6, leak_ml=2.0)
    came = cine.arrival_s[np.isfinite(cine.arrival_s)]
    assert (np.diff(came) >= 0.0).all()
    assert came[0] > cine.recipe.before_s
    (leak,) = cine.findings
    row, column = (round(v) for v in leak.point)
    change = cine.image.voxels[-1].astype(float) - cine.image.voxels[0]
    near = change[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4].mean()
    assert near > np.median(change) + 3.0 * np.median(np.abs(change - np.median(change)))


def test_what_is_only_spilt_has_no_finding(sitter: Sitter) -> None:
    """Mishaps at the needle are no fault of the device."""
    assert small(sitter, "spilt").findings == ()
    assert set(MISHAPS) < set(CINE_FAULTS)


def test_the_run_is_written_as_one_object_with_its_frame_time(sitter: Sitter, tmp_path: Path) -> None:
    """Frames, frame time and spacing stand in the header; truth lies beside; a folder in use is refused."""
    cine = small(sitter, "healthy")
    place = write_cine(cine, tmp_path)
    dataset = pydicom.dcmread(place / "cine.dcm")
    assert dataset.NumberOfFrames == cine.recipe.frames
    assert float(dataset.FrameTime) == pytest.approx(1500.0)
    assert dataset.pixel_array.shape == cine.image.voxels.shape
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert len(truth["arrival_s"]) == len(truth["catheters"][0]["points"])
    with pytest.raises(InputError, match="already holds"):
        write_cine(cine, tmp_path)
