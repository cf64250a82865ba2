"""The decision model of the imaging ladder: what a finding means for this patient, and what comes next."""

from __future__ import annotations

from catheterview.ladder.engine import decide
from catheterview.ladder.facts import Facts
from catheterview.ladder.facts_read import facts_from, load_facts
from catheterview.ladder.reading import Reading

__all__ = ["Facts", "Reading", "decide", "facts_from", "load_facts"]
