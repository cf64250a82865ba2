"""The simulated tracer study holds what the physics says; figures and sources: clinical reference E.1, E.2."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from catheterview.errors import InputError
from catheterview.geometry import grid_from_axes
from catheterview.phantom.nuclear import (
    CameraDials,
    NuclearWriting,
    random_nuclear_recipe,
    small_nuclear_recipe,
    write_nuclear,
)
from catheterview.phantom.nuclear.activity import splat
from catheterview.phantom.nuclear.camera import WATER_PER_MM, System, system_of
from catheterview.phantom.nuclear.fate import decay, fate_of
from catheterview.phantom.nuclear.osem import acquire, reconstruct
from catheterview.phantom.scene import true_pump
from catheterview.read import load, scan
from nuclear_studies import small_study

VOXEL_MM, N, K = 4.42, 76, 14


def _water() -> np.ndarray:
    at = (np.arange(N) - (N - 1) / 2) * VOXEL_MM
    body = (at[:, None] / 105.0) ** 2 + (at[None, :] / 150.0) ** 2 < 1.0
    return np.repeat(np.where(body, WATER_PER_MM, 0.0).astype(np.float32)[None], K, axis=0)


@pytest.fixture(scope="module")
def true_system() -> System:
    return system_of(_water(), VOXEL_MM, views=60, blur=1.0)


def _line_at(x: float, y: float) -> np.ndarray:
    middle = -(N - 1) / 2 * VOXEL_MM
    grid = grid_from_axes((K, N, N), origin=(middle, middle, 0.0), axes_mm=np.eye(3)[::-1] * VOXEL_MM)
    z = np.arange(0.0, K * VOXEL_MM, 1.0)
    points = np.stack([np.full_like(z, x), np.full_like(z, y), z], axis=1)
    return splat(points, np.full(len(z), 0.02), grid)


def _fwhm_mm(profile: np.ndarray) -> float:
    top, half = int(profile.argmax()), float(profile.max()) / 2
    left = np.interp(half, profile[: top + 1], np.arange(top + 1))
    right = np.interp(-half, -profile[top:], np.arange(top, len(profile)))
    return float(right - left) * VOXEL_MM


@pytest.mark.parametrize(
    ("recovery", "mean_mm", "within_mm"), [(0.0, 12.2, 3.7), (0.8, 9.3, 2.5)], ids=["plain", "resolution recovery"]
)
def test_a_line_reconstructs_as_wide_as_measured(
    true_system: System, recovery: float, mean_mm: float, within_mm: float
) -> None:
    """In-111 line sources: 12.2 +- 3.7 mm with AC-OSEM, 9.3 +- 2.5 mm with resolution recovery (E.1, L81)."""
    dials = CameraDials(recovery=recovery, subsets=4, iterations=6)
    known = system_of(_water(), VOXEL_MM, views=60, blur=recovery)
    widths = []
    for n, (x, y) in enumerate(((1.0, 2.0), (91.0, 20.0), (1.0, 61.0))):
        seen = acquire(true_system, _line_at(x, y), dials, np.random.default_rng(n))
        image = reconstruct(known, seen, dials)[3:-3].sum(axis=0)
        j, i = np.unravel_index(image.argmax(), image.shape)
        widths += [_fwhm_mm(image[j].astype(float)), _fwhm_mm(image[:, i].astype(float))]
    assert abs(np.mean(widths) - mean_mm) < within_mm
    assert 8.0 < np.mean(widths) < 12.5


def test_back_projection_is_the_transpose(true_system: System) -> None:
    """<A x, y> = <x, A' y> for every view: OSEM stands on it."""
    rng = np.random.default_rng(0)
    image = rng.random((int(true_system.support.sum()), K)).astype(np.float32)
    counts = rng.random((N, K)).astype(np.float32)
    for view in (0, 7, 31):
        forth = float((true_system.project(image, view) * counts).sum())
        back = float((image * true_system.back(counts, view)).sum())
        assert forth == pytest.approx(back, rel=1e-4)


def test_ten_centimetres_of_water_leave_a_quarter(true_system: System) -> None:
    """24 % at 171 keV and 28 % at 245 keV (E.1): a source 10 cm deep counts between those, against one without."""
    deep = true_system.flat(_line_at(1.0, -5.0))  # the body is 10.5 cm deep to the front here
    ratio = float(true_system.project(deep, 0).sum()) / float(deep.sum())
    assert ratio == pytest.approx(0.26, abs=0.02)


def test_counts_follow_activity_and_time(true_system: System) -> None:
    """Twice the activity gives twice the counts, within Poisson's noise."""
    dials, rng = CameraDials(), np.random.default_rng(3)
    once, twice = (float(acquire(true_system, f * _line_at(1.0, 2.0), dials, rng).counts.sum()) for f in (1, 2))
    assert twice / once == pytest.approx(2.0, abs=6.0 * 2.0 / np.sqrt(once))


@pytest.mark.parametrize(("hours", "left"), [(24.0, 0.781), (48.0, 0.610), (72.0, 0.476), (168.0, 0.177)])
def test_activity_decays_as_indium_111(hours: float, left: float) -> None:
    """The decay factors of E.1."""
    assert decay(hours) == pytest.approx(left, abs=0.001)


def test_tracer_arrives_when_flow_and_dead_space_say() -> None:
    """Plug flow (E.2): nothing in CSF well before V/Q, most of what came later is there soon after; mass is kept."""
    phantom = small_study()
    device = phantom.scene.device
    assert device is not None
    recipe = replace(phantom.recipe, flow_ml_per_day=0.2, csf_half_h=1e6)
    length_cm = (len(device.route.points) - 1) * 0.05
    arrival_h = (length_cm * recipe.ml_per_cm + recipe.pump_ml) / 0.2 * 24.0
    early, late = (fate_of(recipe, device, arrival_h * factor) for factor in (0.7, 2.0))
    assert early.csf < 0.001 * late.csf
    assert late.csf == pytest.approx(0.2 * arrival_h / 24.0 * recipe.mbq_per_ml * decay(late.hours), rel=0.1)
    all_of_it = late.reservoir + late.csf + late.line.sum() + recipe.pump_ml * recipe.mbq_per_ml * decay(late.hours)
    assert all_of_it == pytest.approx(recipe.injected_mbq * decay(late.hours), rel=0.02)


def test_the_reservoir_is_reconstructed_in_the_pump() -> None:
    """The hottest place of a SPECT lies within the pump of its CT, and nearly all activity is there."""
    phantom = small_study()
    assert phantom.scene.device is not None
    one, pump = phantom.scans[0], true_pump(phantom.scene.device, "")
    weight = np.where(one.activity > 0.3 * one.activity.max(), one.activity, 0.0)
    index = np.argwhere(weight > 0)
    middle = (one.grid.index_to_world(index) * weight[weight > 0][:, None]).sum(axis=0) / weight.sum()
    assert np.linalg.norm(middle - pump.center_mm) < 4.0
    assert one.activity.sum() == pytest.approx(one.fate.reservoir + one.fate.csf + one.fate.line.sum(), rel=0.15)


@pytest.mark.parametrize("head_first", [False, True])
def test_written_spect_is_read_where_it_was(tmp_path: Path, head_first: bool) -> None:
    """Slices from head to feet with negative spacing, or from feet to head: the same place in the patient."""
    phantom = small_study(with_ct=True)
    write_nuclear(phantom, tmp_path / "study", how=NuclearWriting(head_first=head_first, ct=False))
    (series,) = scan([tmp_path / "study" / "t048h"], key=b"k").series
    image, one = load(series), phantom.scans[0]
    hottest = np.unravel_index(one.activity.argmax(), one.activity.shape)
    read = np.unravel_index(image.voxels.argmax(), image.voxels.shape)
    assert image.placed.index_to_world(read) == pytest.approx(one.grid.index_to_world(hottest), abs=0.05)
    stored = dcmread(tmp_path / "study" / "t048h" / "spect.dcm")
    assert float(stored.SpacingBetweenSlices) * (-1.0 if head_first else 1.0) > 0.0


def test_equal_recipes_give_equal_dials_and_splits() -> None:
    """A recipe follows from its seed, and a patient without a device is refused."""
    assert random_nuclear_recipe(6, fault="pooling") == random_nuclear_recipe(6, fault="pooling")
    assert random_nuclear_recipe(6).split == "train"
    with pytest.raises(InputError, match="no fault"):
        small_nuclear_recipe(4, fault="torn")  # type: ignore[arg-type]
