"""How much of the rings just outside a catheter is as bright as contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from catheterview.detect.along import canal_clearance_mm, pump_clearance_mm
from catheterview.detect.contrast.rings import Rings
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence

Mask = NDArray[np.bool_]


def covered(rings: Rings, evidence: Evidence, limits: ContrastLimits) -> FloatArray:
    """Say how much of the rings just outside the tube is as bright as contrast.

    Parameters
    ----------
    rings : Rings
    evidence : Evidence
    limits : ContrastLimits

    Returns
    -------
    (N,) float64
        0 to 1, smoothed along the catheter; 0 where canal, pump or another turn leave too little to look at.
    """
    radii = rings.radii_mm
    chosen = (radii >= limits.near_mm[0] - 1e-6) & (radii <= limits.near_mm[1] + 1e-6)
    hu = rings.hu[:, chosen] - rings.tail_hu[None, chosen, None]
    at = rings.positions(chosen)
    valid = ~_beside_itself(rings, at, limits)
    for pump in evidence.pumps:
        valid &= (pump_clearance_mm(pump, at.reshape(-1, 3)) > limits.metal_mm).reshape(hu.shape)
    if len(evidence.anatomy.canal):
        valid &= _outside_canal(rings, at, evidence, limits)
    seen = valid.sum(axis=(1, 2))
    bright = ((hu > limits.iodine_hu) & valid).sum(axis=(1, 2)) / np.maximum(seen, 1)
    bright[seen < limits.seen_share * hu.shape[1] * hu.shape[2]] = 0.0
    return np.asarray(ndimage.uniform_filter1d(bright, max(1, round(limits.least_mm / limits.ring_step_mm))))


def surrounded(rings: Rings, rows: tuple[int, int], cover: FloatArray, limits: ContrastLimits) -> bool:
    """Whether the rings of a stretch are filled all round and evenly somewhere, as a pool fills them and bone does not.

    Parameters
    ----------
    rings : Rings
    rows : (first, last)
    cover : (N,)
        From `covered`.
    limits : ContrastLimits
    """
    full = rows[0] + np.flatnonzero(cover[rows[0] : rows[1] + 1] >= limits.full_cover)
    if len(full) * limits.ring_step_mm < limits.least_mm:
        return False
    chosen = (rings.radii_mm >= limits.near_mm[0] - 1e-6) & (rings.radii_mm <= limits.near_mm[1] + 1e-6)
    ring = (rings.hu[:, chosen] - rings.tail_hu[None, chosen, None])[full].reshape(len(full), -1)
    middle = np.median(ring, axis=1)
    spread = np.median(np.abs(ring - middle[:, None]), axis=1) * 1.4826
    even = (spread <= limits.ring_uneven * middle) & (middle < limits.surround_hu)
    return bool(even.sum() * limits.ring_step_mm >= limits.least_mm)


def _outside_canal(rings: Rings, at: FloatArray, evidence: Evidence, limits: ContrastLimits) -> Mask:
    """(N, K, A) which samples lie outside the canal and clear of a full sac's edge."""
    out = np.ones(at.shape[:-1], dtype=bool)
    reach = limits.near_mm[1] + limits.dura_mm
    near = np.flatnonzero(canal_clearance_mm(evidence.anatomy, rings.points) < reach)
    clear = canal_clearance_mm(evidence.anatomy, at[near].reshape(-1, 3)) > limits.dura_mm
    out[near] = clear.reshape(out[near].shape)
    return out


def _beside_itself(rings: Rings, at: FloatArray, limits: ContrastLimits) -> Mask:
    """(N, K, A) which samples lie on another turn of the same catheter."""
    lone = int(np.ceil(limits.turn_mm / limits.ring_step_mm))
    tree = cKDTree(rings.points)
    near = tree.query_ball_tree(tree, limits.near_mm[1] + limits.tube_mm)
    out = np.zeros(at.shape[:-1], dtype=bool)
    for n, found in enumerate(near):
        others = [m for m in found if abs(m - n) > lone]
        if others:
            gap = np.linalg.norm(at[n][..., None, :] - rings.points[others], axis=-1)
            out[n] = (gap < limits.tube_mm).any(axis=-1)
    return out
