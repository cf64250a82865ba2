"""Multi-frame files whose frames are slices: enhanced CT and MR, and reconstructed nuclear medicine.

Each frame becomes an instance with its own place, rescale and acquisition, so that stacks of frames are judged by the
same rules as stacks of files (DICOM PS3.3 C.7.6.16 functional groups; C.8.4.9 to C.8.4.15 nuclear medicine).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np
from pydicom import Dataset

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read.fallback import read_header
from catheterview.read.instance import Header, Instance, Triple
from catheterview.read.roles import NUCLEAR_SOP_CLASS, is_reconstructed, role_of

#: What pydicom raises when a value is not what its type asks for.
_VALUE_ERRORS: Final = (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, NotImplementedError)

#: Finds a functional group of one frame: its own, else the shared one.
Groups: TypeAlias = Callable[[str], Dataset | None]


def frames_of(one: Instance, *, limits: ReadLimits) -> Sequence[Instance]:
    """Return one instance per frame of an enhanced or nuclear object; the object itself where frames have no place.

    Raises
    ------
    UnreadableError
        When its functional groups cannot be read, or are fewer than its frames.
    """
    dataset = read_header(one.source, limits=limits).dataset
    try:
        if one.header.said.sop_class == NUCLEAR_SOP_CLASS:
            return _nuclear_frames(one, dataset)
        return _enhanced_frames(one, dataset)
    except _VALUE_ERRORS as error:
        raise UnreadableError(f"broken multi-frame header ({type(error).__name__})", where=one.source.name) from error


def _enhanced_frames(one: Instance, dataset: Dataset) -> Sequence[Instance]:
    """Return the frames of an object with functional groups."""
    shared = dataset.get("SharedFunctionalGroupsSequence") or [Dataset()]
    own = dataset.get("PerFrameFunctionalGroupsSequence") or []
    if len(own) < one.header.frames:
        raise UnreadableError(f"{len(own)} functional groups for {one.header.frames} frames", where=one.source.name)
    headers: dict[Header, Header] = {}
    frames = []
    for k in range(one.header.frames):
        groups = _groups(own[k], shared[0])
        header = _frame_header(one.header, groups)
        frames.append(_frame(one, k, headers.setdefault(header, header), groups))
    return frames


def _groups(own: Dataset, shared: Dataset) -> Groups:
    """Return a finder of functional groups by keyword."""

    def find(keyword: str) -> Dataset | None:
        items = own.get(keyword) or shared.get(keyword)
        return items[0] if items else None

    return find


def _frame(one: Instance, k: int, header: Header, groups: Groups) -> Instance:
    """Return one frame with its place and what tells acquisitions apart."""
    content = groups("FrameContentSequence") or Dataset()
    place = groups("PlanePositionSequence") or Dataset()
    position = _floats(place.get("ImagePositionPatient"), 3)
    return replace(
        one,
        header=header,
        frame=k,
        number=k + 1,
        position=None if position is None else (position[0], position[1], position[2]),
        acquisition=str(content.get("FrameAcquisitionNumber") or one.acquisition),
        time=str(content.get("FrameAcquisitionDateTime") or one.time) if not one.time else one.time,
        temporal=str(content.get("TemporalPositionIndex") or one.temporal),
    )


def _frame_header(header: Header, groups: Groups) -> Header:
    """Return the header of one frame: geometry, rescale and kind from its functional groups."""
    measures = groups("PixelMeasuresSequence") or Dataset()
    plane = groups("PlaneOrientationSequence") or Dataset()
    values = groups("PixelValueTransformationSequence") or Dataset()
    spacing = _floats(measures.get("PixelSpacing"), 2)
    said = _frame_said(header, groups)
    return replace(
        header,
        said=said,
        role=role_of(said, frames=1, gray=header.pixels.samples == 1),
        orientation=_floats(plane.get("ImageOrientationPatient"), 6) or header.orientation,
        spacing_mm=(spacing[0], spacing[1]) if spacing and min(spacing) > 0 else header.spacing_mm,
        thickness_mm=_float(measures.get("SliceThickness"), header.thickness_mm),
        slope=_float(values.get("RescaleSlope"), header.slope),
        intercept=_float(values.get("RescaleIntercept"), header.intercept),
    )


def _frame_said(header: Header, groups: Groups) -> Any:
    """Return what decides the role of a frame: its FrameType, where it has one, stands for ImageType."""
    for keyword in ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence"):
        kind = groups(keyword)
        if kind is not None and kind.get("FrameType"):
            return replace(header.said, image_type=tuple(str(part).upper() for part in kind.FrameType))
    return header.said


def _nuclear_frames(one: Instance, dataset: Dataset) -> Sequence[Instance]:
    """Return the slices of a reconstructed tomogram, without a place where none is said; planar views stay whole."""
    if not is_reconstructed(one.header.said):
        return (replace(one, frame=-1, position=None),)
    detector = (dataset.get("DetectorInformationSequence") or [Dataset()])[0]
    orientation = one.header.orientation or _floats(detector.get("ImageOrientationPatient"), 6)
    header = replace(one.header, orientation=orientation)
    places = _nuclear_places(one, header, dataset, _floats(detector.get("ImagePositionPatient"), 3))
    slots = np.atleast_1d(dataset.get("TimeSlotVector") or 0)
    phases = [str(slots[k]) if len(slots) == len(places) else "" for k in range(len(places))]
    return [
        replace(one, header=header, frame=k, number=k + 1, position=place, acquisition="", time="", temporal=phase)
        for k, (place, phase) in enumerate(zip(places, phases, strict=True))
    ]


def _nuclear_places(
    one: Instance, header: Header, dataset: Dataset, first: tuple[float, ...] | None
) -> list[Triple] | list[None]:
    """Return where each frame lies; None for all where the header does not say it."""
    origin = one.position or first
    step = header.spacing_between_mm or header.thickness_mm
    if header.orientation is None or origin is None or not step:
        return [None] * header.frames
    normal = np.cross(header.orientation[:3], header.orientation[3:])
    # The sign of the step says which way slices go (PS3.3 C.8.4.15).
    return [_moved(origin, normal * step * n) for n in _slice_numbers(dataset, header.frames)]


def _slice_numbers(dataset: Dataset, frames: int) -> list[int]:
    """Return the number of each frame's slice, counted from 0."""
    vector = dataset.get("SliceVector")
    if vector is None or len(np.atleast_1d(vector)) != frames:
        return list(range(frames))
    return [int(number) - 1 for number in np.atleast_1d(vector)]


def _moved(origin: Sequence[float], step: Any) -> Triple:
    """Return a position moved by a vector."""
    return (float(origin[0] + step[0]), float(origin[1] + step[1]), float(origin[2] + step[2]))


def _floats(value: Any, count: int) -> tuple[float, ...] | None:
    """Return a multi-value as finite floats; None when it is not `count` of them."""
    if value is None or isinstance(value, str) or not hasattr(value, "__len__") or len(value) != count:
        return None
    parts = tuple(float(part) for part in value)
    return parts if all(map(math.isfinite, parts)) else None


def _float(value: Any, missing: Any) -> Any:
    """Return a value as a float; the header's own when there is none."""
    return missing if value is None or value == "" else float(value)
