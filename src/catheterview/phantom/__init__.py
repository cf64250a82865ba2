"""Simulated studies with known truth.

::

    recipe = random_recipe(7, fault="discontinuity")          # every dial drawn from its range by the seed
    recipe = CtRecipe(seed=7, fault="kink", wall_hu=600.0)    # or set by hand
    phantom = make_ct(recipe)                                 # .image .anatomy .catheters .pumps .findings
    phantom = make_ct(replace(recipe, background="given"), into=image, anatomy=anatomy)   # in a real CT
    phantom = make_ct(recipe, grid=other_grid)                # the same scene on another grid
    write_phantom(phantom, folder)                            # folder/dicom/*.dcm and folder/truth.json
    make_and_write(recipe, folder)                            # both at once

``CtRecipe(physics=False)`` leaves out the projections: the pump only blooms, which is fast enough for a unit test;
`small_recipe` gives the smallest scene that still holds a whole system. Faults: ``healthy``, ``discontinuity``,
``kink``, ``no_device``. `split_of` says which split a seed belongs to; never tune on ``test``.
"""

from __future__ import annotations

from catheterview.phantom.catalogue import PUMPS, PumpModel
from catheterview.phantom.dials import FAULTS, STUDIES
from catheterview.phantom.dicom import Writing, make_and_write, write_phantom
from catheterview.phantom.draw import random_recipe, random_traps, small_recipe
from catheterview.phantom.make import Phantom, default_grid, make_ct
from catheterview.phantom.recipe import PICTURES, CtRecipe, split_of
from catheterview.phantom.truth import truth_record

__all__ = [
    "FAULTS",
    "PICTURES",
    "PUMPS",
    "STUDIES",
    "CtRecipe",
    "Phantom",
    "PumpModel",
    "Writing",
    "default_grid",
    "make_and_write",
    "make_ct",
    "random_recipe",
    "random_traps",
    "small_recipe",
    "split_of",
    "truth_record",
    "write_phantom",
]
