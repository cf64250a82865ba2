"""The pump on a radiograph gives place, scale, turn and side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catheterview.device.film import find_film_pump
from catheterview.device.film.slant import stretched
from catheterview.limits.film import FilmLimits
from catheterview.model import Rung
from catheterview.read import scan
from catheterview.read.film import load_film
from film_scenes import as_film, drawn_film, frontal, lateral


@pytest.mark.parametrize("flipped", [False, True])
def test_the_pump_is_found_and_read(flipped: bool) -> None:
    """Place within 3 mm, magnification within 2 %, turn within 5 degrees, and the side that looks to the front."""
    phantom = frontal(flipped=flipped)
    (truth,) = phantom.pumps
    (pump,) = find_film_pump(as_film(phantom), FilmLimits()).pumps
    assert np.hypot(*np.subtract(pump.center, truth.center)) * 0.5 < 3.0
    assert pump.magnification == pytest.approx(truth.magnification, rel=0.02)
    assert pump.flipped is flipped
    assert pump.turn_deg is not None
    assert truth.turn_deg is not None
    assert abs((pump.turn_deg - truth.turn_deg + 180.0) % 360.0 - 180.0) < 5.0


def test_a_pump_on_its_edge_is_found_at_the_height_of_the_frontal_film() -> None:
    """Beside the skin, where the film falls steeply: place and magnification, tilt within 5 degrees, and the model."""
    phantom = lateral()
    (truth,), (in_front,) = phantom.pumps, frontal().pumps
    (pump,) = find_film_pump(as_film(phantom), FilmLimits(), frontal=in_front).pumps
    assert np.hypot(*np.subtract(pump.center, truth.center)) * 0.5 < 3.0
    assert pump.magnification == pytest.approx(truth.magnification, rel=0.025)
    assert pump.tilt_deg == pytest.approx(truth.tilt_deg, abs=5.0)
    assert pump.models[0] == truth.models[0]


def test_a_film_without_scale_is_calibrated_by_the_pump() -> None:
    """Where the header has no spacing, the known diameter still gives millimetres at the pump, but no magnification."""
    phantom = frontal()
    (pump,) = find_film_pump(replace(as_film(phantom), spacing_mm=None), FilmLimits()).pumps
    assert pump.magnification is None
    assert pump.mm_per_px == pytest.approx(phantom.pumps[0].mm_per_px, rel=0.02)


def test_nothing_is_found_where_nothing_is() -> None:
    """Noise and a slope hold no pump, and the reason is told."""
    film = as_film(frontal())
    rng = np.random.default_rng(3)
    empty = (np.linspace(1.0, 2.0, 860)[:, None] + rng.normal(0.0, 0.02, (860, 860))).astype(np.float32)
    found = find_film_pump(replace(film, density=empty), FilmLimits())
    assert found.pumps == ()
    assert found.why


def test_real_films_without_a_device_hold_no_pump(real_data: Path) -> None:
    """A hip's shaft has straight edges like a pump on its side, but no sharp ones all round."""
    cases = scan([real_data / "nema-samples.zip"], key=b"a key for tests").cases
    films = {
        series.series_instance_uid: series
        for case in cases
        for study in case.studies
        for series in study.series
        if series.role == "film" and series.rung is Rung.RADIOGRAPH
    }
    assert films
    for series in films.values():
        assert find_film_pump(load_film(series), FilmLimits()).pumps == ()


def test_a_disc_on_its_edge_is_thrown_longer_by_rays_at_a_slant() -> None:
    """Off the middle a disc that holds the ray has a longer shadow; one that faces the source has not."""
    film, _, _ = drawn_film()
    middle = (0.5 * (film.density.shape[0] - 1), 0.5 * (film.density.shape[1] - 1))
    aside, on_edge = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    assert stretched(film, middle, aside, FilmLimits()) == pytest.approx(1.0)
    below = (middle[0] + 250.0, middle[1])
    assert film.spacing_mm is not None
    slope = 250.0 * film.spacing_mm[0] / FilmLimits().source_mm
    assert stretched(film, below, aside, FilmLimits()) == pytest.approx(np.hypot(1.0, slope))
    assert stretched(film, below, on_edge, FilmLimits()) == pytest.approx(1.0)
