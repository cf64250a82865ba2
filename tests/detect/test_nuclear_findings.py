"""Every fault of a tracer study is found where it is, a healthy one is left alone, and nothing is called too early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.nuclear import CSF, LEAK, PASSAGE, TracerReading, read_tracer
from catheterview.detect.nuclear.measure import measure
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model import Kind, Segment, TracerEvidence
from nuclear_studies import scintigram, small_study, tracer_evidence

LIMITS = Limits()


def _outcome(reading: TracerReading, detector: str) -> tuple[str, str]:
    (one,) = [each.examined for each in reading.detections if each.examined.detector == detector]
    return one.outcome, one.why


def test_a_healthy_study_is_left_alone() -> None:
    """Tracer on its way and in the CSF, kidneys and bladder that hold some: nothing is found, all was looked at."""
    reading = read_tracer(tracer_evidence(small_study()), LIMITS)
    assert reading.findings == ()
    assert [_outcome(reading, name)[0] for name in (LEAK, PASSAGE, CSF)] == ["RAN"] * 3


def test_the_line_is_seen_at_what_flow_and_dilution_say() -> None:
    """Per centimetre: the volume of a centimetre over that of the reservoir, within a third; above its detection."""
    phantom = small_study()
    (uptake,) = read_tracer(tracer_evidence(phantom), LIMITS).uptakes
    recipe = phantom.recipe
    left_ml = recipe.mix_ml - recipe.flow_ml_per_day * uptake.hours / 24.0  # type: ignore[operator]
    known = uptake.detectable < 0.01
    assert np.median(uptake.share[known]) == pytest.approx(recipe.ml_per_cm / left_ml, rel=0.33)
    assert (uptake.share > uptake.detectable)[known].mean() > 0.6
    assert (uptake.expected > 0.0).all()


@pytest.mark.parametrize(
    ("fault", "kind", "within_mm"),
    [
        ("posterior", Kind.TRACER_POSTERIOR_TO_PUMP, 12.0),
        ("pooling", Kind.TRACER_POOLING, 8.0),
        ("confined", Kind.TRACER_CONFINED_TO_RESERVOIR, 8.0),
        ("csf_block", Kind.TRACER_CSF_BLOCK, 20.0),
    ],
)
def test_a_fault_is_found_where_it_is(fault: str, kind: Kind, within_mm: float) -> None:
    """One finding of the right kind, near the place, with its share and time."""
    phantom = small_study(fault)
    (truth,) = phantom.findings
    found = [one for one in read_tracer(tracer_evidence(phantom), LIMITS).findings if one.kind is kind]
    assert len(found) == 1
    assert np.linalg.norm(np.subtract(found[0].point, truth.point)) < within_mm
    assert found[0].measures["hours"] == 48.0
    assert found[0].score > 0.5
    assert found[0].cautions


@pytest.mark.parametrize(("fault", "within_mm"), [("posterior", 12.0), ("pooling", 8.0)])
def test_where_tracer_pools_is_drawn(fault: str, within_mm: float) -> None:
    """One region round the pool that was found, in the CT's frame, as wide as a camera shows a small source."""
    phantom = small_study(fault)
    (truth,) = phantom.findings
    evidence = tracer_evidence(phantom)
    (deposits,) = read_tracer(evidence, LIMITS).deposits.values()
    (drawn,) = deposits
    at = drawn.region.grid.index_to_world(np.argwhere(drawn.region.mask))
    assert drawn.substance == "tracer"
    assert np.linalg.norm(at.mean(axis=0) - truth.point) < within_mm
    assert 0.3 < drawn.region.volume_ml < 12.0
    assert not np.array_equal(drawn.region.grid.affine, evidence.scans[0].image.placed.affine)


@pytest.mark.parametrize("fault", ["healthy", "confined"])
def test_without_a_leak_no_tracer_is_drawn(fault: str) -> None:
    """The reservoir and a filled catheter are no deposits."""
    assert read_tracer(tracer_evidence(small_study(fault)), LIMITS).deposits == {}


@pytest.mark.parametrize(
    "place", [Segment.SUBCUTANEOUS_TRACT, Segment.PARASPINAL_TRACT], ids=["in the tract", "beside the spine"]
)
def test_a_line_that_ends_is_an_interruption_there(place: Segment) -> None:
    """What leaves the catheter seeps away: nothing but the end of the line shows where, to within 15 mm of the stop."""
    phantom = small_study("interruption", place=place, seep_mm=35.0, pool_half_h=1.0)
    (truth,) = phantom.findings
    (found,) = read_tracer(tracer_evidence(phantom), LIMITS).findings
    assert found.kind is Kind.TRACER_INTERRUPTION
    assert np.linalg.norm(np.subtract(found.point, truth.point)) < 15.0
    assert found.segment is place


def test_a_line_that_ends_in_a_pool_is_both() -> None:
    """Tracer pools where the catheter is torn, and none is seen beyond: both are told, at one place."""
    phantom = small_study("interruption", place=Segment.SUBCUTANEOUS_TRACT)
    (truth,) = phantom.findings
    found = {one.kind: one for one in read_tracer(tracer_evidence(phantom), LIMITS).findings}
    assert set(found) == {Kind.TRACER_POOLING, Kind.TRACER_INTERRUPTION}
    for one in found.values():
        assert np.linalg.norm(np.subtract(one.point, truth.point)) < 8.0


def test_a_pool_off_the_catheter_is_found_where_it_is() -> None:
    """25 mm beside the catheter: the finding lies in the pool, not on the line."""
    phantom = small_study("pooling", place=Segment.SUBCUTANEOUS_TRACT, off_mm=25.0)
    (truth,) = phantom.findings
    (found,) = read_tracer(tracer_evidence(phantom), LIMITS).findings
    assert found.kind is Kind.TRACER_POOLING
    assert np.linalg.norm(np.subtract(found.point, truth.point)) < 8.0


def test_a_pool_is_named_by_its_segment() -> None:
    """The pool at the muscle's way in is paraspinal."""
    (found,) = read_tracer(tracer_evidence(small_study("pooling")), LIMITS).findings
    assert found.segment in (Segment.PARASPINAL_TRACT, Segment.FASCIAL_ENTRY, Segment.ANCHOR)


def test_absence_before_its_time_is_never_a_finding() -> None:
    """At a flow that brings tracer later, the same empty catheter is too early, with the hour to look again."""
    evidence = tracer_evidence(small_study("confined"), flow_ml_per_day=0.05)
    reading = read_tracer(evidence, LIMITS)
    assert reading.findings == ()
    outcome, why = _outcome(reading, PASSAGE)
    assert outcome == "SKIPPED"
    assert "too early at 48 h, look again at" in why
    assert "after the injection" in why


@pytest.mark.parametrize("missing", ["flow_ml_per_day", "pump_ml", "ml_per_cm"])
def test_without_a_fact_absence_is_not_judged(missing: str) -> None:
    """What the record does not say is named, and no arrival is made up."""
    evidence = tracer_evidence(small_study("confined"), **{missing: None})
    evidence = replace(evidence, delivery=replace(evidence.delivery, missing=(f"fact.{missing}",)))
    reading = read_tracer(evidence, LIMITS)
    assert reading.findings == ()
    assert f"fact.{missing}" in _outcome(reading, PASSAGE)[1]


def test_without_a_time_of_injection_a_leak_is_still_found() -> None:
    """A pool is a pool at any hour; only arrival needs the time."""
    phantom = small_study("pooling")
    evidence = tracer_evidence(phantom)
    untimed = TracerEvidence(
        scans=tuple(replace(scan, hours=None) for scan in evidence.scans), delivery=evidence.delivery
    )
    assert [one.kind for one in read_tracer(untimed, LIMITS).findings] == [Kind.TRACER_POOLING]


def test_csf_is_no_pool_where_the_entry_was_not_marked() -> None:
    """A trace that did not mark where the catheter enters the canal: what lies within the canal is still CSF."""
    evidence = tracer_evidence(small_study())
    (scan,) = evidence.scans
    (catheter,) = scan.ct.catheters
    bare = replace(catheter, landmarks=replace(catheter.landmarks, dural_entry=None))
    ct = replace(scan.ct, catheters=(bare,))
    assert read_tracer(replace(evidence, scans=(replace(scan, ct=ct),)), LIMITS).findings == ()


def test_a_spect_that_lies_elsewhere_is_refused() -> None:
    """A volume in which the pump is not hot is not measured, and says so."""
    phantom = small_study()
    evidence = tracer_evidence(phantom)
    pump = replace(evidence.scans[0].ct.pumps[0], center_mm=(-90.0, -60.0, 150.0))
    moved = scintigram(phantom.scans[0], replace(evidence.scans[0].ct, pumps=(pump,)))
    with pytest.raises(UnsuitableError, match="pump is not where the tracer is"):
        measure(moved, LIMITS.nuclear)
    reading = read_tracer(TracerEvidence(scans=(moved,), delivery=evidence.delivery), LIMITS)
    assert reading.findings == ()
    assert {one.examined.outcome for one in reading.detections} == {"SKIPPED"}
    assert reading.refused
