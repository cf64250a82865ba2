"""A SPECT in its CT's frame of reference: taken as it lies, or refused as mirrored, wherever its pump lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.errors import UnsuitableError
from catheterview.geometry import Grid
from catheterview.limits import Limits
from catheterview.model import Image
from catheterview.resample import hot_center_mm, mirrored_image
from catheterview.triage.nuclear_place import on_ct
from nuclear_studies import ct_evidence, scintigram, small_study

LIMITS = Limits().nuclear


def _moved(image: Image, way: np.ndarray) -> Image:
    affine = image.placed.affine.copy()
    affine[:3, 3] += way
    return replace(image, grid=Grid(shape=image.placed.shape, affine=affine))


def test_a_spect_that_fits_is_taken_as_it_lies() -> None:
    """In one frame of reference, its reservoir in the pump: not moved by a hair."""
    phantom = small_study()
    ct = ct_evidence(phantom)
    image = scintigram(phantom.scans[0], ct).image
    assert on_ct(image, ct, 48.0, LIMITS).image is image


def test_a_mirrored_spect_whose_pump_lies_in_the_middle_is_refused() -> None:
    """Its reservoir lies right either way: tracer in catheter and canal fits only the other way round."""
    phantom = small_study("pooling")
    ct = ct_evidence(phantom)
    mirror = mirrored_image(scintigram(phantom.scans[0], ct).image)
    middle = _moved(mirror, np.array(ct.pumps[0].center_mm) - hot_center_mm(mirror))
    pump = np.rint(middle.placed.world_to_index(ct.pumps[0].center_mm)).astype(int)
    low, high = pump[2] - 20, pump[2] + 21
    columns = np.arange(low, high).clip(0, middle.voxels.shape[2] - 1)
    wide = middle.placed.affine.copy()  # a field that reaches as far to either side of the pump
    wide[:3, 3] += wide[:3, 2] * low
    voxels = np.ascontiguousarray(middle.voxels[:, :, columns])
    field = replace(middle, voxels=voxels, grid=Grid(shape=voxels.shape, affine=wide))
    assert np.linalg.norm(hot_center_mm(mirrored_image(field)) - ct.pumps[0].center_mm) < LIMITS.same_place_mm
    for each in (field, middle):  # and where it was merely moved there
        with pytest.raises(UnsuitableError, match="only with left and right exchanged"):
            on_ct(each, ct, 48.0, LIMITS)
