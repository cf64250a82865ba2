"""Small simulated tracer studies that several tests look at; made once in a process."""

from __future__ import annotations

from functools import cache

from catheterview.phantom.nuclear import NuclearPhantom, make_nuclear, small_nuclear_recipe


@cache
def small_study(fault: str = "healthy", *, seed: int = 4, flow_ml_per_day: float = 0.5) -> NuclearPhantom:
    """A study of one time point, two days after injection, matrix 64."""
    recipe = small_nuclear_recipe(seed, fault=fault, flow_ml_per_day=flow_ml_per_day)  # type: ignore[arg-type]
    return make_nuclear(recipe)
