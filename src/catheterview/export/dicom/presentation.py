"""What was found on a film, drawn over it by any viewer: presentation states, which change no pixel."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from highdicom.pr import (
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    TextObject,
)
from pydicom import Dataset

from catheterview.export.dicom.report_sr import SERIES_NUMBER, label
from catheterview.export.dicom.study import DISCLAIMER, MANUFACTURER, StudyResults, stable_uid
from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding

#: The centre of the first pixel in graphic annotations, which count from its corner (PS3.3 C.10.5.1.2).
_HALF_PIXEL = 0.5
_RING_PX = 12.0
_MARGIN_PX = 4.0
_GROUPS: Final = MappingProxyType(
    {
        "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope", "RescaleType"),
        "FrameVOILUTSequence": ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction"),
    }
)
_LEAST = 2  # the first two of each make a transformation


def presentations(study: StudyResults) -> Iterator[GrayscaleSoftcopyPresentationState]:
    """Draw the catheter, the findings and the disclaimer over every film on which there is one of the first two.

    Parameters
    ----------
    study : StudyResults

    Yields
    ------
    GrayscaleSoftcopyPresentationState
        One for each film, in the report's order.
    """
    placed = [one.sop_instance_uid for one in study.report.catheters if one.frame is not Frame.PATIENT]
    placed += [one.sop_instance_uid for one in study.report.findings if one.frame is not Frame.PATIENT]
    films = [study.headers[uid] for uid in dict.fromkeys(placed) if uid in study.headers]
    for number, film in enumerate((one for one in films if _is_grey(one)), 1):
        yield _presentation(study, film, number=number)


def _is_grey(film: Any) -> bool:
    """Whether a grayscale presentation state may be about an image."""
    return film.get("SamplesPerPixel") == 1 and bool(film.get("Rows")) and bool(film.get("Columns"))


def _presentation(study: StudyResults, film: Any, *, number: int) -> GrayscaleSoftcopyPresentationState:
    """One film's state, in a series with the others of its study."""
    uid = str(film.SOPInstanceUID)
    layer = GraphicLayer("CATHETERVIEW", order=1, description="Found by catheterview. Research use only.")
    lines = [one for one in study.report.catheters if one.sop_instance_uid == uid]
    findings = [one for one in study.report.findings if one.sop_instance_uid == uid]
    drawn = [object_ for one in lines for object_ in _lines(one, film, study)]
    drawn += [_ring(one, film, study) for one in findings]
    texts = [_text(DISCLAIMER, np.array([[_MARGIN_PX, _MARGIN_PX]]), film)]
    texts += [_text(_said(one), np.array([one.point]), film) for one in findings]
    made = GrayscaleSoftcopyPresentationState(
        referenced_images=[_grouped(film)],
        series_instance_uid=study.uid("series", "pr"),
        series_number=SERIES_NUMBER + 4,
        sop_instance_uid=study.uid("pr", uid),
        instance_number=number,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=study.report.version,
        device_serial_number="none",
        content_label="CATHETERVIEW",
        content_description="Catheter and findings. Research use only.",
        graphic_annotations=[GraphicAnnotation([film], layer, graphic_objects=drawn, text_objects=texts)],
        graphic_layers=[layer],
    )
    made.BodyPartExamined = film.get("BodyPartExamined") or "SPINE"
    return label(made, "catheterview on film", study)


def _grouped(film: Any) -> Any:
    """The header with functional groups: there the library looks for rescale and window of every run of frames.

    Only the enhanced kinds of image have them; those of a fluoroscope as a rule have not.
    """
    if "SharedFunctionalGroupsSequence" in film:
        return film
    shared = Dataset()
    for sequence, keywords in _GROUPS.items():
        values = Dataset()
        for keyword in keywords:
            if film.get(keyword) not in (None, ""):
                setattr(values, keyword, film.get(keyword))
        if len(values) >= _LEAST:
            setattr(shared, sequence, [values])
    made = Dataset()
    made.update(film)
    made.SharedFunctionalGroupsSequence, made.PerFrameFunctionalGroupsSequence = [shared], []
    return made


def _lines(catheter: Centreline, film: Any, study: StudyResults) -> Iterator[GraphicObject]:
    """Each continuous piece of a catheter; what lies between two is not drawn, as it is not seen."""
    for piece, (first, last) in enumerate(catheter.pieces, 1):
        if last > first:
            name = f"{catheter.sop_instance_uid} piece {piece}"
            points = _corner_first(catheter.points[first : last + 1], film)
            yield GraphicObject("POLYLINE", points, "PIXEL", tracking_id=name, tracking_uid=_tracked(study, name))


def _ring(finding: Finding, film: Any, study: StudyResults) -> GraphicObject:
    """A ring round a finding: its middle, and a point on it."""
    row, column = finding.point
    ring = _corner_first(np.array([(row, column), (row, column + _RING_PX)]), film)
    if np.ptp(ring[:, 0]) == 0.0:  # it lies on the border
        ring[1, 0] -= _RING_PX
    return GraphicObject("CIRCLE", ring, "PIXEL", tracking_id=finding.id, tracking_uid=_tracked(study, finding.id))


def _text(said: str, point: FloatArray, film: Any) -> TextObject:
    """A text beside a point (1, 2)."""
    column, row = _corner_first(point, film)[0]
    return TextObject(said, "PIXEL", anchor_point=(float(column), float(row)), anchor_point_visible=False)


def _said(finding: Finding) -> str:
    return f"{finding.kind.value.replace('_', ' ')} ({finding.score:.2f})"


def _tracked(study: StudyResults, name: str) -> str:
    return stable_uid(study.record.study_instance_uid, name)


def _corner_first(points: FloatArray, film: Any) -> FloatArray:
    """Points (row, column) as (column, row) from the corner of the first pixel, within the film."""
    limits = np.array([float(film.Columns), float(film.Rows)])
    return np.asarray(np.clip(points[:, ::-1] + _HALF_PIXEL, 0.0, limits))
