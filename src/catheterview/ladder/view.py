"""One case as the guards of the ladder see it: facts, reading, policies, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from catheterview.ladder.facts import Facts
from catheterview.ladder.fields import Tri, specs
from catheterview.ladder.gate import GateVerdict, assess
from catheterview.ladder.imaging import Seen, imaging, shows_mass
from catheterview.ladder.policies import Policies
from catheterview.ladder.reading import Reading
from catheterview.ladder.reservoir import Reconciliation, reconcile
from catheterview.limits.catalogue import PumpModel, pump_named
from catheterview.limits.ladder import LadderLimits
from catheterview.model import Kind, Rung

#: How far the record shows that the ladder was climbed: the stage of each group of facts and of each study.
_STAGE_OF_STUDY = {
    Rung.RADIOGRAPH: 6,
    Rung.FLUOROSCOPY: 10,
    Rung.CAP_CT: 11,
    Rung.CT: 12,
    Rung.SPECT_CT: 13,
    Rung.LP_CT: 14,
}


#: Facts that a view works out where they are not recorded.
_DERIVED = {"device.manufacturer": "manufacturer", "device.has_cap": "has_cap", "hist.post_mri": "post_mri"}


# Not slotted: what follows from the facts is computed once, when a guard first asks for it.
@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """A case with what follows from it; every property is computed at most once."""

    facts: Facts
    reading: Reading
    policies: Policies
    limits: LadderLimits

    def with_facts(self, facts: Facts) -> View:
        """The same case with other facts; what was worked out of unchanged groups is kept."""
        other = replace(self, facts=facts)
        if facts.img is self.facts.img:
            other.__dict__["studies"] = self.studies
        if facts.vol is self.facts.vol and facts.device is self.facts.device and facts.intr is self.facts.intr:
            other.__dict__["volumes"] = self.volumes
        return other

    @cached_property
    def volumes(self) -> Reconciliation:
        """The reservoir's reconciliation."""
        return reconcile(self.facts, self.policies, self.limits)

    @cached_property
    def studies(self) -> Mapping[Rung, Seen]:
        """What is known of each kind of study."""
        return imaging(self.facts, self.reading)

    @cached_property
    def mass_suspected(self) -> Tri:
        """Whether a mass at the tip is suspected: by the record, an MRI, or a filling defect in any study."""
        mri = self.studies[Rung.MRI]
        shown = self.policies.filling_defect == "suspicion" and any(
            Kind.FILLING_DEFECT in seen.kinds for seen in self.studies.values()
        )
        if shown or shows_mass(mri):
            return True
        return self.facts.pres.suspect_tip_mass

    @cached_property
    def gate(self) -> GateVerdict:
        """The contrast safety gate."""
        return assess(self.facts, self.mass_suspected, self.policies, self.limits)

    @cached_property
    def pump_model(self) -> PumpModel | None:
        """The catalogue's entry for the recorded model."""
        return pump_named(self.facts.device.model) if self.facts.device.model else None

    @cached_property
    def manufacturer(self) -> str | None:
        """Who made the pump, by the record or by its model."""
        return self.facts.device.manufacturer or (self.pump_model.maker if self.pump_model else None)

    @cached_property
    def post_mri(self) -> Tri:
        """Whether this is after an MRI."""
        return self.facts.hist.post_mri if self.facts.hist.post_mri is not None else self.facts.hist.mri

    @cached_property
    def has_cap(self) -> Tri:
        """Whether there is an access port: recorded, used, shown by a study through it, or by the model."""
        if self.facts.device.has_cap is not None:
            return self.facts.device.has_cap
        if _any_known(self.facts.cap) or self.studies[Rung.CAP_CT].done:
            return True
        return self.pump_model.has_cap if self.pump_model else None

    @cached_property
    def climbed(self) -> int:
        """The highest stage of the ladder of which the record holds a result; 0 when it holds none.

        Films are often made early: only those that triage was given to read show how far a case has come.
        """
        shown = [rung for rung, seen in self.studies.items() if seen.done and rung in _STAGE_OF_STUDY]
        stages = [_STAGE_OF_STUDY[rung] for rung in shown if rung is not Rung.RADIOGRAPH or rung in self.reading.rungs]
        stages += [3] if _any_known(self.facts.intr) else []
        stages += [4] if self.facts.vol.aspirated_ml is not None else []
        stages += [5] if any(each is not None for each in (self.facts.bolus.given, self.facts.bolus.response)) else []
        stages += [8] if _any_known(self.facts.cap) else []
        return max(stages, default=0)

    def is_unknown(self, name: str) -> bool:
        """Whether nothing is known of the fact with a path, neither recorded nor to be had from what is."""
        if name == "as_of":
            return self.facts.as_of is None
        if name.startswith("img."):
            return _is_unseen(self.studies[Rung(name.split(".")[1])], name)
        if "[" in name:
            return True  # only asked where a row lacks it
        if name in _DERIVED:
            return getattr(self, _DERIVED[name]) is None
        group, fact = name.split(".")
        return getattr(getattr(self.facts, group), fact) in (None, ())

    @cached_property
    def incomplete(self) -> bool:
        """Whether something that should have been examined was not: no path may reassure then."""
        return any(each.outcome != "RAN" for each in self.reading.examined) or any(
            seen.result == "nondiagnostic" for seen in self.studies.values()
        )


def _is_unseen(seen: Seen, name: str) -> bool:
    """Whether a study's result is not known; its findings are missing only where it is abnormal without a word how."""
    if name.endswith(".result"):
        return seen.result is None
    return seen.result == "abnormal" and not seen.kinds


def _any_known(group: object) -> bool:
    """Whether anything of a group of facts is known."""
    return any(getattr(group, name) not in (None, ()) for name in specs(type(group)))
