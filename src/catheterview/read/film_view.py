"""The view of a radiograph, from its header or its picture, and on which side of it the patient's left is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.read import ReadLimits
from catheterview.model.film import Density, View

_VIEWS: Final = {
    "AP": View.AP, "PA": View.PA, "LL": View.LATERAL, "RL": View.LATERAL, "LAT": View.LATERAL, "LATERAL": View.LATERAL,
    "RLD": View.OBLIQUE, "LLD": View.OBLIQUE, "LLO": View.OBLIQUE, "RLO": View.OBLIQUE, "LAO": View.OBLIQUE,
    "RAO": View.OBLIQUE, "LPO": View.OBLIQUE, "RPO": View.OBLIQUE,
}  # fmt: skip
_CELLS = 128  # across the film: a vertebra is twelve
_FINE, _COARSE, _SMOOTH = 0.8, 4.0, 5.0
_BODY = 14  # cells on either side of the column's middle
_RIM = 0.12  # of the trunk's width, where its outline is all there is
_OUTLINE = 0.2  # of the trunk's own density over the air beside it
_LEAST_OPEN = 0.3


def view_told(header: Any) -> View:
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


def left_side(header: Any) -> str:
    """On which side of the picture the patient's left is: ``right``, ``left``, or nothing (PatientOrientation)."""
    along = header.get("PatientOrientation")
    first = str(along[0]).strip().upper()[:1] if along is not None and len(along) == 2 else ""
    return {"L": "right", "R": "left"}.get(first, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where the column of vertebral bodies is on a film.

    Parameters
    ----------
    at : float
        Of the trunk's width, from the picture's left, 0 to 1.
    clear : float
        Edges across it over those elsewhere in the trunk; 1 where nothing stands out.
    """

    at: float
    clear: float


def view_seen(density: Density, exposed: NDArray[np.bool_], limits: ReadLimits) -> View:
    """Tell a frontal from a lateral film by what it shows, where the header is silent.

    Parameters
    ----------
    density : (R, C) float32
    exposed : (R, C) bool
    limits : ReadLimits

    Returns
    -------
    View
        AP for a frontal film (whether the beam came from the front is not told), LATERAL, or UNKNOWN.

    Notes
    -----
    From the front the vertebrae stand in the middle of the trunk; from the side they stand nearer to the back. They are
    told by their end plates: edges that run across, row upon row. Where the trunk's outline is not on the film, or
    nothing stands out, the view stays unknown.
    """
    column = column_seen(density, exposed)
    if column is None or column.clear < limits.column_clear:
        return View.UNKNOWN
    off = abs(column.at - 0.5)
    if off <= limits.column_frontal:
        return View.AP
    return View.LATERAL if limits.column_lateral <= off <= limits.column_most else View.UNKNOWN


def column_seen(density: Density, exposed: NDArray[np.bool_]) -> Column | None:
    """Find the column of vertebral bodies in the trunk; None where the film does not show both sides of its outline."""
    size = (_CELLS, max(8, round(_CELLS * density.shape[0] / density.shape[1])))
    small = cv2.resize(density, size, interpolation=cv2.INTER_AREA)
    open_ = cv2.resize(exposed.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    if open_.mean() < _LEAST_OPEN:
        return None
    edges = _trunk(small, open_)
    if edges is None:
        return None
    fine = cv2.GaussianBlur(small, (0, 0), _FINE) - cv2.GaussianBlur(small, (0, 0), _COARSE)
    inside = cv2.erode(open_.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    low, high = (
        round(side) for side in (edges[0] + _RIM * (edges[1] - edges[0]), edges[1] - _RIM * (edges[1] - edges[0]))
    )
    plates = _row_edges(fine, inside)[low:high]
    usual = float(np.median(plates))
    if len(plates) < 2 * _BODY or usual <= 0.0:
        return None
    peak = int(np.argmax(plates))
    near = np.abs(np.arange(len(plates)) - peak) <= _BODY
    weight = np.clip(plates - usual, 0.0, None) * near
    at = low + float(weight @ np.arange(len(plates))) / max(float(weight.sum()), 1e-12)
    return Column(at=(at - edges[0]) / (edges[1] - edges[0]), clear=float(plates[peak]) / usual)


def _trunk(small: Density, open_: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The columns between which the trunk lies; None where it goes on beyond the film, or there is none."""
    low, usual = (float(v) for v in np.percentile(small[open_], (2.0, 80.0)))
    body = np.where(open_, small, low) > low + _OUTLINE * (usual - low)
    share = body[open_.mean(axis=1) > 0.5].mean(axis=0)
    inside = np.flatnonzero(share > 0.5)
    field = np.flatnonzero(open_.mean(axis=0) > 0.5)
    if len(inside) < _CELLS // 4 or len(field) == 0:
        return None
    first, last = int(inside[0]), int(inside[-1])
    return (float(first), float(last)) if first > field[0] + 1 and last < field[-1] - 1 else None


def _row_edges(fine: Density, inside: NDArray[np.bool_]) -> FloatArray:
    """How strongly density changes from row to row in each column: the median over rows, so that single things drop."""
    steep = np.abs(np.gradient(fine, axis=0))
    middle = np.array(
        [
            float(np.median(column[open_])) if open_.any() else 0.0
            for column, open_ in zip(steep.T, inside.T, strict=True)
        ]
    )
    return np.asarray(cv2.GaussianBlur(middle[None], (0, 0), _SMOOTH)[0])
