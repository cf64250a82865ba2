"""Step 7b of the review (7.10): loss of therapy, up to the evaluation of the catheter."""

from __future__ import annotations

from catheterview.ladder.guards.asking import always, chosen
from catheterview.ladder.guards.bedside import AS_EXPECTED, HIGH, IMPOSSIBLE_HIGH, LOW
from catheterview.ladder.guards.therapy import (
    ADDRESSED,
    BOLUS_ELIGIBLE,
    CAUSE_TREATED,
    DOSE_CHANGED,
    INTERROGATION_FINDS,
    NO_OTHER_CAUSE,
    NO_RESPONSE,
    NOT_PERMANENT,
    PERMANENT_STALL,
    RESPONSE,
)
from catheterview.ladder.rows import Caution, Edge, Node

_BOLUS_HELD = ("I9", "M4", "M6")

THERAPY_NODES: tuple[Node, ...] = (
    Node(
        id="B1",
        title="Step 7b: history, examination, interrogation",
        part="therapy",
        source="7.10",
        action="Confirm mixture, concentration and dosing; review alarms and the event log.",
        urgency="soon",
        edges=(Edge(to="B2", guard=always("loss of therapy is evaluated"), source="7.10"),),
    ),
    Node(
        id="B2",
        title="A cause outside the device?",
        part="therapy",
        source="7.10",
        action="Look for a cause outside the device (tolerance, progression, hyperalgesia, psychosocial factors, new "
        "injury); treat it, then reassess the therapy.",
        urgency="soon",
        edges=(
            Edge(to="B1", guard=CAUSE_TREATED, source="7.10", policy="loops"),
            Edge(to="B3", guard=NO_OTHER_CAUSE, source="7.10"),
        ),
    ),
    Node(
        id="B3",
        title="Programming error or alarm?",
        part="therapy",
        source="7.10",
        action="Interrogate the pump for programming errors, alarms and stalls.",
        urgency="soon",
        stage=3,
        edges=(
            Edge(to="B3a", guard=INTERROGATION_FINDS, source="7.10", policy="loops"),
            Edge(
                to="B6",
                guard=always("the interrogation reveals no cause", "interrogation reveals no cause"),
                source="7.10",
                otherwise=True,
            ),
        ),
        cautions=(
            Caution(text="Silencing an alarm does not resolve its cause; the log keeps it.", source="2.1"),
            Caution(text="A low-reservoir alarm is calculated, not measured.", source="5.1"),
        ),
    ),
    Node(
        id="B3a",
        title="Motor stall?",
        part="therapy",
        source="7.10",
        action="Find out whether the motor has stalled, and whether for good: interrogate again.",
        urgency="urgent",
        stage=3,
        edges=(
            Edge(to="M2", guard=PERMANENT_STALL, source="7.10", policy="temporary_stall"),
            Edge(to="B5", guard=NOT_PERMANENT, source="7.10", otherwise=True),
        ),
        cautions=(
            Caution(text="A motor that stalled in an MRI usually runs again outside; interrogate again.", source="4.1"),
        ),
    ),
    Node(
        id="B5",
        title="Reprogram, address alarms, refill",
        part="therapy",
        source="7.10",
        action="Reprogram the pump or address the alarm; refill if the reservoir is low or empty; then reassess the "
        "therapy.",
        urgency="urgent",
        held_while=("M4", "N2a", "M7"),
        edges=(Edge(to="B1", guard=ADDRESSED, source="7.10", soft=True, policy="loops"),),
    ),
    Node(
        id="B6",
        title="Reservoir aspiration and reconciliation",
        part="therapy",
        source="7.10, 5.1",
        action="Aspirate the reservoir and compare the volume with the expected one.",
        urgency="soon",
        stage=4,
        edges=(
            Edge(to="I0", guard=IMPOSSIBLE_HIGH, source="3.1", added="as in step 3: the case of 3.1"),
            Edge(to="B7", guard=LOW, source="7.10", policy="other_sizes"),
            Edge(to="B8", guard=HIGH, source="7.10", policy="other_sizes"),
            Edge(to="B9", guard=AS_EXPECTED, source="7.10"),
            Edge(
                to="B9",
                guard=always("the volume is not on record, though a later step is", "volume unknown"),
                source="7.10",
                otherwise=True,
            ),
        ),
        cautions=(
            Caution(text="The expected volume is calculated, not measured.", source="5.1"),
            Caution(
                text="Test the fluid for CSF (glucose) and suspect a broken connector with pooling around the pump.",
                source="3.1",
                when=IMPOSSIBLE_HIGH,
            ),
        ),
    ),
    Node(
        id="B7",
        title="Over-delivery or pocket fill",
        part="therapy",
        source="7.10, 5.1",
        action="Supportive care, escalate as needed; hospital monitoring.",
        urgency="emergent",
        danger=6,
        edges=(
            Edge(to="M6", guard=always("over-delivery or pocket fill is suspected"), source="7.10, 5.1", parallel=True),
            Edge(
                to="I0",
                guard=chosen("low_volume", "then_imaging", "once the patient is stable, the leak is looked for"),
                source="7.8, 7.10",
                parallel=True,
                policy="low_volume",
                added="the policy",
            ),
        ),
        cautions=(
            Caution(
                text="A short reservoir may mean overdose: in the source, symptoms came 5 to 90 min after refill at "
                "1.15 to "
                "4.5 ml (20 ml pump) and 2.09 to 4.88 ml (40 ml pump), in a pump that is no longer made.",
                source="3.2, 5.1",
            ),
        ),
    ),
    Node(
        id="B8",
        title="Under-delivery",
        part="therapy",
        source="7.10, 5.1",
        action="Consider longitudinal monitoring by the size of the discrepancy and the patient's condition, and the "
        "manufacturer's recommendations.",
        urgency="soon",
        edges=(
            Edge(
                to="I0",
                guard=chosen("bolus_high_volume", "skip", "no bolus through a system that may be blocked"),
                source="7.10",
                policy="bolus_high_volume",
                added="the policy",
            ),
            Edge(to="B9", guard=always("under-delivery is suspected"), source="7.10", otherwise=True),
        ),
        cautions=(
            Caution(text="Only a minority with excess volume has symptoms (12 of 50).", source="5.1"),
            Caution(
                text="A bolus through a partly blocked or stalled system may be delivered late.",
                source="7.10",
            ),
        ),
    ),
    Node(
        id="B9",
        title="Diagnostic bolus?",
        part="therapy",
        source="7.10",
        action="Consider a diagnostic bolus programmed on the pump, only if a noticeable response to the drugs in it "
        "is "
        "expected.",
        urgency="soon",
        stage=5,
        held_while=_BOLUS_HELD,
        edges=(
            Edge(to="B10", guard=BOLUS_ELIGIBLE, source="7.10"),
            Edge(
                to="I0",
                guard=chosen("bolus_not_eligible", "evaluate_catheter", "no noticeable response is expected"),
                source="7.10",
                otherwise=True,
                policy="bolus_not_eligible",
            ),
        ),
    ),
    Node(
        id="B10",
        title="Response to the bolus?",
        part="therapy",
        source="7.10",
        action="Give the diagnostic bolus under observation and record the response.",
        urgency="soon",
        stage=5,
        held_while=_BOLUS_HELD,
        edges=(
            Edge(to="B11", guard=RESPONSE, source="7.10"),
            Edge(to="I0", guard=NO_RESPONSE, source="7.10", otherwise=True),
        ),
    ),
    Node(
        id="B11",
        title="Adjust dose or delivery mode",
        part="therapy",
        source="7.10",
        action="Consider a change of dose or of the delivery mode, and follow up.",
        urgency="soon",
        held_while=_BOLUS_HELD,
        edges=(Edge(to="DONE", guard=DOSE_CHANGED, source="7.10", soft=True),),
    ),
)
