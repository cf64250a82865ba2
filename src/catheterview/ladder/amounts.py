"""A computed amount with its interval and with everything that it was computed from."""

from __future__ import annotations

from dataclasses import dataclass

#: What a value is marked with that comes from the patient's own record.
RECORD = "the patient's record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One number that went into an amount.

    Parameters
    ----------
    name : str
        The fact's path, or the catalogue's model and value.
    verified : bool
        False for a value of the catalogue that no source confirms.
    """

    name: str
    value: float
    unit: str
    source: str = RECORD
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with its interval and its inputs; never one without the other.

    Parameters
    ----------
    value, low, high : float
        In `unit`.
    """

    value: float
    low: float
    high: float
    unit: str
    inputs: tuple[Used, ...]

    @property
    def verified(self) -> bool:
        """Whether every input has a source."""
        return all(used.verified for used in self.inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Why an amount was not computed: the facts that are missing."""

    missing: tuple[str, ...]


def shown(amount: Amount | Blocked) -> str:
    """One line: value, interval and each input with its source; or what is missing."""
    if isinstance(amount, Blocked):
        return "not computed: missing " + ", ".join(amount.missing)
    inputs = "; ".join(
        f"{used.name} {used.value:g} {used.unit} ({used.source}{'' if used.verified else ', UNVERIFIED'})"
        for used in amount.inputs
    )
    return f"{amount.value:.3g} {amount.unit} ({amount.low:.3g} to {amount.high:.3g}), from {inputs}"
