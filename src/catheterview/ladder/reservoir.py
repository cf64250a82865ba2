"""Reservoir reconciliation: what was aspirated against what the programmer expects (review, 5.1 and 7.3).

The expected volume is calculated by the programmer, never measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catheterview.ladder.facts import Facts
from catheterview.ladder.policies import Policies
from catheterview.limits.catalogue import pump_named
from catheterview.limits.ladder import LadderLimits

_SMALL_ML, _LARGE_ML = 20.0, 40.0


class VolumeClass(StrEnum):
    """How the aspirated volume compares with the expected one."""

    LOW = "lower than expected"
    HIGH = "higher than expected"
    AS_EXPECTED = "as expected"
    IMPOSSIBLE_HIGH = "more than the reservoir holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What came of comparing the volumes.

    Parameters
    ----------
    verdict : VolumeClass or None
        None while a fact is missing.
    missing : tuple of str
        Which facts.
    delta_ml : float or None
        Aspirated minus expected.
    tolerance_ml : float or None
        The discrepancy above which it counts.
    note : str
        What is extrapolated or assumed in it; empty when nothing is.
    """

    verdict: VolumeClass | None
    missing: tuple[str, ...] = ()
    delta_ml: float | None = None
    tolerance_ml: float | None = None
    note: str = ""


def expected_ml(facts: Facts) -> float | None:
    """The volume that the programmer expects, wherever it was written down; None when unknown."""
    return facts.vol.expected_ml if facts.vol.expected_ml is not None else facts.intr.expected_residual_ml


def capacity_ml(facts: Facts) -> float | None:
    """The reservoir's capacity from the record, else from the catalogue's model; None when unknown."""
    if facts.device.reservoir_capacity_ml is not None:
        return facts.device.reservoir_capacity_ml
    model = pump_named(facts.device.model) if facts.device.model else None
    return model.reservoir_ml.value if model and model.reservoir_ml else None


def reconcile(facts: Facts, policies: Policies, limits: LadderLimits) -> Reconciliation:
    """Compare what was aspirated with what was expected.

    Returns
    -------
    Reconciliation
        More than the reservoir holds comes before everything else, and needs no expected volume.
    """
    aspirated, expected, capacity = facts.vol.aspirated_ml, expected_ml(facts), capacity_ml(facts)
    if aspirated is not None and capacity is not None and aspirated > capacity:
        return Reconciliation(verdict=VolumeClass.IMPOSSIBLE_HIGH, delta_ml=_difference(aspirated, expected))
    if aspirated is None or expected is None:
        given = {"vol.aspirated_ml": aspirated, "vol.expected_ml": expected}
        return Reconciliation(verdict=None, missing=tuple(name for name, value in given.items() if value is None))
    delta = round(aspirated - expected, 6)
    tolerance, note = _tolerance(capacity, policies, limits)
    if tolerance is None:
        return Reconciliation(verdict=None, missing=("device.reservoir_capacity_ml",), delta_ml=delta, note=note)
    return Reconciliation(verdict=_verdict(delta, tolerance), delta_ml=delta, tolerance_ml=tolerance, note=note)


def _difference(aspirated: float, expected: float | None) -> float | None:
    return None if expected is None else round(aspirated - expected, 6)


def _verdict(delta_ml: float, tolerance_ml: float) -> VolumeClass:
    if delta_ml < -tolerance_ml:
        return VolumeClass.LOW
    return VolumeClass.HIGH if delta_ml > tolerance_ml else VolumeClass.AS_EXPECTED


def _tolerance(capacity: float | None, policies: Policies, limits: LadderLimits) -> tuple[float | None, str]:
    """The discrepancy that counts, and what is extrapolated in it."""
    if capacity == _SMALL_ML:
        return limits.discrepancy_20_ml, ""
    if capacity == _LARGE_ML:
        return limits.discrepancy_40_ml, ""
    if capacity is None:
        if policies.capacity_unknown == "ask":
            return None, "the reservoir's capacity is not known"
        return limits.discrepancy_20_ml, "capacity not known: the smaller published threshold is used"
    if policies.other_sizes == "ask":
        return None, f"no threshold is published for {capacity:g} ml"
    tolerance = limits.discrepancy_fraction * capacity
    return tolerance, f"EXTRAPOLATED: no threshold is published for {capacity:g} ml; 5 % is {tolerance:g} ml"
