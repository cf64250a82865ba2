"""How one clinical fact is declared: a dataclass field that carries its kind, unit, bounds and the question for it.

Everything that treats facts alike (reading and writing files, the JSON Schema, the questionnaire) goes by these
declarations, so that a new fact is one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal, TypeAlias

#: True, False, or None where it is not known. None never opens a safety gate.
Tri: TypeAlias = bool | None
FactKind: TypeAlias = Literal["yes_no", "number", "count", "choice", "text", "texts", "moment", "rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSpec:
    """What is known of a fact before anyone gives it a value.

    Parameters
    ----------
    question : str
        What a person is asked.
    unit : str
        As pint understands it; the field's name ends in it. Empty where there is none.
    low, high : float
        Outside of these a number is impossible, not merely unusual.
    values : tuple of str
        What a choice, or each of several texts, may be; empty where anything may be written.
    row : type or None
        The dataclass of each row of a list.
    ahead : bool
        Whether a date may lie in the future.
    """

    kind: FactKind
    question: str
    unit: str = ""
    low: float = 0.0
    high: float = float("inf")
    values: tuple[str, ...] = ()
    row: type | None = None
    ahead: bool = False


def _declared(spec: FactSpec, default: object = None) -> Any:
    return field(default=default, metadata={"fact": spec})


def yes_no(question: str) -> Any:
    """Declare a fact that is true, false or unknown."""
    return _declared(FactSpec(kind="yes_no", question=question))


def number(question: str, *, unit: str, high: float, low: float = 0.0) -> Any:
    """Declare a number in a unit; outside of `low` to `high` it is refused as impossible."""
    return _declared(FactSpec(kind="number", question=question, unit=unit, low=low, high=high))


def count(question: str) -> Any:
    """Declare a whole number of zero or more."""
    return _declared(FactSpec(kind="count", question=question))


def choice(question: str, *values: str) -> Any:
    """Declare a fact with a few named values."""
    return _declared(FactSpec(kind="choice", question=question, values=values))


def text(question: str) -> Any:
    """Declare free text."""
    return _declared(FactSpec(kind="text", question=question))


def texts(question: str, *values: str) -> Any:
    """Declare a list of texts; with `values`, each must be one of them."""
    return _declared(FactSpec(kind="texts", question=question, values=values), ())


def moment(question: str, *, ahead: bool = False) -> Any:
    """Declare a date or a date with time, ISO 8601."""
    return _declared(FactSpec(kind="moment", question=question, ahead=ahead))


def rows(question: str, row: type) -> Any:
    """Declare a list of records of one dataclass."""
    return _declared(FactSpec(kind="rows", question=question, row=row), ())


def specs(group: type) -> Mapping[str, FactSpec]:
    """Name the facts of a group, in the order in which they are declared."""
    return _specs(group)


@cache
def _specs(group: type) -> Mapping[str, FactSpec]:
    return {each.name: each.metadata["fact"] for each in fields(group) if "fact" in each.metadata}
