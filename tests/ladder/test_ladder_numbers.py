"""The numbers of the review that bear on a decision, at the node where they do, and those that are told."""

from __future__ import annotations

from typing import Any

import pytest
from ladder_records import CALM, LOST, record

from catheterview.ladder import Reading, decide
from catheterview.ladder.table import TABLE

PROMETRA = {"device": {"manufacturer": "Flowonix"}, "hist": {"post_mri": True}, "pres": CALM}


def _step(*layers: dict[str, Any], **groups: dict[str, Any]) -> str:
    return decide(record(*layers, **groups), reading=Reading()).step


@pytest.mark.parametrize(("aspirated", "open_valve"), [(0.0, False), (1.0, False), (1.01, True), (1.5, True)])
def test_more_than_one_millilitre_after_mri_is_an_open_valve(aspirated: float, open_valve: bool) -> None:
    """4.1: more than 1 ml at 0.0 mg/day, not 1 ml itself; the pump is not refilled."""
    decision = decide(record(PROMETRA, vol={"aspirated_ml": aspirated}), reading=Reading())
    assert (decision.step == "M7") is open_valve
    assert ("Do not refill" in decision.action) is open_valve


@pytest.mark.parametrize(
    ("csf", "dead_space", "success"),
    [(1.99, 0.3, False), (2.0, 0.3, True), (3.0, 0.3, True), (2.0, 2.5, False), (2.5, 2.5, True)],
)
def test_two_millilitres_of_csf_and_no_less_than_the_dead_space(csf: float, dead_space: float, success: bool) -> None:
    """5.2 and 6.1: 2 ml or the dead space, whichever is more."""
    cap = {"csf_aspirated_ml": csf, "easy": True, "clear": True}
    step = _step(LOST, cap=cap, cath={"dead_space_ml": dead_space})
    assert step == ("I5" if success else "I6")


@pytest.mark.parametrize("withheld", ["easy", "clear"])
def test_volume_alone_is_no_success(withheld: str) -> None:
    """7.10 says easily and 5.2 says clear: without either the gate decides."""
    cap = {"csf_aspirated_ml": 3.0, "easy": True, "clear": True, withheld: False}
    assert _step(LOST, cap=cap) == "I6"


@pytest.mark.parametrize(("delta", "step"), [(0.0, "A10"), (-0.5, "A10"), (0.01, "B2")])
def test_withdrawal_goes_on_to_the_system_with_any_excess(delta: float, step: str) -> None:
    """7.9: equal to or less than expected is looked for outside the device, higher goes to loss of therapy."""
    vol = {"restoration_possible": False, "aspirated_ml": 5.0 + delta, "expected_ml": 5.0}
    facts = record(pres={**CALM, "withdrawal_signs": True}, vol=vol, device={"reservoir_capacity_ml": 20.0})
    trail = [each.node for each in decide(facts, reading=Reading()).trail]
    assert step in trail
    assert ("B1" in trail) is (step == "B2")


@pytest.mark.parametrize(
    ("node", "numbers"),
    [
        ("I0", ["35 %"]),
        ("I2", ["2 to 3 ml", "7 of 15"]),
        ("I4", ["52 %", "86 %"]),
        ("I7", ["24 and 48 h"]),
        ("B7", ["5 to 90 min", "1.15 to 4.5 ml", "2.09 to 4.88 ml"]),
        ("B8", ["12 of 50"]),
        ("N2a", ["1 ml", "0.0 mg/day"]),
        ("I9", ["0.0 mg/day"]),
        ("M5", ["35 to 95 %"]),
    ],
)
def test_numbers_that_are_told(node: str, numbers: list[str]) -> None:
    """A number of the review that a reader needs at a node is told there."""
    told = " ".join([TABLE[node].action, *(caution.text for caution in TABLE[node].cautions)])
    assert all(number in told for number in numbers)
