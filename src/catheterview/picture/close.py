"""A close look at one finding: three cuts along the patient's axes, and three that follow the catheter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, moving_frame, unit
from catheterview.model import Centreline, Evidence, Finding, Image, KeyImage
from catheterview.picture import draw
from catheterview.picture.draw import Pixels
from catheterview.picture.orient import AXIAL, CORONAL, SAGITTAL, edges
from catheterview.picture.straight import arc_of
from catheterview.picture.window import cut_window
from catheterview.resample import plane_points, sample_slab

_FIELD_MM = 40.0
_STEP_MM = 0.25
_ENLARGED = 2
_SLAB_MM = (-1.0, -0.5, 0.0, 0.5, 1.0)  # a slab of 2 mm: thick enough to hold a tube that is not quite in the plane
_PX_PER_MM = _ENLARGED / _STEP_MM


def close_image(evidence: Evidence, name: str, finding: Finding) -> KeyImage:
    """Return six cuts of 40 mm round a finding, three when no catheter passes there."""
    near = _nearest(evidence.catheters, finding)
    rows = [_along_patient()] if near is None else [_along_patient(), _along_catheter(*near)]
    catheter = None if near is None else near[0]
    cuts = [draw.beside([_cut(evidence.image, catheter, finding, axes) for axes in row]) for row in rows]
    picture = draw.below(cuts)
    return KeyImage(
        name=f"finding-{finding.id}",
        caption=_caption(name, finding, oblique=near is not None),
        png=draw.as_png(picture),
        finding_id=finding.id,
    )


def _caption(name: str, finding: Finding, *, oblique: bool) -> str:
    """What the picture shows, in words."""
    rows = "axial, coronal and sagittal" + ("; below, two cuts along the catheter and one across it" if oblique else "")
    return f"{name}, {finding.kind.replace('_', ' ')}: field of {_FIELD_MM:.0f} mm, slab of 2 mm, {rows}."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axes:
    """A cut's title, and unit vectors in LPS where its rows and columns go."""

    title: str
    down: FloatArray
    right: FloatArray


def _along_patient() -> list[_Axes]:
    """Names, down and right of the three cuts along the patient's axes."""
    return [
        _Axes(title=view.name, down=np.asarray(view.down), right=np.asarray(view.right))
        for view in (AXIAL, CORONAL, SAGITTAL)
    ]


def _nearest(catheters: Sequence[Centreline], finding: Finding) -> tuple[Centreline, float] | None:
    """The first catheter that passes a finding, and where along it; None when none does."""
    for catheter in catheters:
        at = arc_of(catheter, finding.point)
        if at is not None:
            return catheter, at
    return None


def _along_catheter(catheter: Centreline, at_mm: float) -> list[_Axes]:
    """The three cuts that follow the catheter at a distance along it."""
    along, first, second = _triad(catheter, at_mm)
    return [
        _Axes(title="along, cut A", down=first, right=along),
        _Axes(title="along, cut B", down=second, right=along),
        _Axes(title="across", down=second, right=first),
    ]


def _triad(catheter: Centreline, at_mm: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The catheter's direction over 10 mm about a place, and two directions across it."""
    arc = catheter.arc_mm
    ends = np.stack([np.interp((at_mm - 5.0, at_mm + 5.0), arc, column) for column in catheter.points.T], axis=1)
    along = unit(ends[1] - ends[0])
    first, second = moving_frame(np.stack([-along, along]))
    return along, first[0], second[0]


def _cut(image: Image, catheter: Centreline | None, finding: Finding, axes: _Axes) -> Pixels:
    """One cut with its cross hair, loose ends, letters and scale."""
    points = plane_points(finding.point, axes=(axes.down, axes.right), size_mm=_FIELD_MM, step_mm=_STEP_MM)
    values = sample_slab(image, points, along=unit(np.cross(axes.right, axes.down)), offsets_mm=_SLAB_MM)
    picture = draw.windowed(_enlarged(values), *cut_window(image, catheter, values))
    for end in finding.ends:
        draw.ring(picture, _place(np.asarray(end) - finding.point, axes, picture), 5, draw.CATHETER, width=1)
    draw.cross_hair(picture, _place(np.zeros(3), axes, picture), draw.FINDING, hole=40)
    draw.edge_letters(picture, edges(axes.right, axes.down))
    draw.scale_bar(picture, px_per_mm=_PX_PER_MM)
    draw.text(picture, (6, 4), axes.title, size=13)
    return picture


def _enlarged(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Enlarge a cut smoothly, so that its pixels do not look like voxels that are not there."""
    size = (values.shape[1] * _ENLARGED, values.shape[0] * _ENLARGED)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _place(offset: FloatArray, axes: _Axes, picture: Pixels) -> FloatArray:
    """Pixel (x, y) of a place given as (3,) mm from the middle of a cut."""
    middle = (np.array(picture.shape[1::-1]) - 1) / 2
    return np.asarray(middle + _PX_PER_MM * np.array([offset @ axes.right, offset @ axes.down]))
