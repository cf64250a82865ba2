"""Step 7 of the review (7.8): what is done, and where the ladder ends."""

from __future__ import annotations

from catheterview.ladder.guards.asking import always, chosen
from catheterview.ladder.rows import Caution, Edge, Node

_MONITOR = (
    "Support and monitor in hospital. Suspected pocket fill: vital signs, sedation, respiratory rate, oxygen "
    "saturation, IV access, prepare ICU transfer; query the pump, turn it off, aspirate any opioid."
)

MANAGEMENT_NODES: tuple[Node, ...] = (
    Node(
        id="M1",
        title="Medical optimisation",
        part="management",
        source="7.8, 7.4",
        action="Optimise the regimen, consider adjunctive therapies, and follow up closely; defer further device "
        "work-up.",
        urgency="routine",
        cautions=(
            Caution(text="Close clinical follow-up: uncertainty that persists is a reason to evaluate.", source="7.4"),
        ),
    ),
    Node(
        id="M2",
        title="Pump revision or replacement",
        part="management",
        source="7.8, 7.10",
        action="Plan revision or replacement of the pump.",
        urgency="urgent",
        danger=1,
        cautions=(Caution(text="A pump that does not deliver can precipitate withdrawal.", source="7.1, 7.9"),),
    ),
    Node(
        id="M3",
        title="Targeted catheter revision or replacement",
        part="management",
        source="7.8, 7.10",
        action="Plan targeted surgical revision or replacement of the catheter.",
        reworded=(
            (chosen("operation", "revision", "revised"), "Plan targeted surgical revision of the catheter."),
            (chosen("operation", "replacement", "replaced"), "Plan surgical replacement of the catheter."),
        ),
        urgency="urgent",
        danger=1,
        cautions=(
            Caution(
                text="Interrupted delivery can precipitate withdrawal: watch for it until surgery.", source="7.1, 7.9"
            ),
        ),
    ),
    Node(
        id="M4",
        title="Stop intrathecal delivery, urgent neurosurgery",
        part="management",
        source="7.8",
        action="Urgent review: immediate cessation of intrathecal drug delivery and urgent neurosurgical "
        "consultation, by the "
        "clinicians' decision.",
        urgency="emergent",
        danger=5,
        edges=(
            Edge(
                to="A7",
                guard=always("stopping delivery creates a risk of withdrawal"),
                source="7.8, 7.9",
                parallel=True,
                beside=True,
            ),
        ),
        cautions=(
            Caution(text="Particularly urgent in the presence of neurologic deficits.", source="7.8"),
            Caution(text="Stopping delivery creates a risk of withdrawal: support it systemically.", source="7.9"),
        ),
    ),
    Node(
        id="M5",
        title="No cause found",
        part="management",
        source="7.10",
        action="Reassess the goals of therapy, explore alternative therapies, and consider explantation of the pump.",
        urgency="soon",
        cautions=(
            Caution(
                text="No study excludes a malfunction: their sensitivities are 35 to 95 %.", source="6.1, 6.2, 6.3"
            ),
        ),
    ),
    Node(
        id="M6",
        title="Supportive care and hospital monitoring",
        part="management",
        source="5.1, 7.9, 7.10",
        action=_MONITOR,
        urgency="emergent",
        danger=6,
        cautions=(Caution(text="A short reservoir may mean overdose: hospitalise and monitor.", source="5.1"),),
    ),
    Node(
        id="M7",
        title="Explant and replace the pump",
        part="management",
        source="4.1",
        action="Do not refill: explant and replace the pump, whose valves may be open to the CSF.",
        urgency="urgent",
        danger=2,
    ),
    Node(
        id="X1",
        title="CSF leak or infection",
        part="management",
        source="7.1",
        action="Immediate supportive management and a specialist; the review gives no further algorithm.",
        urgency="emergent",
        danger=2,
    ),
    Node(
        id="X2",
        title="Overdose with a reservoir that is too full",
        part="management",
        source="7.9",
        action="Support the overdose and look for another source; the review gives no exit for this: an experienced "
        "centre.",
        urgency="emergent",
        danger=6,
    ),
    Node(
        id="DONE",
        title="Done",
        part="management",
        source="7.9, 7.10",
        action="Reassess the patient and follow up.",
        urgency="routine",
    ),
)
