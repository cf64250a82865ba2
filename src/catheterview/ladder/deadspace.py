"""The dead space from port to tip, the drug in it, and the bolus that clears it (review 6.1, 7.5, 7.10).

Every input is shown with its source; a missing one blocks. Nothing here says that a dose is tolerated: only a person
does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from catheterview.ladder.amounts import Amount, Blocked, Used
from catheterview.ladder.facts import Facts
from catheterview.ladder.policies import Policies
from catheterview.limits.catalogue import Sourced, catheter_named, pump_named
from catheterview.limits.ladder import LadderLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseAtRisk:
    """The drug that contrast would push into the patient, for one agent."""

    agent: str
    dose: Amount | Blocked


def dead_space(facts: Facts, limits: LadderLimits) -> Amount | Blocked:
    """The volume from the access port to the tip in ml.

    Returns
    -------
    Amount or Blocked
        A recorded dead space as it is; else implanted length times volume per length, plus port and pump.
    """
    recorded = facts.cath.dead_space_ml
    if recorded is not None:
        used = Used(name="cath.dead_space_ml", value=recorded, unit="ml")
        spread = recorded * limits.volume_uncertainty
        return Amount(value=recorded, low=recorded - spread, high=recorded + spread, unit="ml", inputs=(used,))
    return computed_dead_space(facts, limits)


def computed_dead_space(facts: Facts, limits: LadderLimits) -> Amount | Blocked:
    """The dead space from length, volume per length and port, whatever dead space is recorded."""
    tube, port = catheter_volume(facts, limits), _port(facts)
    if isinstance(tube, Blocked) or port is None:
        lacking = tube.missing if isinstance(tube, Blocked) else ()
        return Blocked(missing=(*lacking, *(() if port else ("cath.cap_internal_volume_ml",))))
    least = 0.0 if port.name.endswith("at most") else port.value
    return Amount(
        value=tube.value + port.value,
        low=tube.low + least,
        high=tube.high + port.value,
        unit="ml",
        inputs=(*tube.inputs, port),
    )


def catheter_volume(facts: Facts, limits: LadderLimits) -> Amount | Blocked:
    """The volume of the implanted catheter alone in ml: length times volume per length."""
    lengths, per_cm = _length(facts), _per_cm(facts)
    if not lengths or per_cm is None:
        lacking = ("cath.implanted_length_cm",) if not lengths else ()
        return Blocked(missing=(*lacking, *(("cath.volume_ml_per_cm",) if per_cm is None else ())))
    length_cm = lengths[0].value - (lengths[1].value if len(lengths) > 1 else 0.0)
    volume = length_cm * per_cm.value
    spread = math.hypot(limits.length_uncertainty_cm * per_cm.value, limits.volume_uncertainty * volume)
    inputs = (*lengths, per_cm)
    return Amount(value=volume, low=max(0.0, volume - spread), high=volume + spread, unit="ml", inputs=inputs)


def _length(facts: Facts) -> tuple[Used, ...]:
    """The implanted length; or the whole length and what was trimmed off it; nothing where it is not known."""
    cath = facts.cath
    if cath.implanted_length_cm is not None:
        return (Used(name="cath.implanted_length_cm", value=cath.implanted_length_cm, unit="cm"),)
    model = catheter_named(cath.model) if cath.model else None
    whole = _either("cath.total_length_cm", cath.total_length_cm, model.total_length_cm if model else None, "cm")
    if whole is None or cath.trimmed_cm is None:
        return ()
    return (whole, Used(name="cath.trimmed_cm", value=cath.trimmed_cm, unit="cm"))


def _per_cm(facts: Facts) -> Used | None:
    model = catheter_named(facts.cath.model) if facts.cath.model else None
    known = model.volume_ml_per_cm if model else None
    return _either("cath.volume_ml_per_cm", facts.cath.volume_ml_per_cm, known, "ml/cm")


def _port(facts: Facts) -> Used | None:
    model = pump_named(facts.device.model) if facts.device.model else None
    known = model.cap_volume_ml if model else None
    return _either("cath.cap_internal_volume_ml", facts.cath.cap_internal_volume_ml, known, "ml")


def _either(name: str, recorded: float | None, known: Sourced | None, unit: str) -> Used | None:
    """The record's value, else the catalogue's, marked as such."""
    if recorded is not None:
        return Used(name=name, value=recorded, unit=unit)
    if known is None:
        return None
    bound = ", at most" if known.at_most else ""
    return Used(name=name + bound, value=known.value, unit=unit, source=known.source, verified=known.status == "found")


def remaining(space: Amount, aspirated_ml: float) -> Amount:
    """What of the dead space still holds drug after so much CSF was aspirated; never under zero."""
    used = Used(name="cap.csf_aspirated_ml", value=aspirated_ml, unit="ml")
    left = [max(0.0, each - aspirated_ml) for each in (space.value, space.low, space.high)]
    return Amount(value=left[0], low=left[1], high=left[2], unit="ml", inputs=(*space.inputs, used))


def doses_at_risk(facts: Facts, limits: LadderLimits) -> tuple[DoseAtRisk, ...]:
    """The dose of each agent in the dead space in mg, on what remains of it after aspiration."""
    space = dead_space(facts, limits)
    aspirated = facts.cap.csf_aspirated_ml
    if isinstance(space, Amount) and aspirated:
        space = remaining(space, aspirated)
    return tuple(
        DoseAtRisk(agent=agent.name or f"agent {n + 1}", dose=_dose(space, agent.mg_per_ml, f"drug.agents[{n}]"))
        for n, agent in enumerate(facts.drug.agents)
    )


def _dose(space: Amount | Blocked, mg_per_ml: float | None, where: str) -> Amount | Blocked:
    lacking = space.missing if isinstance(space, Blocked) else ()
    if isinstance(space, Blocked) or mg_per_ml is None:
        unknown = (f"{where}.concentration_mg_per_ml",) if mg_per_ml is None else ()
        return Blocked(missing=(*lacking, *unknown))
    used = Used(name=f"{where}.concentration_mg_per_ml", value=mg_per_ml, unit="mg/ml")
    return Amount(
        value=space.value * mg_per_ml,
        low=space.low * mg_per_ml,
        high=space.high * mg_per_ml,
        unit="mg",
        inputs=(*space.inputs, used),
    )


def clearing_bolus(facts: Facts, policies: Policies, limits: LadderLimits) -> Amount | Blocked:
    """The bolus in ml that clears contrast from the system after a study (review 6.1)."""
    if policies.clearing_bolus == "catheter_and_port":
        return dead_space(facts, limits)
    return catheter_volume(facts, limits)
