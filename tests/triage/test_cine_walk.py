"""A case with a dye study is walked from its file to findings and pictures, on the rung of fluoroscopy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catheterview.detect.cine import CINE_DETECTORS
from catheterview.limits import Limits
from catheterview.model import Kind, Rung
from catheterview.phantom.cine import make_cine, random_cine_recipe, write_cine
from catheterview.phantom.film import sit
from catheterview.read import scan
from catheterview.triage.case import triage_case
from catheterview.triage.cine_walk import walk_cines
from catheterview.triage.journal import Journal


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated leak at the connector, half as fine as a usual run."""
    folder = tmp_path_factory.mktemp("dye")
    recipe = random_cine_recipe(
        300001, fault="connector_leak", leak_share=0.6, breath_mm=0.0, shift_mm=(0.0, 0.0), frames=32, frame_s=1.0
    )
    film = replace(recipe.film, rows=320, columns=320, pitch_mm=1.2, photons_per_mm2=9000.0, shutters=False)
    recipe = replace(recipe, film=film)
    write_cine(make_cine(recipe, sit(film)), folder)
    return folder / "dicom"


def test_a_dye_study_is_walked_on_its_rung(study: Path) -> None:
    """Each detector leaves its line, the leak is found where contrast gathers, and there are pictures."""
    (case,) = scan([study], key=b"key").cases
    (walked,) = walk_cines(case, Limits(), Journal(), first_finding=1)
    assert walked.rung is Rung.FLUOROSCOPY
    assert {one.name for one in CINE_DETECTORS} < {line.detector for line in walked.examined}
    assert len(walked.film_pumps) == 1
    assert {Kind.CONNECTOR_LEAK, Kind.EXTRAVASATION} & {finding.kind for finding in walked.findings}
    assert {image.name for image in walked.images} >= {"dye-study", "dye-frames"}


def test_the_report_of_a_dye_study_asks_the_ladder(study: Path, tmp_path: Path) -> None:
    """The study stands on the rung of fluoroscopy, its run is not passed over, and a finding decides what is next."""
    (case,) = scan([study], key=b"key").cases
    report = triage_case(case, out=tmp_path)
    assert [one.rung for one in report.studies] == [Rung.FLUOROSCOPY]
    assert "other_series" not in {line.detector for line in report.examined}
    assert report.findings
    assert report.decision.step
    assert (tmp_path / "cases" / case.case_id / "report.html").exists()
