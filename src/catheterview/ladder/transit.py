"""How long tracer or contrast takes through the catheter at the pump's flow, and how much tracer is left by then."""

from __future__ import annotations

from datetime import datetime

from catheterview.ladder.amounts import Amount, Blocked, Used
from catheterview.ladder.deadspace import dead_space
from catheterview.ladder.facts import Facts
from catheterview.limits.ladder import LadderLimits

_HOURS_A_DAY = 24.0


def arrival_h(facts: Facts, limits: LadderLimits) -> Amount | Blocked:
    """Hours from reservoir to tip in plug flow: dead space over flow.

    Returns
    -------
    Amount or Blocked
        Blocked where the dead space or the flow is not known, or the pump is stopped.
    """
    space, flow = dead_space(facts, limits), facts.drug.flow_ml_per_day
    lacking = space.missing if isinstance(space, Blocked) else ()
    if isinstance(space, Blocked) or not flow:
        return Blocked(missing=(*lacking, *(() if flow else ("drug.flow_ml_per_day",))))
    used = Used(name="drug.flow_ml_per_day", value=flow, unit="ml/day")
    scale = _HOURS_A_DAY / flow
    return Amount(
        value=space.value * scale,
        low=space.low * scale,
        high=space.high * scale,
        unit="hour",
        inputs=(*space.inputs, used),
    )


def readable_from_h(facts: Facts, limits: LadderLimits) -> float | None:
    """Hours after injection from which an absent tracer means something; None where it cannot be told."""
    arrival = arrival_h(facts, limits)
    return None if isinstance(arrival, Blocked) else limits.transit_margin * arrival.value


def hours_between(earlier: str | None, later: str | None) -> float | None:
    """Hours from one ISO 8601 moment to another; a date counts from its midnight, a time zone is left aside."""
    if earlier is None or later is None:
        return None
    first, second = (datetime.fromisoformat(each).replace(tzinfo=None) for each in (earlier, later))
    return (second - first).total_seconds() / 3600.0


def is_too_early(facts: Facts, limits: LadderLimits) -> bool:
    """Whether the SPECT-CT was made before an absent tracer would mean anything; False where that is not known."""
    elapsed = hours_between(facts.hist.tracer_injected_at, facts.img.spect_ct.at)
    readable = readable_from_h(facts, limits)
    return elapsed is not None and readable is not None and elapsed < readable


def decay_factor(hours: float, limits: LadderLimits) -> float:
    """The fraction of In-111 that is left after so many hours."""
    return float(0.5 ** (hours / limits.half_life_h))
