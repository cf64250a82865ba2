"""What the record says of a tracer study: when it was injected, and how fast it should travel."""

from __future__ import annotations

from catheterview.ladder import Facts
from catheterview.limits import Limits
from catheterview.limits.catalogue import Sourced, pump_named
from catheterview.limits.catheters import catheter_named
from catheterview.model import Delivery

_LARGEST_ML = 40.0  # of the pumps in use: what is not known is taken to dilute the tracer the most


def delivery_of(facts: Facts, length_mm: float | None, limits: Limits) -> Delivery:
    """How tracer gets to the tip, as far as the record says.

    Parameters
    ----------
    facts : Facts
    length_mm : float or None
        Of the catheter as it was traced; used where a recorded dead space has to be shared out.
    limits : Limits

    Returns
    -------
    Delivery
        Its `missing` names the facts that are not known.
    """
    per_cm, pump_ml = _per_cm(facts), _pump_ml(facts)
    dead_ml = facts.cath.dead_space_ml
    if dead_ml is not None and length_mm:
        per_cm = per_cm if per_cm is not None else max(0.0, dead_ml - (pump_ml or 0.0)) / (length_mm / 10.0)
        pump_ml = max(0.0, dead_ml - per_cm * length_mm / 10.0)
    said = {
        "drug.flow_ml_per_day": facts.drug.flow_ml_per_day,
        "cath.volume_ml_per_cm": per_cm,
        "cath.cap_internal_volume_ml": pump_ml,
    }
    return Delivery(
        flow_ml_per_day=facts.drug.flow_ml_per_day,
        pump_ml=pump_ml,
        ml_per_cm=per_cm,
        reservoir_ml=_reservoir_ml(facts),
        margin=limits.ladder.transit_margin,
        missing=tuple(name for name, value in said.items() if value is None),
    )


def _per_cm(facts: Facts) -> float | None:
    """Volume of the catheter by length: the record's, else the catalogue's."""
    model = catheter_named(facts.cath.model) if facts.cath.model else None
    known = model.volume_ml_per_cm if model else None
    return _either(facts.cath.volume_ml_per_cm, known)


def _pump_ml(facts: Facts) -> float | None:
    """Volume between reservoir and catheter: the record's, else the catalogue's, which may be an upper bound."""
    model = pump_named(facts.device.model) if facts.device.model else None
    known = model.cap_volume_ml if model else None
    return _either(facts.cath.cap_internal_volume_ml, known)


def _either(recorded: float | None, known: Sourced | None) -> float | None:
    """The record's value before the catalogue's."""
    if recorded is not None:
        return recorded
    return None if known is None else known.value


def _reservoir_ml(facts: Facts) -> float:
    """The most that the reservoir holds."""
    model = pump_named(facts.device.model) if facts.device.model else None
    known = model.reservoir_ml.value if model and model.reservoir_ml else _LARGEST_ML
    return facts.device.reservoir_capacity_ml or known
