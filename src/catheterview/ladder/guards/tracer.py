"""What SPECT-CT and LP-CT show, and when they end the ladder (review 6.3, 7.7, 7.10)."""

from __future__ import annotations

from catheterview.ladder.fields import Tri
from catheterview.ladder.guards.studies import clean, mri_negative, shows, telling
from catheterview.ladder.imaging import DEFECT_KINDS
from catheterview.ladder.logic import all3, any3, not3
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.transit import is_too_early
from catheterview.ladder.view import View
from catheterview.model import Kind, Rung

_CONFINED = shows(
    Rung.SPECT_CT,
    frozenset({Kind.TRACER_CONFINED_TO_RESERVOIR}),
    "confined_to_reservoir",
    "the tracer does not leave the reservoir",
)
_BLOCK = shows(Rung.SPECT_CT, frozenset({Kind.TRACER_CSF_BLOCK}), "csf_flow_obstruction", "the flow of CSF is blocked")


def _pump_fails(view: View) -> Tri:
    rotor = any(Kind.ROTOR_NOT_TURNING in seen.kinds for seen in view.studies.values())
    stall = view.facts.intr.motor_stall
    return True if rotor else (None if stall is None else stall == "permanent")


def _confined_pump(view: View, here: Here) -> Tri:
    fails = True if view.policies.confined_tracer == "pump" else _pump_fails(view)
    return all3(_CONFINED.test(view, here), fails)


def _confined_catheter(view: View, here: Here) -> Tri:
    fails = True if view.policies.confined_tracer == "pump" else _pump_fails(view)
    return all3(_CONFINED.test(view, here), not3(fails))


CONFINED_PUMP = Guard(
    name="confined_to_reservoir and pump_failure",
    text="the tracer does not leave the reservoir, and the pump fails",
    test=_confined_pump,
    needs=("img.spect_ct.findings", "intr.motor_stall"),
    why=telling(Rung.SPECT_CT),
    ids=_CONFINED.ids,
)
CONFINED_CATHETER = Guard(
    name="confined_to_reservoir and no pump_failure",
    text="the tracer does not leave the reservoir though the pump runs",
    test=_confined_catheter,
    needs=CONFINED_PUMP.needs,
    why=telling(Rung.SPECT_CT),
    ids=_CONFINED.ids,
)


def _blocked(view: View, here: Here) -> Tri:
    answered = here.visits > 1 and mri_negative(view)
    return False if answered else _BLOCK.test(view, here)


CSF_BLOCKED = Guard(
    name="csf_flow_obstruction",
    text="the flow of CSF is blocked",
    test=_blocked,
    needs=_BLOCK.needs,
    why=telling(Rung.SPECT_CT),
    ids=_BLOCK.ids,
)


def _tracer_passed(view: View, here: Here) -> Tri:
    if view.studies[Rung.LP_CT].done and not view.studies[Rung.SPECT_CT].done:
        return True
    answered = _BLOCK.test(view, here) is True and mri_negative(view)
    return True if answered else clean(view, Rung.SPECT_CT)


TRACER_PASSED = Guard(
    name="no_cause",
    text="SPECT-CT shows no cause, or LP-CT is on record",
    test=_tracer_passed,
    needs=("img.spect_ct.result",),
    why=telling(Rung.SPECT_CT),
)
TOO_EARLY = Guard(
    name="scan before the tracer could arrive",
    text="the scan was made before the tracer could arrive",
    test=lambda view, _: is_too_early(view.facts, view.limits),
)

_LP_BLOCK = shows(
    Rung.LP_CT, frozenset({Kind.FLOW_OBSTRUCTION}), "csf_flow_obstruction", "the spread of contrast is blocked"
)


def _lp_blocked(view: View, here: Here) -> Tri:
    return False if mri_negative(view) else _LP_BLOCK.test(view, here)


LP_BLOCKED = Guard(
    name="contrast spread obstructed",
    text="the spread of contrast is blocked: look for what compresses",
    test=_lp_blocked,
    needs=_LP_BLOCK.needs,
    why=telling(Rung.LP_CT),
    ids=_LP_BLOCK.ids,
)
_LP_DEFECT = shows(Rung.LP_CT, DEFECT_KINDS - {Kind.FLOW_OBSTRUCTION}, "correctable", "LP-CT shows a correctable cause")


def _lp_defect(view: View, here: Here) -> Tri:
    blocked = mri_negative(view) and _LP_BLOCK.test(view, here)
    unnamed = view.studies[Rung.LP_CT].result == "abnormal" and not view.studies[Rung.LP_CT].kinds
    return any3(_LP_DEFECT.test(view, here), blocked, unnamed)


LP_DEFECT = Guard(
    name="correctable",
    text="LP-CT shows a correctable cause",
    test=_lp_defect,
    needs=_LP_DEFECT.needs,
    why=telling(Rung.LP_CT),
    ids=lambda view: (*_LP_DEFECT.ids(view), *_LP_BLOCK.ids(view)),
)


def _nothing_left(view: View, _: Here) -> Tri:
    if view.facts.avail.lumbar_puncture is False and not view.studies[Rung.LP_CT].done:
        return True
    nondiagnostic = view.studies[Rung.LP_CT].result == "nondiagnostic"
    return False if nondiagnostic else clean(view, Rung.LP_CT)


NOTHING_LEFT = Guard(
    name="no_cause",
    text="no study shows a cause, or no further study is feasible",
    test=_nothing_left,
    needs=("img.lp_ct.result",),
    why=telling(Rung.LP_CT),
)
