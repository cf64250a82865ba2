"""In views of two detectors a column of tracer that ends abruptly is a block of CSF, once tracer had time to spread."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.detect.nuclear.flat import LoneReading, read_lone
from catheterview.detect.nuclear.flat.column import find_column
from catheterview.limits import Limits
from catheterview.model import Delivery, FlatScan, Kind, LoneEvidence
from nuclear_studies import camera_image

LIMITS = Limits()
_PIXEL_MM, _ROWS, _COLUMNS = (4.6, 4.2), 128, 160
_MIDDLE = 80


def _flat(first_mm: float, last_mm: float, counts: float = 30.0, *, hours: float = 72.0) -> FlatScan:
    """A reservoir low on one side, an even body, and a column of tracer between two heights from the head."""
    rows, columns = np.indices((_ROWS, _COLUMNS))
    down, beside = rows * _PIXEL_MM[0], (columns - _MIDDLE) * _PIXEL_MM[1]
    away = np.hypot(down - 400.0, beside + 120.0)
    pump = 4000.0 / (1.0 + np.exp((away - 28.0) / 4.0))
    body = 1.0 * (np.abs(beside) < 150.0) * (down > 15.0) * (down < 445.0)
    edges = 1.0 / (1.0 + np.exp((first_mm - down) / 4.0)) / (1.0 + np.exp((down - last_mm) / 4.0))
    column = counts * edges * np.exp(-0.5 * (beside / 9.0) ** 2)
    seen = np.random.default_rng(23).poisson(pump + body + column).astype(np.float64)
    return FlatScan(
        image=camera_image(seen[None]),
        counts=seen,
        pixel_mm=_PIXEL_MM,
        hours=hours,
        seen="front and back",
        reservoir=float(pump.sum()),
        canal_left=(LIMITS.nuclear.back_left, LIMITS.nuclear.back_most),
        front=seen[:, ::-1],
    )


def _read(flat: FlatScan) -> LoneReading:
    delivery = Delivery(flow_ml_per_day=0.4, pump_ml=0.14, ml_per_cm=0.0022)
    return read_lone(LoneEvidence(delivery=delivery, tip_mm=800.0, flats=(flat,)), LIMITS)


@pytest.mark.parametrize(("first_mm", "last_mm", "edge_mm"), [(15.0, 200.0, 200.0), (160.0, 440.0, 160.0)])
def test_a_column_that_ends_is_a_block(first_mm: float, last_mm: float, edge_mm: float) -> None:
    """Towards the feet and towards the head: told within a cell and a half of where it ends."""
    (found,) = _read(_flat(first_mm, last_mm)).findings
    assert found.kind is Kind.TRACER_CSF_BLOCK
    assert found.point is not None
    assert abs(found.point[0] * _PIXEL_MM[0] - edge_mm) < 1.5 * LIMITS.nuclear.flat_cell_mm
    assert abs(found.point[1] - _MIDDLE) < 4.0


def test_a_column_as_long_as_the_body_has_no_end() -> None:
    """It ends where the body ends, which is no block."""
    assert find_column(_flat(0.0, 460.0), LIMITS.nuclear).drop is None
    assert _read(_flat(0.0, 460.0)).findings == ()


def test_a_faint_column_and_one_that_had_no_time_are_no_block() -> None:
    """Few counts show no end, and a day is not enough for tracer to have spread."""
    assert find_column(_flat(15.0, 200.0, counts=0.3), LIMITS.nuclear).drop is None
    assert find_column(_flat(15.0, 200.0, hours=24.0), LIMITS.nuclear).drop is not None
    assert all(one.kind is not Kind.TRACER_CSF_BLOCK for one in _read(_flat(15.0, 200.0, hours=24.0)).findings)


def test_a_bladder_is_no_column_that_ends() -> None:
    """What is bright in the lowest part of the body alone."""
    assert find_column(_flat(385.0, 435.0), LIMITS.nuclear).drop is None
