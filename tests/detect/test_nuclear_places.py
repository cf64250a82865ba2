"""A pool in planar views of two detectors: told by the mean of front and back, whatever its depth; else left alone."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.detect.nuclear.flat import LoneReading, planar_flat, read_lone
from catheterview.detect.nuclear.flat.focus import least_told
from catheterview.detect.nuclear.flat.places import not_looked_at, planar_pool
from catheterview.geometry import FloatArray
from catheterview.limits import Limits
from catheterview.model import Delivery, Image, Kind, LoneEvidence
from nuclear_studies import camera_image

LIMITS = Limits()
DELIVERY = Delivery(flow_ml_per_day=0.3, pump_ml=0.14, ml_per_cm=0.0022)
_PIXEL_MM, _ROWS, _COLUMNS = (4.6, 4.2), 96, 128
_PER_MM, _BODY_MM = 0.0115, 220.0  # between both photons of In-111
_POOL = (40, 92)  # in the view from the back


def _spot(at: tuple[int, int], radius_mm: float) -> FloatArray:
    rows, columns = np.indices((_ROWS, _COLUMNS))
    away = np.hypot((rows - at[0]) * _PIXEL_MM[0], (columns - at[1]) * _PIXEL_MM[1])
    seen = 1.0 / (1.0 + np.exp((away - radius_mm) / 3.0)) if radius_mm > 10.0 else np.exp(-0.5 * (away / 8.0) ** 2)
    return np.asarray(seen / seen.sum())


def _views(share: float, depth_mm: float) -> Image:
    """Front and back of a reservoir under the skin and a place at a depth from the front; one window."""
    rng = np.random.default_rng(17)
    seen = []
    for left in (lambda mm: np.exp(-_PER_MM * mm), lambda mm: np.exp(-_PER_MM * (_BODY_MM - mm))):
        total = _spot((60, 45), 34.0) * left(25.0) + share * _spot(_POOL, 0.0) * left(depth_mm)
        seen.append(rng.poisson(6e5 * total + 1.5))
    return camera_image(np.stack([seen[0][:, ::-1], seen[1]]))


def _read(share: float, depth_mm: float) -> LoneReading:
    flat = planar_flat(_views(share, depth_mm), ("anterior", "posterior"), _PIXEL_MM, hours=24.0, limits=LIMITS.nuclear)
    return read_lone(LoneEvidence(delivery=DELIVERY, tip_mm=800.0, flats=(flat,)), LIMITS)


@pytest.mark.parametrize("depth_mm", [70.0, 110.0, 170.0])
def test_a_large_pool_is_told_at_any_depth(depth_mm: float) -> None:
    """Five hundredths of the reservoir: found at its pixel, within a third of its share, in front and behind."""
    (found,) = _read(0.05, depth_mm).findings
    assert found.kind is Kind.TRACER_POOLING
    assert np.abs(np.subtract(found.point, _POOL)).max() <= 1.0
    assert found.measures["share_of_reservoir"] == pytest.approx(0.05, rel=0.33)


def test_what_kidneys_or_a_catheter_hold_is_left_alone() -> None:
    """Half a hundredth beside the spine: no finding, and the line does not say that there is no leak."""
    reading = _read(0.005, 150.0)
    assert reading.findings == ()
    assert reading.detections[0].examined.outcome == "SKIPPED"


def test_one_detector_or_no_flow_tells_no_pool() -> None:
    """Depth, or what kidneys can hold, is then not known."""
    views = _views(0.05, 110.0)
    both = planar_flat(views, ("anterior", "posterior"), _PIXEL_MM, hours=24.0, limits=LIMITS.nuclear)
    back = planar_flat(views, ("", "posterior"), _PIXEL_MM, hours=24.0, limits=LIMITS.nuclear)
    assert planar_pool(both, DELIVERY, LIMITS.nuclear) is not None
    assert planar_pool(both, Delivery(), LIMITS.nuclear) is None
    assert planar_pool(back, DELIVERY, LIMITS.nuclear) is None


def test_planar_views_say_which_pools_they_do_not_tell() -> None:
    """The least pool in numbers; without a flow the fact that is missing; of one detector that none is told."""
    views = _views(0.05, 40.0)
    both = planar_flat(views, ("anterior", "posterior"), _PIXEL_MM, hours=24.0, limits=LIMITS.nuclear)
    back = planar_flat(views, ("", "posterior"), _PIXEL_MM, hours=24.0, limits=LIMITS.nuclear)
    least = LIMITS.nuclear.flat_pool_times * least_told(DELIVERY, LIMITS.nuclear)
    assert f"less than {100.0 * least:.2g} %" in not_looked_at(both, DELIVERY, LIMITS.nuclear)
    assert "drug.flow_ml_per_day" in not_looked_at(both, Delivery(), LIMITS.nuclear)
    assert "one detector" in not_looked_at(back, DELIVERY, LIMITS.nuclear)
