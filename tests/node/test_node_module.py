"""Folder in, folder out, as a dispatcher runs it: results beside a word on how urgent it is, without a name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest

from canaries import named_in, traces

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "triage"))
from simulated_studies import write_tiny

from catheterview.errors import InputError
from catheterview.node.module import run_module

COMMAND = Path(sys.executable).with_name("catheterview")


def test_a_dispatcher_finds_objects_and_a_word(tmp_path: Path) -> None:
    """Named by the environment alone: every object belongs to the study that came in; its own file is no image."""
    write_tiny(tmp_path / "in", tmp_path / "made", 1)
    (tmp_path / "in" / "task.json").write_text('{"patient_name": "Yellowbird"}')
    place = {"MERCURE_IN_DIR": str(tmp_path / "in"), "MERCURE_OUT_DIR": str(tmp_path / "out")}
    done = subprocess.run([COMMAND, "module"], env=os.environ | place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "out" / "result.json").read_text())
    (case,) = told["cases"]
    assert told["complete"]
    assert told["problems"] == 0
    asked = case["priority"] in ("emergent", "urgent")
    assert told["__mercure_notification"]["requested"] is asked
    assert ("Research use only" in told["__mercure_notification"]["text"]) is asked
    study = pydicom.dcmread(next((tmp_path / "in").rglob("*.dcm"))).StudyInstanceUID
    objects = sorted((tmp_path / "out").glob("*.dcm"))
    assert [path.name for path in objects][-1] == f"{case['case_id']}-sr-1.dcm"
    assert {pydicom.dcmread(path).StudyInstanceUID for path in objects} == {study} == set(case["studies"])
    assert named_in((done.stdout + done.stderr).replace(str(tmp_path), "")) == []
    assert traces(tmp_path / "out") == []


def test_an_empty_folder_is_misuse(tmp_path: Path) -> None:
    """A dispatcher that hands over nothing is told so."""
    (tmp_path / "task.json").write_text("{}")
    with pytest.raises(InputError, match="nothing in it"):
        run_module(tmp_path, tmp_path / "out")
