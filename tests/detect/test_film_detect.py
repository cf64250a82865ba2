"""What is said of a film: in the frame that it has, and never more than it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.detect.film import FILM_DETECTORS, FilmEvidence, Since, detect_on_film, detect_since
from catheterview.geometry import Frame
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Kind, Landmarks
from catheterview.model.film import SkeletonShift
from film_scenes import drawn_film


def catheter(points: np.ndarray, pieces: tuple[tuple[int, int], ...], confidence: float = 1.0) -> Centreline:
    count = len(points)
    return Centreline(
        series_instance_uid="1.2", frame=Frame.CALIBRATED, points=points, pieces=pieces, radius=np.full(count, 3.0),
        confidence=np.full(count, confidence), contrast=np.full(count, 0.08), noise=np.full(count, 0.01),
        landmarks=Landmarks(pump=0, tip=count - 1), sop_instance_uid="1.2.3",
    )  # fmt: skip


def evidence(line: Centreline | None) -> FilmEvidence:
    film, pump, _ = drawn_film()
    return FilmEvidence(
        film=film, pumps=(pump,), catheters=(line,) if line else (), why_no_catheter="" if line else "none was seen"
    )


def straight(count: int = 400) -> np.ndarray:
    return np.stack([np.full(count, 480.0) - np.arange(count), np.full(count, 200.0)], axis=1)


def test_a_gap_is_told_in_its_own_frame() -> None:
    """Calibrated by the pump it is gap_mm; with no pump's scale, of the detector; with no scale at all, pixels."""
    line = catheter(straight(), ((0, 199), (240, 399)))
    whole = evidence(line)
    bare = replace(whole.pumps[0], mm_per_px=None)
    on_detector = replace(whole, pumps=(bare,))
    pixels = replace(on_detector, film=replace(whole.film, spacing_mm=None))
    names = []
    for one in (whole, on_detector, pixels):
        found, _ = detect_on_film(one, FilmDetectLimits())
        (gap,) = (finding for finding in found if finding.kind is Kind.DISCONTINUITY)
        names += [name for name in gap.measures if name.startswith("gap")]
    assert names == ["gap_mm", "gap_detector_mm", "gap_px"]


def test_a_sharp_bend_is_a_kink_unless_it_is_denser() -> None:
    """A turn of 100 degrees is reported; one at which the tube runs towards the film, and is denser, is not."""
    turned = np.stack([np.arange(200) * np.cos(np.radians(80.0)), 200.0 + np.arange(200) * 0.985], axis=1)
    points = np.concatenate([straight(200), np.array([281.0, 0.0]) + turned])
    sharp = catheter(points, ((0, 399),))
    contrast = np.array(sharp.contrast)
    contrast[195:206] = 0.2
    kinds = [
        [finding.kind for finding in detect_on_film(evidence(line), FilmDetectLimits())[0]]
        for line in (sharp, replace(sharp, contrast=contrast))
    ]
    assert kinds == [[Kind.KINK], []]


def test_what_is_not_seen_is_said_to_be_not_assessable() -> None:
    """A hidden stretch is neither a gap nor passed over."""
    line = catheter(straight(), ((0, 399),))
    confidence = np.array(line.confidence)
    confidence[100:180] = 0.0
    found, _ = detect_on_film(evidence(replace(line, confidence=confidence)), FilmDetectLimits())
    assert [finding.kind for finding in found] == [Kind.NOT_ASSESSABLE]


def test_every_detector_leaves_one_line() -> None:
    """Without a catheter those that need one are skipped, with the reason."""
    _, examined = detect_on_film(evidence(None), FilmDetectLimits())
    assert [line.detector for line in examined] == [detector.name for detector in FILM_DETECTORS]
    assert {line.outcome for line in examined if line.detector != "pump_flip"} == {"SKIPPED"}


def test_a_pump_that_is_turned_over_is_reported() -> None:
    """A mirrored pattern on a frontal film is a flip."""
    seen = evidence(None)
    flipped = replace(seen, pumps=(replace(seen.pumps[0], flipped=True, pattern=0.7),))
    assert [finding.kind for finding in detect_on_film(flipped, FilmDetectLimits())[0]] == [Kind.PUMP_FLIP]
    assert detect_on_film(seen, FilmDetectLimits())[0] == ()


def test_a_pump_that_has_turned_since_is_reported() -> None:
    """A turn of 25 degrees between two frontal films is found with its sign; one of 4 is not, nor one across a flip."""
    before = evidence(None)

    def since(**change: object) -> list[float]:
        now = replace(before, pumps=(replace(before.pumps[0], **change),))
        found, examined = detect_since(now, Since(prior=before, shift=None), FilmDetectLimits())
        assert [line.outcome for line in examined] == ["RAN", "SKIPPED", "SKIPPED"]
        return [finding.measures["turn_deg"] for finding in found]

    assert since(turn_deg=-25.0) == [-25.0]
    assert since(turn_deg=4.0) == []
    assert since(turn_deg=90.0, flipped=True) == []
    assert {line.outcome for line in detect_since(before, None, FilmDetectLimits())[1]} == {"SKIPPED"}


def test_a_tip_that_slid_down_against_the_skeleton_is_told_in_mm() -> None:
    """Rows that only the patient's place on the table explains are no migration; 200 rows of 0.2 mm more are."""
    line = catheter(straight(), ((0, 399),))
    ends = [replace(line, landmarks=Landmarks(pump=0, dural_entry=100, tip=tip)) for tip in (399, 199)]
    before, now = (replace(evidence(one), tip_confirmed=True) for one in ends)
    moved = []
    for rows_px in (0.0, -200.0):
        shift = SkeletonShift(rows_px=rows_px, columns_px=0.0, fit=0.9)
        found, _ = detect_since(now, Since(prior=before, shift=shift), FilmDetectLimits())
        moved.append([(finding.kind, finding.measures["moved_mm"]) for finding in found])
    assert moved[0] == [(Kind.MIGRATION, 40.0)]
    assert [kind for kind, _ in moved[1]] == [Kind.PUMP_MIGRATION]
    unconfirmed = Since(prior=before, shift=SkeletonShift(rows_px=0.0, columns_px=0.0, fit=0.9))
    assert detect_since(replace(now, tip_confirmed=False), unconfirmed, FilmDetectLimits())[0] == ()


def test_an_end_that_need_not_be_the_tip_is_told() -> None:
    """Where the catheter could be followed no further, the rest is said to be not assessable, not passed over."""
    line = replace(catheter(straight(), ((0, 399),)), landmarks=Landmarks(pump=0, tip=None))
    (finding,) = detect_on_film(evidence(line), FilmDetectLimits())[0]
    assert finding.kind is Kind.NOT_ASSESSABLE
    assert finding.point == (81.0, 200.0)
