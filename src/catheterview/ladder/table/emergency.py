"""Step 7a of the review (7.9): overdose and withdrawal."""

from __future__ import annotations

from catheterview.ladder.guards.asking import always
from catheterview.ladder.guards.bedside import AS_EXPECTED, LOW, OVERDOSE, VALVE_UNCHECKED, WITHDRAWAL
from catheterview.ladder.guards.therapy import (
    CARE_COMPLETED,
    EXCESS,
    HIGH_OR_IMPOSSIBLE,
    NO_EXCESS,
    NOT_RESTORABLE,
    REFILLED,
    SOURCE_TREATED,
)
from catheterview.ladder.rows import Caution, Edge, Node

_OVERDOSE = ("A4", "A6", "M6", "X2")

EMERGENCY_NODES: tuple[Node, ...] = (
    Node(
        id="A1",
        title="Step 7a: history, examination, interrogation",
        part="emergency",
        source="7.9",
        action="Confirm the drug mixture, changes of dose and delivery, alarms, logs and recent refills; supportive "
        "care "
        "at the same time.",
        urgency="emergent",
        danger=6,
        edges=(Edge(to="A2", guard=always("supportive care runs beside the evaluation"), source="7.9"),),
    ),
    Node(
        id="A2",
        title="Which syndrome?",
        part="emergency",
        source="7.9",
        action="Tell an overdose-predominant from a withdrawal-predominant pattern.",
        urgency="emergent",
        danger=6,
        edges=(
            Edge(to="A3", guard=OVERDOSE, source="7.9", parallel=True),
            Edge(to="A7", guard=WITHDRAWAL, source="7.9", parallel=True, policy="both_syndromes"),
            Edge(
                to="N2",
                guard=always("neither pattern", "neither"),
                source="7.9",
                otherwise=True,
                policy="both_syndromes",
            ),
        ),
        cautions=(Caution(text="With several agents the pattern may be mixed.", source="7.9"),),
    ),
    Node(
        id="A3",
        title="Support the overdose",
        part="emergency",
        source="7.9",
        action="Support by the drug in the pump: titrated naloxone for opioids. Reduce the rate or stop the pump where "
        "over-infusion is suspected.",
        urgency="emergent",
        danger=6,
        edges=(Edge(to="A4", guard=always("support is given by the drug in the pump"), source="7.9"),),
        cautions=(
            Caution(text="Opioid toxicity: titrated naloxone against respiratory depression.", source="7.9"),
            Caution(text="Over-infusion suspected: consider reducing the rate or stopping the pump.", source="7.9"),
        ),
    ),
    Node(
        id="A4",
        title="Reservoir aspiration in overdose",
        part="emergency",
        source="7.9",
        action="Go on with titrated support for the drug in the pump (naloxone for opioids); aspirate the reservoir "
        "and "
        "compare with the expected volume.",
        urgency="emergent",
        danger=6,
        edges=(
            Edge(to="A5", guard=LOW, source="7.9, 5.1"),
            Edge(to="A6", guard=AS_EXPECTED, source="7.9"),
            Edge(to="X2", guard=HIGH_OR_IMPOSSIBLE, source="7.9", policy="both_syndromes"),
        ),
    ),
    Node(
        id="A5",
        title="Over-infusion or pocket fill",
        part="emergency",
        source="7.9, 5.1",
        action="Escalate support and monitor in hospital.",
        urgency="emergent",
        danger=6,
        edges=(Edge(to="M6", guard=always("over-infusion or pocket fill is suspected"), source="7.9, 5.1"),),
        cautions=(
            Caution(
                text="Suspected pocket fill: notify; vital signs, sedation, pain, respiratory rate, oxygen "
                "saturation, IV "
                "access; prepare ICU transfer; query the pump, turn it off, aspirate any opioid; notify risk "
                "management.",
                source="5.1",
            ),
            Caution(text="See whether fluid can be aspirated from the reservoir.", source="5.1"),
        ),
    ),
    Node(
        id="A6",
        title="Programming error or another source",
        part="emergency",
        source="7.9",
        action="Look for a programming error and an exogenous source of drug: toxicology screen; correct the "
        "programme or "
        "treat the source.",
        urgency="emergent",
        danger=6,
        edges=(Edge(to="DONE", guard=SOURCE_TREATED, source="7.9", soft=True),),
        cautions=(Caution(text="A toxicology screen can help to identify exogenous contributors.", source="7.9"),),
    ),
    Node(
        id="A7",
        title="Support the withdrawal",
        part="emergency",
        source="7.9",
        action="Replace the drug systemically: opioid by vein or mouth, clonidine by vein with control of blood "
        "pressure; "
        "watch for a mixed pattern.",
        urgency="emergent",
        danger=3,
        edges=(Edge(to="A8", guard=always("support is given by the drugs in the pump"), source="7.9"),),
        cautions=(
            Caution(text="Opioid: systemic replacement, intravenous or oral.", source="7.9"),
            Caution(text="Clonidine: intravenous clonidine, and treat sympathetic symptoms.", source="7.9"),
        ),
    ),
    Node(
        id="A8",
        title="Restore therapy if feasible",
        part="emergency",
        source="7.9",
        action="Refill the reservoir if it is low or empty, to restore the therapy; systemic replacement until then.",
        urgency="emergent",
        danger=3,
        held_while=("M4", *_OVERDOSE),
        held_as="A7",
        edges=(
            Edge(to="N2a", guard=VALVE_UNCHECKED, source="4.1", soft=True, added="4.1 forbids the refill"),
            Edge(to="DONE", guard=REFILLED, source="7.9"),
            Edge(to="A9", guard=NOT_RESTORABLE, source="7.9"),
        ),
    ),
    Node(
        id="A9",
        title="Reservoir reconciliation in withdrawal",
        part="emergency",
        source="7.9",
        action="Go on with systemic replacement; aspirate the reservoir and compare with the expected volume.",
        urgency="emergent",
        danger=3,
        edges=(
            Edge(to="A10", guard=NO_EXCESS, source="7.9"),
            Edge(to="B1", guard=EXCESS, source="7.9"),
        ),
    ),
    Node(
        id="A10",
        title="Contributors outside the device",
        part="emergency",
        source="7.9",
        action="Look for contributors outside the device; continue supportive care.",
        urgency="emergent",
        danger=3,
        edges=(Edge(to="DONE", guard=CARE_COMPLETED, source="7.9", soft=True),),
        cautions=(
            Caution(
                text="The reservoir is short: 5.1 and 7.3 call this leak, pocket fill or over-infusion; check for a "
                "pocket "
                "fill.",
                source="5.1, 7.3",
                when=LOW,
            ),
        ),
    ),
)
