"""Step 5 of the review (7.5): aspiration through the access port, and the gate before contrast."""

from __future__ import annotations

from catheterview.ladder.guards.asking import always
from catheterview.ladder.guards.catheter import (
    CAP_CT_DONE_THOUGH,
    CAP_CT_ON_RECORD,
    CAP_FAILED,
    CAP_SUCCESS,
    CONTRAST_HELD,
    FLUORO_DONE_THOUGH,
    FLUORO_ON_RECORD,
    GATE_CLOSED,
    GATE_OPEN,
    GATE_OPEN_SCREEN,
    NO_ACCESS,
    NO_RECENT_MRI,
    PLAIN_ON_RECORD,
    SCREEN,
)
from catheterview.ladder.rows import Caution, Edge, Node

_READ_FIRST = "a study that is on record is read, whatever led to it"

CATHETER_NODES: tuple[Node, ...] = (
    Node(
        id="I2",
        title="Step 5: catheter access port aspiration",
        part="catheter",
        source="7.5, 5.2",
        action="Aspirate through the catheter access port, strictly aseptic, preferably under fluoroscopy: 2 to 3 ml "
        "of clear "
        "CSF that comes easily.",
        urgency="soon",
        edges=(
            Edge(to="I4", guard=FLUORO_ON_RECORD, source="6.1", added=_READ_FIRST),
            Edge(to="I5", guard=CAP_CT_ON_RECORD, source="6.2", added=_READ_FIRST),
            Edge(to="I6", guard=NO_ACCESS, source="5.2, 7.7", policy="no_cap"),
            Edge(to="I6", guard=PLAIN_ON_RECORD, source="7.10", added=_READ_FIRST),
            Edge(to="I3", guard=CAP_SUCCESS, source="5.2, 6.1, 7.6, 7.10", policy="cap_success"),
            Edge(to="G1", guard=CAP_FAILED, source="7.5, 7.10", policy="partial_aspiration"),
        ),
        cautions=(
            Caution(
                text="Failure to aspirate does not reliably confirm obstruction or disconnection (7 of 15 non-patent "
                "catheters had no identifiable cause).",
                source="7.5, 5.2",
                when=CAP_FAILED,
            ),
            Caution(text="Fluoroscopy avoids damage to the components of the pump.", source="5.2"),
        ),
    ),
    Node(
        id="I3",
        title="Step 6a: contrast through the port permitted",
        part="catheter",
        source="7.6, 7.10",
        action="Proceed to contrast through the access port, CAP-CT myelography preferred.",
        urgency="soon",
        held_while=("I9", "M4"),
        edges=(
            Edge(to="I6", guard=CONTRAST_HELD, source="7.5, 7.10", policy="mass_and_contrast", added="the policy"),
            Edge(to="I4", guard=SCREEN, source="7.6"),
            Edge(
                to="I5",
                guard=always("CAP-CT is the preferred method", "otherwise (preferred)"),
                source="7.6, 7.10",
                otherwise=True,
            ),
        ),
        cautions=(
            Caution(
                text="No recent MRI that excludes a granuloma or compression is on record.",
                source="7.5",
                when=NO_RECENT_MRI,
            ),
            Caution(text="Clear the contrast afterwards with a single bolus of the tubing's volume.", source="6.1"),
        ),
    ),
    Node(
        id="G1",
        title="Contrast safety gate",
        part="catheter",
        source="7.5, 7.10, 6.1",
        action="Do not inject contrast before every condition of the gate is known to hold.",
        urgency="soon",
        edges=(
            Edge(to="I4", guard=FLUORO_DONE_THOUGH, source="6.1", added=_READ_FIRST),
            Edge(to="I5", guard=CAP_CT_DONE_THOUGH, source="6.2", added=_READ_FIRST),
            Edge(to="I4", guard=GATE_OPEN_SCREEN, source="7.5, 7.10"),
            Edge(to="I5", guard=GATE_OPEN, source="7.5, 7.10"),
            Edge(to="I6", guard=GATE_CLOSED, source="7.5, 7.7, 7.10"),
        ),
        cautions=(
            Caution(
                text="Contrast injection via the CAP is not recommended: use imaging that needs no catheter injection.",
                source="7.5, 7.10",
                when=GATE_CLOSED,
            ),
            Caution(
                text="Contrast may push the drug in the dead space into the patient; admission may be necessary.",
                source="6.1",
            ),
        ),
    ),
)
