"""Cases that the review describes, and cases that take every exit of the table."""

from __future__ import annotations

from typing import Any

from ladder_records import CALM, EASY, GATED, LOST, ct_reading, record, studies

from catheterview.ladder import Facts, Policies, Reading
from catheterview.model import Kind, Rung

SMALL = {"reservoir_capacity_ml": 20.0}
MORPHINE = {"agents": [{"name": "morphine", "concentration_mg_per_ml": 10.0}]}
OVERDOSED = {**CALM, "overdose_signs": True}
WITHDRAWN = {**CALM, "withdrawal_signs": True}

#: Facts, nodes that are passed, and the step.
VECTORS: dict[str, tuple[Facts, str, str]] = {
    "overdose, opioid, 1.5 ml short of 20": (
        record(pres=OVERDOSED, drug=MORPHINE, device=SMALL, vol={"aspirated_ml": 8.5, "expected_ml": 10.0}),
        "N1 A1 A2 A3 A4 A5",
        "M6",
    ),
    "overdose, no discrepancy": (
        record(pres=OVERDOSED, device=SMALL, vol={"aspirated_ml": 10.0, "expected_ml": 10.0}),
        "N1 A1 A2 A3 A4",
        "A6",
    ),
    "withdrawal, reservoir empty": (record(pres=WITHDRAWN, vol={"low_or_empty": True}), "N1 A1 A2 A7", "A8"),
    "withdrawal, refilled": (
        record(pres=WITHDRAWN, vol={"low_or_empty": True}, done={"refilled": True}),
        "A7 A8",
        "DONE",
    ),
    "withdrawal, cannot restore, 4 ml too much": (
        record(
            pres=WITHDRAWN,
            device=SMALL,
            vol={"restoration_possible": False, "aspirated_ml": 9.0, "expected_ml": 5.0},
        ),
        "A7 A8 A9 B1",
        "B2",
    ),
    "loss of therapy, programming error, permanent stall": (
        record(LOST, intr={"programming_error": True, "motor_stall": "permanent"}),
        "B3 B3a",
        "M2",
    ),
    "loss of therapy, excess, no response, films normal, CSF easy": (record(LOST, cap=EASY), "I0 I2 I3", "I5"),
    "CAP fails, gate open": (record(GATED), "I0 I2 G1", "I5"),
    "all studies normal": (
        record(LOST, studies(cap_ct="normal", ct="normal", spect_ct="normal", lp_ct="normal"), cap=EASY),
        "I5 I6 I7 I8",
        "M5",
    ),
    "new paraparesis, mass": (
        record(studies(mri="abnormal:granuloma"), pres={**CALM, "new_or_progressive_neuro_deficit": True}),
        "N1 I9",
        "M4",
    ),
    "Prometra after MRI, 1.5 ml at 0.0 mg/day": (
        record(
            pres=CALM,
            device={"manufacturer": "Flowonix"},
            hist={"post_mri": True},
            vol={"aspirated_ml": 1.5},
            drug={"flow_ml_per_day": 0.0},
        ),
        "N2 N2a",
        "M7",
    ),
    "30 ml of CSF from an 18 ml reservoir": (
        record(pres=CALM, device={"reservoir_capacity_ml": 18.0}, vol={"aspirated_ml": 30.0, "fluid": "csf"}),
        "N2 N3",
        "I0",
    ),
    "4 cm gap at the connector on films": (record(LOST, studies(radiograph="abnormal:discontinuity")), "I0", "M3"),
}

#: Facts, the node that needs a missing fact, and the fact.
STANDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing known": ({}, "N1", "pres.overdose_signs"),
    "only that therapy is lost": ({"pres": {"loss_of_therapy": True}}, "N1", "pres.overdose_signs"),
    "one emergency open": (
        {"pres": {**{k: v for k, v in CALM.items() if k != "infection"}, "loss_of_therapy": True}},
        "N1",
        "pres.infection",
    ),
    "calm, nothing else": ({"pres": CALM}, "N2", "pres.loss_of_therapy"),
    "loss, no history": ({"pres": {**CALM, "loss_of_therapy": True}}, "B2", "pres.non_device_cause"),
    "loss, no interrogation": ({"pres": LOST["pres"]}, "B3", "intr.programming_error"),
    "error, stall not known": ({"pres": LOST["pres"], "intr": {"programming_error": True}}, "B3a", "intr.motor_stall"),
    "no aspiration": ({"pres": LOST["pres"], "intr": LOST["intr"]}, "B6", "vol.aspirated_ml"),
    "bolus not considered": (
        {"pres": LOST["pres"], "intr": LOST["intr"], "vol": LOST["vol"], "device": LOST["device"]},
        "B9",
        "bolus.expected_noticeable_response",
    ),
    "films not known": ({k: v for k, v in LOST.items() if k != "img"}, "I0", "img.radiograph.result"),
    "port not tried": (LOST, "I2", "cap.csf_aspirated_ml"),
    "clear not known": ({**LOST, "cap": {"csf_aspirated_ml": 3.0, "easy": True}}, "I2", "cap.clear"),
    "volume in overdose": ({"pres": OVERDOSED}, "A4", "vol.aspirated_ml"),
    "restoration in withdrawal": ({"pres": WITHDRAWN}, "A8", "vol.low_or_empty"),
    "volume in withdrawal": ({"pres": WITHDRAWN, "vol": {"restoration_possible": False}}, "A9", "vol.aspirated_ml"),
    "Prometra after MRI, not aspirated": (
        {"pres": CALM, "device": {"manufacturer": "Flowonix"}, "hist": {"post_mri": True}},
        "N2a",
        "vol.aspirated_ml",
    ),
    "Flowonix, MRI not known": ({"pres": CALM, "device": {"manufacturer": "Flowonix"}}, "N2", "hist.post_mri"),
    "CT normal, nuclear not known": (
        {**GATED, "gate": {}, "img": {"radiograph": {"result": "normal"}, "ct": {"result": "normal"}}},
        "I6",
        "avail.nuclear_medicine",
    ),
    "abnormal films, not said how": ({**LOST, **studies(radiograph="abnormal")}, "I0", "img.radiograph.findings"),
    "abnormal SPECT-CT, not said how": (
        {**LOST, **studies(radiograph="normal", spect_ct="abnormal")},
        "I7",
        "img.spect_ct.findings",
    ),
}

#: Facts, and what is to be done next.
NEXT: dict[str, tuple[dict[str, Any], str]] = {
    "films not done": ({**LOST, **studies(radiograph="not_done")}, "I0"),
    "SPECT-CT next": ({**LOST, **studies(radiograph="normal", ct="normal"), "avail": {"nuclear_medicine": True}}, "I7"),
    "LP-CT next": ({**LOST, **studies(radiograph="normal", ct="normal"), "avail": {"nuclear_medicine": False}}, "I8"),
    "bolus to be given": ({**LOST, "bolus": {"expected_noticeable_response": True}}, "B10"),
    "cause to be treated": ({**LOST, "pres": {**LOST["pres"], "non_device_cause": True}}, "B2"),
    "alarm to be addressed": ({**LOST, "intr": {"alarm": True, "motor_stall": "none"}}, "B5"),
    "good response": ({**LOST, "bolus": {"given": True, "response": True}}, "B11"),
    "all clear": (
        {
            "pres": {**CALM, "loss_of_therapy": False, "mechanical_concern": False, "diagnostic_uncertainty": False},
            "intr": LOST["intr"],
            "vol": {"aspirated_ml": 10.0, "expected_ml": 10.5},
            "device": SMALL,
        },
        "M1",
    ),
}

_IMAGED = {**LOST, "cap": EASY}
_SHORT = {"vol": {"aspirated_ml": 8.5, "expected_ml": 10.0}}
_LEVEL = {"vol": {"aspirated_ml": 10.0, "expected_ml": 10.0}}
_DEVICE = {"device": {"reservoir_capacity_ml": 20.0}}
_STEADY = {"pres": {**CALM, "loss_of_therapy": False}, **_DEVICE}
_PROMETRA = {"device": {"manufacturer": "Flowonix"}, "hist": {"post_mri": True}}
_NO_MRI_FIRST = Policies(filling_defect="finding")
_NUCLEAR = {"avail": {"nuclear_medicine": True}}

Case = tuple[Facts, Reading, Policies]


def _case(*layers: dict[str, Any], reading: Reading | None = None, policies: Policies | None = None) -> Case:
    return record(*layers), reading or Reading(), policies or Policies()


#: Cases that together take every exit that a case can take.
EXITS: dict[str, Case] = {
    "leak of CSF": _case({"pres": {**CALM, "severe_csf_leak": True}}),
    "loss beside a suspected mass": _case(LOST, {"pres": {"suspect_tip_mass": True}}),
    "Prometra after MRI, closed": _case(_STEADY, _PROMETRA, {"vol": {"aspirated_ml": 0.5, "expected_ml": 0.5}}),
    "too much, therapy not lost": _case(_STEADY, {"vol": {"aspirated_ml": 12.0, "expected_ml": 10.0}}),
    "short, therapy not lost": _case(_STEADY, _SHORT),
    "CT read, no volume": _case(reading=ct_reading()),
    "stall, therapy not lost": _case(_STEADY, _LEVEL, {"intr": {"motor_stall": "permanent"}}),
    "concern, therapy not lost": _case(
        _STEADY, _LEVEL, {"pres": {"mechanical_concern": True}, "intr": {"motor_stall": "none"}}
    ),
    "overdose, too much": _case({"pres": OVERDOSED}, _DEVICE, {"vol": {"aspirated_ml": 15.0, "expected_ml": 10.0}}),
    "overdose, source treated": _case(
        {"pres": OVERDOSED}, _DEVICE, _LEVEL, {"done": {"overdose_source_treated": True}}
    ),
    "withdrawal, Prometra after MRI": _case({"pres": WITHDRAWN}, _PROMETRA, {"vol": {"low_or_empty": True}}),
    "withdrawal, as expected": _case({"pres": WITHDRAWN}, _DEVICE, _LEVEL, {"vol": {"restoration_possible": False}}),
    "withdrawal, more than it holds": _case(
        {"pres": WITHDRAWN}, _DEVICE, {"vol": {"restoration_possible": False, "aspirated_ml": 30.0}}
    ),
    "no SPECT-CT, LP-CT normal": _case(
        {**GATED, "gate": {}}, studies(radiograph="normal", lp_ct="normal"), {"avail": {"nuclear_medicine": False}}
    ),
    "no port, SPECT-CT by policy, LP-CT done": _case(
        LOST,
        {"device": {"has_cap": False}},
        studies(radiograph="normal", lp_ct="normal"),
        policies=Policies(no_cap="spect_ct"),
    ),
    "no lumbar puncture": _case(
        {**GATED, "gate": {}},
        studies(radiograph="normal", ct="normal"),
        {"avail": {"nuclear_medicine": False, "lumbar_puncture": False}},
    ),
    "withdrawal, care completed": _case(
        {"pres": WITHDRAWN},
        _DEVICE,
        _LEVEL,
        {"vol": {"restoration_possible": False}, "done": {"supportive_care_completed": True}},
    ),
    "other cause treated": _case(
        LOST, {"pres": {"non_device_cause": True}, "done": {"non_device_cause_treated": True}}
    ),
    "alarm addressed": _case(LOST, {"intr": {"alarm": True}, "done": {"program_or_alarm_addressed": True}}),
    "loss, more than it holds": _case(LOST, {"vol": {"aspirated_ml": 30.0}}),
    "loss, short": _case(LOST, _SHORT),
    "loss, as expected": _case(LOST, _LEVEL),
    "loss, port tried, no volume": _case({**LOST, "vol": {}}, {"cap": EASY}),
    "loss, too much, no bolus by policy": _case(LOST, policies=Policies(bolus_high_volume="skip")),
    "loss, bolus would not be noticed": _case({**LOST, "bolus": {"expected_noticeable_response": False}}),
    "dose changed": _case(LOST, {"bolus": {"response": True}, "done": {"dose_or_mode_changed": True}}),
    "fluoroscopy read, port not recorded": _case(reading=ct_reading(rung=Rung.FLUOROSCOPY)),
    "CAP-CT read, port not recorded": _case(reading=ct_reading(rung=Rung.CAP_CT)),
    "port not reached": _case(LOST, {"cap": {"access_ok": False}}),
    "easy, but a mass is suspected": _case(_IMAGED, {"pres": {"suspect_tip_mass": True}}),
    "easy, fluoroscopy normal": _case(_IMAGED, studies(fluoroscopy="normal")),
    "easy, fluoroscopy and CAP-CT normal": _case(_IMAGED, studies(fluoroscopy="normal", cap_ct="normal")),
    "easy, leak on fluoroscopy": _case(_IMAGED, studies(fluoroscopy="abnormal:extravasation")),
    "easy, rotor still": _case(_IMAGED, studies(fluoroscopy="abnormal:rotor_not_turning")),
    "gate closed, fluoroscopy done": _case({**GATED, "gate": {}}, studies(fluoroscopy="nondiagnostic")),
    "gate closed, CAP-CT done": _case({**GATED, "gate": {}}, studies(cap_ct="nondiagnostic")),
    "gate open, no CT": _case(GATED, {"avail": {"ct": False}}),
    "pump turned on films": _case(LOST, studies(radiograph="abnormal:pump_rotation")),
    "anchoring, serial films to come": _case(
        LOST, {"pres": {"anchoring_concern": True}}, studies(fluoroscopy="not_done")
    ),
    "anchoring, migrated": _case(
        LOST, {"pres": {"anchoring_concern": True}}, studies(radiograph="normal", fluoroscopy="abnormal:migration")
    ),
    "anchoring, pump moved": _case(
        LOST, {"pres": {"anchoring_concern": True}}, studies(radiograph="normal", fluoroscopy="abnormal:pump_migration")
    ),
    "anchoring, nothing moved": _case(
        LOST, {"pres": {"anchoring_concern": True}}, studies(radiograph="normal", fluoroscopy="normal")
    ),
    "no port": _case(LOST, {"device": {"has_cap": False}}),
    "no port, SPECT-CT by policy": _case(LOST, {"device": {"has_cap": False}}, policies=Policies(no_cap="spect_ct")),
    "CAP-CT abnormal": _case(_IMAGED, studies(cap_ct="abnormal")),
    "CAP-CT, pump flipped": _case(reading=ct_reading(Kind.PUMP_FLIP, rung=Rung.CAP_CT)),
    "CAP-CT, filling defect": _case(reading=ct_reading(Kind.FILLING_DEFECT, rung=Rung.CAP_CT), policies=_NO_MRI_FIRST),
    "CT, gap": _case(reading=ct_reading(Kind.DISCONTINUITY)),
    "CT, pump turned": _case(reading=ct_reading(Kind.PUMP_ROTATION)),
    "CT, filling defect": _case(reading=ct_reading(Kind.FILLING_DEFECT), policies=_NO_MRI_FIRST),
    "SPECT-CT, interrupted": _case(LOST, studies(spect_ct="abnormal:tracer_interruption")),
    "SPECT-CT, confined, stalled": _case(
        LOST, studies(spect_ct="abnormal:tracer_confined_to_reservoir"), {"intr": {"motor_stall": "permanent"}}
    ),
    "SPECT-CT, confined, running": _case(LOST, studies(spect_ct="abnormal:tracer_confined_to_reservoir")),
    "SPECT-CT, pump turned": _case(LOST, studies(spect_ct="abnormal:pump_rotation")),
    "SPECT-CT, block": _case(LOST, studies(spect_ct="abnormal:tracer_csf_block")),
    "SPECT-CT, block, MRI negative": _case(LOST, studies(spect_ct="abnormal:tracer_csf_block", mri="normal")),
    "LP-CT, block": _case(LOST, studies(lp_ct="abnormal:flow_obstruction")),
    "LP-CT, filling defect": _case(LOST, studies(lp_ct="abnormal:filling_defect"), policies=_NO_MRI_FIRST),
    "LP-CT, epidural tip": _case(LOST, studies(lp_ct="abnormal:epidural_pattern")),
    "LP-CT, pump turned": _case(LOST, studies(lp_ct="abnormal:pump_rotation")),
    "deficit, MRI negative": _case({"pres": {**CALM, "new_or_progressive_neuro_deficit": True}}, studies(mri="normal")),
}
