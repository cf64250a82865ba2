"""Steps 1 to 4 of the review (7.1 to 7.4): identify, stabilise, interrogate, reconcile, decide."""

from __future__ import annotations

from catheterview.ladder.guards.asking import always
from catheterview.ladder.guards.bedside import (
    AS_EXPECTED,
    CORD,
    HIGH,
    IMPOSSIBLE_HIGH,
    INTERROGATION_ABNORMAL,
    LEAK_OR_INFECTION,
    LOSS_OF_THERAPY,
    LOW,
    MASS_FIRST,
    MEANWHILE,
    MECHANICAL,
    OPTIMISE,
    PROMETRA_AFTER_MRI,
    PUMP_POSSIBLE,
    SYNDROME,
    VALVE_OPEN,
)
from catheterview.ladder.rows import Caution, Edge, Node

STEP_NODES: tuple[Node, ...] = (
    Node(
        id="N0",
        title="Identify the device",
        part="steps",
        source="2",
        action="Confirm that the patient has an implanted intrathecal drug pump, its model, and the drugs and "
        "concentrations in it.",
        urgency="cannot_tell",
        edges=(Edge(to="N1", guard=PUMP_POSSIBLE, source="2"),),
        cautions=(Caution(text="Laboratory studies do not rule a device problem in or out.", source="3.3"),),
    ),
    Node(
        id="N1",
        title="Step 1: triage and stabilise",
        part="steps",
        source="7.1",
        action="Look for overdose, withdrawal, a new or progressive neurologic deficit, a suspected mass at the "
        "catheter "
        "tip, a severe CSF leak and infection: treatment of these comes before any test.",
        urgency="cannot_tell",
        stage=1,
        edges=(
            Edge(to="A1", guard=SYNDROME, source="7.1, 7.9", parallel=True),
            Edge(to="I9", guard=CORD, source="7.1, 6.4, 7.7", parallel=True),
            Edge(to="X1", guard=LEAK_OR_INFECTION, source="7.1", parallel=True),
            Edge(
                to="N2",
                guard=MEANWHILE,
                source="7.1",
                parallel=True,
                soft=True,
                policy="leak_or_infection",
                added="7.1: troubleshooting continues",
            ),
            Edge(to="N2", guard=always("no emergency is recorded", "otherwise"), source="7.1", otherwise=True),
        ),
        cautions=(
            Caution(
                text="Supportive management at once, while troubleshooting continues; early escalation to an "
                "experienced, "
                "multidisciplinary centre.",
                source="7.1",
                when=SYNDROME,
            ),
            Caution(
                text="Treatment precedes testing; early escalation to an experienced, multidisciplinary centre.",
                source="7.1",
                when=CORD,
            ),
        ),
    ),
    Node(
        id="N2",
        title="Step 2: bedside assessment and interrogation",
        part="steps",
        source="7.2, 2, 4",
        action="Interrogate the pump, review its event log, and relate the onset of symptoms to refills, programme "
        "changes, "
        "alarms and exposures such as MRI.",
        urgency="soon",
        stage=3,
        edges=(
            Edge(to="N2a", guard=PROMETRA_AFTER_MRI, source="4.1"),
            Edge(to="B1", guard=LOSS_OF_THERAPY, source="7.10", policy="syndrome"),
            Edge(
                to="N3", guard=always("no syndrome of its own is recorded", "otherwise"), source="7.3", otherwise=True
            ),
        ),
        cautions=(
            Caution(text="An audible alarm means: interrogate at once.", source="2.1"),
            Caution(text="After any MRI the pump is interrogated.", source="4.1"),
        ),
    ),
    Node(
        id="N2a",
        title="Prometra after MRI",
        part="steps",
        source="4.1",
        action="Clear errors, confirm 0.0 mg/day, and aspirate the pump. Do not refill before its valves are known "
        "to be "
        "closed.",
        urgency="urgent",
        edges=(
            Edge(to="M7", guard=VALVE_OPEN, source="4.1"),
            Edge(
                to="N3",
                guard=always("no more than a closed pump gives: refill, confirm drug and rate", "otherwise"),
                source="4.1",
                otherwise=True,
            ),
        ),
        cautions=(
            Caution(
                text="More than 1 ml means that valves may be open to the CSF: do not refill; explant and replace.",
                source="4.1",
            ),
        ),
    ),
    Node(
        id="N3",
        title="Step 3: reservoir reconciliation",
        part="steps",
        source="7.3, 5.1",
        action="Aspirate the reservoir and compare the volume with the expected one.",
        urgency="soon",
        stage=4,
        edges=(
            Edge(to="I0", guard=IMPOSSIBLE_HIGH, source="3.1"),
            Edge(to="B8", guard=HIGH, source="7.3", policy="other_sizes"),
            Edge(to="B7", guard=LOW, source="7.3, 5.1", policy="other_sizes"),
            Edge(to="N4", guard=AS_EXPECTED, source="7.4"),
            Edge(
                to="N4",
                guard=always("the volume is not on record, though a later step is", "volume unknown"),
                source="7.4",
                otherwise=True,
            ),
        ),
        cautions=(
            Caution(text="The expected volume and the low-reservoir alarm are calculated, not measured.", source="5.1"),
            Caution(text="A pocket fill is not always recognised at once.", source="5.1"),
            Caution(
                text="Test the fluid for CSF (glucose) and suspect a broken connector with pooling around the pump.",
                source="3.1",
                when=IMPOSSIBLE_HIGH,
            ),
        ),
    ),
    Node(
        id="N4",
        title="Step 4: initial decision point",
        part="steps",
        source="7.4",
        action="Decide whether the device needs a work-up: is there a concern for mechanical failure, does uncertainty "
        "remain, is the interrogation clean?",
        urgency="soon",
        stage=5,
        edges=(
            Edge(to="I9", guard=MASS_FIRST, source="7.1, 7.4", policy="suspected_mass"),
            Edge(to="B3", guard=INTERROGATION_ABNORMAL, source="7.4, 7.10", policy="interrogation", added="the policy"),
            Edge(to="I0", guard=MECHANICAL, source="7.4"),
            Edge(to="M1", guard=OPTIMISE, source="7.4, 7.8"),
        ),
        cautions=(
            Caution(
                text="A catheter-tip granuloma is among the other contributors: do not defer it.", source="7.1, 7.4"
            ),
        ),
    ),
)
