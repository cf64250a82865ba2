"""Films and runs laid side by side, each in its own mm at the detector, or in pixels where no mm is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Image

#: Room between two films, as a share of the wider one.
GAP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """One film where it hangs.

    Parameters
    ----------
    image : Image
        (frames, rows, columns), without a grid.
    scale : (2,) float64
        World units between rows and between columns: mm at the detector, or 1.
    left : float
        World coordinate of the middle of the first column.
    """

    image: Image
    scale: FloatArray
    left: float = 0.0

    def world(self, points: ArrayLike, frame: float = 0.0) -> FloatArray:
        """Take (..., 2) rows and columns to (..., 3) world: frame, down, right."""
        flat = np.asarray(points, dtype=np.float64) * self.scale + np.array([0.0, self.left])
        return np.concatenate([np.full((*flat.shape[:-1], 1), frame), flat], axis=-1)

    def pixel(self, world: ArrayLike) -> FloatArray:
        """Take (..., 3) world to (..., 2) rows and columns."""
        flat = np.asarray(world, dtype=np.float64)[..., 1:]
        return np.asarray((flat - np.array([0.0, self.left])) / self.scale)

    def holds(self, world: ArrayLike) -> bool:
        """Say whether (3,) world is on the film."""
        pixel = self.pixel(world)
        return bool(np.all(pixel >= -0.5) and np.all(pixel <= np.array(self.image.voxels.shape[1:]) - 0.5))

    @property
    def size(self) -> FloatArray:
        """(2,) height and width in world units."""
        return np.array(self.image.voxels.shape[1:]) * self.scale

    @property
    def unit(self) -> str:
        """What a world unit is."""
        return {Frame.PIXEL: "pixel", Frame.DETECTOR: "mm at the detector"}.get(self.image.frame, "mm")


def side_by_side(images: Sequence[tuple[Image, tuple[float, float] | None]]) -> tuple[Film, ...]:
    """Hang films from left to right, tops level.

    Parameters
    ----------
    images : sequence of (Image, spacing)
        Spacing is (between rows, between columns) in mm, None where it is not known. Films without one are drawn as
        high as the first that has one, so that they can be seen beside it; their pixels stay their only measure.
    """
    scales = [None if spacing is None else np.array(spacing, dtype=np.float64) for _, spacing in images]
    height = next(
        (i.voxels.shape[1] * scale[0] for (i, _), scale in zip(images, scales, strict=True) if scale is not None), None
    )
    films: list[Film] = []
    left = 0.0
    for (image, _), known in zip(images, scales, strict=True):
        share = 1.0 if height is None else height / image.voxels.shape[1]
        film = Film(image=image, scale=np.full(2, share) if known is None else known, left=left)
        films.append(film)
        left += film.size[1] * (1 + GAP)
    return tuple(films)
