"""Reading and writing facts: what is given comes back, and what cannot be understood is refused by its path."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from ladder_records import GATED, any_facts, record

from catheterview.errors import InputError, UnreadableError
from catheterview.ladder import FACTS_SCHEMA, Facts, facts_from, facts_to_plain, load_facts, write_facts
from catheterview.ladder.facts_write import facts_schema

SCHEMA = "catheterview/facts/1"


def _refused(**groups: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        facts_from({"schema": SCHEMA, "as_of": "2026-03-02", **groups})
    return caught.value


def test_facts_that_say_nothing_are_all_unknown() -> None:
    """An empty record knows nothing, and a record cannot be changed."""
    assert facts_from({"schema": SCHEMA}) == Facts()
    assert facts_to_plain(Facts()) == {"schema": SCHEMA}
    with pytest.raises(FrozenInstanceError):
        Facts().as_of = "2026-03-02"  # type: ignore[misc]


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml"])
def test_facts_survive_a_file(tmp_path: Path, suffix: str) -> None:
    """What is written is read back as it was, in JSON and in YAML."""
    origin = {"origins": {"vol.aspirated_ml": {"at": "2026-03-01", "source": "refill note"}}}
    facts = record(GATED, origin, case={"patient_id": "4711", "study_instance_uids": ["1.2.3"]})
    path = tmp_path / f"facts{suffix}"
    write_facts(facts, path)
    assert load_facts(path) == facts


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    """The shape that is fixed outside is the shape that is read, unquoted dates of YAML included."""
    path = tmp_path / "facts.yaml"
    path.write_text(
        "schema: catheterview/facts/1\n"
        "as_of: 2026-03-02\n"
        "case: {patient_id: A, issuer: null, study_instance_uids: []}\n"
        "device: {has_idds: true, manufacturer: Medtronic, model: 8637-20, reservoir_capacity_ml: 20, has_cap: true}\n"
        "drug: {agents: [{name: morphine, concentration_mg_per_ml: 10}], flow_ml_per_day: 0.3}\n"
        "gate: {mri_date: 2026-02-16}\n"
        "hist: {contrast_at: 2026-02-20T09:30:00}\n"
        "img: {ct: {result: abnormal, findings: [kink]}, mri: null}\n"
        "vol:\n",
        encoding="utf-8",
    )
    facts = load_facts(path)
    assert facts.as_of == "2026-03-02"
    assert facts.gate.mri_date == "2026-02-16"
    assert facts.hist.contrast_at == "2026-02-20T09:30:00"
    assert facts.drug.agents[0].mg_per_ml == 10.0
    assert facts.img.ct.findings == ("kink",)
    assert facts.device.model == "8637-20"
    assert facts.vol == Facts().vol


def test_a_quantity_is_converted_to_the_unit_of_its_name() -> None:
    """Text with a unit is read by a unit library; nothing is guessed."""
    agents = [{"name": "a", "concentration_mg_per_ml": "500 mcg/ml"}, {"concentration_mcg_per_ml": "0.5 mg/mL"}]
    facts = record(drug={"agents": agents, "flow_ml_per_day": "12.5 microliter/hour"}, vol={"aspirated_ml": "8 cc"})
    assert facts.drug.agents[0].concentration_mg_per_ml == pytest.approx(0.5)
    assert facts.drug.agents[1].mg_per_ml == pytest.approx(0.5)
    assert facts.drug.flow_ml_per_day == pytest.approx(0.3)
    assert facts.vol.aspirated_ml == pytest.approx(8.0)


def test_counts_and_lists_of_the_interrogation() -> None:
    """Whole numbers and lists of texts are read as they are."""
    intr = record(intr={"pcia_events": 3, "errors": ["E1", "E2"], "battery": "eri"}).intr
    assert (intr.pcia_events, intr.errors, intr.battery) == (3, ("E1", "E2"), "eri")


def test_doses_in_both_units() -> None:
    """Micrograms a day are a thousandth of milligrams a day."""
    agents = [{"daily_dose_mcg": 250.0}, {"daily_dose_mg": 0.25}, {}]
    assert [agent.mg_per_day for agent in record(drug={"agents": agents}).drug.agents] == [0.25, 0.25, None]


@pytest.mark.parametrize(
    ("groups", "where", "reason"),
    [
        ({"vol": {"aspirated": 3}}, "vol.aspirated", "aspirated_ml"),
        ({"vol": {"aspirated_l": 3}}, "vol.aspirated_l", "aspirated_ml"),
        ({"vol": {"zzz": 3}}, "vol.zzz", "is not a known field"),
        ({"vol": {"fluidd": 3}}, "vol.fluidd", "fluid"),
        ({"vols": {}}, "vols", "is not a known field; vol"),
        ({"drug": {"agents": [{"concentration": 3}]}}, "drug.agents[0].concentration", "concentration_mg_per_ml"),
        ({"drug": {"agents": {"name": "a"}}}, "drug.agents", "must be a list"),
        ({"drug": {"agents": ["a"]}}, "drug.agents[0]", "must be an object"),
        ({"vol": {"aspirated_ml": -1}}, "vol.aspirated_ml", "impossible"),
        ({"vol": {"aspirated_ml": 1e6}}, "vol.aspirated_ml", "impossible"),
        ({"vol": {"aspirated_ml": float("nan")}}, "vol.aspirated_ml", "finite"),
        ({"vol": {"aspirated_ml": True}}, "vol.aspirated_ml", "must be a number in ml"),
        ({"vol": {"aspirated_ml": "3"}}, "vol.aspirated_ml", "has no unit"),
        ({"vol": {"aspirated_ml": "3 mg"}}, "vol.aspirated_ml", "another dimension"),
        ({"vol": {"aspirated_ml": "9**9**9 ml"}}, "vol.aspirated_ml", "is not a quantity"),
        ({"vol": {"aspirated_ml": "3 furlongwise"}}, "vol.aspirated_ml", "is not a quantity"),
        ({"vol": {"aspirated_ml": "3 ml / "}}, "vol.aspirated_ml", "is not a quantity"),
        ({"vol": {"aspirated_ml": "three ml of"}}, "vol.aspirated_ml", "is not a quantity"),
        ({"vol": {"aspirated_ml": "3 ml ("}}, "vol.aspirated_ml", "is not a quantity"),
        (
            {"drug": {"agents": [{"concentration_mg_per_ml": 2000}]}},
            "drug.agents[0].concentration_mg_per_ml",
            "impossible",
        ),
        ({"pres": {"overdose_signs": "yes"}}, "pres.overdose_signs", "true, false or left out"),
        ({"pres": {"overdose_signs": 1}}, "pres.overdose_signs", "true, false or left out"),
        ({"pres": []}, "pres", "must be an object"),
        ({"intr": {"motor_stall": "forever"}}, "intr.motor_stall", "none | temporary | permanent"),
        ({"intr": {"motor_stall": "permament"}}, "intr.motor_stall", "permanent"),
        ({"intr": {"pcia_events": 1.5}}, "intr.pcia_events", "whole number"),
        ({"intr": {"pcia_events": -1}}, "intr.pcia_events", "whole number"),
        ({"intr": {"pcia_events": True}}, "intr.pcia_events", "whole number"),
        ({"intr": {"errors": "E1"}}, "intr.errors", "must be a list"),
        ({"intr": {"errors": [3]}}, "intr.errors[0]", "must be text"),
        ({"device": {"model": " "}}, "device.model", "must be text"),
        ({"img": {"ct": {"result": "abnormal", "findings": ["kinck"]}}}, "img.ct.findings[0]", "kink"),
        ({"img": {"pet": {}}}, "img.pet", "is not a known field"),
        ({"img": {"ct": "normal"}}, "img.ct", "must be an object"),
        ({"gate": {"mri_date": "last week"}}, "gate.mri_date", "ISO 8601"),
        ({"gate": {"mri_date": 20260201}}, "gate.mri_date", "ISO 8601"),
        ({"as_of": "soon"}, "as_of", "ISO 8601"),
        ({"schema": "catheterview/facts/2"}, "schema", "catheterview/facts/1"),
        ({"origins": {"vol.aspirated_ml": {"by": "x"}}}, "origins.vol.aspirated_ml.by", "is not a known field"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_path(groups: dict[str, Any], where: str, reason: str) -> None:
    """The error names the field and says what it should be."""
    error = _refused(**groups)
    assert error.where == where
    assert reason in error.reason


def test_a_file_must_be_an_object() -> None:
    """A list is no record."""
    with pytest.raises(InputError, match="must be an object"):
        facts_from([])
    with pytest.raises(InputError, match="nothing"):
        facts_from(None)


@pytest.mark.parametrize(
    ("name", "written", "reason"),
    [("facts.json", "{", "is not json"), ("facts.yaml", "a: [", "is not yaml"), ("facts", "{", "is not JSON")],
)
def test_a_file_that_cannot_be_parsed_is_unreadable(tmp_path: Path, name: str, written: str, reason: str) -> None:
    """The error names the file."""
    path = tmp_path / name
    path.write_text(written, encoding="utf-8")
    with pytest.raises(UnreadableError, match=reason) as caught:
        load_facts(path)
    assert caught.value.where == name


def test_a_file_that_is_not_text_or_not_there_is_unreadable(tmp_path: Path) -> None:
    """Neither a missing file nor bytes that are no text end in a traceback."""
    (tmp_path / "facts.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableError, match="UnicodeDecodeError"):
        load_facts(tmp_path / "facts.json")
    with pytest.raises(UnreadableError, match="FileNotFoundError"):
        load_facts(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("facts.json", '{"schema": "catheterview/facts/1", "vol": {"aspirated_ml": 1, "aspirated_ml": 2}}'),
        ("facts.yaml", "schema: catheterview/facts/1\nvol: {aspirated_ml: 1, aspirated_ml: 2}\n"),
    ],
)
def test_a_name_that_is_given_twice_is_refused(tmp_path: Path, name: str, written: str) -> None:
    """Two values for one fact are a contradiction, not a choice of the parser."""
    (tmp_path / name).write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match="given twice") as caught:
        load_facts(tmp_path / name)
    assert caught.value.where == "aspirated_ml"


@given(any_facts())
def test_every_written_record_fits_the_schema(facts: Facts) -> None:
    """What is written validates against the published schema."""
    plain = json.loads(json.dumps(facts_to_plain(facts)))
    jsonschema.Draft202012Validator(facts_schema()).validate(plain)


def test_the_published_schema_is_that_of_the_declarations() -> None:
    """The package data is what the declarations give, and is a valid schema."""
    published = json.loads(FACTS_SCHEMA.read_text(encoding="utf-8"))
    assert published == facts_schema()
    jsonschema.Draft202012Validator.check_schema(published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": SCHEMA, "vol": {"aspirated": 3}}, published)
