"""Steps 1 to 4: emergencies, the bedside, the reservoir, and the first decision (review 7.1 to 7.4)."""

from __future__ import annotations

from catheterview.ladder.fields import Tri
from catheterview.ladder.guards.asking import yes
from catheterview.ladder.logic import all3, any3, not3
from catheterview.ladder.reservoir import VolumeClass
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.view import View
from catheterview.model import Rung

EMERGENCIES = (
    "pres.overdose_signs",
    "pres.withdrawal_signs",
    "pres.new_or_progressive_neuro_deficit",
    "pres.suspect_tip_mass",
    "pres.severe_csf_leak",
    "pres.infection",
)
_VOLUMES = ("vol.aspirated_ml", "vol.expected_ml")
_INTERROGATION = ("intr.programming_error", "intr.alarm", "intr.motor_stall")


def emergencies(view: View) -> tuple[Tri, ...]:
    """The answers to the six emergencies of step 1, a mass that imaging suggests included."""
    pres = view.facts.pres
    return (
        pres.overdose_signs,
        pres.withdrawal_signs,
        pres.new_or_progressive_neuro_deficit,
        view.mass_suspected,
        pres.severe_csf_leak,
        pres.infection,
    )


def alarmed(view: View) -> bool:
    """Whether any emergency of step 1 is known to be there."""
    return True in emergencies(view)


def _pump_possible(view: View, _: Here) -> Tri:
    """False where there is no pump; asked where the images show none; never in the way of an alarm or a finding."""
    if alarmed(view) or any(seen.result == "abnormal" for seen in view.studies.values()):
        return True
    if view.facts.device.has_idds is None:
        return None if view.reading.pump_found is False else True
    return view.facts.device.has_idds


PUMP_POSSIBLE = Guard(
    name="device_possible",
    text="nothing says that there is no pump",
    test=_pump_possible,
    needs=("device.has_idds",),
)


def _syndrome(view: View, _: Here) -> Tri:
    return any3(view.facts.pres.overdose_signs, view.facts.pres.withdrawal_signs)


SYNDROME = Guard(
    name="overdose_signs or withdrawal_signs",
    text="signs of overdose or withdrawal are recorded",
    test=_syndrome,
    needs=EMERGENCIES[:2],
)


def _cord(view: View, _: Here) -> Tri:
    return any3(view.facts.pres.new_or_progressive_neuro_deficit, view.mass_suspected)


def _why_cord(view: View) -> str:
    if view.facts.pres.suspect_tip_mass or not view.mass_suspected:
        return "a neurologic deficit is recorded, or a mass at the catheter tip suspected"
    return "imaging suggests a mass at the catheter tip"


CORD = Guard(
    name="new_or_progressive_neuro_deficit or suspect_tip_mass",
    text="a neurologic deficit is recorded, or a mass at the catheter tip suspected",
    test=_cord,
    needs=EMERGENCIES[2:4],
    why=_why_cord,
)


def _leak(view: View, _: Here) -> Tri:
    return any3(view.facts.pres.severe_csf_leak, view.facts.pres.infection)


LEAK_OR_INFECTION = Guard(
    name="severe_csf_leak or infection",
    text="a severe leak of cerebrospinal fluid or an infection is recorded",
    test=_leak,
    needs=EMERGENCIES[4:],
)


def _meanwhile(view: View, here: Here) -> Tri:
    """Whether the work-up goes on beside an alarm that has no work-up of its own."""
    leak = _leak(view, here) is True and view.policies.leak_or_infection == "and_go_on"
    return leak or (_cord(view, here) is True and view.facts.pres.loss_of_therapy is True)


MEANWHILE = Guard(
    name="troubleshooting continues",
    text="the work-up of the lost therapy continues in parallel, without injections until the MRI is read",
    test=_meanwhile,
)


def is_prometra_after_mri(view: View) -> Tri:
    """Whether this is a Flowonix pump after an MRI; asked only once one of the two is known to be so."""
    flowonix = None if view.manufacturer is None else view.manufacturer == "Flowonix"
    both = all3(flowonix, view.post_mri)
    return both if both is not None or True in (flowonix, view.post_mri) else False


PROMETRA_AFTER_MRI = Guard(
    name="manufacturer==Flowonix and post_mri",
    text="a Flowonix pump after an MRI",
    test=lambda view, _: is_prometra_after_mri(view),
    needs=("device.manufacturer", "hist.post_mri"),
)


def _valve_open(view: View, _: Here) -> Tri:
    aspirated = view.facts.vol.aspirated_ml
    return None if aspirated is None else aspirated > view.limits.open_valve_ml


def _why_valve(view: View) -> str:
    aspirated = view.facts.vol.aspirated_ml
    told = "nothing is on record as aspirated" if aspirated is None else f"{aspirated:g} ml were aspirated"
    return f"{told}: above {view.limits.open_valve_ml:g} ml the valves may be open to the CSF"


VALVE_OPEN = Guard(
    name="aspirated_mL > 1.0",
    text="more was aspirated than a closed pump gives: its valves may be open to the cerebrospinal fluid",
    test=_valve_open,
    needs=("vol.aspirated_ml",),
    why=_why_valve,
)


def _valve_unchecked(view: View, here: Here) -> Tri:
    """Whether a refill could go into a pump whose valves may be open."""
    return is_prometra_after_mri(view) is True and _valve_open(view, here) is not False


VALVE_UNCHECKED = Guard(
    name="Flowonix after MRI, valves not shown to be closed",
    text="a Flowonix pump after an MRI must not be refilled before its valves are known to be closed",
    test=_valve_unchecked,
    needs=("vol.aspirated_ml",),
)


def _loss(view: View, _: Here) -> Tri:
    return view.facts.pres.loss_of_therapy if view.policies.syndrome == "governs" else False


LOSS_OF_THERAPY = Guard(
    name="loss_of_therapy",
    text="loss of therapy is recorded",
    test=_loss,
    needs=("pres.loss_of_therapy",),
)


def _why_volume(view: View) -> str:
    found = view.volumes
    if found.verdict is VolumeClass.IMPOSSIBLE_HIGH:
        return "more was aspirated than the reservoir holds: test for CSF (glucose), suspect the connector"
    if found.tolerance_ml is None:
        return found.note or "the volumes are not on record"
    told = f"aspirated minus expected is {found.delta_ml:+g} ml, {found.tolerance_ml:g} ml counts"
    return f"{told} ({found.note})" if found.note else told


def _volume(verdict: VolumeClass) -> Guard:
    def test(view: View, _: Here) -> Tri:
        found = view.volumes.verdict
        return None if found is None else found is verdict

    return Guard(name=verdict.name, text=f"the volume is {verdict}", test=test, needs=_VOLUMES, why=_why_volume)


LOW, HIGH = _volume(VolumeClass.LOW), _volume(VolumeClass.HIGH)
AS_EXPECTED, IMPOSSIBLE_HIGH = _volume(VolumeClass.AS_EXPECTED), _volume(VolumeClass.IMPOSSIBLE_HIGH)


def alarm_known(view: View) -> Tri:
    """Whether the pump gave an alarm, by the alarm, its type or the battery's state."""
    intr = view.facts.intr
    typed = None if intr.alarm_type is None else intr.alarm_type != "none"
    worn = True if intr.battery in ("eri", "eos") else None
    return True if True in (intr.alarm, typed, worn) else (False if False in (intr.alarm, typed) else None)


def stalled(view: View) -> Tri:
    """Whether the log shows a motor stall, of whatever length."""
    stall = view.facts.intr.motor_stall
    return None if stall is None else stall != "none"


def _interrogation_abnormal(view: View, _: Here) -> Tri:
    if view.policies.interrogation == "as_written":
        return False
    answers = (view.facts.intr.programming_error, alarm_known(view), stalled(view))
    return True if True in answers else (False if False in answers else None)


INTERROGATION_ABNORMAL = Guard(
    name="interrogation not clean",
    text="the interrogation shows an error, an alarm or a stall",
    test=_interrogation_abnormal,
    needs=_INTERROGATION,
)


def _mass_first(view: View, here: Here) -> Tri:
    answered = here.visits > 1 or view.studies[Rung.MRI].done
    return False if answered or view.policies.suspected_mass == "as_listed" else view.mass_suspected is True


MASS_FIRST = Guard(
    name="suspect_tip_mass",
    text="a mass at the tip is suspected, which must not be deferred",
    test=_mass_first,
    needs=("pres.suspect_tip_mass",),
)


def _mechanical(view: View, _: Here) -> Tri:
    pres = view.facts.pres
    said = any3(pres.diagnostic_uncertainty, pres.mechanical_concern)
    return True if view.incomplete or (said is None and view.climbed >= 6) or _shown(view) else said


def _shown(view: View) -> bool:
    return any(seen.result == "abnormal" for seen in view.studies.values())


MECHANICAL = Guard(
    name="diagnostic_uncertainty or mechanical_concern",
    text="uncertainty or a concern for mechanical failure remains, or the imaging is not complete",
    test=_mechanical,
    needs=("pres.mechanical_concern", "pres.diagnostic_uncertainty"),
)


def _optimise(view: View, here: Here) -> Tri:
    """Whether all that step 4 asks for is known: only then may the device's work-up be deferred."""
    as_expected = AS_EXPECTED.test(view, here)
    return all3(as_expected, *(not3(answer) for answer in emergencies(view)))


OPTIMISE = Guard(
    name="otherwise",
    text="volume as expected, interrogation clean, presentation not of the device, no emergency",
    test=_optimise,
    needs=(*EMERGENCIES, *_VOLUMES),
)

OVERDOSE = yes("pres.overdose_signs", "signs of overdose")


def _withdrawal(view: View, _: Here) -> Tri:
    pres = view.facts.pres
    leads = pres.overdose_signs is True and view.policies.both_syndromes == "overdose_only"
    return False if leads else pres.withdrawal_signs


WITHDRAWAL = Guard(
    name="withdrawal_predominant", text="signs of withdrawal", test=_withdrawal, needs=("pres.withdrawal_signs",)
)
