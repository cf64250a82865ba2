"""The decision model of the imaging ladder: what a finding means for this patient, and what comes next.

`decide` is the engine, `explain` the decision with the gate and the arithmetic it rests on, `what_if` and `interview`
change facts and ask for them. The table that they walk is data (`catheterview.ladder.table`) and is documented in
``docs/ladder.md``, which is written from it.
"""

from __future__ import annotations

from catheterview.ladder.amounts import shown
from catheterview.ladder.answer import Answer, answer_to_plain, decision_to_plain, explain, what_if_to_plain
from catheterview.ladder.change import WhatIf, what_if, with_values
from catheterview.ladder.engine import decide
from catheterview.ladder.facts import Facts
from catheterview.ladder.facts_read import facts_from, load_facts
from catheterview.ladder.facts_write import FACTS_SCHEMA, facts_to_plain, write_facts
from catheterview.ladder.fields import FactSpec
from catheterview.ladder.policies import Policies, policies_from
from catheterview.ladder.questions import Question, changes_from, interview, question, spec_of
from catheterview.ladder.reading import Reading
from catheterview.ladder.show import as_page, as_text, asked_as_text, what_if_as_text, write_page

__all__ = [
    "FACTS_SCHEMA",
    "Answer",
    "FactSpec",
    "Facts",
    "Policies",
    "Question",
    "Reading",
    "WhatIf",
    "answer_to_plain",
    "as_page",
    "as_text",
    "asked_as_text",
    "changes_from",
    "decide",
    "decision_to_plain",
    "explain",
    "facts_from",
    "facts_to_plain",
    "interview",
    "load_facts",
    "policies_from",
    "question",
    "shown",
    "spec_of",
    "what_if",
    "what_if_as_text",
    "what_if_to_plain",
    "with_values",
    "write_facts",
    "write_page",
]
