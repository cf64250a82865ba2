"""A dense pool is told though a course runs through it, and lies where most of its contrast does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catheterview.detect.cine import detect_in_cine
from catheterview.limits import Limits
from catheterview.model import Kind
from catheterview.model.film import FilmPump
from catheterview.read import scan
from catheterview.read.cine import load_cine
from catheterview.trace.cine import find_disc, read_dye
from catheterview.trace.cine.change import cores_of

LIMITS = Limits()
SAMPLE = Path(__file__).parents[2] / "sample_data" / "dye-leak"


@pytest.mark.parametrize(("radius_px", "is_core"), [(1.2, False), (7.0, True)])
def test_a_pool_has_an_inside_and_a_line_has_none(radius_px: float, *, is_core: bool) -> None:
    """However dense a line is, it is no pool; a patch of a few millimetres all round is one."""
    row, column = np.mgrid[:90, :110].astype(np.float64)
    off = row - 0.4 * column - 20.0 if not is_core else np.hypot(row - 44.0, column - 60.0)
    plane = np.where(np.abs(off) < radius_px, 40.0, 0.0).astype(np.float32)
    pump = FilmPump(
        series_instance_uid="1.2", sop_instance_uid="1.2.3", center=(10.0, 10.0), radius_px=50.0,
        toward=(0.0, 0.0, 1.0), mm_per_px=0.9,
    )  # fmt: skip
    cores = cores_of(plane, pump, LIMITS.cine)
    assert cores.any() == is_core
    assert not is_core or cores[44, 60]


def test_a_leak_at_the_pumps_rim_is_told_where_it_is() -> None:
    """On the sample with a leak beside the pump, of one frame a second, the leak is named and lies within 10 mm."""
    cine = load_cine(scan([SAMPLE / "dicom"], key=b"tests").series[0], limits=LIMITS.read)
    reading = read_dye(cine, find_disc(cine, LIMITS.cine), LIMITS.cine)
    findings, _ = detect_in_cine(reading, LIMITS.cine_detect)
    (leak,) = findings
    assert leak.kind is Kind.EXTRAVASATION
    assert reading.mm_per_px is not None
    assert float(np.hypot(leak.point[0] - 182.4, leak.point[1] - 175.9)) * reading.mm_per_px < 10.0
