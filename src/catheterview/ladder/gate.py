"""The contrast safety gate G1 (review, 7.5 and 7.10): it opens only when every condition is known to hold.

False or unknown closes it, and it says which condition is missing. That a bolus is tolerated comes from a person's
recorded judgement alone; nothing here computes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from catheterview.ladder.amounts import Blocked
from catheterview.ladder.deadspace import dead_space
from catheterview.ladder.facts import Facts
from catheterview.ladder.fields import Tri
from catheterview.ladder.logic import not3
from catheterview.ladder.policies import Policies
from catheterview.limits.ladder import LadderLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of the gate.

    Parameters
    ----------
    holds : bool or None
        None where it is not known, which closes the gate as False does.
    needs : tuple of str
        The facts that would settle it.
    """

    name: str
    holds: Tri
    needs: tuple[str, ...]
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """The gate with all its conditions."""

    conditions: tuple[Condition, ...]

    @property
    def is_open(self) -> bool:
        """Whether contrast may be injected though CSF did not come: every condition is known to hold."""
        return all(condition.holds is True for condition in self.conditions)

    @property
    def failed(self) -> tuple[Condition, ...]:
        """Conditions that are known not to hold."""
        return tuple(condition for condition in self.conditions if condition.holds is False)

    @property
    def unknown(self) -> tuple[Condition, ...]:
        """Conditions of which it is not known whether they hold."""
        return tuple(condition for condition in self.conditions if condition.holds is None)

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts that could still open it; none when a condition is known not to hold."""
        return () if self.failed else tuple(need for condition in self.unknown for need in condition.needs)

    @property
    def why(self) -> str:
        """One sentence that names what closes it."""
        if self.is_open:
            return "every condition is known to hold"
        told = [f"{condition.text} (no)" for condition in self.failed]
        told += [f"{condition.text} (not known)" for condition in self.unknown]
        return "missing: " + "; ".join(told)


def assess(facts: Facts, mass_suspected: Tri, policies: Policies, limits: LadderLimits) -> GateVerdict:
    """Ask every condition of the gate.

    Parameters
    ----------
    mass_suspected : bool or None
        From the record or from what imaging shows.
    """
    gate = facts.gate
    return GateVerdict(
        conditions=(
            Condition(
                name="mri_recent",
                holds=is_mri_recent(facts, policies, limits),
                needs=("gate.mri_date", *(() if facts.as_of else ("as_of",))),
                text="a recent MRI",
                source="7.5, 7.10",
            ),
            Condition(
                name="mri_excludes_granuloma_or_compression",
                holds=gate.mri_excludes_granuloma_or_compression,
                needs=("gate.mri_excludes_granuloma_or_compression",),
                text="an MRI that excludes granuloma and compression",
                source="7.5, 7.10",
            ),
            Condition(
                name="no_mass_suspected",
                holds=not3(mass_suspected),
                needs=("pres.suspect_tip_mass",),
                text="no mass suspected at the tip",
                source="7.10",
            ),
            _dead_space_known(facts, policies, limits),
            _concentration_known(facts),
            Condition(
                name="tolerates_bolus",
                holds=_tolerates(facts, policies),
                needs=("gate.tolerates_bolus",),
                text="a clinician's judgement that the bolus is tolerated",
                source="7.5, 7.10",
            ),
            Condition(
                name="monitoring_available",
                holds=gate.monitoring_available,
                needs=("gate.monitoring_available",),
                text="monitoring and supportive care",
                source="7.5, 7.10",
            ),
        )
    )


def is_mri_recent(facts: Facts, policies: Policies, limits: LadderLimits) -> Tri:
    """Whether the last MRI is recent: as judged and recorded, else by its age on the date of the record."""
    if policies.recent_mri == "dated_or_judged" and facts.gate.mri_recent is not None:
        return facts.gate.mri_recent
    if facts.gate.mri_date is None or facts.as_of is None:
        return None
    age = _day(facts.as_of) - _day(facts.gate.mri_date)
    return age.days <= limits.mri_recency_days


def _day(written: str) -> date:
    return datetime.fromisoformat(written).date()


def _dead_space_known(facts: Facts, policies: Policies, limits: LadderLimits) -> Condition:
    space = dead_space(facts, limits)
    if isinstance(space, Blocked):
        holds, needs = None, space.missing
    elif space.verified or policies.unverified_values == "open":
        holds, needs = True, ()
    else:
        holds, needs = None, tuple(used.name.split(",")[0] for used in space.inputs if not used.verified)
    return Condition(
        name="dead_space_known",
        holds=holds,
        needs=needs,
        text="the dead space, from values that have a source",
        source="7.5, 7.10",
    )


def _concentration_known(facts: Facts) -> Condition:
    unknown = tuple(
        f"drug.agents[{n}].concentration_mg_per_ml"
        for n, agent in enumerate(facts.drug.agents)
        if agent.mg_per_ml is None
    )
    return Condition(
        name="concentration_known",
        holds=True if facts.drug.agents and not unknown else None,
        needs=unknown or (() if facts.drug.agents else ("drug.agents",)),
        text="the drugs in the catheter with their concentrations",
        source="7.5",
    )


def _tolerates(facts: Facts, policies: Policies) -> Tri:
    """The recorded judgement; where it must be signed, an unsigned yes counts as not known."""
    judged = facts.gate.tolerates_bolus
    signed = "gate.tolerates_bolus" in facts.origins and bool(facts.origins["gate.tolerates_bolus"].source)
    return None if judged and policies.bolus_judgement == "signed" and not signed else judged
