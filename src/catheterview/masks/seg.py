"""Masks in DICOM Segmentation objects; highdicom reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from catheterview.errors import GeometryError, UnreadableError, UnsuitableError
from catheterview.geometry import Grid
from catheterview.masks.mask import MasksRead, mask_of
from catheterview.masks.names import Structure, structure_of

if TYPE_CHECKING:
    from highdicom.seg import Segmentation

#: What highdicom and pydicom raise on objects that break the standard.
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, NotImplementedError, OSError)
_HALF = 0.5
#: First word of the categories that are anatomy: Anatomical Structure, Tissue, Organ, Body Structure.
_ANATOMY = ("anatomical", "tissue", "organ", "body")


def read_seg(stream: BinaryIO, *, name: str) -> MasksRead:
    """Read what of a segmentation is known here, by the labels and codes of its segments.

    Parameters
    ----------
    stream : binary file
    name : str
        Of the file, for what is said of it.

    Returns
    -------
    MasksRead

    Raises
    ------
    UnsuitableError
        When none of its segments is known here, or highdicom is not installed.
    UnreadableError
        When it is broken, or no segmentation.
    """
    try:
        from highdicom.seg import segread  # noqa: PLC0415 - an extra, and heavy
    except ModuleNotFoundError as error:
        raise UnsuitableError("DICOM masks need the extra masks: highdicom is missing", where=name) from error
    try:
        seg = segread(stream)
        known = {int(number): _structure(seg, number) for number in seg.segment_numbers}
    except _BROKEN as error:
        raise UnreadableError(f"no segmentation that can be read ({type(error).__name__})", where=name) from error
    if not any(known.values()):
        raise UnsuitableError(f"unknown structures: none of its {len(known)} segments means anything here", where=name)
    read = MasksRead()
    for number, structure in known.items():
        if structure is not None and structure.part != "unused":
            read = read.joined(_segment(seg, number, structure))
    return read


def _structure(seg: Segmentation, number: int) -> Structure | None:
    """What a segment shows, by its code, its label or the region that it names; what is no anatomy is never taken.

    A metastasis may name the vertebra that it is in, and be called L1, the first lesion.
    """
    told = seg.get_segment_description(number)
    if str(told.segmented_property_category.meaning).split(" ")[0].lower() not in _ANATOMY:
        return None
    regions = getattr(told, "anatomic_regions", None) or []
    names = [told.segmented_property_type.meaning, told.segment_label, *(code.meaning for code in regions)]
    return next((one for name in names if (one := structure_of(str(name))) is not None), None)


def _tool(seg: Segmentation, number: int) -> str:
    """Name and version of the algorithm that drew a segment, where the object tells it."""
    told = seg.get_segment_description(number).algorithm_identification
    return "" if told is None else " ".join(filter(None, (str(told.name), str(told.version or ""))))


def _segment(seg: Segmentation, number: int, structure: Structure) -> MasksRead:
    """One segment, or why it cannot be used."""
    try:
        volume = seg.get_volume(segment_numbers=[number], combine_segments=False)
        voxels = np.asarray(volume.array)[..., 0] >= _HALF
        grid = Grid(shape=voxels.shape, affine=np.array(volume.affine))
        return mask_of(voxels, grid, structure, tool=_tool(seg, number))
    except (*_BROKEN, GeometryError) as error:
        return MasksRead(refused=(f"segment {number} makes no volume ({type(error).__name__})",))
