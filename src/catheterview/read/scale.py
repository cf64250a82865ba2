"""From stored values to what the voxels mean, one slice at a time and in place.

No copy of more than one slice is ever made. CT becomes Hounsfield units; padding, and whatever lies under the scale,
becomes `catheterview.model.OUTSIDE_HU` (DICOM PS3.3 C.7.5.1.1.2, C.11.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catheterview.limits.read import ReadLimits
from catheterview.model import OUTSIDE_HU, Voxels
from catheterview.read.instance import Header

_HIGHEST: Final = 32767
_LOWEST: Final = -32768


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What is done to the stored values of one slice.

    Parameters
    ----------
    slope, intercept : float
    signed : bool
    bits_stored, high_bit : int
        Where the value lies in its word; the bits around it may be overlays.
    floor : int
        The lowest value that is kept; lower ones become it.
    padding : (low, high) or None
        Stored values to be replaced by `floor`; None where `floor` alone does it.
    inverted : bool
        Whether high values are dark (a film of MONOCHROME1).
    halved : bool
        Whether 16-bit values are halved to fit (films without a sign).
    """

    slope: float
    intercept: float
    signed: bool
    bits_stored: int
    high_bit: int
    floor: int = _LOWEST
    padding: tuple[int, int] | None = None
    inverted: bool = False
    halved: bool = False

    @property
    def offset(self) -> int | None:
        """The whole number to add; None when adding one does not do."""
        whole = round(self.intercept)
        plain = self.slope == 1.0 and whole == self.intercept and abs(whole) <= _HIGHEST
        turned = self.inverted and (self.signed or self.bits_stored >= 16)
        return whole if plain and not turned and not self.halved else None


def ct_scale(header: Header, *, limits: ReadLimits) -> Scale:
    """Return the scale of a CT slice."""
    pixels = header.pixels
    return Scale(
        slope=header.slope,
        intercept=header.intercept,
        signed=pixels.signed,
        bits_stored=pixels.bits_stored,
        high_bit=pixels.high_bit,
        floor=OUTSIDE_HU,
        padding=_padding_to_replace(header, limits=limits),
    )


def _padding_to_replace(header: Header, *, limits: ReadLimits) -> tuple[int, int] | None:
    """Return padding that would not fall under the floor by itself; one that is a tissue's value is a mistake."""
    if header.padding is None:
        return None
    ends = [stored * header.slope + header.intercept for stored in header.padding]
    if max(ends) <= OUTSIDE_HU or (max(ends) > limits.padding_below_hu and min(ends) <= limits.saturated_hu):
        return None
    return header.padding


def to_voxels(stored: NDArray[Any], out: Voxels, scale: Scale) -> None:
    """Write a slice of stored values into its place.

    Parameters
    ----------
    stored : (rows, columns) of any integer or float type; may share memory with `out`
    out : (rows, columns) int16
    scale : Scale
    """
    if stored.dtype.itemsize == 2 and stored.dtype.kind in "iu":
        if not np.shares_memory(stored, out):
            out[...] = stored.view(np.int16)
        if _in_place(out, scale):
            return
        stored = out if scale.signed else out.view(np.uint16)
    _by_float(stored, out, scale)


def _in_place(out: Voxels, scale: Scale) -> bool:
    """Turn 16-bit stored values into voxels where they lie; say whether that could be done."""
    offset = scale.offset
    if offset is None or not _LOWEST <= scale.floor - offset <= _HIGHEST:
        return offset is not None and scale.floor == _LOWEST and _shifted(out, scale, offset)
    return _shifted(out, scale, offset)


def _shifted(out: Voxels, scale: Scale, offset: int) -> bool:
    """Mask, replace padding, cut at the floor and add the offset."""
    signs = out if scale.signed else out.view(np.uint16)
    if not scale.signed and scale.bits_stored == 16 and int(signs.max()) > min(_HIGHEST, _HIGHEST - offset):
        return False
    if scale.signed and offset > 0 and int(signs.max()) > _HIGHEST - offset:
        return False
    padded = None if scale.padding is None else _is_padding(signs, scale.padding)
    _without_unused_bits(signs, scale)
    if scale.inverted:
        np.subtract(np.int16((1 << scale.bits_stored) - 1), out, out=out)
    if scale.floor != _LOWEST:
        np.maximum(out, np.int16(scale.floor - offset), out=out)
    if offset:
        np.add(out, np.int16(offset), out=out)
    if padded is not None:
        out[padded] = scale.floor
    return True


def _is_padding(stored: NDArray[Any], padding: tuple[int, int]) -> NDArray[np.bool_]:
    """Say where stored values are padding."""
    low, high = padding
    return np.asarray(stored == low) if low == high else np.asarray((stored >= low) & (stored <= high))


def _without_unused_bits(stored: NDArray[Any], scale: Scale) -> None:
    """Clear what is not the value: overlay bits above it, and unused bits below it."""
    width = stored.dtype.itemsize * 8
    if stored.dtype.kind == "f" or scale.bits_stored >= width or scale.bits_stored < 1:
        return
    below = max(0, scale.high_bit + 1 - scale.bits_stored)
    if stored.dtype.kind == "u":
        if below:
            np.right_shift(stored, below, out=stored)
        np.bitwise_and(stored, stored.dtype.type((1 << scale.bits_stored) - 1), out=stored)
    else:
        np.left_shift(stored, max(0, width - scale.bits_stored - below), out=stored)
        np.right_shift(stored, width - scale.bits_stored, out=stored)


def _by_float(stored: NDArray[Any], out: Voxels, scale: Scale) -> None:
    """Do the same for any type and any slope, through one slice of float64."""
    padded = None if scale.padding is None else _is_padding(stored, scale.padding)
    cleared = stored.copy()
    _without_unused_bits(cleared, scale)
    values = cleared.astype(np.float64)
    if scale.inverted:
        values = ((1 << scale.bits_stored) - 1 if not scale.signed else -1) - values
    if scale.halved:
        np.floor_divide(values, 2.0, out=values)
    values *= scale.slope
    values += scale.intercept
    np.rint(values, out=values)
    np.clip(np.nan_to_num(values, copy=False), max(scale.floor, _LOWEST), _HIGHEST, out=values)
    out[...] = values
    if padded is not None:
        out[padded] = scale.floor


def clips_at(header: Header, highest: int, *, limits: ReadLimits) -> int | None:
    """Return the value at which a CT's scale clips, given its highest voxel; None when it does not reach it."""
    if highest == limits.saturated_hu:
        return highest
    full = ((1 << header.pixels.bits_stored) - 1) * header.slope + header.intercept
    twelve = not header.pixels.signed and header.pixels.bits_stored <= 12
    return highest if twelve and round(full) == highest else None
