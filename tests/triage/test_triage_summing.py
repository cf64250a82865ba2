"""What several series of a case come to."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.model import Examined, KeyImage, Outcome, Priority
from catheterview.triage.summing import distinct, one_each, priority_of, undecided
from strategies import decisions

examinations = st.builds(
    Examined,
    detector=st.sampled_from(["kink", "trace", "device"]),
    series_instance_uids=st.lists(st.sampled_from(["1", "2", "3"]), max_size=2).map(tuple),
    outcome=st.sampled_from(["RAN", "SKIPPED", "FAILED"]),
    why=st.sampled_from(["", "no pump", "no CT"]),
)


@given(examined=st.lists(examinations, max_size=8))
def test_each_detector_leaves_one_line(examined: list[Examined]) -> None:
    """One line for each detector; it failed if it failed anywhere, and ran only where it ran."""
    joined = {one.detector: one for one in one_each(examined)}
    assert len(joined) == len(one_each(examined))
    assert set(joined) == {one.detector for one in examined}
    for name, line in joined.items():
        mine = [one for one in examined if one.detector == name]
        assert (line.outcome == "FAILED") == any(one.outcome == "FAILED" for one in mine)
        assert (line.outcome == "SKIPPED") == all(one.outcome == "SKIPPED" for one in mine)
        assert set(line.series_instance_uids) == {
            uid for one in mine if one.outcome == line.outcome for uid in one.series_instance_uids
        }
        assert all(one.why in line.why for one in mine)


@given(decision=decisions())
def test_what_was_not_examined_whole_cannot_wait(decision: object) -> None:
    """A case of which something failed is never routine, and never less urgent than the ladder says."""
    whole, partly = priority_of(decision, whole=True), priority_of(decision, whole=False)  # type: ignore[arg-type]
    assert whole == decision.urgency  # type: ignore[attr-defined]
    assert partly == ("cannot_tell" if whole == "routine" else whole)


def test_no_priority_is_called_normal() -> None:
    """There is no word for a patient in whom nothing is wrong, and a broken ladder says that it cannot tell."""
    assert "normal" not in get_args(Priority)
    assert undecided().urgency == "cannot_tell"
    assert undecided().step == ""
    assert set(get_args(Outcome)) == {"RAN", "SKIPPED", "FAILED"}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_images_of_several_series_keep_apart(count: int) -> None:
    """Two series have a coronal projection each; in one report they need two names."""
    image = KeyImage(name="mip-coronal", caption="", png=b"")
    names = [one.name for one in distinct([image] * count)]
    assert names == ["mip-coronal", "mip-coronal-2", "mip-coronal-3"][:count]
