"""Laws over the registry: they hold for every detector from the day it moves in."""

from __future__ import annotations

import numpy as np
import pytest
from contrast_scenes import Drawing, moved, shorter
from detect_scenes import bent, catheter_of, evidence_of, loop_and_rise

from catheterview.detect import DETECTORS, Detector, detect_all
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Kind, Rung

every_detector = pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.name)


def severed() -> Centreline:
    line = loop_and_rise()
    return catheter_of([line[:120], line[136:]])


def hidden() -> Centreline:
    line = loop_and_rise()
    confidence = np.ones(len(line))
    confidence[150:180] = 0.1
    return catheter_of([line], confidence=confidence)


def leaking() -> Evidence:
    drawing = Drawing().sac(np.array([90.0, 120.0]))
    return drawing.blob(drawing.beside(80.0, (0.0, 1.0, 0.5)), 6.0, 300.0).evidence()


def loculated() -> Evidence:
    drawing = Drawing().sac(np.zeros(2)).blob(np.array([100.0, 20.0, 62.0]), 6.0, 320.0)
    return shorter(drawing, 62.0)


def layered() -> Evidence:
    return shorter(Drawing().sac(np.zeros(2)).crescent(250.0), 62.0)


def void() -> Evidence:
    drawing = Drawing().sac(np.array([120.0, 130.0])).mass(np.array([100.0, 21.0, 62.0]), 5.0)
    return shorter(drawing, 62.0)


def widened() -> Evidence:
    return Drawing().sac(np.array([90.0, 120.0])).wider(54.0, 74.0, 1.9).evidence()


#: Evidence that has what each kind is about.
FAULTY = {
    Kind.DISCONTINUITY: evidence_of([severed()]),
    Kind.KINK: evidence_of([catheter_of([bent(90.0, 2.0)])]),
    Kind.EXTRAVASATION: leaking(),
    Kind.TIP_LOCULATION: loculated(),
    Kind.SUBDURAL_PATTERN: layered(),
    Kind.FILLING_DEFECT: void(),
    Kind.ECTASIA: widened(),
    Kind.SEROMA: Drawing().in_fat().sac(np.array([90.0, 110.0, 120.0])).covered_pump(10.0, 10.0),
    Kind.TIP_MALPOSITION: shorter(Drawing().sac(np.zeros(2)), 14.0),
    Kind.NOT_ASSESSABLE: evidence_of([hidden()]),
}


@every_detector
def test_a_healthy_catheter_is_passed_in_silence(detector: Detector) -> None:
    """A strain-relief loop and a gentle course raise nothing, and the detector says that it ran."""
    detection = detector.examine(evidence_of([catheter_of([loop_and_rise()])]), DetectLimits())
    assert detection.findings == ()
    assert detection.examined.outcome == "RAN"


@every_detector
def test_each_finds_its_own_fault_and_no_other(detector: Detector) -> None:
    """Of the faulty catheters a detector raises just those of its kinds."""
    for kind, evidence in FAULTY.items():
        found = detector.examine(evidence, DetectLimits()).findings
        assert {finding.kind for finding in found} == ({kind} & set(detector.kinds))
        assert len(found) == (kind in detector.kinds)


@every_detector
def test_each_is_pure(detector: Detector) -> None:
    """Twice the same evidence, twice the same findings."""
    evidence = FAULTY[detector.kinds[0]]
    first, second = (detector.examine(evidence, DetectLimits()).findings for _ in range(2))
    assert [(f.id, f.point, f.message) for f in first] == [(f.id, f.point, f.message) for f in second]


@every_detector
def test_findings_move_with_the_patient(detector: Detector) -> None:
    """Everything shifted by the same vector: so are the findings, and their measures stay."""
    shift = np.array([13.0, -21.5, 40.25])
    still = FAULTY[detector.kinds[0]]
    (here,) = detector.examine(still, DetectLimits()).findings
    (there,) = detector.examine(moved(still, shift), DetectLimits()).findings
    assert np.allclose(np.array(there.point) - here.point, shift, atol=0.02)
    assert dict(there.measures) == pytest.approx(dict(here.measures), abs=0.02)
    assert (there.index_kji, there.segment, there.level) == (here.index_kji, here.segment, here.level)


@every_detector
@pytest.mark.parametrize("rung", [rung for rung in Rung if "ct" not in rung.value.split("_")])
def test_another_modality_is_skipped_with_a_reason(detector: Detector, rung: Rung) -> None:
    """A study that the detector does not read leaves SKIPPED and why."""
    examined = detector.examine(evidence_of([severed()], rung=rung), DetectLimits()).examined
    assert examined.outcome == "SKIPPED"
    assert rung in examined.why


def test_without_a_catheter_every_detector_says_so() -> None:
    """Silence is not absence: one SKIPPED each, with the tracer's reason."""
    detections = detect_all(evidence_of([]), DetectLimits())
    assert [d.examined.detector for d in detections] == [d.name for d in DETECTORS]
    assert {d.examined.outcome for d in detections} == {"SKIPPED"}
    assert all("nothing leads away" in d.examined.why for d in detections)


def test_names_and_kinds_belong_to_one_detector_each() -> None:
    """No two detectors share a name or a kind."""
    assert len({d.name for d in DETECTORS}) == len(DETECTORS)
    kinds = [kind for d in DETECTORS for kind in d.kinds]
    assert len(set(kinds)) == len(kinds)
