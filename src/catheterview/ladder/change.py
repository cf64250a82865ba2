"""Change single facts of a record, and see what that changes in the decision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catheterview.errors import InputError
from catheterview.ladder.engine import decide
from catheterview.ladder.facts import Facts
from catheterview.ladder.facts_read import facts_from
from catheterview.ladder.facts_write import facts_to_plain
from catheterview.ladder.policies import Policies
from catheterview.ladder.reading import Reading
from catheterview.model import Decision

_PART = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")
#: What of a decision may change.
_COMPARED = ("step", "also", "urgency", "action", "ask")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A decision before and after a change of facts.

    Parameters
    ----------
    changed : tuple of str
        Which parts of the decision differ; empty when the change makes no difference.
    """

    before: Decision
    after: Decision
    changed: tuple[str, ...]


def with_values(facts: Facts, changes: Mapping[str, object]) -> Facts:
    """Give the same record with other values, read and checked like a file.

    Parameters
    ----------
    facts : Facts
    changes : mapping of str to object
        Path such as ``gate.tolerates_bolus`` or ``drug.agents[0].name`` to a value as in JSON; None makes it unknown.

    Raises
    ------
    InputError
        When a path or a value makes no sense, or the record then contradicts itself.
    """
    plain = facts_to_plain(facts)
    for path, value in changes.items():
        _set(plain, path, value)
    return facts_from(plain)


def _set(plain: dict[str, Any], path: str, value: object) -> None:
    """Set one value deep in plain data, making what is on the way."""
    *on_the_way, last = path.split(".")
    holder = plain
    for part in on_the_way:
        holder = _into(holder, part, path)
    if "[" in last:
        raise InputError("is a list; name what in it is to change", where=path)
    holder[last] = value


def _into(holder: dict[str, Any], part: str, path: str) -> dict[str, Any]:
    match = _PART.fullmatch(part)
    if match is None:
        raise InputError("is not the path of a fact, as in vol.aspirated_ml", where=path)
    name, index = match.groups()
    if index is None:
        inner: dict[str, Any] = holder.setdefault(name, {})
        return inner
    listed: list[dict[str, Any]] = holder.setdefault(name, [])
    if int(index) > len(listed):
        raise InputError(f"has only {len(listed)} rows before it", where=path)
    if int(index) == len(listed):
        listed.append({})
    return listed[int(index)]


def what_if(
    facts: Facts, changes: Mapping[str, object], *, reading: Reading | None = None, policies: Policies | None = None
) -> WhatIf:
    """Decide with and without a change, and say which parts of the decision differ.

    Raises
    ------
    InputError
        As `with_values`.
    """
    looked_at = reading or Reading()
    before = decide(facts, reading=looked_at, policies=policies)
    after = decide(with_values(facts, changes), reading=looked_at, policies=policies)
    changed = tuple(name for name in _COMPARED if getattr(before, name) != getattr(after, name))
    return WhatIf(before=before, after=after, changed=changed)
