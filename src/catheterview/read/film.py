"""A radiograph as more than pixels: density, exposed part, view, and its millimetres (DICOM PS3.3 10.7)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.errors import UnreadableError, UnsuitableError
from catheterview.geometry import Frame
from catheterview.limits.read import ReadLimits
from catheterview.model import Image
from catheterview.model.film import Density, Film, View
from catheterview.read.film_seams import is_stitched, joined
from catheterview.read.film_view import left_side, view_seen, view_told
from catheterview.read.load import load_stored
from catheterview.read.series import Series

if TYPE_CHECKING:
    from catheterview.read.film_values import Meaning

_VALUE_ERRORS: Final = (
    ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, NotImplementedError, ArithmeticError,
)  # fmt: skip
_SHUT_SHARE = 0.995  # of the brightest value: lead lets nothing through
_RANGE = 4.0  # of the density of values that are no exposure: about that of a film


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A film's or a run's pixels, its whole header, and what its values mean."""

    image: Image
    header: Any
    meaning: Meaning
    study_date: str


def load_film(series: Series, *, index: int = 0, limits: ReadLimits = ReadLimits()) -> Film:  # noqa: B008  (frozen)
    """Read one radiograph.

    Parameters
    ----------
    series : Series
        Of role ``film`` or ``cine``.
    index : int
        Which frame.
    limits : ReadLimits

    Returns
    -------
    Film
        Density is the logarithm's, high where more is held back, whatever the file stores: lookup tables, photometric
        interpretation and PixelIntensityRelationship are taken into account (`catheterview.read.film_values`). An
        unknown spacing stays unknown; a view that the header does not tell is looked for in the picture. Where several
        exposures were joined, steps and lines at the seams are taken out.

    Raises
    ------
    UnreadableError
        When a file, its header or a lookup table is broken; the reason names which.
    UnsuitableError
        When it is no film, or its pixels are no squares.
    """
    return film_of(opened(series, limits), index, limits)


def opened(series: Series, limits: ReadLimits) -> Opened:
    """Read pixels and header of a film or a run.

    Raises
    ------
    UnreadableError, UnsuitableError
        As `load_film`.
    """
    from catheterview.read.fallback import read_header  # noqa: PLC0415  (pydicom is slow to import; films are few)
    from catheterview.read.film_values import meaning_of  # noqa: PLC0415  (pydicom as well)

    image, halved = load_stored(series, limits)
    one = series.instances[0]
    try:
        header = read_header(one.source, limits=limits).dataset
        meaning = meaning_of(image.voxels, header, halved=halved)
    except _VALUE_ERRORS as error:
        reason = f"broken lookup tables or header of a film ({type(error).__name__})"
        raise UnreadableError(reason, where=one.source.name) from error
    return Opened(image=image, header=header, meaning=meaning, study_date=one.header.study_date)


def film_of(what: Opened, index: int, limits: ReadLimits) -> Film:
    """One frame as a film; see `load_film`."""
    try:
        return _film(what, index, limits)
    except _VALUE_ERRORS as error:
        uid = what.image.sop_instance_uid_at(0)
        raise UnreadableError(f"broken header of a film ({type(error).__name__})", where=uid) from error


def _film(what: Opened, index: int, limits: ReadLimits) -> Film:
    """Put a film together."""
    header, spacing = what.header, _spacing(what.header)
    _check_square(header, spacing, limits)
    density, tone = _scaled(what, index)
    exposed = _exposed(density, header)
    seams: tuple[int, ...] = ()
    if is_stitched(header, density.shape, spacing, limits):
        density, seams = joined(density, exposed, limits)
    told = view_told(header)
    view = told if told is not View.UNKNOWN else view_seen(density, exposed, limits)
    return Film(
        image=replace(what.image, frame=Frame.PIXEL if spacing is None else Frame.DETECTOR),
        density=density,
        exposed=exposed,
        spacing_mm=spacing,
        view=view,
        view_from="tags" if told is not View.UNKNOWN else "nothing" if view is View.UNKNOWN else "image",
        logarithmic=what.meaning.logarithmic,
        source_mm=_number(header.get("DistanceSourceToDetector")),
        taken=_taken(header, what.study_date),
        index=index,
        tone=tone,
        seam_rows=seams,
        left_at=left_side(header),
    )


def _scaled(what: Opened, index: int) -> tuple[Density, NDArray[np.float64] | None]:
    """Density of a frame, and how bright the file wants it shown; what is no exposure is brought to a film's range."""
    plane = what.meaning.of(what.image.voxels[index])
    if what.meaning.linear:
        return plane, what.meaning.tone(1.0, 0.0)
    low, gain = float(plane.min()), _RANGE / max(float(np.ptp(plane[::4, ::4])), 1.0)
    np.subtract(plane, np.float32(low), out=plane)
    np.multiply(plane, np.float32(gain), out=plane)
    return plane, what.meaning.tone(gain, -gain * low)


def _taken(header: Any, study_date: str) -> str:
    """When it was exposed, as far as the header says."""
    time = header.get("AcquisitionTime") or header.get("ContentTime") or ""
    date = str(header.get("AcquisitionDate") or study_date).replace("-", "")
    return f"{date} {time}".strip()


def _number(value: Any) -> float | None:
    """A positive finite number; None where it is not one."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number > 0.0 else None


def _spacing(header: Any) -> tuple[float, float] | None:
    """Millimetres on the detector (between rows, between columns); 0 is unknown (DICOM PS3.3 10.7).

    ImagerPixelSpacing is the detector's own. PixelSpacing without it is taken for the detector's, unless the header
    says that it was calibrated (PixelSpacingCalibrationType): then it is that of another depth, and only the
    magnification that the header estimates leads back. NominalScannedPixelSpacing is that of a film that was scanned.
    """
    for name in ("ImagerPixelSpacing", "PixelSpacing", "NominalScannedPixelSpacing"):
        value = header.get(name)
        if value is None or len(value) != 2:
            continue
        rows, columns = _number(value[0]), _number(value[1])
        by = _number(header.get("EstimatedRadiographicMagnificationFactor"))
        calibrated = name == "PixelSpacing" and str(header.get("PixelSpacingCalibrationType", "") or "").strip() != ""
        if rows is None or columns is None or (calibrated and by is None):
            continue
        return (rows * by, columns * by) if calibrated and by is not None else (rows, columns)
    return None


def _check_square(header: Any, spacing: tuple[float, float] | None, limits: ReadLimits) -> None:
    """Refuse pixels that are no squares: a circle would be none, and no angle one."""
    ratio = header.get("PixelAspectRatio")
    tall, wide = spacing or (tuple(float(v) for v in ratio) if ratio is not None and len(ratio) == 2 else (1.0, 1.0))
    if tall <= 0.0 or wide <= 0.0 or abs(tall / wide - 1.0) > limits.square_within:
        raise UnsuitableError(f"pixels {tall:g} tall and {wide:g} wide are no squares")


def _exposed(density: Density, header: Any) -> NDArray[np.bool_]:
    """Where the beam reached the detector: within the shutters that the header names, and the lead that can be seen.

    What is as dense as lead and touches the border is a shutter; what is and is small is a marker.
    """
    out = np.ones(density.shape, dtype=bool)
    rows, columns = density.shape
    for name, side in (
        ("ShutterLeftVerticalEdge", np.s_[:, : _edge(header, "ShutterLeftVerticalEdge", 0, columns)]),
        ("ShutterRightVerticalEdge", np.s_[:, _edge(header, "ShutterRightVerticalEdge", columns, columns) :]),
        ("ShutterUpperHorizontalEdge", np.s_[: _edge(header, "ShutterUpperHorizontalEdge", 0, rows)]),
        ("ShutterLowerHorizontalEdge", np.s_[_edge(header, "ShutterLowerHorizontalEdge", rows, rows) :]),
    ):
        if name in header:
            out[side] = False
    return out & ~_lead(density)


def _edge(header: Any, name: str, otherwise: int, size: int) -> int:
    """Where a shutter's edge is, in pixels."""
    value = header.get(name)
    return int(np.clip(int(value), 0, size)) if value is not None else otherwise


def _lead(density: Density) -> NDArray[np.bool_]:
    """Shutters and markers, with a margin."""
    by = max(1, round(max(density.shape) / 600))
    size = (-(-density.shape[1] // by), -(-density.shape[0] // by))
    small = cv2.resize(density, size, interpolation=cv2.INTER_AREA)
    top, low = float(density.max()), float(density.min())
    dense = (small >= low + _SHUT_SHARE * (top - low)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dense)
    lead = np.zeros(small.shape, dtype=np.uint8)
    for n in range(1, count):
        x, y, wide, tall, _ = (int(v) for v in stats[n])
        at_border = x == 0 or y == 0 or x + wide == size[0] or y + tall == size[1]
        if at_border or max(wide, tall) < 0.05 * max(size):
            lead[labels == n] = 1
    grown = cv2.dilate(lead, np.ones((5, 5), np.uint8))
    full = cv2.resize(grown, density.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(full, dtype=bool)
