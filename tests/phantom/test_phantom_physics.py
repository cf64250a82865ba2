"""Attenuation, projection, reconstruction and noise against textbook values and another library."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.transform import radon

from catheterview.errors import InputError
from catheterview.phantom.attenuation import _KEV, _TITANIUM, _TITANIUM_G_CM3, _WATER, _per_mm, beam
from catheterview.phantom.catalogue import PUMPS
from catheterview.phantom.kernel import gaussian
from catheterview.phantom.noise import quantum_noise
from catheterview.phantom.projection import Geometry, project, reconstruct
from catheterview.phantom.pump import mass_g

DISC = Geometry(size=192, pixel_mm=1.1, views=330)


def _disc(radius_mm: float, geometry: Geometry, *, at_mm: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    axis = (np.arange(geometry.size) - (geometry.size - 1) / 2.0) * geometry.pixel_mm
    away = np.hypot(axis[None] - at_mm[0], axis[:, None] - at_mm[1])
    return np.clip((radius_mm - away) / geometry.pixel_mm + 0.5, 0.0, 1.0).astype(np.float32)


@pytest.mark.parametrize(("kev", "hu"), [(70.0, 11500.0), (60.0, 15800.0)])
def test_titanium_is_as_bright_as_published(kev: float, hu: float) -> None:
    """Solid titanium in HU at one energy (clinical reference E.3), within 3 percent."""
    titanium = _per_mm(_TITANIUM, _TITANIUM_G_CM3, np.array([kev]))
    water = _per_mm(_WATER, 1.0, np.array([kev]))
    assert _KEV[0] < kev < _KEV[-1]
    assert 1000.0 * (titanium / water - 1.0) == pytest.approx(hu, rel=0.03)


@pytest.mark.parametrize("kvp", [80.0, 100.0, 120.0, 140.0])
def test_water_is_seen_as_water_whatever_its_length(kvp: float) -> None:
    """The water correction takes beam hardening by water away."""
    tube, lengths = beam(kvp), np.array([0.0, 5.0, 120.0, 480.0])
    seen = tube.water_equivalent_mm(tube.transmission(lengths, np.zeros(4), np.zeros(4)))
    assert seen == pytest.approx(lengths, abs=0.05)


def test_a_higher_voltage_penetrates_further() -> None:
    """The effective energy rises with the voltage and lies near 70 keV at 120 kVp."""
    kev = [beam(kvp).effective_kev for kvp in (80.0, 100.0, 120.0, 140.0)]
    assert kev == sorted(kev)
    assert 65.0 < kev[2] < 76.0
    with pytest.raises(InputError, match="kVp"):
        beam(25.0)


def test_metal_looks_shorter_the_more_there_is_of_it() -> None:
    """Beam hardening: twice the titanium is seen as less than twice the water."""
    tube = beam(120.0)
    one, two = (
        tube.water_equivalent_mm(tube.transmission(np.full(2, 200.0), np.zeros(2), np.array([5.0, 10.0]))) - 200.0
    )
    assert one > 40.0
    assert one * 1.2 < two < one * 1.95


def test_the_projection_is_that_of_another_library() -> None:
    """Shadows agree with scikit-image's radon (whose axis is half a pixel away, and which turns the other way)."""
    maps = _disc(23.0, DISC, at_mm=(31.0, -18.0)) + 2.0 * _disc(9.0, DISC, at_mm=(-20.0, 40.0))
    ours = project(maps[..., None], (0, 0), DISC)[..., 0]
    odd = np.pad(maps, ((0, 1), (0, 1)))
    theirs = radon(odd, np.degrees(DISC.angles), circle=True).T * DISC.pixel_mm
    at = np.arange(DISC.size) + 0.5
    shifted = np.stack([np.interp(at, np.arange(DISC.size + 1), line) for line in theirs])
    mass = maps.sum() * DISC.pixel_mm**2
    assert ours.sum(axis=1) * DISC.pixel_mm == pytest.approx(mass, rel=0.002)
    centres = [(line * np.arange(DISC.size)).sum(axis=1) / line.sum(axis=1) for line in (ours, shifted)]
    assert np.abs(centres[0] - centres[1]).max() < 0.75


def test_a_part_projects_as_it_does_within_the_whole() -> None:
    """Only the part that is not empty need be projected."""
    whole = _disc(14.0, DISC, at_mm=(41.0, -33.0))[..., None]
    part = np.ascontiguousarray(whole[50:90, 110:150])
    assert whole.sum() == pytest.approx(part.sum())
    assert np.abs(project(part, (50, 110), DISC) - project(whole, (0, 0), DISC)).max() < 0.3


def test_a_disc_comes_back_as_itself() -> None:
    """Value, place and size survive projection and reconstruction."""
    pytest.importorskip("algotom")
    disc = _disc(30.0, DISC, at_mm=(22.0, -35.0))
    back = reconstruct(project(disc[..., None], (0, 0), DISC)[..., 0], DISC, gaussian(1.5))
    inner = _disc(27.0, DISC, at_mm=(22.0, -35.0)) == 1.0
    assert back[inner].mean() == pytest.approx(1.0, abs=0.004)
    assert abs(back[disc == 0.0].mean()) < 0.005
    assert (back > 0.5).sum() == pytest.approx(disc.sum(), rel=0.02)
    rows, columns = np.nonzero(back > 0.5)
    assert (columns.mean(), rows.mean()) == pytest.approx((95.5 + 22.0 / 1.1, 95.5 - 35.0 / 1.1), abs=0.1)


def test_reconstruction_is_the_same_in_every_run() -> None:
    """No race between threads: equal bytes."""
    pytest.importorskip("algotom")
    shadow = project(_disc(30.0, DISC)[..., None], (0, 0), DISC)[..., 0]
    first, second = (reconstruct(shadow, DISC, gaussian(1.0)).tobytes() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("model", "full_g"), list(zip(PUMPS, (185.0, 215.0), strict=True)))
def test_a_pump_weighs_what_its_data_sheet_says(model: object, full_g: float) -> None:
    """Metal enough for the artefacts: full of fluid, within a tenth (SynchroMed II: 185 and 215 g)."""
    assert mass_g(model, step_mm=0.7) == pytest.approx(full_g, rel=0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("psf_mm", [0.7, 1.2])
def test_noise_has_unit_size_and_a_grain(psf_mm: float) -> None:
    """Noise is correlated between neighbours, less so for a sharper kernel, and has no offset."""
    noise = quantum_noise((250, 300), (0.5, 0.6), gaussian(psf_mm), np.random.default_rng(3))
    sharp = quantum_noise((250, 300), (0.5, 0.6), gaussian(0.4), np.random.default_rng(3))
    assert noise.std() == pytest.approx(1.0, abs=1e-6)
    assert abs(noise.mean()) < 0.05
    assert (noise[:, 1:] * noise[:, :-1]).mean() > (sharp[:, 1:] * sharp[:, :-1]).mean()
