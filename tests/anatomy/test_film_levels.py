"""Vertebrae on films: drawn ones are found, and counted from their ribs where they have any."""

from __future__ import annotations

import numpy as np

from catheterview.anatomy.film import Column, find_film_levels
from catheterview.geometry import Frame
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Image
from catheterview.model.film import Film, View
from catheterview.model.film_levels import FilmLevels

MM, SHAPE, TOPS = 0.4, (900, 640), np.arange(10.0, 880.0, 80.0)


def spine(*, ribs_from: int | None, crest: int | None = None) -> tuple[Film, Column]:
    """Bodies of 25 mm, discs of 7 mm, lowest first; from `ribs_from` up ribs go out, at `crest` one to the right."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float64)
    middle = 330.0 + 0.02 * (rows - 450.0)
    aside = (columns - middle) * MM
    density = 1.0 + 0.0003 * rows + np.random.default_rng(3).normal(0.0, 0.01, SHAPE)
    for n, top in enumerate(TOPS[::-1]):
        density += 0.15 * ((rows > top) & (rows < top + 62.0) & (np.abs(aside) < 20.0))
        if (ribs_from is not None and n >= ribs_from) or n == crest:
            fall, out = top + 24.0 + 0.3 * np.abs(aside) / MM, aside if n == crest else np.abs(aside)
            density += 0.05 * ((np.abs(rows - fall) < 14.0) & (out > 16.0) & (out < 100.0))
    image = Image(
        voxels=np.zeros((1, *SHAPE), np.int16), grid=None, frame=Frame.DETECTOR, modality="DX",
        series_instance_uid="1.2", study_instance_uid="1", sop_instance_uids=("1.2.3",),
    )  # fmt: skip
    film = Film(
        image=image, density=density.astype(np.float32), exposed=np.ones(SHAPE, bool), spacing_mm=(MM, MM),
        view=View.AP, view_from="tags",
    )  # fmt: skip
    line = np.stack([np.arange(SHAPE[0]), 330.0 + 0.02 * (np.arange(SHAPE[0]) - 450.0)], axis=1)
    return film, Column(middle=line, mm_per_px=MM, covered=np.zeros(SHAPE, bool))


def found(*, ribs_from: int | None, crest: int | None = None) -> FilmLevels:
    film, column = spine(ribs_from=ribs_from, crest=crest)
    return find_film_levels(film, column, FilmDetectLimits())


def test_levels_are_counted_from_the_last_rib() -> None:
    """Every drawn body between discs is found within 2 mm, and that which bears the last rib is T12."""
    levels = found(ribs_from=6)
    assert levels.levels_from == "last rib"
    by_name = {level.name: level.point for level in levels.levels}
    drawn = TOPS[::-1] + 31.0
    assert abs(by_name["T12"][0] - drawn[6]) * MM < 2.0
    assert abs(by_name["L3"][0] - drawn[3]) * MM < 2.0
    assert levels.at((drawn[5], 335.0)) == "L1"
    assert levels.at((drawn[5], 620.0)) is None


def test_a_band_on_one_side_is_no_pair_of_ribs() -> None:
    """One below the last rib, to one side only, does not put every name a level too low."""
    levels = found(ribs_from=6, crest=5)
    by_name = {level.name: level.point for level in levels.levels}
    assert abs(by_name["T12"][0] - (TOPS[::-1][6] + 31.0)) * MM < 2.0


def test_without_ribs_levels_are_relative() -> None:
    """Names that are not those of anatomy, and the reason."""
    levels = found(ribs_from=None)
    assert levels.levels_from == "relative"
    assert levels.levels[0].name == "V1"
    assert levels.why


def test_a_film_without_a_spine_has_no_levels() -> None:
    """Noise is no row of vertebrae, or is not given names."""
    film, column = spine(ribs_from=None)
    rng = np.random.default_rng(5)
    flat = Film(
        image=film.image, density=rng.normal(1.0, 0.01, SHAPE).astype(np.float32), exposed=film.exposed.copy(),
        spacing_mm=film.spacing_mm, view=film.view, view_from="tags",
    )  # fmt: skip
    assert not find_film_levels(flat, column, FilmDetectLimits()).named
