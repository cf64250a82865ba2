"""Reservoir reconciliation: the numbers of 5.1, and what is extrapolated from them."""

from __future__ import annotations

from typing import Any

import pytest
from ladder_records import record

from catheterview.ladder import Facts, Policies
from catheterview.ladder.reservoir import Reconciliation, VolumeClass, capacity_ml, expected_ml, reconcile
from catheterview.limits.ladder import LadderLimits


def _reconcile(policies: Policies | None = None, **groups: dict[str, Any]) -> Reconciliation:
    return reconcile(record(**groups), policies or Policies(), LadderLimits())


def _of(capacity: float | None, delta: float, policies: Policies | None = None) -> Reconciliation:
    device = {} if capacity is None else {"device": {"reservoir_capacity_ml": capacity}}
    return _reconcile(policies, vol={"aspirated_ml": 8.0 + delta, "expected_ml": 8.0}, **device)


@pytest.mark.parametrize(
    ("capacity", "delta", "verdict"),
    [
        (20.0, -1.0, VolumeClass.AS_EXPECTED),
        (20.0, -1.01, VolumeClass.LOW),
        (20.0, -1.15, VolumeClass.LOW),
        (20.0, 1.0, VolumeClass.AS_EXPECTED),
        (20.0, 1.01, VolumeClass.HIGH),
        (40.0, -2.0, VolumeClass.AS_EXPECTED),
        (40.0, -2.09, VolumeClass.LOW),
        (40.0, 2.0, VolumeClass.AS_EXPECTED),
        (40.0, 2.01, VolumeClass.HIGH),
        (20.0, 0.0, VolumeClass.AS_EXPECTED),
    ],
)
def test_published_thresholds(capacity: float, delta: float, verdict: VolumeClass) -> None:
    """More than 1 ml in 20 ml and more than 2 ml in 40 ml count, in both directions, and nothing is extrapolated."""
    found = _of(capacity, delta)
    assert found.verdict is verdict
    assert found.delta_ml == pytest.approx(delta)
    assert found.tolerance_ml == (1.0 if capacity == 20.0 else 2.0)
    assert found.note == ""
    assert found.missing == ()


@pytest.mark.parametrize(("capacity", "tolerance"), [(10.0, 0.5), (18.0, 0.9), (35.0, 1.75)])
def test_other_sizes_are_extrapolated_and_say_so(capacity: float, tolerance: float) -> None:
    """Five per cent of the capacity, marked as extrapolated; or asked, where the policy says so."""
    found = _of(capacity, -tolerance - 0.01)
    assert found.verdict is VolumeClass.LOW
    assert found.tolerance_ml == pytest.approx(tolerance)
    assert found.note.startswith("EXTRAPOLATED")
    assert _of(capacity, tolerance - 0.01).verdict is VolumeClass.AS_EXPECTED
    asked = _of(capacity, -5.0, Policies(other_sizes="ask"))
    assert asked.verdict is None
    assert asked.missing == ("device.reservoir_capacity_ml",)
    assert asked.delta_ml == pytest.approx(-5.0)
    assert "no threshold is published" in asked.note


def test_an_unknown_capacity_warns_early() -> None:
    """Without a capacity the smaller threshold counts, and that is said; or the capacity is asked."""
    assert _of(None, -1.5).verdict is VolumeClass.LOW
    assert _of(None, -1.5).tolerance_ml == 1.0
    assert _of(None, -1.5).note == "capacity not known: the smaller published threshold is used"
    asked = _of(None, -1.5, Policies(capacity_unknown="ask"))
    assert asked.verdict is None
    assert asked.missing == ("device.reservoir_capacity_ml",)
    assert asked.note == "the reservoir's capacity is not known"


def test_more_than_the_reservoir_holds_is_a_class_of_its_own() -> None:
    """30 ml from 18 ml, as in the case of 3.1, with or without an expected volume."""
    found = _reconcile(device={"reservoir_capacity_ml": 18.0}, vol={"aspirated_ml": 30.0})
    assert found.verdict is VolumeClass.IMPOSSIBLE_HIGH
    assert found.delta_ml is None
    with_expected = _reconcile(device={"reservoir_capacity_ml": 18.0}, vol={"aspirated_ml": 30.0, "expected_ml": 12.0})
    assert with_expected.delta_ml == pytest.approx(18.0)
    full = _reconcile(device={"reservoir_capacity_ml": 18.0}, vol={"aspirated_ml": 18.0, "expected_ml": 18.0})
    assert full.verdict is VolumeClass.AS_EXPECTED


def test_what_is_missing_is_named() -> None:
    """A missing volume blocks, by name."""
    assert _reconcile().missing == ("vol.aspirated_ml", "vol.expected_ml")
    assert _reconcile(vol={"aspirated_ml": 3.0}).missing == ("vol.expected_ml",)
    assert _reconcile(vol={"expected_ml": 3.0}).missing == ("vol.aspirated_ml",)
    assert _reconcile().verdict is None


def test_a_decimal_difference_is_not_a_discrepancy() -> None:
    """9.1 less 8.1 is 1 ml, whatever binary fractions make of it."""
    found = _reconcile(device={"reservoir_capacity_ml": 20.0}, vol={"aspirated_ml": 7.1, "expected_ml": 8.1})
    assert found.verdict is VolumeClass.AS_EXPECTED
    assert found.delta_ml == -1.0
    device = {"reservoir_capacity_ml": 20.0}
    assert _reconcile(device=device, vol={"aspirated_ml": 9.0000004, "expected_ml": 8.0}).delta_ml == 1.0
    full = _reconcile(device=device, vol={"aspirated_ml": 20.5000004, "expected_ml": 12.0})
    assert (full.verdict, full.delta_ml) == (VolumeClass.IMPOSSIBLE_HIGH, 8.5)


def test_the_expected_volume_may_come_from_the_interrogation() -> None:
    """The programmer's residual counts where no expected volume is written down."""
    assert expected_ml(record(intr={"expected_residual_ml": 5.0})) == 5.0
    assert expected_ml(record(intr={"expected_residual_ml": 5.0}, vol={"expected_ml": 5.02})) == 5.02
    assert expected_ml(Facts()) is None


def test_the_capacity_may_come_from_the_model() -> None:
    """The catalogue gives the capacity of a known model; the record goes before it."""
    assert capacity_ml(record(device={"model": "8637-40"})) == 40.0
    assert capacity_ml(record(device={"model": "8637-40", "reservoir_capacity_ml": 20.0})) == 20.0
    assert capacity_ml(record(device={"model": "unheard of"})) is None
    assert capacity_ml(record(device={"model": "Infusaid"})) is None
    assert capacity_ml(Facts()) is None
