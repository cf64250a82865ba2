"""What triage has read, joined with what is recorded: the two never contradict silently."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from ladder_records import CALM, LOST, ct_reading, found, ran, record, studies

from catheterview.ladder import Facts, Reading, decide
from catheterview.ladder.imaging import Seen, imaging
from catheterview.model import Kind, Rung


def _ct(reading: Reading, facts: Facts | None = None, rung: Rung = Rung.CT) -> Seen:
    return imaging(facts or Facts(), reading)[rung]


def test_a_ct_on_which_every_detector_ran_is_normal() -> None:
    """Normal needs a detector, and all of them."""
    assert _ct(ct_reading()).result == "normal"
    assert _ct(ct_reading(examined=(ran(), ran("kinks")))).result == "normal"


@pytest.mark.parametrize("outcome", ["SKIPPED", "FAILED"])
def test_a_ct_on_which_a_detector_did_not_run_is_nondiagnostic(outcome: str) -> None:
    """Silence is not absence: what did not run is named."""
    seen = _ct(ct_reading(examined=(ran(), ran("kinks", outcome, "too few slices"))))
    assert seen.result == "nondiagnostic"
    assert seen.note == f"kinks {outcome} (too few slices)"


def test_a_ct_on_which_nothing_ran_is_not_on_record() -> None:
    """A CT that could not be examined answers no question; it says why."""
    seen = _ct(ct_reading(examined=(ran("gaps", "SKIPPED", "no catheter"), ran("trace"))))
    assert seen.result is None
    assert not seen.done
    assert "nothing of it could be examined: gaps SKIPPED (no catheter)" in seen.note
    assert "no detector ran" in _ct(ct_reading(examined=())).note
    decision = decide(Facts(), reading=ct_reading(examined=(ran("gaps", "SKIPPED"),)))
    assert decision.step == "N1"
    assert decision.urgency == "cannot_tell"


def test_a_segment_that_cannot_be_assessed_makes_a_ct_nondiagnostic() -> None:
    """Not assessable is neither normal nor a defect."""
    assert _ct(ct_reading(Kind.NOT_ASSESSABLE)).result == "nondiagnostic"
    assert _ct(ct_reading(Kind.SEROMA)).result == "normal"
    assert decide(Facts(), reading=ct_reading(Kind.NOT_ASSESSABLE)).step == "I6"


def test_a_finding_belongs_to_the_study_of_its_series() -> None:
    """With two studies read, a finding counts for the one that its series belongs to."""
    named = MappingProxyType({"1.1": Rung.CT, "2.2": Rung.RADIOGRAPH})
    reading = Reading(
        findings=(found(Kind.KINK, series="1.1"),),
        examined=(ran(series="1.1"), ran("films", series="2.2")),
        rungs=(Rung.CT, Rung.RADIOGRAPH),
        rung_of=named,
    )
    assert _ct(reading).result == "abnormal"
    assert _ct(reading, rung=Rung.RADIOGRAPH).result == "normal"
    unnamed = Reading(findings=reading.findings, examined=reading.examined, rungs=reading.rungs)
    assert _ct(unnamed, rung=Rung.RADIOGRAPH).result == "abnormal"


def test_a_detector_of_another_study_does_not_make_this_one_nondiagnostic() -> None:
    """What was not run on the films says nothing of the CT."""
    reading = Reading(
        examined=(ran(series="1.1"), ran("films", "FAILED", series="2.2")),
        rungs=(Rung.CT, Rung.RADIOGRAPH),
        rung_of=MappingProxyType({"1.1": Rung.CT, "2.2": Rung.RADIOGRAPH}),
    )
    assert _ct(reading).result == "normal"
    assert _ct(reading, rung=Rung.RADIOGRAPH).result is None


@pytest.mark.parametrize(
    ("recorded", "reading", "result", "note"),
    [
        ("normal", ct_reading(Kind.DISCONTINUITY), "abnormal", "the record says normal, triage read abnormal"),
        ("abnormal", ct_reading(), "abnormal", "the record says abnormal, triage read normal"),
        ("nondiagnostic", ct_reading(), "nondiagnostic", "the record says nondiagnostic, triage read normal"),
        ("not_done", ct_reading(), "normal", ""),
        ("normal", ct_reading(), "normal", ""),
        ("normal", Reading(), "normal", ""),
    ],
)
def test_record_and_reading_are_joined_and_a_disagreement_is_told(
    recorded: str, reading: Reading, result: str, note: str
) -> None:
    """Abnormal by either stands, a person's word goes before triage's otherwise, and the difference is told."""
    seen = _ct(reading, record(studies(ct=recorded)))
    assert seen.result == result
    assert seen.note == note


def test_a_disagreement_is_in_the_trail() -> None:
    """The reader of the decision sees that the two reads differ."""
    decision = decide(record(LOST, studies(ct="normal")), reading=ct_reading(Kind.DISCONTINUITY))
    assert decision.step == "M3"
    assert any("the record says normal, triage read abnormal" in step.why for step in decision.trail)


def test_recorded_findings_without_a_result_are_abnormal() -> None:
    """A finding is a result; only what could not be assessed is not."""
    kink = record(img={"ct": {"findings": ["kink"]}})
    unsure = record(img={"ct": {"findings": ["not_assessable"]}})
    assert _ct(Reading(), kink).result == "abnormal"
    assert _ct(Reading(), unsure).result == "nondiagnostic"
    assert _ct(Reading(), record(img={"ct": {"at": "2026-03-01"}})).result is None


def test_a_filling_defect_is_a_suspected_mass_whatever_the_record_says() -> None:
    """How a granuloma shows sends the case to MRI at once; a record that suspects none does not outweigh it."""
    reading = ct_reading(Kind.FILLING_DEFECT, rung=Rung.CAP_CT)
    decision = decide(record(pres=CALM), reading=reading)
    assert decision.step == "I9"
    assert decision.urgency == "emergent"
    assert any("imaging suggests a mass" in step.why for step in decision.trail)


def test_an_mri_that_only_doubts_the_tip_is_no_mass() -> None:
    """MRI is never the only basis for an intramedullary tip: it leads neither to surgery nor to a stop."""
    facts = record(LOST, studies(radiograph="normal", mri="abnormal:intramedullary_tip"))
    decision = decide(facts, reading=Reading())
    assert not {"M2", "M3", "M4"} & {decision.step, *decision.also}


def test_images_without_a_pump_ask_whether_there_is_one() -> None:
    """Where the images show no pump and nobody says that there is one, that is the first question."""
    reading = Reading(examined=(ran("gaps", "SKIPPED", "no pump"),), rungs=(Rung.CT,), pump_found=False)
    decision = decide(Facts(), reading=reading)
    assert decision.step == "N0"
    assert "device.has_idds" in decision.ask
    assert decision.urgency == "cannot_tell"
    assert decide(record(device={"has_idds": True}), reading=reading).step == "N1"
    assert decide(record(pres={"overdose_signs": True}), reading=reading).step == "A4"


def test_a_patient_without_a_pump_is_off_the_ladder() -> None:
    """The ladder is about pumps; without one it stands at the first node, unless there is an emergency."""
    decision = decide(record(pres=CALM, device={"has_idds": False}), reading=Reading())
    assert decision.step == "N0"
    assert decide(record(pres={"overdose_signs": True}, device={"has_idds": False}), reading=Reading()).step == "A4"


def test_findings_that_decided_are_named_and_others_are_not() -> None:
    """`because` holds the ids of the findings for which an exit was taken."""
    reading = ct_reading(Kind.DISCONTINUITY, Kind.SEROMA)
    assert decide(Facts(), reading=reading).because == (reading.findings[0].id,)


def test_a_finding_that_its_study_cannot_have_never_asks_for_that_study_again() -> None:
    """A study that was read is not the next thing to do, whatever was found on it."""
    reading = ct_reading(Kind.TRACER_CONFINED_TO_RESERVOIR, rung=Rung.FLUOROSCOPY)
    decision = decide(Facts(), reading=reading)
    assert decision.step == "I6"
    assert any("tracer_confined_to_reservoir" in step.why for step in decision.trail)


def test_only_films_that_triage_read_show_how_far_a_case_has_come() -> None:
    """Recorded films are often made early; films that triage was given are the case's own question."""
    films = ct_reading(rung=Rung.RADIOGRAPH)
    assert decide(Facts(), reading=films).step == "I0"
    assert "device.has_cap" in decide(Facts(), reading=films).ask
    assert decide(record(studies(radiograph="normal")), reading=Reading()).step == "N1"
