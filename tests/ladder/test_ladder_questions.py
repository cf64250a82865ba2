"""The questionnaire asks only what matters next, and 'what if' shows what a fact changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from ladder_records import CALM, GATED, LOST, any_facts, ct_reading, record

from catheterview.errors import InputError
from catheterview.ladder import Facts, Question, Reading, decide, interview, what_if, with_values
from catheterview.ladder.facts import Imaging
from catheterview.ladder.fields import specs
from catheterview.ladder.questions import parsed, question
from catheterview.model import Kind

EMERGENCIES = [f"pres.{name}" for name in CALM]


class Person:
    """Answers questions from a list, and remembers what was asked."""

    def __init__(self, *replies: str | None) -> None:
        self.replies: Iterator[str | None] = iter(replies)
        self.asked: list[Question] = []

    def __call__(self, asked: Question) -> str | None:
        self.asked.append(asked)
        return next(self.replies, None)

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.asked]


def test_emergencies_come_first_and_one_that_is_there_changes_what_is_asked() -> None:
    """After a sign of overdose the reservoir is asked, not the therapy."""
    person = Person("y", "n", "n", "n", "n", "n", "8.5", "10", "20")
    facts = interview(Facts(), person)
    assert person.names[:6] == EMERGENCIES
    assert person.names[6:8] == ["vol.aspirated_ml", "vol.expected_ml"]
    assert not {"pres.loss_of_therapy", "cap.easy"} & set(person.names)
    assert facts.pres.overdose_signs is True
    assert decide(facts, reading=Reading()).step == "M6"


def test_the_interview_ends_when_nothing_would_change_the_answer() -> None:
    """A case that is decided is not asked on."""
    person = Person(*["no"] * 3)
    facts = record(
        GATED, vol={"aspirated_ml": 8.0}, avail={"nuclear_medicine": True}, img={"cap_ct": {"result": "not_done"}}
    )
    assert interview(facts, person) == facts
    assert person.asked == []


def test_what_is_not_known_is_not_asked_again() -> None:
    """An empty answer leaves the fact unknown and goes on to the next."""
    person = Person("", "", "", "", "", "", "", "")
    facts = interview(Facts(), person)
    assert facts == Facts()
    assert len(person.names) == len(set(person.names))
    assert person.names[:6] == EMERGENCIES


def test_an_answer_that_makes_no_sense_is_asked_again_with_the_reason() -> None:
    """A refused answer says why, and nothing is taken over."""
    person = Person("perhaps", "no", None)
    facts = interview(Facts(), person)
    assert [each.problem for each in person.asked] == ["", "pres.overdose_signs: 'perhaps' is neither yes nor no", ""]
    assert facts.pres.overdose_signs is False
    person = Person("8 mg", "-3", "8 cc")
    facts = interview(record(pres=LOST["pres"], intr=LOST["intr"]), person)
    assert "another dimension" in person.asked[1].problem
    assert "impossible" in person.asked[2].problem
    assert facts.vol.aspirated_ml == pytest.approx(8.0)


def test_a_contradiction_is_refused_when_it_is_answered() -> None:
    """The record is checked whole after each answer."""
    person = Person("25")
    facts = interview(
        record(pres=LOST["pres"], intr=LOST["intr"], device={"reservoir_capacity_ml": 20.0}, vol={"aspirated_ml": 5.0}),
        person,
    )
    assert person.names == ["vol.expected_ml", "vol.expected_ml"]
    assert "the reservoir holds 20 ml" in person.asked[1].problem
    assert facts.vol.expected_ml is None


def test_a_question_says_how_it_may_be_answered_and_where_the_case_stands() -> None:
    """Each kind of fact has its own hint."""
    decision = decide(Facts(), reading=Reading())
    hints = {
        "pres.infection": "yes or no",
        "vol.aspirated_ml": "a number in ml, or with its unit",
        "intr.motor_stall": "none | temporary | permanent",
        "gate.mri_date": "a date such as 2026-03-02",
        "as_of": "a date such as 2026-03-02",
        "drug.agents": "such as morphine 10 mg/ml, bupivacaine 20 mg/ml",
        "drug.agents[0].concentration_mg_per_ml": "a number in mg/ml, or with its unit",
        "device.model": "text",
    }
    assert {name: question(name, decision).hint for name in hints} == hints
    assert question("img.cap_ct.result", decision).text == "cap-ct: What did it show?"
    assert question("pres.infection", decision).decision is decision


@pytest.mark.parametrize(
    ("name", "reply", "value"),
    [
        ("pres.infection", " Yes ", True),
        ("pres.infection", "n", False),
        ("vol.aspirated_ml", "8.5", 8.5),
        ("vol.aspirated_ml", "8.5 ml", "8.5 ml"),
        ("intr.pcia_events", "3", 3),
        ("intr.motor_stall", "none", "none"),
        ("intr.errors", "E1, E2", ["E1", "E2"]),
        ("gate.mri_date", "2026-03-01", "2026-03-01"),
        (
            "drug.agents",
            "morphine 10 mg/ml, clonidine",
            [{"name": "morphine", "concentration_mg_per_ml": "10 mg/ml"}, {"name": "clonidine"}],
        ),
    ],
)
def test_answers_are_parsed_by_the_kind_of_fact(name: str, reply: str, value: Any) -> None:
    """What a person writes becomes what a file would hold."""
    assert parsed(name, reply) == value


def test_a_drug_that_is_no_drug_is_refused() -> None:
    """A concentration without a drug is refused."""
    with pytest.raises(InputError, match="is not a drug"):
        parsed("drug.agents", "10 mg/ml")


def test_drugs_are_asked_for_the_gate_and_taken_with_their_concentrations() -> None:
    """The gate's missing facts are asked one by one until it opens."""
    facts = record({**GATED, "drug": {}})
    person = Person("morphine 10 mg/ml, bupivacaine", "20")
    after = interview(facts, person)
    assert person.names[0] == "img.ct.result" or "drug.agents" in person.names
    assert after is not facts or person.asked


def test_what_if_names_what_changes() -> None:
    """One fact more, and the gate opens: the step changes, and so does what is asked."""
    facts = record({**GATED, "gate": {**GATED["gate"], "monitoring_available": None}})
    result = what_if(facts, {"gate.monitoring_available": True})
    assert (result.before.step, result.after.step) == ("I6", "I5")
    assert {"step", "action"} <= set(result.changed)
    assert "urgency" not in result.changed
    same = what_if(facts, {"implant.tip_level": "T10"})
    assert same.changed == ()
    reading = ct_reading(Kind.DISCONTINUITY)
    assert what_if(Facts(), {"pres.overdose_signs": True}, reading=reading).after.also == ("M3",)


def test_values_are_set_deep_in_a_record() -> None:
    """A row of a list is changed or added, a study is named, and None makes a fact unknown."""
    facts = record(GATED)
    assert with_values(facts, {"drug.agents[0].name": "baclofen"}).drug.agents[0].name == "baclofen"
    assert len(with_values(facts, {"drug.agents[1].name": "clonidine"}).drug.agents) == 2
    assert with_values(facts, {"img.ct.result": "normal"}).img.ct.result == "normal"
    assert with_values(facts, {"gate.mri_date": None}).gate.mri_date is None
    assert with_values(facts, {"as_of": "2026-03-05"}).as_of == "2026-03-05"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("drug.agents[5].name", "has only 1 rows"),
        ("drug.agents[0]", "is a list"),
        ("Drug!.name", "is not the path of a fact"),
        ("nonsense", "is not a known field"),
        ("vol.nothing", "is not a known field"),
    ],
)
def test_a_path_that_makes_no_sense_is_refused(path: str, reason: str) -> None:
    """The error names the path."""
    with pytest.raises(InputError, match=reason):
        with_values(record(GATED), {path: 1})


@given(any_facts())
def test_everything_that_is_asked_can_be_asked(facts: Facts) -> None:
    """Each name in `ask` has a question and a hint."""
    decision = decide(facts, reading=Reading())
    for name in decision.ask:
        assert question(name, decision).text
        assert question(name, decision).hint


def test_every_fact_has_a_question() -> None:
    """No fact is declared without the words to ask for it."""
    blank = Facts()
    groups = [getattr(blank, each.name) for each in fields(Facts) if each.name not in ("as_of", "origins", "img")]
    groups += [getattr(blank.img, each.name) for each in fields(Imaging)]
    assert all(spec.question for group in groups for spec in specs(type(group)).values())
