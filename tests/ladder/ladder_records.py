"""Records of facts and readings for the tests of the ladder: by hand, and drawn by hypothesis."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import strategies as st

from catheterview.geometry import Frame
from catheterview.ladder import Facts, Reading, facts_from
from catheterview.ladder.facts import Agent, Imaging
from catheterview.ladder.fields import FactSpec, specs
from catheterview.ladder.policies import Policies
from catheterview.ladder.view import View
from catheterview.limits.ladder import LadderLimits
from catheterview.model import Examined, Finding, Kind, Rung

AS_OF = "2026-03-02"
CALM = {
    "overdose_signs": False,
    "withdrawal_signs": False,
    "new_or_progressive_neuro_deficit": False,
    "suspect_tip_mass": False,
    "severe_csf_leak": False,
    "infection": False,
}
CLEAN = {"programming_error": False, "alarm": False, "motor_stall": "none"}
#: Loss of therapy, no alarm, 3 ml too much, no response to the bolus, films normal.
LOST: dict[str, Any] = {
    "pres": {**CALM, "loss_of_therapy": True, "non_device_cause": False},
    "intr": CLEAN,
    "vol": {"aspirated_ml": 8.0, "expected_ml": 5.0},
    "device": {"reservoir_capacity_ml": 20.0, "has_cap": True, "manufacturer": "Medtronic"},
    "bolus": {"expected_noticeable_response": True, "given": True, "response": False},
    "img": {"radiograph": {"result": "normal"}},
}
EASY = {"csf_aspirated_ml": 3.0, "easy": True, "clear": True}
#: CSF did not come; everything that the gate asks for is known and well.
GATED: dict[str, Any] = {
    **LOST,
    "cap": {"csf_aspirated_ml": 0.0, "easy": False, "clear": True},
    "cath": {"dead_space_ml": 0.3},
    "drug": {"agents": [{"name": "morphine", "concentration_mg_per_ml": 10.0}], "flow_ml_per_day": 0.3},
    "gate": {
        "mri_date": "2026-02-16",
        "mri_excludes_granuloma_or_compression": True,
        "tolerates_bolus": True,
        "monitoring_available": True,
    },
}


def record(*bases: dict[str, Any], **groups: dict[str, Any]) -> Facts:
    """Read facts from groups; later groups are laid over those of the bases, name by name."""
    laid: dict[str, Any] = {}
    for layer in (*bases, groups):
        for group, values in layer.items():
            laid[group] = {**laid.get(group, {}), **values}
    return facts_from({"schema": "catheterview/facts/1", "as_of": AS_OF, **laid})


def studies(**results: str) -> dict[str, Any]:
    """Give an `img` group in which studies have a result, or ``abnormal:kind,kind``."""
    told: dict[str, Any] = {}
    for rung, written in results.items():
        result, _, kinds = written.partition(":")
        told[rung] = {"result": result, **({"findings": kinds.split(",")} if kinds else {})}
    return {"img": told}


def view_of(facts: Facts, reading: Reading | None = None, policies: Policies | None = None) -> View:
    """See a record as the guards do."""
    return View(facts=facts, reading=reading or Reading(), policies=policies or Policies(), limits=LadderLimits())


def found(kind: Kind, *, series: str = "1.2.3", x_mm: float = 4.5) -> Finding:
    """Make a finding of one kind somewhere in a series."""
    return Finding(
        kind=kind,
        score=0.9,
        frame=Frame.PATIENT,
        point=(x_mm, -20.0, 110.0),
        series_instance_uid=series,
        message=f"a {kind}",
    )


def ran(detector: str = "gaps", outcome: Any = "RAN", why: str = "", series: str = "1.2.3") -> Examined:
    """Say that a detector was asked."""
    return Examined(detector=detector, series_instance_uids=(series,), outcome=outcome, why=why)


def ct_reading(*kinds: Kind, rung: Rung = Rung.CT, examined: tuple[Examined, ...] = (ran(),)) -> Reading:
    """Read one study with some findings."""
    return Reading(findings=tuple(found(kind) for kind in kinds), examined=examined, rungs=(rung,))


_TRICKY = (0.0, 0.3, 1.0, 1.5, 2.0, 5.0, 8.0, 18.0, 20.0, 40.0)


def _tried(spec: FactSpec) -> tuple[Any, ...]:
    """Values of a fact that bear on decisions."""
    if spec.row is not None:
        return ((Agent(name="morphine", concentration_mg_per_ml=10.0),), (Agent(name="bupivacaine"),))
    tried: dict[str, tuple[Any, ...]] = {
        "yes_no": (True, False),
        "choice": spec.values,
        "number": tuple(value for value in _TRICKY if spec.low <= value <= spec.high),
        "count": (0, 3),
        "moment": ("2025-06-01", "2026-02-16", "2026-03-01T08:30"),
        "texts": tuple((value,) for value in spec.values or ("E1",)),
        "text": ("8637-20", "13827", "8709SC"),
    }
    return tried[spec.kind]


def _assignments() -> list[tuple[str, str, Any]]:
    blank = Facts()
    named = [each.name for each in fields(Facts) if each.name not in ("as_of", "img", "origins")]
    groups = {name: getattr(blank, name) for name in named}
    groups |= {f"img.{each.name}": getattr(blank.img, each.name) for each in fields(Imaging)}
    return [
        (path, name, value)
        for path, group in groups.items()
        for name, spec in specs(type(group)).items()
        for value in _tried(spec)
    ]


_ASSIGNMENTS = _assignments()
_STARTS = (Facts(), record(pres=CALM), record(LOST), record(LOST, cap=EASY), record(GATED))


def _assigned(facts: Facts, path: str, name: str, value: Any) -> Facts:
    if path.startswith("img."):
        rung = path.removeprefix("img.")
        seen = replace(getattr(facts.img, rung), **{name: value})
        return replace(facts, img=replace(facts.img, **{rung: seen}))
    return replace(facts, **{path: replace(getattr(facts, path), **{name: value})})


def any_facts() -> st.SearchStrategy[Facts]:
    """Draw any record, contradictory ones too: the engine must answer whatever it is handed."""
    changes = st.lists(st.sampled_from(_ASSIGNMENTS), max_size=20)
    return st.builds(_changed, st.sampled_from(_STARTS), changes)


def _changed(facts: Facts, changes: list[tuple[str, str, Any]]) -> Facts:
    for change in changes:
        facts = _assigned(facts, *change)
    return facts


def any_reading() -> st.SearchStrategy[Reading]:
    """Draw what triage may have read: up to two kinds of study, some findings, detectors that ran or did not."""
    return st.builds(
        Reading,
        findings=st.lists(st.builds(found, st.sampled_from(tuple(Kind)), x_mm=st.floats(-50, 50)), max_size=3).map(
            tuple
        ),
        examined=st.lists(
            st.builds(ran, st.sampled_from(("gaps", "kinks", "trace")), st.sampled_from(("RAN", "SKIPPED", "FAILED"))),
            max_size=3,
        ).map(tuple),
        rungs=st.lists(st.sampled_from(tuple(Rung)), max_size=2, unique=True).map(tuple),
        pump_found=st.sampled_from((None, True, False)),
    )
