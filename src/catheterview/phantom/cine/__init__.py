"""Simulated dye studies through the catheter access port under fluoroscopy, with known truth.

::

    recipe = random_cine_recipe(7, fault="extravasation")     # every dial drawn from its range by the seed
    cine = make_cine(recipe, sit(recipe.film))                # .image .catheters .arrival_s .pumps .findings
    write_cine(cine, folder)                                  # folder/dicom/cine.dcm and folder/truth.json

Contrast runs down the lumen by `catheterview.phantom.fluid.transport` (laminar dispersion), leaves at holes and at the
tip, and spreads; the belly wall with pump and tract breathes, the patient shifts a little, every frame has its own
quantum noise. Sources: clinical reference B.2 (signatures), C.3 (dead space), E.4 (contrast of a filled lumen, pixel
sizes). Photons of a frame, rate of the hand and how contrast spreads in the sac have no source and are dials.
"""

from __future__ import annotations

from catheterview.phantom.cine.dicom import cine_truth, write_cine
from catheterview.phantom.cine.make import CinePhantom, make_cine
from catheterview.phantom.cine.recipe import CINE_FAULTS, MISHAPS, CineFault, CineRecipe, random_cine_recipe

__all__ = [
    "CINE_FAULTS",
    "MISHAPS",
    "CineFault",
    "CinePhantom",
    "CineRecipe",
    "cine_truth",
    "make_cine",
    "random_cine_recipe",
    "write_cine",
]
