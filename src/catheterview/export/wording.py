"""Numbers and names as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from catheterview.geometry import Frame
from catheterview.model import Centreline, Finding, Report, Rung

#: Below this the trace does not count as seen (display only; detectors have their own thresholds).
_SURE = 0.5

_UNITS = {"mm": "mm", "deg": "°", "hu": "HU", "ml": "ml", "s": "s", "mm2": "mm²", "mm3": "mm³", "cm": "cm"}

#: Measures whose names say too little on their own.
_MEASURES = {
    "arc_mm": "Distance from the pump end",
    "offset_mm": "Sideways offset of the ends",
    "radius_mm": "Radius of curvature",
    "hidden_mm": "Length not assessable",
    "share_of_reservoir": "Share of the reservoir's activity",
    "sigmas": "Standard deviations over the noise",
    "amount": "Contrast gathered (in one frame's noise of a pixel)",
}
#: Only these place a pump in three dimensions; on a film its outline is in the pictures.
_VOLUMES = (Rung.CT, Rung.CAP_CT, Rung.LP_CT, Rung.SPECT_CT)

#: What readers found, by kind of study: the reason why an empty list of findings is no all-clear.
_READERS = {
    Rung.RADIOGRAPH: "Radiographs alone find about 35 % of catheter malfunctions (Dvorak 2010).",
    Rung.FLUOROSCOPY: "Fluoroscopic myelography by the catheter access port, expert readers: sensitivity 52 %, "
    "specificity 86 % (Delhaas 2020).",
    Rung.CAP_CT: "CT myelography by the catheter access port, expert readers: sensitivity 81 % (17 of 21), "
    "specificity 93 % (27 of 29) (Delhaas 2020).",
    Rung.SPECT_CT: "In-111 DTPA SPECT-CT, expert readers: sensitivity 95 % (20 of 21), specificity 93 % (14 of 15) "
    "(Delhaas 2021).",
    Rung.CT: "Plain CT shows the course of the catheter, not its flow: a leak, an occlusion, or a defect of the wall "
    "smaller than a voxel can be there without a sign.",
}


def sensitivities(report: Report) -> tuple[str, ...]:
    """One sentence for each kind of study in a report, on what such a study can miss."""
    rungs = dict.fromkeys(study.rung for study in report.studies)
    return tuple(_READERS[rung] for rung in rungs if rung in _READERS)


def measure(name: str, value: float) -> tuple[str, str]:
    """A measure's name without its unit, and its value with it: ``gap_mm``, 7.25 → ``Gap``, ``7.3 mm``."""
    stem, _, unit = name.rpartition("_")
    if not stem or unit not in _UNITS:
        return _MEASURES.get(name, name.replace("_", " ").capitalize()), f"{value:.3g}"
    return _MEASURES.get(name, stem.replace("_", " ").capitalize()), f"{value:.1f} {_UNITS[unit]}".replace(" °", "°")


def no_pump(report: Report) -> str:
    """Why no pump is described: none was found, or nothing was read that shows where one lies in the patient."""
    if report.studies and not any(study.rung in _VOLUMES for study in report.studies):
        return "No CT was read, so that no pump is placed in the patient; where one was found, the pictures outline it."
    return "No pump was found in the images that were examined."


def point_mm(point: Sequence[float]) -> str:
    """A point in the patient as x, y, z."""
    return ", ".join(f"{value:.1f}" for value in point) + " mm (LPS)"


def size_mm(extent: Sequence[float]) -> str:
    """An extent as length by width by height."""
    return " × ".join(f"{value:.0f}" for value in extent) + " mm"


def place(finding: Finding) -> str:
    """Where a finding is, in the terms of its frame."""
    if finding.frame is Frame.PATIENT:
        index = finding.index_kji
        voxel = "" if index is None else f"; slice {index[0]}, row {index[1]}, column {index[2]}, counted from 0"
        return point_mm(finding.point) + voxel
    return f"row {finding.point[0]:.0f}, column {finding.point[-1]:.0f} of the image, counted from 0"


def catheter_words(catheter: Centreline) -> Mapping[str, str]:
    """Length, pieces, visibility and landmarks of a catheter."""
    unit = "mm" if catheter.frame is Frame.PATIENT else "pixels"
    return {
        "series": catheter.series_instance_uid,
        "length": f"{catheter.length_mm:.0f} {unit} traced, gaps not counted",
        "pieces": _pieces(catheter, unit),
        "visibility": f"{_visible_percent(catheter):.0f} % of the course with a confidence of {_SURE} or more",
        "landmarks": _landmarks(catheter, unit),
    }


def _pieces(catheter: Centreline, unit: str) -> str:
    """How many pieces, and the gaps between them."""
    along = catheter.arc_mm
    gaps = [f"{along[b] - along[a]:.1f} {unit}" for (_, a), (b, _) in pairwise(catheter.pieces)]
    if not gaps:
        return "1, continuous in the image"
    return f"{len(catheter.pieces)}, interrupted over {' and '.join(gaps)}"


def _visible_percent(catheter: Centreline) -> float:
    """Share of the points that were surely seen."""
    return 100.0 * float((catheter.confidence >= _SURE).mean())


def _landmarks(catheter: Centreline, unit: str) -> str:
    """Each known landmark and its distance from the pump end."""
    marks = catheter.landmarks
    known = (("pump", marks.pump), ("dural entry", marks.dural_entry), ("tip", marks.tip))
    return ", ".join(f"{name} at {catheter.arc_mm[at]:.0f} {unit}" for name, at in known if at is not None)
