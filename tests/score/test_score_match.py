"""Which finding is which, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from score_builders import SERIES, finding, straight

from catheterview.errors import InputError
from catheterview.limits.score import ScoreLimits
from catheterview.score.match import match_findings

LIMITS = ScoreLimits()


def matched(found, true):
    return match_findings({"findings": found}, {"findings": true}, LIMITS)


def test_the_nearest_of_the_same_kind_is_the_hit(gap):
    """Two reports 3 and 6 mm from one gap: the nearer is the hit, the other a false alarm."""
    at = straight()[50]
    result = matched(
        [finding("discontinuity", at + np.array([0, 6, 0])), finding("discontinuity", at + np.array([0, 3, 0]))], [gap]
    )
    assert [hit.distance for hit in result.hits] == [pytest.approx(3.0)]
    assert len(result.false_alarms) == 1
    assert result.misses == ()


def test_pairs_are_as_many_as_can_be(gap):
    """Greed would give the middle report to the first gap and leave the second without; the assignment does not."""
    points = [(0.0, 0.0, 0.0), (12.0, 0.0, 0.0)]
    true = [finding("kink", point) for point in points]
    found = [finding("kink", (6.0, 0.0, 0.0)), finding("kink", (-5.0, 0.0, 0.0))]
    result = matched(found, true)
    assert sorted(hit.distance for hit in result.hits) == [5.0, 6.0]
    assert result.false_alarms == ()


def test_farther_than_ten_millimetres_is_a_miss_and_a_false_alarm(gap):
    """A gap reported 10.5 mm away is not that gap."""
    result = matched([finding("discontinuity", straight()[50] + (0, 10.5, 0))], [gap])
    assert (len(result.hits), len(result.misses), len(result.false_alarms)) == (0, 1, 1)


def test_a_long_gap_is_hit_anywhere_between_its_ends():
    """A report at one loose end of a 40 mm gap is the gap; its error is still to the middle."""
    at = straight()
    true = finding("discontinuity", at[50], ends=[at[30].tolist(), at[70].tolist()], measures={"gap_mm": 40.0})
    result = matched([finding("discontinuity", at[31])], [true])
    assert [hit.distance for hit in result.hits] == [pytest.approx(19.0)]


def test_the_wrong_kind_at_the_right_place_is_said_so(gap):
    """A kink reported at a gap is a miss of the gap, a false kink, and known as a mix-up."""
    result = matched([finding("kink", gap["point"])], [gap])
    assert [(miss.kind, miss.called) for miss in result.misses] == [("discontinuity", "kink")]
    assert [alarm.kind for alarm in result.false_alarms] == ["kink"]


def test_saying_that_one_cannot_tell_is_neither_hit_nor_alarm(gap):
    """An abstention at the gap leaves the gap missed and alarms nobody."""
    result = matched([finding("not_assessable", gap["point"])], [gap])
    assert (len(result.hits), len(result.misses), len(result.false_alarms)) == (0, 1, 0)


def test_a_second_report_is_a_false_alarm_only_in_the_same_series(gap):
    """Another reconstruction of the same study may show the same gap again."""
    again = finding("discontinuity", gap["point"])
    there = {**again, "series_instance_uid": SERIES + ".9"}
    assert len(matched([gap, again], [gap]).false_alarms) == 1
    assert len(matched([gap, there], [gap]).false_alarms) == 0


@pytest.mark.parametrize(
    ("kind", "measures", "counted"),
    [
        ("discontinuity", {"gap_mm": 2.9}, False),
        ("discontinuity", {"gap_mm": 3.0}, True),
        ("kink", {"radius_mm": 4.1, "turn_deg": 90.0}, False),
        ("kink", {"radius_mm": 4.0, "turn_deg": 60.0}, True),
        ("kink", {"radius_mm": 2.0, "turn_deg": 59.0}, False),
        ("kink", {}, True),
    ],
)
def test_a_fault_too_small_to_ask_for_is_marked(kind, measures, counted):
    """What the bars do not ask for counts neither way."""
    result = matched([], [finding(kind, (1.0, 2.0, 3.0), measures=measures)])
    assert [miss.counted for miss in result.misses] == [counted]


def test_arc_lengths_are_compared_when_both_give_them(gap):
    """The arc error is the difference of the two; without one of them there is none."""
    near = {**gap, "measures": {"arc_mm": 53.5}}
    assert [hit.arc_error for hit in matched([near], [gap]).hits] == [pytest.approx(3.5)]
    assert [hit.arc_error for hit in matched([{**gap, "measures": {}}], [gap]).hits] == [None]


def test_a_film_finding_matches_only_on_its_own_image():
    """The same pixel of another image is another place."""
    true = finding("kink", (300.0, 420.0), frame="PIXEL", sop_instance_uid="1.2.3")
    assert len(matched([{**true, "point": [310.0, 420.0]}], [true]).hits) == 1
    assert len(matched([{**true, "sop_instance_uid": "1.2.4"}], [true]).hits) == 0


def test_a_finding_without_a_place_is_refused():
    """A finding that cannot be placed cannot be matched."""
    with pytest.raises(InputError, match="point"):
        matched([{"kind": "kink"}], [])
