"""What in a record of facts cannot be: dates ahead, impossible volumes, and facts that contradict each other.

Each is refused with the path of the field, before any decision is made on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime

from catheterview.errors import InputError
from catheterview.ladder.amounts import Amount
from catheterview.ladder.deadspace import computed_dead_space
from catheterview.ladder.facts import MASS_FINDINGS, Agent, Facts, Imaging
from catheterview.ladder.fields import specs
from catheterview.ladder.reservoir import capacity_ml
from catheterview.limits.catalogue import pump_named
from catheterview.limits.ladder import LadderLimits

#: A date is checked against the record's own date, not against the machine's clock; only years ahead are refused.
_YEARS_AHEAD = 5
#: A recorded dead space may miss the computed one by so many of its intervals.
_INTERVALS = 3.0

Contradiction = tuple[str, str]


def check(facts: Facts, limits: LadderLimits | None = None) -> None:
    """Refuse a record that cannot be.

    Raises
    ------
    InputError
        For the first thing that is wrong; ``where`` is the field's path.
    """
    for where, reason in contradictions(facts, limits or LadderLimits()):
        raise InputError(reason, where=where)


def contradictions(facts: Facts, limits: LadderLimits) -> Iterator[Contradiction]:
    """Name everything that cannot be, as path and reason."""
    yield from _dates(facts)
    yield from _origins(facts)
    yield from _device(facts)
    yield from _volumes(facts, limits)
    yield from _procedures(facts)
    yield from _catheter(facts, limits)
    for number, agent in enumerate(facts.drug.agents):
        yield from _agent(agent, facts.drug.flow_ml_per_day, f"drug.agents[{number}]", limits)
    yield from _imaging(facts)


def _moments(facts: Facts) -> Iterator[tuple[str, str]]:
    """Every date of the record that may not lie ahead, with its path."""
    for path, group in _groups(facts):
        for name, spec in specs(type(group)).items():
            value = getattr(group, name)
            if spec.kind == "moment" and not spec.ahead and value is not None:
                yield f"{path}.{name}", value


def _groups(facts: Facts) -> Iterator[tuple[str, object]]:
    for each in fields(Facts):
        if each.name not in ("as_of", "img", "origins"):
            yield each.name, getattr(facts, each.name)
    for study in fields(Imaging):
        yield f"img.{study.name}", getattr(facts.img, study.name)
    for name, origin in facts.origins.items():
        yield f"origins.{name}", origin


def _dates(facts: Facts) -> Iterator[Contradiction]:
    today = datetime.now().astimezone().date()
    if facts.as_of is not None and _day(facts.as_of).year > today.year + _YEARS_AHEAD:
        yield "as_of", f"{facts.as_of} lies in the future"
    latest = today if facts.as_of is None else _day(facts.as_of)
    for where, moment in _moments(facts):
        if _day(moment) > latest:
            yield where, f"{moment} lies in the future of {latest.isoformat()}, the date of the record"


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).date()


def _origins(facts: Facts) -> Iterator[Contradiction]:
    known = {path: specs(type(group)) for path, group in _groups(facts)}
    for name in facts.origins:
        group, _, fact = name.rpartition(".")
        if fact not in known.get(group, {}):
            yield f"origins.{name}", "names no fact; write group.name, as in vol.aspirated_ml"


def _device(facts: Facts) -> Iterator[Contradiction]:
    device, hist, intr = facts.device, facts.hist, facts.intr
    if device.has_idds is False and any(_known(group) for group in (intr, facts.vol, facts.cap)):
        yield "device.has_idds", "is false, but the pump was interrogated or aspirated"
    model = pump_named(device.model) if device.model else None
    if model and device.manufacturer and model.maker != device.manufacturer:
        yield "device.manufacturer", f"is {device.manufacturer}, but {model.name} is made by {model.maker}"
    if hist.post_mri is not None and hist.mri is not None and hist.post_mri != hist.mri:
        yield "hist.post_mri", "contradicts hist.mri"
    if intr.alarm is not None and intr.alarm_type is not None and intr.alarm != (intr.alarm_type != "none"):
        yield "intr.alarm", f"contradicts intr.alarm_type, which is {intr.alarm_type}"


def _known(group: object) -> bool:
    return any(getattr(group, name) not in (None, ()) for name in specs(type(group)))


def _volumes(facts: Facts, limits: LadderLimits) -> Iterator[Contradiction]:
    vol, calculated, capacity = facts.vol, facts.intr.expected_residual_ml, capacity_ml(facts)
    both = vol.expected_ml is not None and calculated is not None
    if both and abs((vol.expected_ml or 0.0) - (calculated or 0.0)) > limits.expected_tolerance_ml:
        yield "vol.expected_ml", f"contradicts intr.expected_residual_ml, which is {calculated:g} ml"
    for where, value in (("vol.expected_ml", vol.expected_ml), ("intr.expected_residual_ml", calculated)):
        if value is not None and capacity is not None and value > capacity:
            yield where, f"{value:g} ml is impossible: the reservoir holds {capacity:g} ml"
    if vol.low_or_empty and vol.aspirated_ml is not None and vol.aspirated_ml > (capacity or 20.0) / 2.0:
        yield "vol.low_or_empty", f"contradicts vol.aspirated_ml, which is {vol.aspirated_ml:g} ml"
    if vol.low_or_empty is False and vol.aspirated_ml == 0.0:
        yield "vol.low_or_empty", "contradicts vol.aspirated_ml, which is 0 ml"


def _procedures(facts: Facts) -> Iterator[Contradiction]:
    bolus, cap = facts.bolus, facts.cap
    if bolus.given is False and bolus.response is not None:
        yield "bolus.response", "is recorded though no bolus was given"
    if facts.device.has_cap is False and (cap.access_ok or cap.csf_aspirated_ml or cap.easy):
        yield "device.has_cap", "is false, but something was aspirated through the port"
    if cap.easy and cap.csf_aspirated_ml == 0.0:
        yield "cap.easy", "is true though no cerebrospinal fluid came"
    if cap.access_ok is False and cap.csf_aspirated_ml:
        yield "cap.access_ok", "is false though cerebrospinal fluid was aspirated"


def _catheter(facts: Facts, limits: LadderLimits) -> Iterator[Contradiction]:
    cath = facts.cath
    if cath.total_length_cm is not None and (cath.trimmed_cm or 0.0) > cath.total_length_cm:
        yield "cath.trimmed_cm", f"is more than the whole catheter, {cath.total_length_cm:g} cm"
    if cath.implanted_length_cm is not None and cath.total_length_cm is not None:
        most = cath.total_length_cm - (cath.trimmed_cm or 0.0) + limits.length_uncertainty_cm
        if cath.implanted_length_cm > most:
            yield "cath.implanted_length_cm", "is more than what trimming left"
    computed = computed_dead_space(facts, limits)
    if cath.dead_space_ml is None or not isinstance(computed, Amount) or not computed.verified:
        return
    spread = _INTERVALS * max(computed.high - computed.value, computed.value - computed.low)
    if abs(cath.dead_space_ml - computed.value) > spread:
        yield "cath.dead_space_ml", f"contradicts length times volume per length, {computed.value:.3g} ml"


def _agent(agent: Agent, flow: float | None, where: str, limits: LadderLimits) -> Iterator[Contradiction]:
    for stem in ("concentration_{}_per_ml", "daily_dose_{}"):
        mg, mcg = (getattr(agent, stem.format(unit)) for unit in ("mg", "mcg"))
        if mg is not None and mcg is not None and abs(mg * 1000.0 - mcg) > 1e-6 * max(mcg, 1.0):
            yield f"{where}.{stem.format('mcg')}", f"contradicts {stem.format('mg')}"
    concentration, dose = agent.mg_per_ml, agent.mg_per_day
    if concentration and dose and flow:
        ratio = dose / (concentration * flow)
        if not 1.0 / limits.dose_factor <= ratio <= limits.dose_factor:
            name = "daily_dose_mg" if agent.daily_dose_mg is not None else "daily_dose_mcg"
            yield f"{where}.{name}", f"is {ratio:.3g} times flow times concentration: check the units"


def _imaging(facts: Facts) -> Iterator[Contradiction]:
    for each in fields(Imaging):
        seen = getattr(facts.img, each.name)
        told = set(seen.findings) - {"not_assessable"}
        if each.name != "spect_ct" and any(name.startswith("tracer_") for name in told):
            yield f"img.{each.name}.findings", "name a tracer, which only SPECT-CT shows"
        if told and seen.result in ("not_done", "normal", "nondiagnostic"):
            yield f"img.{each.name}.findings", f"are given, but the result is {seen.result}"
    if facts.gate.mri_excludes_granuloma_or_compression and set(facts.img.mri.findings) & set(MASS_FINDINGS):
        yield "gate.mri_excludes_granuloma_or_compression", "contradicts img.mri.findings"
