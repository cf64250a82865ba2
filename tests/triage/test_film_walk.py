"""A case of radiographs is walked from files to report; a film without a device flags nothing."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from catheterview.ladder import Facts
from catheterview.model import Kind, Report
from catheterview.phantom.film import write_films
from catheterview.read import scan
from catheterview.triage.case import triage_case
from film_scenes import frontal

KEY = b"a key for tests"


def triaged(folder: Path, out: Path) -> Report:
    """With the tip's level and the length on record."""
    (case,) = scan([folder], key=KEY).cases
    known = Facts()
    known = replace(
        known, implant=replace(known.implant, tip_level="T2"), cath=replace(known.cath, implanted_length_cm=80.0)
    )
    return triage_case(case, out=out, facts=known)


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


def test_a_record_of_the_tip_makes_no_migration_where_its_level_is_not_known(report: Report) -> None:
    """On a frontal film alone the tip's level is not told, and the level on record is held against nothing."""
    (told,) = (line.why for line in report.examined if line.detector == "tip")
    assert "the tip's vertebral level is not known" in told
    assert Kind.MIGRATION not in {finding.kind for finding in report.findings}


def test_what_each_segment_shows_is_in_the_report(report: Report) -> None:
    """The line of what was seen names the segments."""
    (told,) = (line.why for line in report.examined if line.detector == "visibility")
    assert "connector" in told
    assert "intrathecal" in told
    assert "likelihood ratio" in told


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
