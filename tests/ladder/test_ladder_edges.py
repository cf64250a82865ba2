"""The table against the edge list of the review's model, and every node and exit of it taken by some case."""

from __future__ import annotations

import pytest
from ladder_cases import EXITS, NEXT, STANDS, VECTORS
from ladder_records import CALM, record, studies, view_of

from catheterview.ladder import Facts, Policies, Reading
from catheterview.ladder.engine import climb
from catheterview.ladder.policies import choices
from catheterview.ladder.rows import Here
from catheterview.ladder.table import FIRST, SENTINELS, TABLE
from catheterview.ladder.walk import visited

#: The model's edges, node by node.
MODEL = """
N0: N1 | N1: A1 I9 X1 N2 | N2: N2a B1 N3 | N2a: M7 N3 | N3: I0 B8 B7 N4 | N4: I9 I0 M1
A1: A2 | A2: A3 A7 N2 | A3: A4 | A4: A5 A6 X2 | A5: M6 | A6: DONE | A7: A8 | A8: DONE A9 | A9: A10 B1 | A10: DONE
B1: B2 | B2: B1 B3 | B3: B3a B6 | B3a: M2 B5 | B5: B1 | B6: B7 B8 B9 | B7: M6 | B8: B9 | B9: B10 I0 | B10: B11 I0
B11: DONE | I0: M3 M2 I1 I2 I6 | I1: M3 M2 I2 | I2: I3 G1 I6 | I3: I4 I5 | G1: I4 I5 I6 | I4: M3 I5 I6 | I5: M3 I6
I6: M3 I7 I8 | I7: M3 M2 I9 I8 | I8: M3 M5 | I9: M4 N2 N4 I7 | M4: A7
"""
#: Exits that no case can take from the start, since what leads there is answered before: asked at the node itself.
AT_THE_NODE = {
    ("N4", "I9"): (record(pres={**CALM, "suspect_tip_mass": True}), Here()),
    ("I9", "N4"): (record(studies(mri="normal"), pres=CALM), Here(caller="N4")),
    ("A2", "N2"): (record(pres=CALM), Here()),
}


def _model() -> set[tuple[str, str]]:
    rows = [row.split(":") for line in MODEL.strip().splitlines() for row in line.split("|")]
    return {(node.strip(), to) for node, targets in rows for to in targets.split()}


def _cases() -> list[tuple[Facts, Reading, Policies]]:
    plain = [facts for facts, _, _ in VECTORS.values()]
    plain += [record(groups) for groups, *_ in STANDS.values()] + [record(groups) for groups, _ in NEXT.values()]
    return [*((facts, Reading(), Policies()) for facts in plain), *EXITS.values()]


def test_every_edge_of_the_model_is_in_the_table() -> None:
    """Nothing of the review's model is left out."""
    assert _model() <= {(node.id, edge.to) for node in TABLE.values() for edge in node.edges}


def test_every_other_edge_says_why_it_is_there() -> None:
    """What the model does not have is made by a policy, or says why it was added."""
    for node in TABLE.values():
        for edge in node.edges:
            assert edge.to in TABLE
            assert (node.id, edge.to) in _model() or edge.added, (node.id, edge.to)
            assert edge.added != "the policy" or edge.policy
            assert not edge.policy or edge.policy in choices()


def test_every_node_and_every_exit_is_taken_by_some_case() -> None:
    """Each exit of the table is exercised from the start of the ladder, or at its node where no case can come by."""
    taken: set[tuple[str, str, str]] = set()
    for facts, reading, policies in _cases():
        for visit in climb(view_of(facts, reading, policies)).visits:
            taken |= {(visit.node.id, edge.to, edge.guard.name) for edge in visit.taken}
    for (node, to), (facts, here) in AT_THE_NODE.items():
        visit = visited(view_of(facts), TABLE[node], here)
        assert [edge.to for edge in visit.taken] == [to]
        taken |= {(node, edge.to, edge.guard.name) for edge in visit.taken}
    every = {(node.id, edge.to, edge.guard.name) for node in TABLE.values() for edge in node.edges}
    assert every - taken == set()
    assert {node for node, _, _ in taken} | {to for _, to, _ in taken} == set(TABLE)


@pytest.mark.parametrize("name", EXITS)
def test_cases_end_somewhere(name: str) -> None:
    """Each case stands somewhere, and every loop ends."""
    facts, reading, policies = EXITS[name]
    outcome = climb(view_of(facts, reading, policies))
    assert outcome.ends
    assert len(outcome.visits) < 60


def test_every_node_is_reached_from_the_first_and_reaches_an_end() -> None:
    """The table has no island and no trap."""
    onward = {name: {edge.to for edge in node.edges} for name, node in TABLE.items()}
    reached, front = {FIRST}, {FIRST}
    while front := {to for name in front for to in onward[name]} - reached:
        reached |= front
    assert reached == set(TABLE)
    ends = {name for name, targets in onward.items() if not targets} | {"M4"}
    while more := {name for name, targets in onward.items() if targets & ends} - ends:
        ends |= more
    assert ends == set(TABLE)


def test_every_text_of_the_table_has_a_source() -> None:
    """Each node, exit, caution and sentinel names the sections that it rests on."""
    told = [node.source for node in TABLE.values()]
    told += [edge.source for node in TABLE.values() for edge in node.edges]
    told += [caution.source for node in TABLE.values() for caution in node.cautions]
    told += [sentinel.source for sentinel in SENTINELS]
    for source in told:
        assert source
        assert all(part.replace(".", "").isdigit() for part in source.split(", ")), source
    assert all(node.title and node.action for node in TABLE.values())
    assert all(
        held in TABLE for node in TABLE.values() for held in (*node.held_while, *([node.held_as] * bool(node.held_as)))
    )
