"""Masks in NIfTI files: one structure in a file, named by it, or many in one, named in its header."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catheterview.errors import GeometryError, UnreadableError, UnsuitableError
from catheterview.geometry import Grid
from catheterview.masks.mask import MasksRead, mask_of
from catheterview.masks.names import structure_of

#: Endings that a NIfTI file has.
SUFFIXES = (".nii", ".nii.gz")
_HEADER_BYTES = 352  # of NIfTI-1; extensions follow, up to the place of the first voxel
_MOST_HEADER_BYTES = 1 << 20
_PART_BYTES = 1 << 20
_NIFTI_1 = 348
_LABEL = re.compile(r'<Label\b[^>]*\bKey="(\d+)"[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]+)')
_HALF = 0.5
_TOTAL = "TotalSegmentator"


def is_nifti(path: Path) -> bool:
    """Say whether a file is NIfTI by its name."""
    return path.name.lower().endswith(SUFFIXES)


def read_nifti(path: Path) -> MasksRead:
    """Read what of a file is known here.

    Parameters
    ----------
    path : Path
        ``vertebrae_L1.nii.gz`` holds what its name says, every voxel above 0.5; a file of many labels says in its
        header which is which, as TotalSegmentator's ``--ml`` writes it.

    Returns
    -------
    MasksRead

    Raises
    ------
    UnsuitableError
        When nothing in it is known here, or SimpleITK is not installed.
    UnreadableError
        When it is broken.
    GeometryError
        When it is not one volume at a place in the patient.
    """
    stem = path.name[: path.name.lower().rindex(".nii")]
    alone = structure_of(stem)
    if alone is not None and alone.part == "unused":
        return MasksRead()
    labels = _labels(path)
    named = {key: structure_of(name) for key, name in labels.items()} if labels else {0: alone}
    if not any(named.values()):
        said = "no label of its header" if labels else "its name"
        raise UnsuitableError(f"unknown structure: {said} means nothing here", where=path.name)
    wanted = {key: one for key, one in named.items() if one is not None and one.part != "unused"}
    read = MasksRead()
    if not wanted:
        return read
    values, grid = _volume(path)
    tool = _TOTAL if labels or stem.startswith("vertebrae_") else ""
    for key, structure in wanted.items():
        read = read.joined(mask_of(values == key if labels else values > _HALF, grid, structure, tool=tool))
    return read


def _labels(path: Path) -> dict[int, str]:
    """Names of labels that a header's extension tells, once the file is known to be whole.

    A truncated file would be read as one whose rest is empty.
    """
    try:
        with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as stream:
            head = stream.read(_HEADER_BYTES)
            offset, size = _extent(head)
            text = stream.read(max(0, offset - _HEADER_BYTES)).decode("utf-8", errors="replace")
            left = size
            while left > 0 and (part := stream.read(min(left, _PART_BYTES))):
                left -= len(part)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"cannot be read ({type(error).__name__})", where=path.name) from error
    if left > 0 or len(head) < _HEADER_BYTES:
        raise UnreadableError("truncated", where=path.name)
    return {int(key): name.strip() for key, name in _LABEL.findall(text)}


def _extent(head: bytes) -> tuple[int, int]:
    """Where the voxels of a NIfTI-1 file begin and how many bytes they take; of other forms nothing is known."""
    if len(head) < _HEADER_BYTES or int.from_bytes(head[:4], "little") != _NIFTI_1:
        return 0, 0
    dimensions, bits = np.frombuffer(head[40:56], "<i2"), int.from_bytes(head[72:74], "little")
    offset = float(np.frombuffer(head[108:112], "<f4")[0])
    count = int(np.prod(np.maximum(dimensions[1 : 1 + max(0, min(7, int(dimensions[0])))], 1), dtype=np.int64))
    return (int(offset) if _HEADER_BYTES <= offset < _MOST_HEADER_BYTES else 0), count * bits // 8


def _volume(path: Path) -> tuple[NDArray[np.float64], Grid]:
    """Voxels (K, J, I) and where they are; SimpleITK turns NIfTI's RAS into LPS."""
    try:
        import SimpleITK  # noqa: PLC0415 - an extra, and heavy
    except ModuleNotFoundError as error:
        raise UnsuitableError("NIfTI masks need the extra masks: SimpleITK is missing", where=path.name) from error
    try:
        image = SimpleITK.ReadImage(str(path), imageIO="NiftiImageIO")
    except RuntimeError as error:
        raise UnreadableError("broken, or on axes that are not at right angles", where=path.name) from error
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise GeometryError(f"not one volume: {image.GetDimension()} dimensions", where=path.name)
    values = SimpleITK.GetArrayFromImage(image)
    affine = np.eye(4)
    directions = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, :3] = directions[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    return values, Grid(shape=values.shape, affine=affine)
