"""A value of the device catalogue with its source and its status, and how models are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar

Status: TypeAlias = Literal["found", "unverified"]

BACKGROUND = "background knowledge, no source found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """A number of the catalogue in the unit of its field's name.

    Parameters
    ----------
    value : float
    source : str
    status : {"found", "unverified"}
    at_most : bool
        Whether the value is an upper bound.
    """

    value: float
    source: str
    status: Status = "found"
    at_most: bool = False


def found(value: float, source: str) -> Sourced:
    """Give a value that a source confirms."""
    return Sourced(value=value, source=source)


def hearsay(value: float, source: str = BACKGROUND) -> Sourced:
    """Give a value that no source at hand confirms."""
    return Sourced(value=value, source=source, status="unverified")


class Named(Protocol):
    """What has a name and other numbers."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other numbers of the same model."""


Model = TypeVar("Model", bound=Named)


def named(models: Sequence[Model], name: str) -> Model | None:
    """Find a model by its name or number, whatever the case; None when there is no such model."""
    wanted = name.strip().casefold()
    for model in models:
        if wanted in (model.name.casefold(), *(alias.casefold() for alias in model.aliases)):
            return model
    return None
