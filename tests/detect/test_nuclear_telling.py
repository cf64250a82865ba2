"""What is told beside the findings: every time in order, the limit of detection, and what was left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.nuclear import LEAK, PASSAGE, TracerReading, read_tracer
from catheterview.detect.nuclear.elsewhere import Elsewhere, _named, as_stretches, places_said
from catheterview.limits import Limits
from catheterview.model import Kind
from nuclear_studies import ct_evidence, small_study, tracer_evidence

LIMITS = Limits()


def _why(reading: TracerReading, detector: str) -> str:
    (one,) = [each.examined for each in reading.detections if each.examined.detector == detector]
    return one.why


def test_every_time_is_told_in_order_with_its_limit() -> None:
    """Two times: how much of the catheter is seen of what could be, the limit for a centimetre, and the canal."""
    evidence = tracer_evidence(small_study())
    (scan,) = evidence.scans
    early = replace(scan, hours=24.0, image=replace(scan.image, series_instance_uid="1.3.24"))
    told = _why(read_tracer(replace(evidence, scans=(early, scan)), LIMITS), PASSAGE)
    assert told.index("at 24 h: catheter seen over") < told.index("at 48 h: catheter seen over")
    assert told.count("% a cm") == 2
    assert "% of the reservoir" in told


def test_a_pool_is_compared_over_time() -> None:
    """Seen twice, at half the share before: both are told with the finding, which is one."""
    evidence = tracer_evidence(small_study("pooling"))
    (scan,) = evidence.scans
    early = replace(scan, hours=24.0, image=replace(scan.image, series_instance_uid="1.3.24"))
    (found,) = read_tracer(replace(evidence, scans=(early, scan)), LIMITS).findings
    assert found.kind is Kind.TRACER_POOLING
    assert found.measures["share_at_24_h"] == pytest.approx(found.measures["share_at_48_h"])
    assert "at 24 h" in found.message
    assert "decay taken out" in found.message


def test_a_full_bladder_is_named_and_left_alone() -> None:
    """A hot place low in front of the canal: told, and no finding."""
    evidence = tracer_evidence(small_study())
    (scan,) = evidence.scans
    canal = scan.ct.anatomy.canal
    low = canal[int(np.argmin(canal[:, 2]))] + (10.0, -70.0, 40.0)
    grid = scan.image.placed
    points = grid.index_to_world(np.indices(grid.shape).reshape(3, -1).T)
    away2 = ((points - low) ** 2).sum(axis=1).reshape(grid.shape)
    voxels = scan.image.voxels + (900.0 * np.exp(-0.5 * away2 / 12.0**2)).astype(np.int16)
    filled = replace(scan, image=replace(scan.image, voxels=voxels))
    reading = read_tracer(replace(evidence, scans=(filled,)), LIMITS)
    assert reading.findings == ()
    assert "bladder" in _why(reading, LEAK)
    assert "was left alone" in _why(reading, LEAK)


@pytest.mark.parametrize(
    ("beside", "front", "up", "name"),
    [
        (60.0, 20.0, 120.0, "left kidney"),
        (-60.0, 20.0, 120.0, "right kidney"),
        (0.0, 80.0, 30.0, "bladder"),
        (70.0, 110.0, 120.0, "bowel or another place"),
    ],
)
def test_a_place_is_named_by_where_it_lies(beside: float, front: float, up: float, name: str) -> None:
    """To the patient's left is towards +x, the front towards -y."""
    ct = ct_evidence(small_study())
    canal = ct.anatomy.canal
    here = canal[int(np.argmin(np.abs(canal[:, 2] - canal[:, 2].min() - up)))]
    assert _named(here + np.array((beside, -front, 0.0)), ct, LIMITS.nuclear) == name


def test_places_become_columns_of_the_model() -> None:
    """Two places, one column each; their words add up what bears one name."""
    places = tuple(
        Elsewhere(name="bladder", points=np.full((4, 3), float(n)) + np.arange(12).reshape(4, 3), share=0.001 * n)
        for n in (1, 2)
    )
    stretches = as_stretches(places)
    assert stretches is not None
    assert stretches.columns(np.zeros((1, 3)), 8.0).shape == (1, 2)
    assert "bladder (0.3 %)" in places_said(places)
    assert as_stretches(()) is None
    assert places_said(()) == ""
