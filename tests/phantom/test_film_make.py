"""Simulated radiographs show what their truth says, where it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom

from catheterview.phantom.film import expose, write_films
from film_scenes import frontal, lateral, recipe, sitter


def test_the_same_recipe_gives_the_same_film() -> None:
    """Equal recipes give equal bytes."""
    again = expose(recipe(), sitter(), 0)
    assert again.image.voxels.tobytes() == frontal().image.voxels.tobytes()
    assert again.image.series_instance_uid == frontal().image.series_instance_uid


def test_the_tube_is_where_the_truth_has_it() -> None:
    """Along the true course the film is denser than 3 mm to either side, by about the contrast behind scatter."""
    film = frontal()
    (catheter,) = film.catheters
    (pump,) = film.pumps
    free = np.hypot(*(catheter.points - pump.center).T) > pump.radius_px * 1.15
    points = catheter.points[free]
    inside = ((points > 40) & (points < np.array(film.image.voxels.shape[1:]) - 40)).all(axis=1)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    values = film.image.voxels[0].astype(float)

    def read(at: np.ndarray) -> np.ndarray:
        index = np.round(at[inside]).astype(int)
        return values[index[:, 0], index[:, 1]]

    above = read(points) - 0.5 * (read(points + 8 * across) + read(points - 8 * across))
    per_unit = 4095 / 5.0
    expected = -np.log(1.0 - film.recipe.contrast) / (1.0 + film.recipe.scatter) * per_unit
    assert 0.5 * expected < np.median(above) < 2.0 * expected  # where it runs to the film it is denser


def test_the_pump_is_magnified_by_its_distance() -> None:
    """Magnification is the distance from source to detector over that from source to pump."""
    film = frontal()
    (pump,) = film.pumps
    camera = film.camera
    center = camera.source + (camera.corner - camera.source)
    assert pump.magnification is not None
    depth = float((center - camera.source) @ camera.toward) / pump.magnification
    assert abs(pump.radius_px * film.recipe.pitch_mm / pump.magnification - 43.75) < 0.01
    assert 700.0 < abs(depth) < 1000.0


def test_a_film_is_written_with_its_truth(tmp_path: Path) -> None:
    """The file holds the same values, says how they are to be read, and truth.json is beside it."""
    place = write_films((frontal(),), tmp_path)
    (file,) = place.iterdir()
    header = pydicom.dcmread(file)
    assert header.ViewPosition == "AP"
    assert [float(v) for v in header.ImagerPixelSpacing] == [0.5, 0.5]
    np.testing.assert_array_equal(header.pixel_array, frontal().image.voxels[0])
    assert '"frame": "CALIBRATED"' in (tmp_path / "truth.json").read_text()


def test_a_lateral_film_is_exposed_for_the_middle_of_the_trunk() -> None:
    """The spine is not burnt out, and what lies before and behind it is shown as well."""
    values = lateral().image.voxels[0]
    rows, columns = (slice(round(0.3 * n), round(0.7 * n)) for n in values.shape)
    assert float((values[rows, columns] >= 4090).mean()) < 0.01
    shown = (values > 100) & (values < 4000)
    assert float(shown[rows].mean()) > 0.4
