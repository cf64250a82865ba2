"""All masks of one CT put together: what fits it is kept, what does not is refused with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.limits.masks import MaskLimits
from catheterview.masks.mask import Mask
from catheterview.masks.names import Part
from catheterview.masks.spine import course_in, vertebrae_in
from catheterview.masks.upright import upright
from catheterview.model import GivenAnatomy, Image, Region
from catheterview.resample import sample

_MOST_POINTS = 20_000
_SHIFTS = ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """What masks tell of a CT.

    Parameters
    ----------
    given : GivenAnatomy or None
        None where no mask fits.
    refused : tuple of str
        Why some were not taken; the same reason once.
    """

    given: GivenAnatomy | None
    refused: tuple[str, ...] = ()


def gathered(masks: Sequence[Mask], image: Image, limits: MaskLimits) -> Gathered:
    """Put masks together that lie in a CT.

    Parameters
    ----------
    masks : sequence of Mask
    image : Image
        The CT, in the patient frame; masks may lie on any grid.
    limits : MaskLimits

    Returns
    -------
    Gathered

    Notes
    -----
    That masks belong to the CT is not taken on trust: vertebrae have to be brighter where they are said to be than
    2 cm to every side.
    """
    fitting = [mask for mask in masks if _inside_share(mask, image) >= limits.inside_share]
    refused = ["no overlap: a mask lies outside of this CT"] if len(fitting) < len(masks) else []
    vertebrae = _of(fitting, "vertebra")
    if vertebrae and not _on_bone(vertebrae, image, limits):
        refused.append("another place: what the masks call vertebrae is no bone in this CT")
        fitting = []
    if not fitting:
        return Gathered(given=None, refused=tuple(refused))
    canal, radius_mm = course_in(_of(fitting, "canal"), limits)
    course, _ = course_in(_of(fitting, "course"), limits)
    given = GivenAnatomy(
        tool=", ".join(dict.fromkeys(mask.tool for mask in fitting if mask.tool)),
        body=_joined(_of(fitting, "body"), limits.body_mm),
        canal=canal,
        canal_radius_mm=radius_mm,
        course=course,
        vertebrae=vertebrae_in(_of(fitting, "vertebra"), limits),
        elsewhere=_joined(_of(fitting, "elsewhere"), limits.coarse_mm),
    )
    return Gathered(given=given, refused=tuple(refused))


def _of(masks: Sequence[Mask], part: Part) -> list[Mask]:
    return [mask for mask in masks if mask.structure.part == part]


def _joined(masks: Sequence[Mask], step_mm: float) -> Region | None:
    """Masks as one region on a grid along the patient's axes; None without one."""
    return Region.of(*upright([mask.region for mask in masks], (step_mm, step_mm, step_mm))) if masks else None


def _points(mask: Mask) -> FloatArray:
    """(N, 3) LPS mm of some of a mask's voxels, evenly drawn and always the same."""
    index = np.argwhere(mask.region.mask)
    few = index if len(index) <= _MOST_POINTS else index[np.linspace(0, len(index) - 1, _MOST_POINTS).astype(int)]
    return mask.region.grid.index_to_world(few)


def _inside_share(mask: Mask, image: Image) -> float:
    return float(image.placed.contains(_points(mask)).mean())


def _on_bone(vertebrae: Sequence[Mask], image: Image, limits: MaskLimits) -> bool:
    """Whether vertebrae are brighter than what lies 2 cm beside, before and behind them."""
    points = np.concatenate([_points(mask) for mask in vertebrae])

    def brightness(aside: float, back: float) -> float:
        hu = sample(image, points + np.array([aside, back, 0.0]) * limits.shift_mm)
        return float(np.clip(hu, limits.bone_least_hu, limits.bone_most_hu).mean())

    return brightness(0.0, 0.0) > max(brightness(*shift) for shift in _SHIFTS)
