"""Contrast in organs and vessels, which is no leak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.limits.masks import MaskLimits
from catheterview.model import Region
from catheterview.model.contrast import ContrastMap


def outside_organs(seen: ContrastMap, elsewhere: Region | None, limits: MaskLimits) -> ContrastMap:
    """Leave out collections most of which lie where contrast of another kind is expected.

    Parameters
    ----------
    seen : ContrastMap
    elsewhere : Region or None
        Organs and vessels; None where nobody has told.
    limits : MaskLimits

    Returns
    -------
    ContrastMap
        Without the collections that lie mostly in it.
    """
    if elsewhere is None:
        return seen
    kept = tuple(one for one in seen.collections if _share(one.region, elsewhere) <= limits.organ_share)
    return replace(seen, collections=kept)


def _share(region: Region, elsewhere: Region) -> float:
    """Share of a region's voxels that lie in another region."""
    at = region.grid.index_to_world(np.argwhere(region.mask))
    return float(elsewhere.contains(at).mean()) if len(at) else 0.0
