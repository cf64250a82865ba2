"""Studies of In-111: SPECT-CT, and planar views alone."""

from __future__ import annotations

from pathlib import Path

from catheterview.phantom.cohort.asked import Study, dials_for
from catheterview.phantom.nuclear import (
    NuclearRecipe,
    make_nuclear,
    random_nuclear_recipe,
    small_nuclear_recipe,
    write_nuclear,
    write_planar,
)

_TRACER = {
    "tracer_posterior_to_pump": "posterior",
    "tracer_confined_to_reservoir": "confined",
    "tracer_interruption": "interruption",
    "tracer_pooling": "pooling",
    "tracer_not_arrived": "not_arrived",
    "tracer_csf_block": "csf_block",
}
TRACER_FAULTS = ("healthy", *_TRACER)


def write_spect_ct(study: Study, folder: Path) -> None:
    """Simulate a SPECT with its CT at every time."""
    write_nuclear(make_nuclear(_recipe(study)), folder)


def write_planar_views(study: Study, folder: Path) -> None:
    """Simulate views from the front and the back at every time."""
    write_planar(_recipe(study), folder)


def _recipe(study: Study) -> NuclearRecipe:
    fault = _TRACER.get(study.fault, study.fault)
    draw = small_nuclear_recipe if study.size != "full" else random_nuclear_recipe
    return draw(study.seed, fault=fault, **dials_for(NuclearRecipe, study, "scintigraphy"))  # type: ignore[arg-type]
