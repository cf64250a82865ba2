"""Tracer that ends where the catheter enters the canal is no block of CSF; CSF that ends though both go on is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.nuclear.block import block_of
from catheterview.detect.nuclear.forward import stretches_of
from catheterview.detect.nuclear.measure import Measured, Profile, measure
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from nuclear_studies import small_study, tracer_evidence

LIMITS = NuclearLimits()
_PER_CM = 0.0003  # of the reservoir, in a filled centimetre
_COUNT = 14


def _with_canal(catheter: NDArray[np.bool_], csf: FloatArray) -> Measured:
    """A volume whose canal holds a catheter in some stretches, and CSF, each a share of the reservoir."""
    lines = stretches_of(np.array([(3.0, 41.0, 12.0), (-4.0, 35.0, 12.0 + 15.0 * _COUNT)]), 15.0)
    share = csf + np.where(catheter, _PER_CM * lines.length_mm / 10.0, 0.0)
    found = measure(tracer_evidence(small_study()).scans[0], LIMITS)
    return replace(found, canal=Profile(lines=lines, share=share, sd=np.full(_COUNT, 1e-5)))


def test_a_catheter_that_enters_the_canal_is_no_block() -> None:
    """Little CSF, and beneath the entry nothing: the catheter explains the step, with and without its tip known."""
    at = np.arange(_COUNT)
    found = _with_canal(at >= 4, np.where(at >= 3, 2e-4, 1e-5))
    tip = found.canal.lines.middle[11] if found.canal else np.zeros(3)
    assert block_of(found, tip, _PER_CM, LIMITS) is None
    assert block_of(found, None, _PER_CM, LIMITS) is None
    assert block_of(found, tip, 0.0, LIMITS) is not None


def test_csf_that_ends_while_the_catheter_goes_on_is_a_block() -> None:
    """The block lies within a stretch of where CSF ends, though the catheter beyond it holds tracer too."""
    at = np.arange(_COUNT)
    found = _with_canal(at >= 2, np.where(at >= 9, 5e-3, 0.0))
    assert found.canal is not None
    for tip in (found.canal.lines.middle[11], None):
        block = block_of(found, tip, _PER_CM, LIMITS)
        assert block is not None
        assert abs(block.point[2] - found.canal.lines.middle[8, 2]) < 16.0
