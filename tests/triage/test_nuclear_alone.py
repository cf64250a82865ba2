"""Tomograms and planar views without a CT are read from files to a report; less is said, and said to be so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.data import get_testdata_file

from catheterview.ladder import Facts
from catheterview.limits import Limits
from catheterview.model import Examined, Kind, Rung
from catheterview.phantom.nuclear import NuclearWriting, make_planar, planar_dataset, write_nuclear
from catheterview.read import scan
from catheterview.triage.journal import Journal
from catheterview.triage.nuclear_walk import walk_nuclear
from catheterview.triage.staircase import Climb, Walked
from nuclear_studies import small_study


def _facts(**cath: float) -> Facts:
    """A record of flow, volumes and length."""
    known = Facts()
    return replace(
        known,
        drug=replace(known.drug, flow_ml_per_day=0.5),
        cath=replace(known.cath, **{"volume_ml_per_cm": 0.0022, "implanted_length_cm": 55.0, **cath}),
        device=replace(known.device, model="8637-20"),
    )


def _walk(home: Path, facts: Facts) -> tuple[Walked, ...]:
    (case,) = scan([home], key=b"k").cases
    return walk_nuclear(case, (), facts, Climb(rung=case.studies[0].rung, limits=Limits(), journal=Journal()))


def _line(walked: tuple[Walked, ...], detector: str) -> Examined:
    (one,) = [line for each in walked for line in each.examined if line.detector == detector]
    return one


@pytest.fixture(scope="module")
def planar(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    """Planar views of a healthy study, and of one whose tracer does not leave the reservoir; 48 h."""
    ct = small_study("pooling", with_ct=True).ct
    made = {}
    for fault in ("healthy", "confined"):
        phantom = replace(small_study(fault), ct=ct)
        made[fault] = planar_dataset(phantom, make_planar(phantom.recipe, hours=48.0, seconds=1200.0))
    return made


def _saved(dataset: Dataset, home: Path) -> Path:
    home.mkdir()
    dataset.save_as(home / "planar.dcm", enforce_file_format=True)
    return home


def test_planar_views_show_tracer_in_the_back(planar: dict[str, Dataset], tmp_path: Path) -> None:
    """Front and back, both windows: a column in the middle; no leak is called, and the rung is not taken as read."""
    (walked,) = _walk(_saved(planar["healthy"], tmp_path / "healthy"), _facts())
    assert walked.findings == ()
    assert "a column of tracer is seen in the middle of the back" in _line((walked,), "tracer_passage").why
    assert _line((walked,), "tracer_leak").outcome == "SKIPPED"
    assert walked.rung is None
    (picture,) = walked.images
    assert picture.name == "scintigraphy"
    pixels = cv2.imdecode(np.frombuffer(picture.png, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.max() == 255


def test_planar_views_show_that_nothing_leaves_the_reservoir(planar: dict[str, Dataset], tmp_path: Path) -> None:
    """At 48 h and half a millilitre a day the back must hold tracer: it does not, and the finding lies on the pump."""
    (walked,) = _walk(_saved(planar["confined"], tmp_path / "confined"), _facts())
    (found,) = walked.findings
    assert found.kind is Kind.TRACER_CONFINED_TO_RESERVOIR
    back = planar["confined"].pixel_array[[1, 3]].sum(axis=0)
    row, column = np.unravel_index(back.argmax(), back.shape)
    assert found.point == (row, column)
    assert any("without a CT" in caution for caution in found.cautions)


def test_one_detector_says_less(planar: dict[str, Dataset], tmp_path: Path) -> None:
    """The front alone is read on its own terms: no leak is called, nothing fails."""
    dataset = _copied(planar["healthy"])
    frames = planar["healthy"].pixel_array[[0, 2]]
    dataset.DetectorInformationSequence = dataset.DetectorInformationSequence[:1]
    dataset.EnergyWindowVector, dataset.DetectorVector = [1, 2], [1, 1]
    dataset.NumberOfDetectors, dataset.NumberOfFrames, dataset.PixelData = 1, 2, frames.tobytes()
    (walked,) = _walk(_saved(dataset, tmp_path / "front"), _facts())
    assert walked.findings == ()
    assert {line.outcome for line in walked.examined} <= {"RAN", "SKIPPED"}


def _copied(dataset: Dataset) -> Dataset:
    """A copy that can be changed."""
    copy = Dataset.from_json(dataset.to_json())
    copy.file_meta = dataset.file_meta
    copy["PixelData"].VR = "OW"
    return copy


def test_without_a_length_absence_is_not_judged(planar: dict[str, Dataset], tmp_path: Path) -> None:
    """How far the tip lies is asked for, not guessed."""
    facts = _facts()
    facts = replace(facts, cath=replace(facts.cath, implanted_length_cm=None))
    walked = _walk(_saved(planar["confined"], tmp_path / "unknown"), facts)
    assert not any(one.findings for one in walked)
    assert "cath.implanted_length_cm" in _line(walked, "tracer_passage").why


def test_planar_views_that_do_not_say_their_windows_are_left_alone(planar: dict[str, Dataset], tmp_path: Path) -> None:
    """Neither windows nor a nuclide: of another isotope perhaps, named and not read."""
    dataset = _copied(planar["confined"])
    del dataset.EnergyWindowInformationSequence
    dataset.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = "DTPA"
    walked = _walk(_saved(dataset, tmp_path / "bare"), _facts())
    assert not any(one.findings for one in walked)
    assert "does not say its energy windows" in _line(walked, "other_series").why


def test_a_tomogram_alone_tells_a_pool_behind_the_pump(tmp_path: Path) -> None:
    """The reservoir shows where the pump lies: the pool behind it is found within 15 mm of the truth."""
    phantom = replace(small_study("posterior"), ct=small_study("pooling", with_ct=True).ct)
    write_nuclear(phantom, tmp_path / "study", how=NuclearWriting(ct=False))
    (walked,) = _walk(tmp_path / "study", _facts())
    found = [one for one in walked.findings if one.kind is Kind.TRACER_POSTERIOR_TO_PUMP]
    assert len(found) == 1
    assert np.linalg.norm(np.subtract(found[0].point, phantom.findings[0].point)) < 15.0
    assert [image.name for image in walked.images] == ["scintigraphy"]


def test_a_healthy_tomogram_alone_has_no_finding(tmp_path: Path) -> None:
    """A column in the back, kidneys and bladder: nothing is called, and the CSF is looked along for a block."""
    phantom = replace(small_study(), ct=small_study("pooling", with_ct=True).ct)
    write_nuclear(phantom, tmp_path / "study", how=NuclearWriting(ct=False))
    (walked,) = _walk(tmp_path / "study", _facts())
    assert walked.findings == ()
    assert _line((walked,), "tracer_csf").outcome == "RAN"


def test_a_tomogram_alone_tells_a_pool_from_what_is_excreted(tmp_path: Path) -> None:
    """More than kidneys can hold, in the back: called within 15 mm, with its share and no segment; no flow, no call."""
    phantom = small_study("pooling", with_ct=True)
    write_nuclear(phantom, tmp_path / "study", how=NuclearWriting(ct=False))
    (walked,) = _walk(tmp_path / "study", _facts())
    (found,) = [one for one in walked.findings if one.kind is Kind.TRACER_POOLING]
    assert np.linalg.norm(np.subtract(found.point, phantom.findings[0].point)) < 15.0
    assert found.segment is None
    assert 0.0 < found.measures["share_of_reservoir"] < 0.2
    facts = _facts()
    (walked,) = _walk(tmp_path / "study", replace(facts, drug=replace(facts.drug, flow_ml_per_day=None)))
    assert not [one for one in walked.findings if one.kind is Kind.TRACER_POOLING]


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_a_real_bone_scan_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    """Whole-body views of another isotope that came as captures: no finding, and a line that says why."""
    path = get_testdata_file(name)
    assert isinstance(path, str)
    home = tmp_path / "real"
    home.mkdir()
    (home / name).write_bytes(Path(path).read_bytes())
    (case,) = scan([home], key=b"k").cases
    walked = walk_nuclear(case, (), _facts(), Climb(rung=case.studies[0].rung, limits=Limits(), journal=Journal()))
    series = [one for study in case.studies for one in study.series]
    assert all(one.grid is None for one in series)
    assert not any(one.findings for one in walked)
    assert _line(walked, "other_series").why


@pytest.mark.real
def test_real_whole_body_scans_of_the_archive_are_refused(real_data: Path) -> None:
    """Two whole-body scans without energy windows or place: not placed, not read, and a reason for each."""
    path = real_data / "nema-samples.zip"
    if not path.exists():
        pytest.skip(f"{path.name} is not among the real studies")
    told = []
    for case in scan([path], key=b"k").cases:
        walked = walk_nuclear(case, (), _facts(), Climb(rung=Rung.SPECT_CT, limits=Limits(), journal=Journal()))
        assert not any(one.findings for one in walked)
        told += [line.why for one in walked for line in one.examined if line.detector == "other_series"]
    assert len(told) >= 1
    assert all(told)
