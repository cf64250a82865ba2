"""One report with something of everything in it."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.geometry import Frame
from catheterview.model import (
    Centreline,
    Decision,
    Examined,
    Finding,
    Implant,
    Kind,
    Landmarks,
    Problem,
    Pump,
    Report,
    Rung,
    Segment,
    SeriesRecord,
    Step,
    StudyRecord,
)

SERIES = "1.2.826.0.1.3680043.8.498.7"


@pytest.fixture
def report() -> Report:
    """A CT case with a pump, a catheter in two pieces, a gap and a kink, a detector that was skipped, and a problem."""
    t = np.linspace(0, 1, 300)[:, None]
    points = np.concatenate([120 - 130 * t, -90 + 140 * t**2, 900 + 260 * t**1.5], axis=1)
    gap = Finding(
        kind=Kind.DISCONTINUITY,
        segment=Segment.SUBCUTANEOUS_TRACT,
        score=0.93,
        frame=Frame.PATIENT,
        point=(74.2, -76.4, 946.3),
        series_instance_uid=SERIES,
        sop_instance_uid="1.2.826.0.1.3680043.8.498.7.46",
        index_kji=(46, 233, 301),
        measures={"gap_mm": 7.25, "arc_mm": 118.0},
        level="L3",
        message="The catheter is interrupted over 7.3 mm in the subcutaneous tract.",
        cautions=("Not seen is not the same as disconnected: some catheters are radiolucent.",),
        ends=((76.1, -77.0, 944.0), (71.9, -75.7, 949.1)),
    )
    kink = Finding(
        kind=Kind.KINK,
        segment=Segment.FASCIAL_ENTRY,
        score=0.61,
        frame=Frame.PATIENT,
        point=(10.0, 20.0, 1050.0),
        series_instance_uid=SERIES,
        index_kji=(150, 300, 250),
        measures={"turn_deg": 84.0, "radius_mm": 3.1},
        message="The catheter turns 84 degrees within a radius of 3.1 mm.",
    )
    return Report(
        version="0.1.0",
        case_id="00c0ffee00c0ffee",
        priority="urgent",
        studies=(
            StudyRecord(
                study_instance_uid="1.2.826.0.1.3680043.8.498.1",
                date="2026-03-02",
                rung=Rung.CT,
                series=(
                    SeriesRecord(series_instance_uid=SERIES, modality="CT", role="volume"),
                    SeriesRecord(series_instance_uid=SERIES + ".2", modality="CT", role="localiser"),
                ),
            ),
        ),
        pumps=(
            Pump(
                series_instance_uid=SERIES,
                center_mm=(120.0, -90.0, 900.0),
                normal=(0.6, -0.8, 0.0),
                diameter_mm=86.4,
                thickness_mm=19.8,
                models=("SynchroMed II 20 ml",),
                score=0.97,
            ),
        ),
        catheters=(
            Centreline(
                series_instance_uid=SERIES,
                frame=Frame.PATIENT,
                points=points,
                pieces=((0, 125), (126, 299)),
                radius=np.full(300, 0.6),
                confidence=np.linspace(0.9, 0.4, 300),
                contrast=np.full(300, 400.0),
                noise=np.full(300, 22.0),
                landmarks=Landmarks(pump=0, dural_entry=230, tip=299),
            ),
        ),
        findings=(gap, kink),
        examined=(
            Examined(detector="discontinuity", series_instance_uids=(SERIES,), outcome="RAN"),
            Examined(detector="kink", series_instance_uids=(SERIES,), outcome="RAN"),
            Examined(
                detector="contrast", series_instance_uids=(SERIES,), outcome="SKIPPED", why="no contrast was given"
            ),
        ),
        decision=Decision(
            step="M3",
            action="Targeted surgical revision of the catheter: a localised defect was found.",
            urgency="urgent",
            also=("I5",),
            because=(gap.id,),
            ask=("gate.mri_excludes_granuloma_or_compression",),
            trail=(
                Step(node="N4", answer="uncertain", why="Volumes are not known.", source="7.4"),
                Step(node="I6", answer="abnormal", why="A gap of 7.3 mm in CT.", source="6.2"),
            ),
        ),
        problems=(
            Problem(path_or_uid="scout/IM0003", stage="read", reason="truncated: pixel data ends after 40 of 512 rows"),
        ),
        implants=(
            Implant(
                series_instance_uid=SERIES,
                kind="orthopaedic",
                center_mm=(0.0, 60.0, 1000.0),
                extent_mm=(90.0, 12.0, 9.0),
                why="long and straight, inside the bone",
            ),
        ),
        limits={"detect": {"gap_mm": 3.0, "kink_turn_deg": 60.0}, "read": {"largest_rows": 20000}},
        seconds={"read": 0.412345, "trace": 1.1},
    )
