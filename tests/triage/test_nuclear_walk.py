"""A case with SPECT and CT is walked from files to a report: found, placed, asked, and never guessed."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pytest
from pydicom import dcmread

from catheterview.geometry import Frame
from catheterview.ladder import Facts
from catheterview.limits import Limits
from catheterview.model import Anatomy, Centreline, Finding, Kind, Pump, Rung
from catheterview.phantom.nuclear import NuclearWriting, write_nuclear
from catheterview.read import Case, Series, scan
from catheterview.triage.case import _as_study, _reported
from catheterview.triage.journal import Journal
from catheterview.triage.nuclear_walk import WalkedCt, nuclear_series, walk_nuclear
from catheterview.triage.results import write_dicom
from catheterview.triage.staircase import Climb, Walked
from catheterview.triage.tracer_facts import delivery_of
from nuclear_studies import small_study


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pooling study on disk, slices from head to feet."""
    home = tmp_path_factory.mktemp("nuclear") / "study"
    write_nuclear(small_study("pooling", with_ct=True), home, how=NuclearWriting(head_first=True))
    return home


def _facts(**drug: float) -> Facts:
    known = Facts()
    return replace(
        known,
        drug=replace(known.drug, **drug),
        cath=replace(known.cath, volume_ml_per_cm=0.0022),
        device=replace(known.device, model="8637-20"),
    )


def _walk(home: Path, facts: Facts, journal: Journal | None = None) -> tuple[Walked, ...]:
    """Walk the nuclear medicine with the CT's truth handed over, as a perfect reading of the CT would."""
    phantom = small_study("pooling", with_ct=True)
    assert phantom.ct is not None
    (case,) = scan([home], key=b"k").cases
    cts = [
        WalkedCt(series=one, walked=_perfect(phantom.ct.pumps, phantom.ct.catheters, phantom.ct.anatomy))
        for one in _cts(case)
    ]
    climb = Climb(rung=Rung.SPECT_CT, limits=Limits(), journal=journal or Journal())
    return walk_nuclear(case, cts, facts, climb)


def _cts(case: Case) -> list[object]:
    return [one for study in case.studies for one in study.series if one.modality == "CT"]


def _perfect(pumps: tuple[Pump, ...], catheters: tuple[Centreline, ...], anatomy: Anatomy) -> Walked:
    return Walked(examined=(), rung=Rung.CT, pumps=pumps, catheters=catheters, anatomy=anatomy)


def test_a_study_is_read_from_its_files(written: Path) -> None:
    """The pool is found within 8 mm of the truth, on the SPECT's own series, with two pictures."""
    (walked,) = _walk(written, _facts(flow_ml_per_day=0.5))
    (found,) = walked.findings
    (truth,) = json.loads((written / "truth.json").read_text())["findings"]
    assert found.kind is Kind.TRACER_POOLING
    assert np.linalg.norm(np.subtract(found.point, truth["point"])) < 8.0
    assert walked.rung is Rung.SPECT_CT
    assert [one.detector for one in walked.examined] == ["tracer_leak", "tracer_passage", "tracer_csf"]
    assert (
        found.series_instance_uid == json.loads((written / "truth.json").read_text())["scans"][0]["series_instance_uid"]
    )
    assert [image.name for image in walked.images] == ["spect-ct", "tracer-along"]
    assert all(image.png.startswith(b"\x89PNG") and "research" not in image.caption for image in walked.images)


def test_tracer_outside_the_catheter_is_a_segment_of_its_ct(written: Path, tmp_path: Path) -> None:
    """Read from files: a segmentation of the CT, in its frame of reference, whose tracer lies where the pool is."""
    (walked,) = _walk(written, _facts(flow_ml_per_day=0.5))
    (case,) = scan([written], key=b"k").cases
    (ct,) = _cts(case)
    phantom = small_study("pooling", with_ct=True)
    assert isinstance(ct, Series)
    assert phantom.ct is not None
    pumps = tuple(replace(one, series_instance_uid=ct.series_instance_uid) for one in phantom.ct.pumps)
    seen = Walked(examined=(), rung=Rung.CT, pumps=pumps)
    report = _reported(case, (seen, walked), Facts(), Journal(), limits=Limits().ladder)
    paths = write_dicom(case, report, (), tmp_path, deposits=walked.deposits)
    assert "seg-1-1.dcm" in {path.name for path in paths}
    made = highdicom.seg.segread(tmp_path / "seg-1-1.dcm")
    assert [one.SegmentLabel for one in made.SegmentSequence] == ["pump", "tracer"]
    assert made.FrameOfReferenceUID == ct.frame_of_reference_uid
    volume = made.get_volume()
    at = volume.map_indices_to_reference(np.argwhere(volume.array[..., 1]))
    (truth,) = phantom.findings
    assert np.linalg.norm(at.mean(axis=0) - truth.point) < 8.0
    if shutil.which("dciodvfy"):
        for path in paths:
            told = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)
            assert "Error" not in told.stdout + told.stderr, path.name


def test_what_the_header_lacks_is_asked_for(written: Path, tmp_path: Path) -> None:
    """Without an injection in header and record, absence is not judged; the record's injection is taken."""
    home = tmp_path / "bare"
    write_nuclear(small_study("pooling", with_ct=True), home, how=NuclearWriting(injection=False))
    facts, journal = _facts(flow_ml_per_day=0.5), Journal()
    (walked,) = _walk(home, facts, journal)
    assert {one.measures.get("hours") for one in walked.findings} == {None}
    (asked,) = [problem.reason for problem in journal.problems if "hist.tracer_injected_at" in problem.reason]
    assert "when the tracer was injected" in asked
    told = replace(facts, hist=replace(facts.hist, tracer_injected_at="2000-01-01T08:00"))
    (timed,) = _walk(home, told)
    assert {one.measures["hours"] for one in timed.findings} == {48.0}


def test_a_mirrored_spect_is_refused_with_its_reason(tmp_path: Path) -> None:
    """Left and right exchanged in the CT's frame of reference: a problem that says so, and nothing is measured."""
    home, journal = tmp_path / "mirrored", Journal()
    write_nuclear(small_study("pooling", with_ct=True), home, how=NuclearWriting(mirrored=True))
    (walked,) = _walk(home, _facts(flow_ml_per_day=0.5), journal)
    assert walked.findings == ()
    assert {one.outcome for one in walked.examined} == {"SKIPPED"}
    assert any("mirrored left and right" in problem.reason for problem in journal.problems)


def test_a_spect_of_another_frame_is_laid_on_the_ct(tmp_path: Path) -> None:
    """Without a common frame of reference it is registered, the report says so, and the pool is where it was."""
    home = tmp_path / "apart"
    write_nuclear(small_study("pooling", with_ct=True), home, how=NuclearWriting(own_frame=True))
    (walked,) = _walk(home, _facts(flow_ml_per_day=0.5))
    (found,) = walked.findings
    (truth,) = json.loads((home / "truth.json").read_text())["findings"]
    assert np.linalg.norm(np.subtract(found.point, truth["point"])) < 10.0
    assert "laid on the CT, moved by" in walked.images[0].caption


def test_nuclear_medicine_of_another_isotope_is_left_alone(written: Path, tmp_path: Path) -> None:
    """A bone scan in the same case is named and not measured."""
    dataset = dcmread(written / "t048h" / "spect.dcm")
    for window in dataset.EnergyWindowInformationSequence:
        span = window.EnergyWindowRangeSequence[0]
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = "126", "154"
    home = tmp_path / "bone"
    home.mkdir()
    dataset.save_as(home / "spect.dcm")
    (case,) = scan([home], key=b"k").cases
    walked = walk_nuclear(case, (), Facts(), Climb(rung=Rung.SPECT_CT, limits=Limits(), journal=Journal()))
    whys = [line.why for one in walked for line in one.examined]
    assert "its energy windows are not those of In-111" in whys
    assert not any(one.findings or one.rung for one in walked)
    assert len(nuclear_series(case)) == 1


def test_delivery_comes_from_the_record_and_the_catalogue() -> None:
    """A catalogue's port fills in for a model; nothing fills in for a flow; a recorded dead space is shared out."""
    known = delivery_of(_facts(flow_ml_per_day=0.4), 500.0, Limits())
    assert known.known
    assert known.pump_ml == pytest.approx(0.14)
    assert known.reservoir_ml == 20.0
    assert delivery_of(_facts(), 500.0, Limits()).missing == ("drug.flow_ml_per_day",)
    facts = _facts(flow_ml_per_day=0.4)
    spaced = replace(facts, cath=replace(facts.cath, dead_space_ml=0.3))
    assert delivery_of(spaced, 500.0, Limits()).arrival_h(500.0) == pytest.approx(0.3 / 0.4 * 24.0)


@pytest.mark.parametrize(
    ("kinds", "counts_as"),
    [((), Rung.OTHER), ((Kind.NOT_ASSESSABLE,), Rung.OTHER), ((Kind.DISCONTINUITY,), Rung.CT)],
    ids=["nothing", "not assessable", "a defect"],
)
def test_the_low_dose_ct_of_a_spect_is_no_normal_thin_ct(
    written: Path, kinds: tuple[Kind, ...], counts_as: Rung
) -> None:
    """Slices of 2 mm and more: nothing found on them does not stand for the thin CT of the ladder, a defect does."""
    (case,) = scan([written], key=b"k").cases
    (study,) = case.studies
    (series,) = _cts(case)
    assert isinstance(series, Series)
    found = tuple(
        Finding(kind=kind, score=1.0, frame=Frame.PATIENT, point=(0.0, 0.0, 0.0), series_instance_uid="1", message="")
        for kind in kinds
    )
    walked = Walked(examined=(), rung=Rung.CT, findings=found)
    assert _as_study(walked, study, series, Limits()).rung is counts_as
    plain = replace(study, rung=Rung.CT)
    assert _as_study(walked, plain, series, Limits()).rung is Rung.CT


def test_a_mirrored_spect_of_another_frame_is_refused(tmp_path: Path) -> None:
    """Without a common frame of reference too: tracer in catheter and canal fits only the other way round."""
    home, journal = tmp_path / "mirrored-apart", Journal()
    write_nuclear(small_study("pooling", with_ct=True), home, how=NuclearWriting(mirrored=True, own_frame=True))
    (walked,) = _walk(home, _facts(flow_ml_per_day=0.5), journal)
    assert walked.findings == ()
    assert any("only with left and right exchanged" in problem.reason for problem in journal.problems)
