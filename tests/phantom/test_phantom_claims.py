"""Physical claims that have a figure in the clinical reference (E.1, E.3, E.4) and no test of their own elsewhere.

Elsewhere: wall and lumen contrast, point spread and its transfer function (``test_phantom_tube``), noise
and streaks (``test_phantom_make``, ``test_phantom_physics``), titanium and iodine (``test_phantom_physics``,
``test_phantom_dye``), width of a line in SPECT, attenuation and decay (``test_nuclear_simulation``), transit times
(``test_phantom_fluid``).
"""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.phantom.film import FilmRecipe, FilmView, film_patient
from catheterview.phantom.film.camera import Camera, camera_of
from catheterview.phantom.film.wires import Wire, wires_seen
from catheterview.phantom.nuclear.camera import WATER_PER_MM, system_of

IODINE_PER_MM = 0.09 / 0.5 / 240.0  # E.4: 0.5 mm of 240 mg/ml holds back 0.09 at 60 keV


def _camera(pitch_mm: float) -> Camera:
    recipe = FilmRecipe(patient=film_patient(5002), pitch_mm=pitch_mm, rows=200, columns=200)
    return camera_of(recipe, FilmView(kind="AP"), np.zeros(3))


def _profile(inner_mm: float, outer_mm: float, per_mm: float, pitch_mm: float = 0.143) -> np.ndarray:
    """Across a tube that runs along the patient through the central ray."""
    axis = np.stack([np.zeros(60), np.zeros(60), np.linspace(-8.0, 8.0, 60)], axis=1)
    wire = Wire(axis=axis, inner_mm=inner_mm, outer_mm=outer_mm, per_mm=np.full(60, per_mm))
    return np.asarray(wires_seen((wire,), _camera(pitch_mm))[90:110].mean(axis=0))


def test_a_tube_shows_two_rails() -> None:
    """The chord at the lumen's edge over the wall at the centre: 8.6 against 5.6 percent for 1.2 and 0.5 mm (E.4)."""
    across = _profile(0.5, 1.2, 0.08)
    seen = np.flatnonzero(across > 0.2 * across.max())
    middle = (seen[0] + seen[-1]) // 2
    assert across[middle - 4 : middle + 5].max() / across[middle] == pytest.approx(8.6 / 5.6, rel=0.12)
    assert len(seen) == pytest.approx(1.2 * 1.15 / 0.143, abs=1.5)  # 9.7 pixels (E.4)


def test_a_filled_lumen_adds_nine_percent() -> None:
    """0.5 mm of 240 mg/ml holds back 0.09 at its middle (E.4), within a tenth for pixels of a third of its width."""
    assert _profile(0.0, 0.5, 240.0 * IODINE_PER_MM, 0.1).max() == pytest.approx(0.09, rel=0.1)


def test_a_line_counts_as_many_as_a_camera_would() -> None:
    """5 kBq/cm under 10 cm of water, 100 cps/MBq: 75 counts a cm in 10 minutes for each head (E.1), within a fifth."""
    n, slices, voxel = 64, 12, 4.42
    at = (np.arange(n) - (n - 1) / 2) * voxel
    body = (at[:, None] / 102.0) ** 2 + (at[None, :] / 130.0) ** 2 < 1.0
    mu = np.repeat(np.where(body, WATER_PER_MM, 0.0).astype(np.float32)[None], slices, axis=0)
    system = system_of(mu, voxel, views=2, blur=1.0)
    line = np.zeros(mu.shape, dtype=np.float32)
    line[:, n // 2, n // 2] = 0.005 * voxel / 10.0  # MBq in a voxel's height
    counts = system.project(system.flat(line), 0) * 100.0 * 600.0
    per_cm = float(counts[:, 3:-3].sum()) / ((slices - 6) * voxel / 10.0)
    assert per_cm == pytest.approx(75.0, rel=0.2)
