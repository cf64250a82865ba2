"""What the camera counts, and what its workstation makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from catheterview.phantom.nuclear.activity import Counts
from catheterview.phantom.nuclear.camera import System
from catheterview.phantom.nuclear.recipe import CameraDials

_SIGMA = 2.3548
_SCATTER_MM = 38.0  # spread of scattered photons on the detector
_SEPTAL_MM = (18.0, 70.0)  # spread of those that crossed septa: a near and a far part, half each
_LEAST = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acquisition:
    """Counts of every view (V, N, K), and the part of their mean that was scattered."""

    counts: Counts
    scatter: Counts


def acquire(system: System, activity: Counts, dials: CameraDials, rng: np.random.Generator) -> Acquisition:
    """Count photons.

    Parameters
    ----------
    system : System
        With the camera's true blur.
    activity : (K, N, N) float32, MBq per voxel
    dials : CameraDials
    rng : numpy.random.Generator
    """
    flat = system.flat(activity)
    scale = np.float32(dials.cps_per_mbq * dials.stop_s)
    primary = np.stack([system.project(flat, v) for v in range(len(system.views))]) * scale
    scatter = spread_photons(primary, dials)
    return Acquisition(counts=rng.poisson(primary + scatter).astype(np.float32), scatter=scatter)


def spread_photons(primary: Counts, dials: CameraDials) -> Counts:
    """Photons that were scattered in the patient or crossed the collimator's septa; (…, N, K) as the primary ones."""
    out = dials.scatter_share * _blurred(primary, _SCATTER_MM / dials.voxel_mm)
    for part_mm in _SEPTAL_MM:
        out += 0.5 * dials.septal_share * _blurred(primary, part_mm / dials.voxel_mm)
    return np.asarray(out, dtype=np.float32)


def _blurred(counts: Counts, sigma: float) -> Counts:
    width = (*(0.0,) * (counts.ndim - 2), sigma, sigma)
    return np.asarray(gaussian_filter(counts, width, mode="constant", truncate=3.0))


def reconstruct(system: System, seen: Acquisition, dials: CameraDials) -> Counts:
    """Reconstruct by ordered-subsets expectation maximisation, then smooth.

    Parameters
    ----------
    system : System
        As the workstation models it.
    seen : Acquisition
    dials : CameraDials

    Returns
    -------
    (K, N, N) float32, MBq per voxel as far as the model is right

    Notes
    -----
    Hudson and Larkin, Accelerated image reconstruction using ordered subsets of projection data, IEEE TMI 1994, 13(4).
    """
    scale = np.float32(dials.cps_per_mbq * dials.stop_s)
    known = seen.scatter * np.float32(1.0 - dials.scatter_left) + np.float32(_LEAST)
    subsets = [range(s, len(system.views), dials.subsets) for s in _spread_order(dials.subsets)]
    whole = np.ones((system.shape[1], system.shape[0]), dtype=np.float32)
    norms = [sum(system.back(whole, v) for v in views) * scale for views in subsets]
    image = np.full((int(system.support.sum()), system.shape[0]), 1e-3, dtype=np.float32)
    for _ in range(dials.iterations):
        for views, norm in zip(subsets, norms, strict=True):
            change = np.zeros_like(image)
            for v in views:
                expected = system.project(image, v) * scale + known[v]
                change += system.back(seen.counts[v] / np.maximum(expected, np.float32(_LEAST)), v)
            image *= change * scale / np.maximum(norm, np.float32(1e-9))
    sigma = dials.smooth_mm / _SIGMA / dials.voxel_mm
    return np.asarray(gaussian_filter(system.volume(image), sigma, mode="constant"), dtype=np.float32)


def _spread_order(count: int) -> NDArray[np.intp]:
    """An order of subsets in which neighbours are far apart."""
    reverse = [int(f"{n:0{max(1, (count - 1).bit_length())}b}"[::-1], 2) for n in range(count)]
    return np.argsort(reverse, kind="stable")
