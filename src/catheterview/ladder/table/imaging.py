"""The imaging ladder of the review (6 and 7.6 to 7.10)."""

from __future__ import annotations

from catheterview.ladder.guards import studies, tracer
from catheterview.ladder.guards.bedside import CORD
from catheterview.ladder.guards.findings import (
    FILLING_CAP_CT,
    FILLING_CT,
    FILLING_LP,
    POCKET_CONTRAST,
    POOLING_POOR,
    RETROGRADE,
    TRACER_NOT_ARRIVED,
    VOLUME_HIGH,
)
from catheterview.ladder.rows import Caution, Edge, Node
from catheterview.model import Rung

_ALSO = "the findings catalogue sends what is seen of the pump to pump surgery"
_MASS = "the findings catalogue sends a filling defect to MRI"
_CT_DONE = (
    "The CT on record shows no correctable cause in what could be assessed. Next: In-111 SPECT-CT where nuclear "
    "medicine is available, else lumbar puncture CT myelography; first CAP aspiration and CAP-CT myelography, where "
    "the port was not tried."
)
_INJECTS = ("I9", "M4")

IMAGING_NODES: tuple[Node, ...] = (
    Node(
        id="I0",
        title="Radiographs, AP and lateral",
        part="imaging",
        source="6.1",
        action="AP and lateral radiographs of the abdomen and the thoracolumbosacral spine.",
        urgency="soon",
        edges=(
            Edge(
                to="M3",
                guard=studies.defect(Rung.RADIOGRAPH, "catheter_defect_on_films"),
                source="6.1, 7.8",
                parallel=True,
            ),
            Edge(
                to="M2",
                guard=studies.pump_defect(Rung.RADIOGRAPH, "pump_turned_or_failed"),
                source="6.1, 7.8",
                parallel=True,
            ),
            Edge(to="I1", guard=studies.ANCHORING, source="6.1", soft=True),
            Edge(to="I2", guard=studies.TO_PORT, source="7.5, 6.2", policy="radiographs"),
            Edge(to="I6", guard=studies.NO_PORT_CT, source="7.10", policy="no_cap"),
            Edge(to="I7", guard=studies.NO_PORT_SPECT, source="7.7", policy="no_cap", added="the policy"),
        ),
        cautions=(
            Caution(text="Radiographs alone find about 35 % of catheter malfunctions.", source="6.1"),
            Caution(text="Some catheters are radiolucent: not seen is not absent, and not broken.", source="6.1"),
        ),
    ),
    Node(
        id="I1",
        title="Serial radiographs or fluoroscopy",
        part="imaging",
        source="6.1",
        action="Serial radiographs or fluoroscopy: has the pump migrated or rotated?",
        urgency="soon",
        edges=(
            Edge(to="M3", guard=studies.SERIAL_MIGRATION, source="6.1", parallel=True),
            Edge(to="M2", guard=studies.PUMP_MOVED, source="6.1", parallel=True, policy="serial_films"),
            Edge(to="I2", guard=studies.SERIAL_DONE, source="6.1, 7.5"),
        ),
    ),
    Node(
        id="I4",
        title="Fluoroscopic CAP myelography",
        part="imaging",
        source="6.1, 7.6",
        action="Fluoroscopic CAP myelography with nonionic, preservative-free contrast through a non-coring needle.",
        urgency="soon",
        held_while=_INJECTS,
        edges=(
            Edge(to="M3", guard=studies.defect(Rung.FLUOROSCOPY, "abnormal"), source="6.1, 7.8", parallel=True),
            Edge(
                to="M2",
                guard=studies.pump_defect(Rung.FLUOROSCOPY, "pump turned or rotor still"),
                source="6.1, 7.8",
                parallel=True,
                added=_ALSO,
            ),
            Edge(to="I5", guard=studies.FLUORO_THEN_CAP_CT, source="7.6"),
            Edge(
                to="I6",
                guard=studies.passed(
                    Rung.FLUOROSCOPY, "normal_or_nondiagnostic and ct_done", "fluoroscopy shows no cause"
                ),
                source="7.10",
            ),
        ),
        cautions=(
            Caution(text="Normal fluoroscopy is not normal: sensitivity 52 %, specificity 86 %.", source="6.1"),
            Caution(text="Clear the contrast afterwards with a single bolus of the tubing's volume.", source="6.1"),
        ),
    ),
    Node(
        id="I5",
        title="CAP-CT myelography",
        part="imaging",
        source="6.2, 7.6, 7.10",
        action="CAP-CT myelography with 2D and 3D reconstructions over the whole course: intrathecal segment, tract, "
        "connector and pocket, abdomen with thoracic and lumbar spine.",
        urgency="soon",
        held_while=_INJECTS,
        edges=(
            Edge(to="M3", guard=studies.defect(Rung.CAP_CT, "abnormal"), source="7.8, 7.10", parallel=True),
            Edge(
                to="M2",
                guard=studies.pump_defect(Rung.CAP_CT, "pump turned"),
                source="7.8",
                parallel=True,
                added=_ALSO,
            ),
            Edge(to="I9", guard=FILLING_CAP_CT, source="6.4, 7.7", parallel=True, added=_MASS),
            Edge(
                to="I6",
                guard=studies.passed(Rung.CAP_CT, "normal", "CAP-CT shows no cause"),
                source="7.10",
                policy="high_volume_patent",
            ),
        ),
        cautions=(
            Caution(
                text="Contrast around the pump may be retrograde tracking along the catheter from a dural leak, "
                "unless the "
                "dural entry was covered and is clean.",
                source="7.6",
                when=POCKET_CONTRAST,
            ),
            Caution(
                text="Retrograde tracking from a dural leak explains the contrast around the pump; the dura is the "
                "place to "
                "repair.",
                source="7.6",
                when=RETROGRADE,
            ),
            Caution(
                text="Inadequate pooling has two causes, arachnoid tissue and subdural migration, and gave false "
                "positives.",
                source="6.2",
                when=POOLING_POOR,
            ),
            Caution(
                text="Excess volume with a patent catheter points to the pump: plan its revision or replacement, if "
                "the "
                "clinician agrees.",
                source="7.8",
                when=VOLUME_HIGH,
            ),
        ),
    ),
    Node(
        id="I6",
        title="Thin-slice CT without contrast, 3D",
        part="imaging",
        source="6.2, 7.10",
        action="Thin-slice CT without catheter injection, with 3D reconstruction. If it shows no correctable cause: "
        "In-111 "
        "SPECT-CT where nuclear medicine is available, else lumbar puncture CT myelography.",
        reworded=((studies.CT_DONE, _CT_DONE),),
        urgency="soon",
        edges=(
            Edge(to="M3", guard=studies.defect(Rung.CT, "correctable"), source="7.8, 7.10", parallel=True),
            Edge(to="M2", guard=studies.pump_defect(Rung.CT, "pump turned"), source="7.8", parallel=True, added=_ALSO),
            Edge(to="I9", guard=FILLING_CT, source="6.4, 7.7", parallel=True, added=_MASS),
            Edge(to="I7", guard=studies.CT_THEN_SPECT, source="7.7, 7.10", policy="without_injection"),
            Edge(to="I8", guard=studies.CT_THEN_LP, source="6.2, 7.10", policy="without_injection"),
        ),
        cautions=(
            Caution(text="A CT without a finding does not exclude a pinhole leak or an occlusion.", source="6.2"),
            Caution(text="Contrast of an earlier study may outline a leak: record when it was given.", source="6.2"),
        ),
    ),
    Node(
        id="I7",
        title="In-111 DTPA SPECT-CT",
        part="imaging",
        source="6.3, 7.7",
        action="In-111 DTPA into the reservoir, SPECT-CT at 24 and 48 h; no aspiration, no reprogramming.",
        urgency="soon",
        edges=(
            Edge(
                to="M3",
                guard=studies.defect(Rung.SPECT_CT, "catheter_leak_or_interruption"),
                source="6.3, 7.8",
                parallel=True,
                policy="early_tracer",
            ),
            Edge(to="M2", guard=tracer.CONFINED_PUMP, source="6.3, 7.8", parallel=True, policy="confined_tracer"),
            Edge(
                to="M3",
                guard=tracer.CONFINED_CATHETER,
                source="6.3",
                parallel=True,
                policy="confined_tracer",
                added="the policy",
            ),
            Edge(
                to="M2",
                guard=studies.pump_defect(Rung.SPECT_CT, "pump turned"),
                source="7.8",
                parallel=True,
                added=_ALSO,
            ),
            Edge(to="I9", guard=tracer.CSF_BLOCKED, source="6.4, 7.7"),
            Edge(to="I8", guard=tracer.TRACER_PASSED, source="6.2, 7.7"),
        ),
        cautions=(
            Caution(
                text="The scan was made before the tracer could arrive at this flow: its absence proves nothing.",
                source="6.3",
                when=tracer.TOO_EARLY,
            ),
            Caution(
                text="Tracer that has not arrived: compare with the expected arrival time at this flow.",
                source="6.3",
                when=TRACER_NOT_ARRIVED,
            ),
        ),
    ),
    Node(
        id="I8",
        title="Lumbar puncture CT myelography",
        part="imaging",
        source="6.2, 7.7",
        action="Lumbar puncture CT myelography: position of the catheter, spread of contrast, obstruction.",
        urgency="soon",
        held_while=_INJECTS,
        edges=(
            Edge(
                to="I9", guard=tracer.LP_BLOCKED, source="6.4, 7.7", added="the findings catalogue sends a block to MRI"
            ),
            Edge(to="I9", guard=FILLING_LP, source="6.4, 7.7", added=_MASS),
            Edge(to="M3", guard=tracer.LP_DEFECT, source="7.8, 7.10", parallel=True),
            Edge(
                to="M2", guard=studies.pump_defect(Rung.LP_CT, "pump turned"), source="7.8", parallel=True, added=_ALSO
            ),
            Edge(to="M5", guard=tracer.NOTHING_LEFT, source="7.10"),
        ),
    ),
    Node(
        id="I9",
        title="MRI with and without gadolinium",
        part="imaging",
        source="6.4, 7.7, 7.1",
        action="MRI of the spine with and without gadolinium for granuloma, compression, syrinx or arachnoiditis, "
        "under the "
        "device's MRI conditions.",
        urgency="urgent",
        emergent_when=CORD,
        danger=4,
        edges=(
            Edge(to="M4", guard=studies.MASS_SHOWN, source="7.8"),
            Edge(to="N4", guard=studies.negative_back_to(("N4",), "negative (called from N4)"), source="7.4"),
            Edge(to="I7", guard=studies.negative_back_to(("I7",), "negative (called from I7)"), source="7.7"),
            Edge(to="N2", guard=studies.negative_back_to(("N1", ""), "negative"), source="7.1, 7.2"),
        ),
        cautions=(
            Caution(
                text="MRI cannot tell the spinal cord from adhesions: never the only basis for an intramedullary tip.",
                source="6.4",
            ),
            Caution(text="A Prometra pump is emptied and set to 0.0 mg/day before MRI.", source="4.1"),
            Caution(text="MRI is for suspected granuloma, syrinx, arachnoiditis or compression.", source="7.7"),
        ),
    ),
)
