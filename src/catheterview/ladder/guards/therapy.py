"""Steps 7a and 7b: overdose, withdrawal and loss of therapy (review 7.9 and 7.10)."""

from __future__ import annotations

from catheterview.ladder.fields import Tri
from catheterview.ladder.guards.asking import always, loop_limit, yes
from catheterview.ladder.guards.bedside import alarm_known, stalled
from catheterview.ladder.logic import all3, any3, not3
from catheterview.ladder.reservoir import VolumeClass
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.view import View

_INTERROGATED = 3
_VOLUMES = ("vol.aspirated_ml", "vol.expected_ml")


def _high_or_impossible(view: View, _: Here) -> Tri:
    found = view.volumes.verdict
    return None if found is None else found in (VolumeClass.HIGH, VolumeClass.IMPOSSIBLE_HIGH)


HIGH_OR_IMPOSSIBLE = Guard(
    name="HIGH",
    text="the reservoir held more than expected, with signs of overdose",
    test=_high_or_impossible,
    needs=_VOLUMES,
)

SOURCE_TREATED = yes("done.overdose_source_treated", "the programme was corrected, or the other source treated")
CARE_COMPLETED = yes("done.supportive_care_completed", "supportive care is completed")
DOSE_CHANGED = yes("done.dose_or_mode_changed", "dose or delivery mode were changed")


def _refilled(view: View, _: Here) -> Tri:
    return view.facts.done.refilled is True and view.facts.vol.low_or_empty is not False


REFILLED = Guard(
    name="reservoir_low_or_empty and refilled", text="the reservoir was low or empty and was refilled", test=_refilled
)


def _not_restorable(view: View, _: Here) -> Tri:
    vol = view.facts.vol
    if vol.restoration_possible is None and vol.low_or_empty is True:
        return False  # the refill is what is to be done next
    return not3(vol.restoration_possible)


NOT_RESTORABLE = Guard(
    name="restoration_not_possible",
    text="the therapy cannot be restored by a refill",
    test=_not_restorable,
    needs=("vol.low_or_empty", "vol.restoration_possible"),
)


def _excess(view: View, _: Here) -> Tri:
    found = view.volumes
    if found.verdict is VolumeClass.IMPOSSIBLE_HIGH:
        return True
    return None if found.delta_ml is None else found.delta_ml > 0.0


def _why_delta(view: View) -> str:
    delta = view.volumes.delta_ml
    return "more than the reservoir holds" if delta is None else f"aspirated minus expected is {delta:+g} ml"


def _no_excess(view: View, here: Here) -> Tri:
    return not3(_excess(view, here))


EXCESS = Guard(name="delta > 0", text="more was aspirated than expected", test=_excess, needs=_VOLUMES, why=_why_delta)
NO_EXCESS = Guard(
    name="delta <= 0", text="no more was aspirated than expected", test=_no_excess, needs=_VOLUMES, why=_why_delta
)


def _treated(view: View, here: Here) -> Tri:
    cause = all3(view.facts.pres.non_device_cause, view.facts.done.non_device_cause_treated)
    return cause is True and here.visits < loop_limit(view)


CAUSE_TREATED = Guard(
    name="non_device_cause treated, reassess",
    text="a cause outside the device was treated: reassess the therapy",
    test=_treated,
)


def _no_cause(view: View, here: Here) -> Tri:
    excluded = view.facts.done.non_device_cause_treated is True and here.visits >= loop_limit(view)
    # Where the pump was interrogated, the history was taken before: nothing recorded is nothing found.
    unrecorded = view.facts.pres.non_device_cause is None and view.climbed >= _INTERROGATED
    return True if excluded or unrecorded else not3(view.facts.pres.non_device_cause)


NO_OTHER_CAUSE = Guard(
    name="none",
    text="no cause outside the device is left",
    test=_no_cause,
    needs=("pres.non_device_cause",),
)


def _interrogation_finds(view: View, here: Here) -> Tri:
    """Whether the interrogation gives a cause; one that was dealt with counts no more after reassessment."""
    if view.facts.intr.motor_stall == "permanent":
        return True
    dealt_with = view.facts.done.program_or_alarm_addressed is True and here.visits >= loop_limit(view)
    found = any3(view.facts.intr.programming_error, alarm_known(view), stalled(view) is True)
    return False if dealt_with else found


INTERROGATION_FINDS = Guard(
    name="programming_error or alarm",
    text="the interrogation shows a programming error, an alarm or a stall",
    test=_interrogation_finds,
    needs=("intr.programming_error", "intr.alarm"),
)


def _permanent(view: View, _: Here) -> Tri:
    stall = view.facts.intr.motor_stall
    if stall == "temporary":
        return None if view.policies.temporary_stall == "ask_again" else False
    return None if stall is None else stall == "permanent"


PERMANENT_STALL = Guard(
    name="permanent_stall", text="the motor has stalled for good", test=_permanent, needs=("intr.motor_stall",)
)


def _not_permanent(view: View, _: Here) -> Tri:
    again = view.facts.intr.motor_stall == "temporary" and view.policies.temporary_stall == "ask_again"
    return not again


NOT_PERMANENT = Guard(name="no_permanent_stall", text="no permanent stall", test=_not_permanent)
ADDRESSED = yes("done.program_or_alarm_addressed", "the programme was corrected or the alarm dealt with: reassess")


def _eligible(view: View, _: Here) -> Tri:
    """Whether a diagnostic bolus makes sense; one that was given needs no more asking."""
    if view.facts.bolus.given or view.facts.bolus.response is not None:
        return True
    return False if view.facts.pres.overdose_signs else view.facts.bolus.expected_noticeable_response


BOLUS_ELIGIBLE = Guard(
    name="expected_noticeable_response",
    text="a bolus of these drugs would be noticed, or was given",
    test=_eligible,
    needs=("bolus.expected_noticeable_response",),
)


def _response(view: View, _: Here) -> Tri:
    return view.facts.bolus.response


RESPONSE = Guard(
    name="appropriate_response",
    text="the patient responded to the bolus",
    test=_response,
    needs=("bolus.given", "bolus.response"),
)
NO_RESPONSE = always("no response to the bolus", "no_response")
