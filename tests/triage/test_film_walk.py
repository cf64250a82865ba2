"""A case of radiographs is walked from files to report; a film without a device flags nothing."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from catheterview.model import Kind, Report
from catheterview.phantom.film import write_films
from catheterview.read import scan
from catheterview.triage.case import triage_case
from film_scenes import frontal

KEY = b"a key for tests"


def triaged(folder: Path, out: Path) -> Report:
    (case,) = scan([folder], key=KEY).cases
    return triage_case(case, out=out)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    place = tmp_path_factory.mktemp("films")
    return triaged(write_films((frontal(),), place / "study"), place / "out")


def test_a_film_with_a_healthy_device_is_read(report: Report) -> None:
    """Pump and catheter are found, every detector says that it ran, and no defect is claimed."""
    outcome = {line.detector: line.outcome for line in report.examined}
    assert {outcome[name] for name in ("device", "discontinuity", "kink", "visibility", "tip", "pump_flip")} == {"RAN"}
    assert len(report.catheters) == 1
    assert {finding.kind for finding in report.findings} <= {Kind.NOT_ASSESSABLE}
    assert not report.problems


def test_the_rung_of_films_is_read(report: Report) -> None:
    """The ladder goes past radiographs: they are on record."""
    (study,) = report.studies
    assert study.rung == "radiograph"
    assert any("radiograph" in step.why for step in report.decision.trail)


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "693_J2KI.dcm"])
def test_a_real_film_without_a_device_flags_nothing(name: str, tmp_path: Path) -> None:
    """The films that pydicom ships hold no pump: nothing is traced, nothing is found, and it says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"{name} is not installed with pydicom")
    cases = scan([Path(path)], key=KEY).cases
    for case in cases:
        report = triage_case(case, out=tmp_path)
        assert report.findings == ()
        assert report.catheters == ()
