"""A SPECT that was moved is laid back on its CT; one that is mirrored or exchanged is noticed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from catheterview.errors import UnsuitableError
from catheterview.geometry import unit
from catheterview.limits import Limits
from catheterview.model import Image, Pump
from catheterview.phantom.nuclear import NuclearPhantom, make_nuclear, moved, small_nuclear_recipe
from catheterview.resample import Target, exchanged_axes, mirrored_image, register_rigid
from catheterview.resample.hot import hot_disc
from nuclear_studies import SEED, ct_evidence, scintigram, small_study

LIMITS = Limits().nuclear


@cache
def _displaced() -> NuclearPhantom:
    recipe = small_nuclear_recipe(SEED, shift_mm=(20.0, -15.0, 12.0), turn_deg=(6.0, -4.0, 5.0))
    return make_nuclear(recipe, with_ct=False)


def test_a_displaced_spect_is_laid_back() -> None:
    """28 mm and 9 degrees, voxels of 6.8 mm: pump and whole catheter to within 3 mm, and it is sure of it."""
    phantom = _displaced()
    ct = ct_evidence(phantom)
    image = scintigram(phantom.scans[0], ct).image
    target = Target(pump=ct.pumps[0], anatomy=ct.anatomy, catheters=ct.catheters)
    back = register_rigid(image, target, least_overlap=LIMITS.least_overlap)
    points = np.concatenate([[ct.pumps[0].center_mm], ct.catheters[0].points[::20]])
    under_camera = moved(phantom.recipe, phantom.scans[0].grid, points)
    again = back.image.placed.index_to_world(image.placed.world_to_index(under_camera))
    away = np.linalg.norm(again - points, axis=1)
    assert away[0] < 3.0
    assert away.max() < 3.0
    assert back.error_mm < LIMITS.laid_mm
    assert back.turn_deg == pytest.approx(9.0, abs=4.0)


@pytest.mark.parametrize(("axis", "named"), [(2, "left and right"), (0, "head and feet")])
def test_a_mirrored_spect_is_noticed(axis: int, named: str) -> None:
    """In one frame of reference the reservoir of a mirrored SPECT lies where the pump's mirror image would."""
    phantom = small_study()
    ct = ct_evidence(phantom)
    image = scintigram(phantom.scans[0], ct).image
    flipped: Image = replace(image, voxels=np.ascontiguousarray(np.flip(image.voxels, axis)))
    assert f"mirrored {named}" in exchanged_axes(
        flipped, ct.pumps[0], far_mm=LIMITS.elsewhere_mm, near_mm=LIMITS.same_place_mm
    )
    assert exchanged_axes(image, ct.pumps[0], far_mm=LIMITS.elsewhere_mm, near_mm=LIMITS.same_place_mm) == ""


def test_what_is_no_reservoir_is_not_laid_on_a_pump() -> None:
    """A volume without a hot disc is refused, not moved somewhere."""
    phantom = small_study()
    ct = ct_evidence(phantom)
    image = scintigram(phantom.scans[0], ct).image
    noise = np.random.default_rng(0).poisson(40.0, image.voxels.shape).astype(np.int16)
    with pytest.raises(UnsuitableError, match="could not be laid on the CT"):
        register_rigid(
            replace(image, voxels=noise),
            Target(pump=ct.pumps[0], anatomy=ct.anatomy),
            least_overlap=LIMITS.least_overlap,
        )


def test_without_tracer_outside_the_reservoir_it_is_not_sure() -> None:
    """A disc does not say how it is turned about its own axis, and a mirrored SPECT is then not told from another."""
    phantom = small_study("confined")
    ct = ct_evidence(phantom)
    image = scintigram(phantom.scans[0], ct).image
    target = Target(pump=ct.pumps[0], anatomy=ct.anatomy, catheters=ct.catheters)
    assert register_rigid(image, target, least_overlap=-1.0).error_mm > LIMITS.laid_mm


def test_a_mirrored_spect_fits_worse() -> None:
    """With tracer in catheter and canal, left and right are told by the fit alone."""
    phantom = small_study()
    ct = ct_evidence(phantom)
    image = scintigram(phantom.scans[0], ct).image
    target = Target(pump=ct.pumps[0], anatomy=ct.anatomy, catheters=ct.catheters)
    right, wrong = (register_rigid(one, target, least_overlap=-1.0).fit for one in (image, mirrored_image(image)))
    assert right > wrong + LIMITS.mirrored_fit


def _off(image: Image, pump: Pump) -> tuple[float, float]:
    """How far the hot disc's middle lies beside the pump's axis, mm, and how far it is tilted, degrees."""
    middle, axis = hot_disc(image)
    normal, away = np.array(pump.normal), middle - np.array(pump.center_mm)
    beside = float(np.linalg.norm(away - (away @ normal) * normal))
    return beside, float(np.degrees(np.arccos(min(1.0, abs(float(axis @ normal))))))


def test_the_reservoir_tells_its_axis_by_its_shape() -> None:
    """The thinnest way through the hottest part lies along the pump's axis to within a degree and a half."""
    phantom = small_study()
    ct = ct_evidence(phantom)
    beside_mm, tilt_deg = _off(scintigram(phantom.scans[0], ct).image, ct.pumps[0])
    assert beside_mm < 2.0
    assert tilt_deg < 1.5


@pytest.mark.parametrize(("deep_mm", "beside_mm", "share"), [(20.0, 18.0, 0.35), (90.0, 0.0, 0.9)])
def test_tracer_elsewhere_does_not_tilt_the_reservoir(deep_mm: float, beside_mm: float, share: float) -> None:
    """A pool behind the pump, or a bladder as hot as an emptied reservoir, leaves place and axis as they are."""
    phantom = small_study()
    ct = ct_evidence(phantom)
    image, pump = scintigram(phantom.scans[0], ct).image, ct.pumps[0]
    normal, grid = np.array(pump.normal), image.placed
    across = unit(np.cross(normal, (0.0, 0.0, 1.0)))
    place = np.array(pump.center_mm) - deep_mm * normal + beside_mm * across
    points = grid.index_to_world(np.indices(grid.shape).reshape(3, -1).T)
    spot = np.exp(-0.5 * ((points - place) ** 2).sum(axis=1) / 7.0**2).reshape(grid.shape)
    more = (image.voxels + share * float(image.voxels.max()) * spot).astype(image.voxels.dtype)
    away_mm, tilt_deg = _off(replace(image, voxels=more), pump)
    assert away_mm < 3.0
    assert tilt_deg < 2.0
