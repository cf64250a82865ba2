"""What the detectors measure: gaps, bends, hidden stretches, and where they are."""

from __future__ import annotations

import numpy as np
import pytest
from detect_scenes import bent, catheter_of, evidence_of, loop_and_rise

from catheterview.detect import detect_all
from catheterview.geometry import arc_length
from catheterview.limits import DetectLimits
from catheterview.model import Finding, Kind


def found(kind: Kind, *catheters: object) -> list[Finding]:
    detections = detect_all(evidence_of(list(catheters)), DetectLimits())  # type: ignore[arg-type]
    return [finding for detection in detections for finding in detection.findings if finding.kind is kind]


def unseen(*catheters: object) -> list[Finding]:
    """Stretches of the catheter that are not assessable."""
    return [finding for finding in found(Kind.NOT_ASSESSABLE, *catheters) if "hidden_mm" in finding.measures]


def test_a_gap_is_measured_between_its_loose_ends() -> None:
    """Length, arc length of its middle, both ends, nearest voxel and slice."""
    line = loop_and_rise()
    (gap,) = found(Kind.DISCONTINUITY, catheter_of([line[:200], line[216:]]))
    assert gap.measures["gap_mm"] == pytest.approx(8.5, abs=0.1)
    assert gap.measures["offset_mm"] < 0.5
    assert gap.measures["arc_mm"] == pytest.approx(arc_length(line)[207], abs=0.6)
    assert np.allclose(gap.ends, [line[199], line[216]], atol=0.01)
    evidence = evidence_of([])
    assert gap.index_kji is not None
    assert np.linalg.norm(evidence.image.placed.index_to_world(gap.index_kji) - gap.point) < 2.0
    assert gap.sop_instance_uid == f"1.2.3.{gap.index_kji[0]}"


def test_a_gap_below_the_limit_is_not_reported() -> None:
    """One and a half millimetres is less than the image can show."""
    line = loop_and_rise()
    assert found(Kind.DISCONTINUITY, catheter_of([line[:200], line[202:]])) == []


def test_pieces_too_far_apart_for_a_gap_were_not_followed() -> None:
    """No gap is as wide as that: what lies between is said to be not assessable."""
    line = loop_and_rise()
    far = [catheter_of([line[:150], line[250:]])]
    assert found(Kind.DISCONTINUITY, *far) == []
    (stretch,) = unseen(*far)
    assert stretch.measures["hidden_mm"] == pytest.approx(np.linalg.norm(line[250] - line[149]), abs=0.1)


def test_a_line_that_is_broken_in_several_places_shows_no_gap() -> None:
    """A catheter breaks in one place: what is broken more often is a bone or a vessel that was followed."""
    line = loop_and_rise()
    broken = [catheter_of([line[:200], line[220:260], line[280:]])]
    assert found(Kind.DISCONTINUITY, *broken) == []
    assert len(unseen(*broken)) == 2


@pytest.mark.parametrize(("turn_deg", "radius_mm"), [(75.0, 2.0), (90.0, 3.5), (130.0, 1.5)])
def test_a_kink_is_measured(turn_deg: float, radius_mm: float) -> None:
    """Sharper than 60 degrees at under 4 mm: found once, at its middle."""
    line = bent(turn_deg, radius_mm)
    (kink,) = found(Kind.KINK, catheter_of([line]))
    assert kink.measures["radius_mm"] == pytest.approx(radius_mm, abs=1.0)
    assert kink.measures["turn_deg"] == pytest.approx(turn_deg, abs=0.25 * turn_deg)
    assert kink.measures["arc_mm"] == pytest.approx(50.0 + radius_mm * np.radians(turn_deg) / 2, abs=2.0)


@pytest.mark.parametrize(("turn_deg", "radius_mm"), [(180.0, 10.0), (300.0, 14.0), (35.0, 2.0)])
def test_a_loop_and_a_slight_bend_are_no_kinks(turn_deg: float, radius_mm: float) -> None:
    """A surgeon's loop turns far but widely; a slight bend turns sharply but little."""
    assert found(Kind.KINK, catheter_of([bent(turn_deg, radius_mm)])) == []


def test_a_bend_that_is_not_seen_is_no_kink() -> None:
    """Where the line was bridged blindly its bends mean nothing."""
    line = bent(90.0, 2.0)
    assert found(Kind.KINK, catheter_of([line], confidence=np.full(len(line), 0.1))) == []
