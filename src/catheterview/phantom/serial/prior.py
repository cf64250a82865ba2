"""An earlier scan of the same patient: nothing wrong, another posture and breath."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.phantom.later import Triple
from catheterview.phantom.recipe import CtRecipe

_TURN_DEG, _SHIFT_MM, _BREATH_MM = (2.0, 2.0, 2.0), (8.0, 4.0, 10.0), 8.0  # as for films; no source


def prior_recipe(recipe: CtRecipe) -> CtRecipe:
    """The plain CT of the same patient and device before anything went wrong.

    Parameters
    ----------
    recipe : CtRecipe
        Of the later scan.

    Returns
    -------
    CtRecipe
        Healthy, without contrast; in a synthetic patient in a posture and breath of its own, drawn by the seed. In a
        given CT the patient lies as in that CT.
    """
    prior = replace(recipe, fault="healthy", study="non_contrast", scan=recipe.scan + 1, needle_spill_ml=0.0)
    if recipe.background == "given":
        return prior
    rng = np.random.default_rng([recipe.seed, 93, recipe.scan])
    breath = float(np.round(rng.uniform(-_BREATH_MM, _BREATH_MM), 1))
    return replace(prior, posture_deg=_drawn(rng, _TURN_DEG), posture_mm=_drawn(rng, _SHIFT_MM), breath_mm=breath)


def _drawn(rng: np.random.Generator, spread: Triple) -> Triple:
    """Draw three numbers about zero."""
    x, y, z = (float(v) for v in np.round(rng.normal(0.0, spread), 2))
    return x, y, z
