"""Simulated radiographs and dye-study cines with known truth.

::

    recipe = random_film_recipe(7, fault="discontinuity")     # every dial drawn from its range by the seed
    ap, lateral = make_films(recipe)                          # .image .catheters .pumps .findings .camera
    prior = make_films(prior_of(recipe, 8))                   # the same patient, healthy, another posture and breath
    write_films((ap, lateral), folder)                        # folder/dicom/*.dcm and folder/truth.json
"""

from __future__ import annotations

from catheterview.phantom.film.dicom import film_truth, write_films
from catheterview.phantom.film.make import FilmPhantom, Sitter, expose, make_films, sit
from catheterview.phantom.film.recipe import FilmRecipe, FilmView, film_patient, prior_of, random_film_recipe

__all__ = [
    "FilmPhantom",
    "FilmRecipe",
    "FilmView",
    "Sitter",
    "expose",
    "film_patient",
    "film_truth",
    "make_films",
    "prior_of",
    "random_film_recipe",
    "sit",
    "write_films",
]
