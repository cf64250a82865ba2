"""The reading-room queue against queueing theory."""

from __future__ import annotations

from math import factorial

import pytest

from catheterview.errors import InputError
from catheterview.score import ReadingRoom, waiting_times

ONE = ReadingRoom(arrivals_per_hour=4.0, readers=1, reading_min=10.5, prevalence=0.3)


def test_one_reader_in_order_waits_as_theory_says():
    """M/M/1: the mean wait is load / (1 - load) reading times: 0.7 / 0.3 x 10.5 = 24.5 minutes."""
    assert waiting_times(ONE, sensitivity=0.0, specificity=1.0).in_order == pytest.approx(24.5, rel=0.1)


def test_three_readers_wait_as_erlang_says():
    """M/M/3 at load 0.8: Erlang's C gives the chance to wait; the mean wait is C x reading / (3 - 2.4)."""
    room = ReadingRoom(arrivals_per_hour=12.0, readers=3, reading_min=12.0, prevalence=0.2)
    offered = 2.4
    last = offered**3 / factorial(3) / (1 - offered / 3)
    chance = last / (sum(offered**n / factorial(n) for n in range(3)) + last)
    assert waiting_times(room, sensitivity=0.5, specificity=0.9, studies=200_000).in_order == pytest.approx(
        chance * 12.0 / 0.6, rel=0.06
    )


def test_a_perfect_flag_waits_as_the_priority_queue_says():
    """Cobham: the urgent wait load x reading / (1 - load x prevalence) = 0.7 x 10.5 / 0.79 = 9.3 minutes."""
    wait = waiting_times(ONE, sensitivity=1.0, specificity=1.0)
    assert wait.with_triage == pytest.approx(0.7 * 10.5 / (1 - 0.21), rel=0.1)
    assert wait.saved_min == pytest.approx(wait.in_order - wait.with_triage)
    assert wait.low < wait.saved_min < wait.high
    assert wait.others_lose_min == pytest.approx(0.3 / 0.7 * wait.saved_min, rel=0.15)


def test_a_flag_that_is_never_raised_changes_nothing():
    """No sensitivity and no false alarm: the same order, the same wait."""
    wait = waiting_times(ONE, sensitivity=0.0, specificity=1.0)
    assert (wait.saved_min, wait.others_lose_min) == (0.0, 0.0)


def test_a_slow_flag_saves_less():
    """Triage that takes half an hour helps only those that would have waited longer."""
    slow = ReadingRoom(arrivals_per_hour=4.0, readers=1, reading_min=10.5, prevalence=0.3, triage_min=30.0)
    fast = waiting_times(ONE, sensitivity=0.9, specificity=0.9).saved_min
    assert 0.0 < waiting_times(slow, sensitivity=0.9, specificity=0.9).saved_min < fast


@pytest.mark.parametrize(
    "dials", [{"readers": 0}, {"prevalence": 0.0}, {"arrivals_per_hour": 6.0}, {"triage_min": -1.0}]
)
def test_a_room_that_cannot_be_is_refused(dials):
    """No readers, no prevalence, more work than time: an error and no endless queue."""
    given = {"arrivals_per_hour": 4.0, "readers": 1, "reading_min": 10.5, "prevalence": 0.3} | dials
    with pytest.raises(InputError):
        ReadingRoom(**given)


def test_a_flag_has_shares_between_zero_and_one():
    """A sensitivity of 95 is a mistake for 0.95."""
    with pytest.raises(InputError, match="between 0 and 1"):
        waiting_times(ONE, sensitivity=95.0, specificity=0.9)
