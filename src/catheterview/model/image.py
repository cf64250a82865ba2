"""Voxels with their place, and binary regions of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.errors import GeometryError
from catheterview.geometry import Frame, Grid

Voxels: TypeAlias = NDArray[np.int16]

#: What a voxel outside the reconstructed field holds after reading (padding, whatever the vendor wrote).
OUTSIDE_HU = -1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """Voxels, where they are, and what they are.

    Parameters
    ----------
    voxels : (K, J, I) int16, read-only
        HU for CT after rescale; padding is `OUTSIDE_HU`. Films and cines: (frames, rows, columns) stored values.
    grid : Grid or None
        None where no place in the patient is known (films).
    frame : Frame
    modality : str
        DICOM Modality.
    series_instance_uid, study_instance_uid, frame_of_reference_uid : str
    sop_instance_uids : tuple of str
        One per slice k (the same one repeated for a multi-frame object).
    saturated_hu : int or None
        The value at which the scale clips (3071 in 12 bit), None where it does not.
    slice_thickness_mm : float or None
        Nominal thickness, which may exceed the spacing (overlapping slices).
    """

    voxels: Voxels
    grid: Grid | None
    frame: Frame
    modality: str
    series_instance_uid: str
    study_instance_uid: str
    frame_of_reference_uid: str = ""
    sop_instance_uids: tuple[str, ...] = ()
    saturated_hu: int | None = None
    slice_thickness_mm: float | None = None

    def __post_init__(self) -> None:
        if self.voxels.ndim != 3 or self.voxels.dtype != np.int16:
            raise GeometryError(f"voxels must be 3-D int16, got {self.voxels.dtype} {self.voxels.shape}")
        if self.grid is not None and self.grid.shape != self.voxels.shape:
            raise GeometryError(f"grid {self.grid.shape} does not fit voxels {self.voxels.shape}")
        if self.sop_instance_uids and len(self.sop_instance_uids) != self.voxels.shape[0]:
            raise GeometryError("one SOP Instance UID per slice is needed")
        self.voxels.setflags(write=False)

    @property
    def placed(self) -> Grid:
        """The grid of an image that has one.

        Raises
        ------
        GeometryError
            When the image has no place in the patient frame.
        """
        if self.grid is None:
            raise GeometryError("this image has no place in the patient frame", where=self.series_instance_uid)
        return self.grid

    @property
    def slice_mm(self) -> float:
        """What the image resolves through its slices, mm: their spacing or their thickness, whichever is more.

        Raises
        ------
        GeometryError
            When the image has no place in the patient frame.
        """
        return max(float(self.placed.spacing_mm[0]), self.slice_thickness_mm or 0.0)

    def sop_instance_uid_at(self, k: int) -> str:
        """The SOP Instance UID of slice `k`, empty where none is known."""
        return self.sop_instance_uids[k] if self.sop_instance_uids else ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A binary mask in a box: the box's grid, and one bit per voxel.

    Parameters
    ----------
    grid : Grid
        Of the box only.
    bits : (ceil(K*J*I / 8),) uint8, read-only
        `numpy.packbits` of the mask in kji order.
    """

    grid: Grid
    bits: NDArray[np.uint8]

    def __post_init__(self) -> None:
        expected = (int(np.prod(self.grid.shape)) + 7) // 8
        if self.bits.dtype != np.uint8 or self.bits.shape != (expected,):
            raise GeometryError(f"a region of {self.grid.shape} needs {expected} bytes, got {self.bits.shape}")
        self.bits.setflags(write=False)

    @classmethod
    def of(cls, mask: NDArray[np.bool_], grid: Grid) -> Region:
        """Pack a (K, J, I) bool mask that lies on `grid`."""
        if mask.shape != grid.shape:
            raise GeometryError(f"mask {mask.shape} does not fit grid {grid.shape}")
        return cls(grid=grid, bits=np.packbits(mask))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(K, J, I) bool, unpacked."""
        count = int(np.prod(self.grid.shape))
        return np.unpackbits(self.bits, count=count).astype(bool).reshape(self.grid.shape)

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Say for (..., 3) LPS mm points whether the nearest voxel is set; outside of the box none is."""
        index = np.rint(self.grid.world_to_index(points)).astype(np.intp)
        inside = np.asarray(((index >= 0) & (index < np.array(self.grid.shape))).all(axis=-1))
        k, j, i = np.moveaxis(np.where(inside[..., None], index, 0), -1, 0)
        mask: NDArray[np.bool_] = self.mask
        return np.asarray(inside & mask[k, j, i])

    @property
    def volume_ml(self) -> float:
        """Volume of the set voxels in ml."""
        return float(np.unpackbits(self.bits).sum()) * self.grid.voxel_volume_mm3 / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deposit:
    """Contrast or tracer outside the catheter, and where it is seen."""

    substance: Literal["contrast", "tracer"]
    region: Region
