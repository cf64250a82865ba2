"""The whole vocabulary of findings: which recipe makes each, how bad it is made, and its healthy control."""

from __future__ import annotations

from dataclasses import fields

import pytest

from catheterview.model import Kind
from catheterview.phantom import CtRecipe
from catheterview.phantom.cine import CineRecipe
from catheterview.phantom.cohort import MODALITIES, CohortPlan, cases_of, recipe_of
from catheterview.phantom.cohort.projections import ROTOR_TURNS
from catheterview.phantom.film import FilmRecipe
from catheterview.phantom.nuclear import NuclearRecipe

#: No image shows it: what is said where nothing can be seen.
NO_FAULT = {Kind.NOT_ASSESSABLE}
#: For each kind: a modality that shows it, and the dial of its severity.
MADE_BY = {
    Kind.DISCONTINUITY: ("CT", "gap_mm"),
    Kind.KINK: ("CT", "kink_turn_deg"),
    Kind.MIGRATION: ("CT", "shift_mm"),
    Kind.TIP_MALPOSITION: ("CT", "tip_place"),
    Kind.PUMP_ROTATION: ("CT", "turn_deg"),
    Kind.PUMP_FLIP: ("CT", "move_flip"),  # over or not: there is no half of it
    Kind.PUMP_MIGRATION: ("CT", "move_mm"),
    Kind.ROTOR_NOT_TURNING: ("RADIOGRAPH", "rotor_deg"),
    Kind.EXTRAVASATION: ("CAP-CT", "leak_ml"),
    Kind.CONNECTOR_LEAK: ("CAP-CT", "leak_ml"),
    Kind.POCKET_POOLING: ("CAP-CT", "leak_ml"),
    Kind.RETROGRADE_TRACKING: ("CAP-CT", "track_share"),
    Kind.TIP_LOCULATION: ("CAP-CT", "leak_ml"),
    Kind.INADEQUATE_POOLING: ("CAP-CT", "spread_mm"),
    Kind.FLOW_OBSTRUCTION: ("LP-CT", "block_mm"),
    Kind.SUBDURAL_PATTERN: ("CAP-CT", "leak_hu"),
    Kind.EPIDURAL_PATTERN: ("LP-CT", "leak_hu"),
    Kind.ECTASIA: ("CAP-CT", "wide_ratio"),
    Kind.SEROMA: ("CT", "seroma_ml"),
    Kind.FILLING_DEFECT: ("LP-CT", "defect_mm"),
    Kind.TRACER_POSTERIOR_TO_PUMP: ("SPECT-CT", "leak_share"),
    Kind.TRACER_CONFINED_TO_RESERVOIR: ("SPECT-CT", "flow_ml_per_day"),
    Kind.TRACER_INTERRUPTION: ("SPECT-CT", "place"),
    Kind.TRACER_POOLING: ("SPECT-CT", "leak_share"),
    Kind.TRACER_NOT_ARRIVED: ("PLANAR", "hours"),
    Kind.TRACER_CSF_BLOCK: ("SPECT-CT", "csf_reach_mm"),
}
RECIPES = {"RADIOGRAPH": FilmRecipe, "FLUOROSCOPY": CineRecipe, "SPECT-CT": NuclearRecipe, "PLANAR": NuclearRecipe}


def test_every_kind_is_made_or_is_no_fault() -> None:
    """No word of the vocabulary is left out, and none of what the phantom calls a fault is beside it."""
    assert set(MADE_BY) | NO_FAULT == set(Kind)
    assert not set(MADE_BY) & NO_FAULT


@pytest.mark.parametrize("kind", sorted(MADE_BY))
def test_a_kind_has_a_recipe_a_dial_and_a_control(kind: Kind) -> None:
    """The modality knows the fault by the finding's name, the dial is of its recipe, a cohort has its control."""
    name, dial = MADE_BY[kind]
    (modality,) = (one for one in MODALITIES if one.name == name)
    assert str(kind) in modality.faults
    assert dial in {one.name for one in fields(RECIPES.get(name, CtRecipe))}
    faulty, control = cases_of(CohortPlan(count=2, faults={str(kind): 1.0}, modality=name))
    assert (faulty.study.fault, control.study.fault) == (str(kind), "healthy")
    assert faulty.study.seed == control.study.seed
    if name in ("CT", "CAP-CT", "LP-CT"):
        one, two = recipe_of(faulty.study), recipe_of(control.study)
        assert (one.seed, one.wall_hu, one.shape, one.mixing_ml) == (two.seed, two.wall_hu, two.shape, two.mixing_ml)


def test_the_control_of_a_still_rotor_has_one_that_turns() -> None:
    """The same bolus was asked for; nothing but the rotor differs."""
    plan = CohortPlan(count=2, faults={"rotor_not_turning": 1.0}, modality="RADIOGRAPH", prior=True)
    assert dict(cases_of(plan)[1].study.dials) == ROTOR_TURNS
