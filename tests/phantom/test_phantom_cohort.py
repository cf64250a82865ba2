"""Cohorts: the recipe decides the cases, killed runs go on, and the bytes do not depend on how many work at it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from catheterview.cli.phantom_command import FAULTS as SAID
from catheterview.cli.phantom_command import MODALITIES as NAMED
from catheterview.errors import InputError
from catheterview.phantom import FAULTS, split_of
from catheterview.phantom.cine import random_cine_recipe
from catheterview.phantom.cohort import (
    MODALITIES,
    CohortPlan,
    Study,
    cases_of,
    make_cohort,
    plan_of,
    read_plan,
    recipe_of,
    write_study,
)
from catheterview.phantom.cohort.projections import cine_recipe_of
from catheterview.read import scan

QUICK = {"cover": [0.45, 0.5], "physics": False, "shape": [60, 90, 100], "spacing_mm": [3.6, 3.2, 3.1]}
PLAN = CohortPlan(
    count=2, faults={"extravasation": 1.0}, modality="CAP-CT", split="train", seed=100_000, dials=QUICK, size="tiny"
)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_killed_cohort_goes_on_without_repeating_or_losing_one(tmp_path: Path) -> None:
    """Two processes, then one lost case and a half one: what is made again is the same to the byte."""
    told: list[int] = []
    made = make_cohort(PLAN, tmp_path, jobs=2, tell=lambda done, total, what: told.append(done))
    assert (made.made, made.kept, made.failed) == (2, 0, ())
    assert told == [1, 2]
    whole = _bytes(tmp_path)
    (lost, kept) = (case.name for case in cases_of(PLAN))
    shutil.rmtree(tmp_path / lost)
    (tmp_path / f"{lost}.part" / "dicom").mkdir(parents=True)
    before = (tmp_path / kept / "truth.json").stat().st_mtime_ns
    again = make_cohort(PLAN, tmp_path)
    assert (again.made, again.kept) == (1, 1)
    assert (tmp_path / kept / "truth.json").stat().st_mtime_ns == before
    assert _bytes(tmp_path) == whole
    with pytest.raises(InputError, match="another recipe"):
        make_cohort(replace(PLAN, dials={**QUICK, "noise_hu": 3.0}), tmp_path)
    listed = json.loads((tmp_path / "cohort.json").read_text(encoding="utf-8"))
    assert {one["split"] for one in listed["cases"]} == {"train"}
    _assert_two_patients([tmp_path / case.name for case in cases_of(PLAN)])


def _assert_two_patients(pair: list[Path]) -> None:
    """The faulty case and its control have the same seed; triage must not gather them into one case."""
    assert len({json.loads((one / "case.json").read_text(encoding="utf-8"))["seed"] for one in pair}) == 1
    slices = [[pydicom.dcmread(path) for path in sorted(one.rglob("*.dcm"))] for one in pair]
    assert [{one.PatientID.split("-")[0] for one in case} for case in slices] == [{"PHANTOM"}, {"CONTROL"}]
    assert [{str(one.PatientName).split("^")[0] for one in case} for case in slices] == [{"PHANTOM"}, {"CONTROL"}]
    assert len(scan(pair, key=b"pair").cases) == 2


@pytest.mark.parametrize("split", ["train", "calibration", "test"])
def test_counts_prevalence_and_split_are_as_asked(split: str) -> None:
    """A third of 30 cases has a fault, drawn by weight; all seeds, spare ones too, are of the split."""
    plan = CohortPlan(count=30, prevalence=1 / 3, faults={"kink": 3.0, "seroma": 1.0}, split=split, controls="own")
    cases = cases_of(plan)
    counts = Counter(case.study.fault for case in cases)
    assert counts["healthy"] == 20
    assert counts["kink"] in (7, 8)
    assert {split_of(seed) for case in cases for seed in (case.study.seed, *case.spare_seeds)} == {split}
    assert len({case.study.seed for case in cases}) == 30
    assert cases == cases_of(plan)


def test_a_matched_control_differs_in_the_fault_alone() -> None:
    """The same patient, device, scan and contrast."""
    plan = CohortPlan(count=8, faults={"tip_loculation": 1.0, "kink": 1.0}, modality="CAP-CT", traps=True)
    cases = cases_of(plan)
    for faulty, control in zip(cases[:4], cases[4:], strict=True):
        one, two = recipe_of(faulty.study), recipe_of(control.study)
        assert two.fault == "healthy"
        for name in ("seed", "wall_hu", "shape", "noise_hu", "mixing_ml", "injected_ml", "intrathecal_mm", "port"):
            assert getattr(one, name) == getattr(two, name)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "mapping"),
        ({"schema": "catheterview/cohort/9", "count": 2}, "schema"),
        ({"schema": "catheterview/cohort/1"}, "count"),
        ({"schema": "catheterview/cohort/1", "count": 2, "colour": 1}, "colour"),
        ({"schema": "catheterview/cohort/1", "count": "2"}, "count"),
        ({"schema": "catheterview/cohort/1", "count": True}, "count"),
        ({"schema": "catheterview/cohort/1", "count": 2, "prevalence": 2}, "prevalence"),
        ({"schema": "catheterview/cohort/1", "count": 2, "split": "exam"}, "exam"),
        ({"schema": "catheterview/cohort/1", "count": 2, "faults": {}}, "weights"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(values: object, said: str, tmp_path: Path) -> None:
    """With the reason, and the file's name."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        read_plan(path)
    assert "plan.json" in str(caught.value)


def test_a_recipe_file_is_yaml_or_json(tmp_path: Path) -> None:
    """The same plan from both."""
    path = tmp_path / "plan.yaml"
    path.write_text("schema: catheterview/cohort/1\ncount: 4\nfaults: [kink]\ndials: {gap_mm: 3.5}\n", encoding="utf-8")
    values = {"schema": "catheterview/cohort/1", "count": 4, "faults": ["kink"], "dials": {"gap_mm": 3.5}}
    assert read_plan(path) == plan_of(values)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(path)


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (Study(modality="MRI"), "no modality"),
        (Study(fault="tip_loculation"), "cannot show"),
        (Study(size="huge"), "no size"),
        (Study(dials={"colour": 1}), "colour"),
        (Study(dials={"gap_mm": "wide"}), "gap_mm"),
        (Study(dials={"place": "knee"}), "place"),
        (Study(dials={"shape": [60, 90]}), "shape"),
        (Study(views=("AP",)), "no views"),
        (Study(modality="RADIOGRAPH", views=("UP",)), "no view 'UP'"),
        (Study(modality="RADIOGRAPH", dials={"gap_mm": 3.0}), "no dial of radiographs"),
        (Study(modality="FLUOROSCOPY", views=("AP", "PA")), "one view"),
        (Study(modality="PLANAR", dials={"gap_mm": 3.0}), "no dial of scintigraphy"),
        (Study(modality="PLANAR", writing={"shuffled": True}), "written in one way"),
        (Study(writing={"colour": True}), "cannot be written with colour"),
        (Study(writing={"position": "UP"}), "no patient position"),
    ],
)
def test_a_study_that_cannot_be_is_refused(study: Study, said: str, tmp_path: Path) -> None:
    """Before anything is drawn."""
    with pytest.raises(InputError, match=said):
        write_study(study, tmp_path)


def test_views_and_priors_of_radiographs_are_as_asked(tmp_path: Path) -> None:
    """One view turned by ten degrees, and an earlier day of the same patient with no fault, in another study."""
    small = {"pitch_mm": 1.2, "rows": 360, "columns": 360}
    write_study(
        Study(modality="RADIOGRAPH", fault="pump_rotation", seed=4, views=("ap@10",), prior=True, dials=small), tmp_path
    )
    now, then = (json.loads((tmp_path / name).read_text()) for name in ("truth.json", "prior/truth.json"))
    (view,) = now["recipe"]["views"]
    assert (view["kind"], view["oblique_deg"]) == ("AP", 10.0)
    assert [one["kind"] for one in now["findings"]] == ["pump_rotation"]
    assert not then["findings"]
    films = [pydicom.dcmread(path) for path in sorted(tmp_path.rglob("*.dcm"))]
    assert len({film.PatientID for film in films}) == 1
    assert len({film.StudyInstanceUID for film in films}) == 2
    assert len({film.StudyDate for film in films}) == 2


def test_a_cohort_is_written_as_a_vendor_does(tmp_path: Path) -> None:
    """Feet first, in a shuffled order, signed: asked for in the recipe file; a plan without it has the cases it had."""
    values = {"schema": "catheterview/cohort/1", "count": 1, "prevalence": 0.0, "size": "tiny", "dials": QUICK}
    plain, asked = (plan_of({**values, **more}) for more in ({}, {"writing": {"position": "FFS", "shuffled": True}}))
    assert cases_of(plain)[0].digest != cases_of(asked)[0].digest
    assert make_cohort(asked, tmp_path).failed == ()
    one = pydicom.dcmread(next(tmp_path.rglob("*.dcm")))
    assert one.PatientPosition == "FFS"
    assert not one.filename.endswith("000001.dcm")  # type: ignore[union-attr]


def test_a_dye_study_is_as_long_and_as_wide_as_asked(tmp_path: Path) -> None:
    """A small run of fewer frames keeps its length; the file has them all, and truth is beside it."""
    study = Study(modality="FLUOROSCOPY", fault="connector_leak", seed=4, size="tiny", dials={"before_s": 2.0})
    recipe, drawn = cine_recipe_of(study), random_cine_recipe(4, fault="connector_leak")
    assert abs(recipe.frames * recipe.frame_s - drawn.frames * drawn.frame_s) <= 0.5
    write_study(replace(study, dials={"frames": 3, "frame_s": 4.0}), tmp_path)
    run = pydicom.dcmread(tmp_path / "dicom" / "cine.dcm")
    assert run.pixel_array.shape == (3, 256, 256)
    assert float(run.FrameTime) == 4000.0
    assert [one["kind"] for one in json.loads((tmp_path / "truth.json").read_text())["findings"]] == ["connector_leak"]


def test_a_cohort_of_radiographs_keeps_its_views(tmp_path: Path) -> None:
    """From the recipe file to each case; another view is another case."""
    values = {"schema": "catheterview/cohort/1", "count": 2, "modality": "RADIOGRAPH", "views": ["AP", "LATERAL@5"]}
    cases = cases_of(plan_of(values))
    assert {case.study.views for case in cases} == {("AP", "LATERAL@5")}
    other = cases_of(plan_of({**values, "views": ["AP"]}))
    assert not {case.digest for case in cases} & {case.digest for case in other}


def test_every_fault_of_the_ct_is_shown_by_some_modality() -> None:
    """And the command line knows all of them, and all modalities."""
    shown = [fault for modality in MODALITIES for fault in modality.faults]
    assert set(FAULTS) <= set(shown)
    assert set(SAID) == set(shown)
    assert tuple(modality.name for modality in MODALITIES) == NAMED
