"""In-111 scintigraphy of an implanted pump: SPECT, planar views and a low-dose CT, with truth.

::

    recipe = random_nuclear_recipe(7, fault="pooling")     # every dial drawn by the seed
    phantom = make_nuclear(recipe)                         # .ct .scans (one per time) .findings
    write_nuclear(phantom, folder)                         # NM objects and the CT as DICOM, truth.json
    planar = make_planar(recipe, hours=24.0)               # front and back views, both windows
    write_planar(recipe, folder)                           # planar views alone, at every time, with truth.json

What is simulated: where the tracer is by flow, dead space and hours (`fate`), a collimator whose blur grows with
distance, attenuation, scatter and septal tails of the hot reservoir, Poisson noise, and an OSEM reconstruction whose
model is not quite the truth. What is simplified stands in ``docs/scintigraphy.md``.
"""

from __future__ import annotations

from catheterview.phantom.nuclear.dicom import NuclearWriting, planar_dataset, write_nuclear
from catheterview.phantom.nuclear.make import NuclearPhantom, Scan, make_nuclear, moved
from catheterview.phantom.nuclear.planar import Planar, make_planar
from catheterview.phantom.nuclear.planar_study import write_planar
from catheterview.phantom.nuclear.recipe import (
    CameraDials,
    NuclearRecipe,
    random_nuclear_recipe,
    small_nuclear_recipe,
)

__all__ = [
    "CameraDials",
    "NuclearPhantom",
    "NuclearRecipe",
    "NuclearWriting",
    "Planar",
    "Scan",
    "make_nuclear",
    "make_planar",
    "moved",
    "planar_dataset",
    "random_nuclear_recipe",
    "small_nuclear_recipe",
    "write_nuclear",
    "write_planar",
]
