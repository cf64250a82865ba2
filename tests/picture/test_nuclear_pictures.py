"""Pictures of a tracer study: fused, side by side in time on one scale, and activity along the catheter."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from catheterview.model import TracerEvidence, Uptake
from catheterview.picture.nuclear import along_image, fused_image, tracer_images
from catheterview.picture.orient import CORONAL
from catheterview.picture.project import box_around, projection
from nuclear_studies import small_study, tracer_evidence


def _decoded(png: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(png, dtype=np.uint8), cv2.IMREAD_COLOR))


def _uptake(hours: float) -> Uptake:
    arc = np.arange(5.0, 300.0, 10.0)
    return Uptake(
        series_instance_uid="1",
        hours=hours,
        arc_mm=arc,
        share=np.full(len(arc), 2e-4),
        sd=np.full(len(arc), 3e-5),
        detectable=np.full(len(arc), 1e-4),
        expected=np.where(arc < 150.0, 1e-4, 0.0),
    )


def test_the_reservoir_is_drawn_hot_on_the_pump() -> None:
    """White heat lies where the CT's projection has the pump, and the caption says what scale it is."""
    evidence = tracer_evidence(small_study())
    picture = fused_image(evidence.scans, ())
    pixels = _decoded(picture.png)
    ct = evidence.scans[0].ct
    points = np.concatenate([[ct.pumps[0].center_mm], ct.catheters[0].points])
    laid = projection(
        ct.image.placed, CORONAL, box=box_around(ct.image.placed, points, margin_mm=60.0), frame_px=(400, 520)
    )
    x, y = (round(float(v)) for v in laid.pixels_of(ct.pumps[0].center_mm))
    assert pixels[y, x].min() > 180
    assert "logarithmic" in picture.caption
    assert "48 h" in picture.caption


def test_times_stand_side_by_side() -> None:
    """Two times make a picture twice as wide as one, on the same scale."""
    evidence = tracer_evidence(small_study())
    twice = (*evidence.scans, replace(evidence.scans[0], hours=72.0))
    one, two = (_decoded(fused_image(scans, ()).png).shape[1] for scans in (evidence.scans, twice))
    assert 1.9 * one < two < 2.2 * one


def test_activity_along_the_catheter_has_a_row_for_each_time() -> None:
    """A row for each time; no picture without a catheter."""
    one, two = along_image([_uptake(24.0)]), along_image([_uptake(24.0), _uptake(48.0)])
    assert one is not None
    assert two is not None
    assert _decoded(two.png).shape[0] > 1.7 * _decoded(one.png).shape[0]
    assert along_image([]) is None


def test_a_study_without_a_catheter_has_the_fused_picture_alone() -> None:
    """What was not traced is not drawn."""
    evidence = tracer_evidence(small_study())
    scans = tuple(replace(scan, ct=replace(scan.ct, catheters=())) for scan in evidence.scans)
    images = tracer_images(TracerEvidence(scans=scans, delivery=evidence.delivery), (), ())
    assert [image.name for image in images] == ["spect-ct"]
