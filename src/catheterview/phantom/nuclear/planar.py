"""Planar views from the front and the back, both windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.phantom.nuclear.activity import Counts, splat
from catheterview.phantom.nuclear.camera import system_of
from catheterview.phantom.nuclear.make import Patient, lay_down, tracer
from catheterview.phantom.nuclear.osem import spread_photons
from catheterview.phantom.nuclear.recipe import NuclearRecipe

#: Share of the counts in each peak: 90.7 and 94.1 photons per hundred decays (clinical reference E.1), and 28 against
#: 24 % left behind 10 cm of water.
_PEAKS = (0.45, 0.55)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planar:
    """Planar views at one time.

    Parameters
    ----------
    counts : (4, rows, columns) float32
        Front and back in the lower window, front and back in the upper; rows from head to feet, the front view has the
        patient's left on the right, the back view on the left, as a camera behind the patient sees it.
    pixel_mm, seconds, hours : float
    """

    counts: Counts
    pixel_mm: float
    seconds: float
    hours: float


def make_planar(recipe: NuclearRecipe, *, hours: float, seconds: float = 600.0) -> Planar:
    """Simulate planar views.

    Parameters
    ----------
    recipe : NuclearRecipe
    hours : float
        Since injection.
    seconds : float
        10 to 20 minutes are usual (clinical reference E.1).
    """
    return planar_of(lay_down(recipe), hours=hours, seconds=seconds)


def planar_of(patient: Patient, *, hours: float, seconds: float = 600.0) -> Planar:
    """The same of a patient who lies there already."""
    recipe = patient.recipe
    dials, grid = recipe.camera, patient.cropped
    _, clouds = tracer(patient, hours)
    activity = sum((splat(patient.moved(c.points), c.mbq, grid) for c in clouds), np.zeros(grid.shape, np.float32))
    system = system_of(patient.mu, dials.voxel_mm, views=2, blur=1.0)
    primary = np.stack([system.project(system.flat(activity), view) for view in (0, 1)])
    mean = (primary + spread_photons(primary, dials)) * np.float32(dials.cps_per_mbq * seconds)
    rng = np.random.default_rng([recipe.ct.seed, 67, round(hours)])
    views = np.concatenate([rng.poisson(mean * share).astype(np.float32) for share in _PEAKS])
    upright = np.flip(views.transpose(0, 2, 1), axis=1)  # (view, K, N), head on top
    side = np.zeros((4, dials.matrix, dials.matrix), dtype=np.float32)
    top = (dials.matrix - upright.shape[1]) // 2
    rows, crop = slice(top, top + upright.shape[1]), patient.crop
    mirrored = slice(dials.matrix - crop.stop, dials.matrix - crop.start)  # the back view is turned about the middle
    side[::2, rows, crop], side[1::2, rows, mirrored] = upright[::2], upright[1::2]
    return Planar(counts=side, pixel_mm=dials.voxel_mm, seconds=seconds, hours=hours)
