"""What is told of every film beside its findings: what each segment shows, seams, slanted rays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.film import FilmEvidence, detect_on_film
from catheterview.detect.film.visible import visibility_told, with_seams
from catheterview.geometry import Frame
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Finding, Kind, Landmarks
from film_scenes import drawn_film

LIMITS = FilmDetectLimits()


def evidence(confidence: np.ndarray, *, seams: tuple[int, ...] = ()) -> FilmEvidence:
    """A catheter that goes aside from the pump and then up, seen as well as told."""
    film, pump, _ = drawn_film()
    aside = np.stack([np.full(150, 560.0), np.linspace(281.0, 430.0, 150)], axis=1)
    up = np.stack([np.linspace(560.0, 311.0, 250), np.full(250, 430.0)], axis=1)
    points = np.concatenate([aside, up])
    course = Centreline(
        series_instance_uid="1.2", frame=Frame.CALIBRATED, points=points, pieces=((0, 399),),
        radius=np.full(400, 3.0), confidence=confidence, contrast=np.full(400, 0.02), noise=np.full(400, 0.01),
        landmarks=Landmarks(pump=0, tip=399), sop_instance_uid="1.2.3",
    )  # fmt: skip
    return FilmEvidence(film=replace(film, seam_rows=seams), pumps=(pump,), catheters=(course,))


def test_each_segment_is_told_with_what_it_shows() -> None:
    """A stretch that is not seen is told by its segment, and what a millimetre of tube speaks for elsewhere."""
    confidence = np.ones(400)
    confidence[100:] = 0.0
    told = visibility_told(evidence(confidence), LIMITS)
    assert "intrathecal not assessable (4" in told
    assert "connector 100% of 2" in told
    assert "mm (7); " in told  # exp(2 squared over 2)
    _, examined = detect_on_film(evidence(confidence), LIMITS)
    assert told in {line.why for line in examined if line.detector == "visibility"}


@pytest.mark.parametrize(("row", "cautioned"), [(500, True), (300, False)])
def test_a_finding_at_a_seam_says_so(row: int, *, cautioned: bool) -> None:
    """Only what lies where two exposures were joined bears the caution."""
    seen = evidence(np.ones(400), seams=(row,))
    found = Finding(
        kind=Kind.KINK, score=0.9, frame=Frame.CALIBRATED, point=(510.0, 430.0), series_instance_uid="1.2",
        sop_instance_uid="1.2.3", message="The catheter is kinked",
    )  # fmt: skip
    (kept,) = with_seams(seen, (found,), LIMITS)
    assert any("joined" in caution for caution in kept.cautions) is cautioned
