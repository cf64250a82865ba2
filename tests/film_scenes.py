"""Small simulated radiographs, made once, and films drawn by hand."""

from __future__ import annotations

from functools import cache

import numpy as np

from catheterview.geometry import Frame
from catheterview.model import Image
from catheterview.model.film import Film, FilmPump, View
from catheterview.phantom.film import FilmPhantom, FilmRecipe, FilmView, Sitter, film_patient, make_films, sit

PITCH = 0.5


def recipe(**fixed: object) -> FilmRecipe:
    """A frontal film of a patient of the train split, coarse, with a well visible catheter."""
    patient = film_patient(5002, loops=0, second_lead=False, ecg_cable=False)
    dials = {"patient": patient, "contrast": 0.2, "pitch_mm": PITCH, "rows": 860, "columns": 860, "blur_mm": 0.3}
    return FilmRecipe(**{**dials, "views": (FilmView(kind="AP"),), **fixed})  # type: ignore[arg-type]


@cache
def sitter() -> Sitter:
    """The patient of `recipe`."""
    return sit(recipe())


@cache
def frontal(*, flipped: bool = False) -> FilmPhantom:
    """The frontal film."""
    (film,) = make_films(recipe(flipped=flipped), sitter=sitter())
    return film


@cache
def lateral() -> FilmPhantom:
    """The lateral film of the same patient."""
    (film,) = make_films(recipe(views=(FilmView(kind="LATERAL"),)), sitter=sitter())
    return film


def as_film(phantom: FilmPhantom) -> Film:
    """A simulated film as reading gives it."""
    values = phantom.image.voxels[0]
    return Film(
        image=phantom.image,
        density=values.astype(np.float32) / 1000.0,
        exposed=values < 4090,
        spacing_mm=(phantom.recipe.pitch_mm,) * 2,
        view=View.LATERAL if phantom.view.kind == "LATERAL" else View.AP,
        view_from="tags",
    )


def drawn_film(gap_mm: float = 0.0, *, mm: float = 0.2, noise: float = 0.01) -> tuple[Film, FilmPump, np.ndarray]:
    """A bright disc and a tube that leaves it in an arc; the third value is the tube's course (row, column)."""
    shape = (700, 610)
    rng = np.random.default_rng(4)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    density = 1.0 + 0.0004 * rows + rng.normal(0.0, noise, shape)
    pump = FilmPump(
        series_instance_uid="1.2", sop_instance_uid="1.2.3", center=(560.0, 200.0), radius_px=80.0,
        toward=(0.0, 0.0, 1.0), turn_deg=0.0, flipped=False, mm_per_px=mm, magnification=1.2,
    )  # fmt: skip
    density[np.hypot(rows - 560.0, columns - 200.0) < 80.0] += 1.5
    angle = np.linspace(0.0, 0.62 * np.pi, 900)
    course = np.stack([560.0 - 430.0 * np.sin(angle) * 0.8, 280.0 + 200.0 * (1.0 - np.cos(angle))], axis=1)
    half = 0.5 * gap_mm / mm
    middle = course[450]
    shown = course[np.hypot(*(course - middle).T) > half] if gap_mm else course
    away = np.full(shape, np.inf)
    for row, column in shown:
        low, left = max(0, int(row) - 8), max(0, int(column) - 8)
        part = np.s_[low : int(row) + 9, left : int(column) + 9]
        away[part] = np.minimum(away[part], np.hypot(rows[part] - row, columns[part] - column))
    density += 0.08 * np.exp(-0.5 * (away / 2.6) ** 2.6)
    image = Image(
        voxels=np.zeros((1, *shape), np.int16), grid=None, frame=Frame.DETECTOR, modality="DX",
        series_instance_uid="1.2", study_instance_uid="1", sop_instance_uids=("1.2.3",),
    )  # fmt: skip
    film = Film(
        image=image, density=density.astype(np.float32), exposed=np.ones(shape, bool), spacing_mm=(mm * 1.2,) * 2,
        view=View.AP, view_from="tags",
    )  # fmt: skip
    return film, pump, course
