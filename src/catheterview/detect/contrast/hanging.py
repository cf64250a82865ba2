"""Contrast that hangs together is one collection, however many turns of the catheter it lies on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Kind, Region
from catheterview.model.contrast import Collection

Named: TypeAlias = tuple[Collection, Kind]

#: What contrast round a pump is called where several names would do: by where it comes from, before where it lies.
_RANK = (Kind.RETROGRADE_TRACKING, Kind.CONNECTOR_LEAK, Kind.POCKET_POOLING, Kind.EXTRAVASATION)


def once_each(named: Sequence[Named], limits: ContrastLimits) -> list[Named]:
    """Keep one of the collections that hang together with each other.

    Parameters
    ----------
    named : sequence of (Collection, Kind)
    limits : ContrastLimits

    Returns
    -------
    list of (Collection, Kind)
        Of what hangs together at a pump, a leak of its connector or a pool round it, whichever is larger, goes before
        loops that only run through it; of several loops, the one in most of it.
    """
    trees = [cKDTree(_points(one.region)) for one, _ in named]
    order = sorted(range(len(named)), key=lambda n: _before(named[n]))
    kept: list[int] = []
    for n in order:
        if not any(_hang_together(trees[n], trees[other], limits) for other in kept):
            kept.append(n)
    return [named[n] for n in sorted(kept)]


def _before(named: Named) -> tuple[int, float]:
    """Order in which collections are kept: leak and pool at the pump alike, the larger first."""
    one, kind = named
    rank = 1 if kind in (Kind.CONNECTOR_LEAK, Kind.POCKET_POOLING) else _RANK.index(kind)
    return rank, -one.volume_ml


def _points(region: Region) -> FloatArray:
    """(N, 3) LPS mm of a region's voxels."""
    return np.asarray(region.grid.index_to_world(np.argwhere(region.mask)), dtype=np.float64)


def _hang_together(first: cKDTree, second: cKDTree, limits: ContrastLimits) -> bool:
    """Whether two sets of voxels touch, or lie no farther apart than metal and tubes hide."""
    away, _ = second.query(first.data, distance_upper_bound=limits.hangs_mm)
    return bool(np.isfinite(away).any())
