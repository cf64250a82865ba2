"""A radiograph as more than pixels: density, exposed part, view, and its millimetres (DICOM PS3.3 10.7)."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.errors import UnreadableError
from catheterview.geometry import Frame
from catheterview.limits.read import ReadLimits
from catheterview.model.film import Density, Film, View
from catheterview.read.load import load
from catheterview.read.series import Series

_VIEWS: Final = {
    "AP": View.AP, "PA": View.PA, "LL": View.LATERAL, "RL": View.LATERAL, "LAT": View.LATERAL, "LATERAL": View.LATERAL,
    "RLD": View.OBLIQUE, "LLD": View.OBLIQUE, "LLO": View.OBLIQUE, "RLO": View.OBLIQUE, "LAO": View.OBLIQUE,
    "RAO": View.OBLIQUE, "LPO": View.OBLIQUE, "RPO": View.OBLIQUE,
}  # fmt: skip
_VALUE_ERRORS: Final = (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, NotImplementedError)
_SHUT_SHARE = 0.995  # of the brightest value: lead lets nothing through
_FAINTEST = 0.003  # of the open beam; below it the detector's own noise reigns


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
        Density is the logarithm's, high where more is held back, whatever the file stores: photometric interpretation
        and PixelIntensityRelationship are taken into account. An unknown spacing or view stays unknown.

    Raises
    ------
    UnreadableError, UnsuitableError
        As `catheterview.read.load`.
    """
    from catheterview.read.fallback import read_header  # noqa: PLC0415  (pydicom is slow to import; films are few)

    image = load(series, limits=limits)
    try:
        header = read_header(series.instances[0].source, limits=limits).dataset
        view, source_mm, spacing = _view(header), _number(header.get("DistanceSourceToDetector")), _spacing(header)
        density, logarithmic = _density(image.voxels[index], header)
        taken = f"{series.instances[0].header.study_date} {header.get('AcquisitionTime', '')}".strip()
        exposed = _exposed(density, header)
    except _VALUE_ERRORS as error:
        name = series.instances[0].source.name
        raise UnreadableError(f"broken header of a film ({type(error).__name__})", where=name) from error
    frame = Frame.PIXEL if spacing is None else Frame.DETECTOR
    return Film(
        image=replace(image, frame=frame),
        density=density,
        exposed=exposed,
        spacing_mm=spacing,
        view=view,
        view_from="nothing" if view is View.UNKNOWN else "tags",
        logarithmic=logarithmic,
        source_mm=source_mm,
        taken=taken,
        index=index,
    )


def _number(value: Any) -> float | None:
    """A positive finite number; None where it is not one."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number > 0.0 else None


def _spacing(header: Any) -> tuple[float, float] | None:
    """Millimetres on the detector: ImagerPixelSpacing, else PixelSpacing or NominalScannedPixelSpacing; 0 is unknown.

    PixelSpacing of a calibrated projection is at another depth than the detector (PixelSpacingCalibrationType); the
    pump calibrates better, so that the detector's own is preferred.
    """
    for name in ("ImagerPixelSpacing", "PixelSpacing", "NominalScannedPixelSpacing"):
        value = header.get(name)
        if value is None or len(value) != 2:
            continue
        rows, columns = _number(value[0]), _number(value[1])
        if rows is not None and columns is not None:
            return rows, columns
    return None


def _view(header: Any) -> View:
    """How the beam went through the patient, as far as the header says."""
    named = str(header.get("ViewPosition", "") or "").strip().upper()
    if named in _VIEWS:
        return _VIEWS[named]
    coded = " ".join(str(item.get("CodeMeaning", "")) for item in header.get("ViewCodeSequence", []) or [])
    words = f"{coded} {header.get('SeriesDescription', '')}".lower()
    for pattern, view in (
        (r"oblique", View.OBLIQUE), (r"\blat(eral)?\b", View.LATERAL), (r"antero-?posterior|\bap\b", View.AP),
        (r"postero-?anterior|\bpa\b", View.PA),
    ):  # fmt: skip
        if re.search(pattern, words):
            return view
    return _by_angle(header)


def _by_angle(header: Any) -> View:
    """The view by the positioner's primary angle: 0 is with the detector in front (DICOM PS3.3 C.8.7.5)."""
    try:
        angle = float(header.get("PositionerPrimaryAngle"))
    except (TypeError, ValueError):
        return View.UNKNOWN
    away = abs((angle + 180.0) % 360.0 - 180.0)
    for middle, view in ((0.0, View.PA), (180.0, View.AP), (90.0, View.LATERAL)):
        if abs(away - middle) <= 20.0:
            return view
    return View.OBLIQUE


def _density(values: NDArray[np.int16], header: Any) -> tuple[Density, bool]:
    """Turn values (high is bright) into density; says whether it is a logarithm.

    A file that says that high values are more exposure, and is not shown inverted, is turned round; one whose values
    are the exposure itself gets its logarithm.
    """
    plane = values.astype(np.float32)
    sign = header.get("PixelIntensityRelationshipSign")
    shown_high = str(header.get("PhotometricInterpretation", "")).strip() != "MONOCHROME1"
    if sign is not None and int(sign) in (1, -1) and (int(sign) == 1) == shown_high:
        plane = float(plane.max()) - plane
    if str(header.get("PixelIntensityRelationship", "")).strip().upper() == "LIN":
        exposure = float(plane.max()) - plane
        open_beam = max(float(np.percentile(exposure[::8, ::8], 99.5)), 1.0)
        return np.asarray(-np.log(np.maximum(exposure / open_beam, _FAINTEST)), dtype=np.float32), True
    spread = max(float(np.ptp(plane[::4, ::4])), 1.0)
    kind = str(header.get("PixelIntensityRelationship", "")).strip().upper()
    return np.asarray((plane - float(plane.min())) * (4.0 / spread), dtype=np.float32), kind in ("LOG", "")


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
