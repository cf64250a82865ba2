"""Studies that see the patient from a side: radiographs, with a prior where wanted, and dye studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from catheterview.errors import InputError
from catheterview.phantom.cine import CineRecipe, make_cine, random_cine_recipe, write_cine
from catheterview.phantom.cohort.asked import PRIOR_DATE, Study, dials_for, views_of
from catheterview.phantom.film import FilmRecipe, make_films, prior_of, random_film_recipe, sit, write_films

#: Faults of a radiograph that are dials of the film's own recipe: what a second film, or a mirrored pump, shows.
_FILM_DIALS: dict[str, dict[str, object]] = {
    "pump_flip": {"flipped": True},
    "pump_rotation": {"pump_turn_deg": 100.0},
    "pump_migration": {"pump_move_mm": 40.0},
    "migration": {"pull_mm": 60.0},
    # A bolus that turns the rotor by 60 degrees (clinical reference L15), and a rotor that stays.
    "rotor_not_turning": {"rotor_asked_deg": 60.0},
}
#: The healthy control of a still rotor: the same bolus, and a rotor that goes along.
ROTOR_TURNS: dict[str, object] = {"rotor_asked_deg": 60.0, "rotor_deg": 60.0}
FILM_FAULTS = ("healthy", "discontinuity", "kink", "tip_malposition", *_FILM_DIALS)
_FILM_SIZES: dict[str, dict[str, object]] = {
    "full": {},
    "small": {"pitch_mm": 0.3, "rows": 1433, "columns": 1433},
    "tiny": {"pitch_mm": 0.5, "rows": 860, "columns": 860},
}


def write_radiographs(study: Study, folder: Path) -> None:
    """Simulate the films of a study, and of an earlier day in ``folder/prior``."""
    fault = "healthy" if study.fault in _FILM_DIALS else study.fault
    views = views_of(study)
    asked: dict[str, object] = {"views": views} if views else {}
    given = dials_for(FilmRecipe, study, "radiographs")
    fixed = {**_FILM_SIZES[study.size], **_FILM_DIALS.get(study.fault, {}), **asked, **given}
    recipe = random_film_recipe(study.seed, fault=fault, **fixed)  # type: ignore[arg-type]
    write_films(make_films(recipe), folder)
    if study.prior:
        # A rotor study is two films on either side of a bolus; every other comparison is one of two days.
        when: dict[str, Any] = {"hour": 9} if recipe.rotor_asked_deg else {"date": PRIOR_DATE}
        write_films(make_films(prior_of(recipe, study.seed)), folder / "prior", **when)


#: Seconds between frames, and how many pixels of the full run one is wide, for runs that are quick to make and read.
_CINE_SIZES: dict[str, tuple[float | None, int]] = {"full": (None, 1), "small": (0.5, 1), "tiny": (1.0, 2)}


def write_dye_study(study: Study, folder: Path) -> None:
    """Simulate one run through the access port."""
    recipe = cine_recipe_of(study)
    write_cine(make_cine(recipe, sit(recipe.film)), folder)


def cine_recipe_of(study: Study) -> CineRecipe:
    """The recipe of a run: drawn by the seed, then what the study fixes.

    Raises
    ------
    InputError
        For a dial that no run has, or more than one view.
    """
    views = views_of(study)
    if len(views) > 1 or study.prior:
        raise InputError("a dye study has one view and no prior")
    given = dials_for(CineRecipe, study, "dye studies")
    recipe = random_cine_recipe(study.seed, fault=study.fault, **given)  # type: ignore[arg-type]
    frame_s, by = _CINE_SIZES[study.size]
    if frame_s is not None and not {"frames", "frame_s"} & set(given):
        recipe = replace(recipe, frames=round(recipe.frames * recipe.frame_s / frame_s), frame_s=frame_s)
    film = recipe.film
    film = replace(film, rows=film.rows // by, columns=film.columns // by, pitch_mm=film.pitch_mm * by)
    return replace(recipe, film=replace(film, views=views or film.views))
