"""One structure as another tool has segmented it, and what came of reading a file of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import Grid
from catheterview.masks.names import Structure
from catheterview.model import Region


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mask:
    """A structure, where it is, and which tool says so (empty where the file does not tell)."""

    structure: Structure
    region: Region
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MasksRead:
    """What came of reading one file.

    Parameters
    ----------
    masks : tuple of Mask
    empty : int
        How many known structures have no voxel: tools write such masks for what a scan does not show.
    refused : tuple of str
        Why structures could not be read.
    """

    masks: tuple[Mask, ...] = ()
    empty: int = 0
    refused: tuple[str, ...] = ()

    def joined(self, other: MasksRead) -> MasksRead:
        """Both together."""
        return MasksRead(
            masks=(*self.masks, *other.masks),
            empty=self.empty + other.empty,
            refused=tuple(dict.fromkeys((*self.refused, *other.refused))),
        )


def mask_of(voxels: NDArray[np.bool_], grid: Grid, structure: Structure, *, tool: str = "") -> MasksRead:
    """Keep a mask as the box that it fills.

    Parameters
    ----------
    voxels : (K, J, I) bool
    grid : Grid
        LPS mm.
    structure : Structure
    tool : str
    """
    filled = [np.flatnonzero(voxels.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    if not len(filled[0]):
        return MasksRead(empty=1)
    first = [int(rows[0]) for rows in filled]
    box = voxels[tuple(slice(int(rows[0]), int(rows[-1]) + 1) for rows in filled)]
    shape = (box.shape[0], box.shape[1], box.shape[2])
    region = Region.of(box, grid.cropped(first, shape))
    return MasksRead(masks=(Mask(structure=structure, region=region, tool=tool),))
