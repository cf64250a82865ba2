"""From a series to an image: volumes with their grid, films and scintigrams without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from catheterview.errors import GeometryError, UnsuitableError
from catheterview.geometry import Frame
from catheterview.limits.read import ReadLimits
from catheterview.model import Image
from catheterview.read.instance import Header
from catheterview.read.pixels import Job, check_pixels, fill
from catheterview.read.scale import Scale, clips_at, ct_scale
from catheterview.read.series import Series


def load(series: Series, *, limits: ReadLimits = ReadLimits()) -> Image:  # noqa: B008  (frozen)
    """Read the pixels of a series.

    Parameters
    ----------
    series : Series
        From `catheterview.read.scan`; its files must still be where they were.
    limits : ReadLimits

    Returns
    -------
    Image
        A volume in frame PATIENT: HU for CT. A film: (frames, rows, columns), frame DETECTOR where the detector's
        pixel spacing is known and PIXEL where not, MONOCHROME1 inverted.

    Raises
    ------
    GeometryError
        When the slices make no volume; the reason is the rule that broke.
    UnsuitableError
        When the series is not an image that can be read as gray values.
    UnreadableError
        When a file is broken.
    """
    for reader in READERS:
        if reader.accepts(series):
            return reader.read(series, limits)
    if series.role in ("slices", "reformat", "nuclear"):
        raise GeometryError(series.why, where=series.series_instance_uid)
    raise UnsuitableError(
        f"a {series.role.replace('_', ' ')} is not read as an image", where=series.series_instance_uid
    )


def read_ct(series: Series, limits: ReadLimits) -> Image:
    """Read a CT volume in HU."""
    scales = {id(one.header): ct_scale(one.header, limits=limits) for one in series.instances}
    return _volume(series, scales, limits)


def read_counts(series: Series, limits: ReadLimits) -> Image:
    """Read a volume of MR, SPECT or PET: stored values; slopes that differ by slice are brought to the largest."""
    headers = {id(one.header): one.header for one in series.instances}
    largest = max(abs(header.slope) for header in headers.values()) or 1.0
    same = len({(header.slope, header.intercept) for header in headers.values()}) == 1
    scales = {key: _counts_scale(header, 1.0 if same else header.slope / largest) for key, header in headers.items()}
    return _volume(series, scales, limits)


def read_film(series: Series, limits: ReadLimits) -> Image:
    """Read a radiograph, a cine run, a planar scintigram or a localiser; it has no grid."""
    return load_stored(series, limits)[0]


def load_stored(series: Series, limits: ReadLimits) -> tuple[Image, bool]:
    """Read a film as `load` does, and say whether its values of 16 bits were halved to fit."""
    if not _is_film(series):
        return load(series, limits=limits), False
    one = series.instances[0]
    check_pixels(one, limits=limits)
    header = one.header
    voxels = np.empty((header.frames, series.rows, series.columns), dtype=np.int16)
    scale = _film_scale(header)
    _, halved = _fill_counts([(voxels[k], replace(one, frame=k), scale) for k in range(header.frames)], limits)
    image = Image(
        voxels=voxels,
        grid=None,
        frame=Frame.PIXEL if series.spacing_mm is None else Frame.DETECTOR,
        modality=series.modality,
        series_instance_uid=series.series_instance_uid,
        study_instance_uid=series.study_instance_uid,
        frame_of_reference_uid=series.frame_of_reference_uid,
        sop_instance_uids=(one.sop_instance_uid,) * header.frames,
    )
    return image, halved


def _volume(series: Series, scales: dict[int, Scale], limits: ReadLimits) -> Image:
    """Read the slices of a stack into one array."""
    if series.grid is None:
        raise GeometryError(series.why, where=series.series_instance_uid)
    for one in series.instances:
        check_pixels(one, limits=limits)
    shape = series.grid.shape
    if 2 * shape[0] * shape[1] * shape[2] > limits.max_image_bytes:
        raise UnsuitableError(f"absurd size: {shape} voxels", where=series.series_instance_uid)
    voxels = np.empty(shape, dtype=np.int16)
    jobs = [(voxels[k], one, scales[id(one.header)]) for k, one in enumerate(series.instances)]
    highest = fill(jobs, limits=limits) if series.modality == "CT" else _fill_counts(jobs, limits)[0]
    return Image(
        voxels=voxels,
        grid=series.grid,
        frame=Frame.PATIENT,
        modality=series.modality,
        series_instance_uid=series.series_instance_uid,
        study_instance_uid=series.study_instance_uid,
        frame_of_reference_uid=series.frame_of_reference_uid,
        sop_instance_uids=tuple(one.sop_instance_uid for one in series.instances),
        saturated_hu=_saturated(series, highest, limits),
        slice_thickness_mm=series.slice_thickness_mm,
    )


def _fill_counts(jobs: Sequence[Job], limits: ReadLimits) -> tuple[int, bool]:
    """Fill slices whose unit is free; when values do not fit, all are read again and halved, which is said."""
    highest = fill(jobs, limits=limits)
    if highest < np.iinfo(np.int16).max:
        return highest, False
    return fill([(out, one, replace(scale, halved=True)) for out, one, scale in jobs], limits=limits), True


def _saturated(series: Series, highest: int, limits: ReadLimits) -> int | None:
    """Return where a CT's scale clips."""
    return clips_at(series.instances[0].header, highest, limits=limits) if series.modality == "CT" else None


def _counts_scale(header: Header, slope: float) -> Scale:
    """Return the scale of a slice whose values are only relative."""
    pixels = header.pixels
    return Scale(
        slope=slope,
        intercept=0.0,
        signed=pixels.signed,
        bits_stored=pixels.bits_stored,
        high_bit=pixels.high_bit,
    )


def _film_scale(header: Header) -> Scale:
    """Return the scale of a film: stored values, high is bright."""
    pixels = header.pixels
    return Scale(
        slope=1.0,
        intercept=0.0,
        signed=pixels.signed,
        bits_stored=pixels.bits_stored,
        high_bit=pixels.high_bit,
        inverted=pixels.photometric == "MONOCHROME1",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One way of reading pixels, and which series it takes."""

    name: str
    accepts: Callable[[Series], bool]
    read: Callable[[Series, ReadLimits], Image]


def _is_ct(series: Series) -> bool:
    return series.stackable and series.modality == "CT"


def _is_counts(series: Series) -> bool:
    return series.stackable and series.modality != "CT"


def _is_film(series: Series) -> bool:
    return series.role in ("film", "cine", "localiser") or (
        series.role == "nuclear" and not series.stackable and not series.why
    )


#: Every way of reading; the first that accepts a series reads it.
READERS: Final[tuple[Reader, ...]] = (
    Reader(name="ct", accepts=_is_ct, read=read_ct),
    Reader(name="counts", accepts=_is_counts, read=read_counts),
    Reader(name="film", accepts=_is_film, read=read_film),
)
