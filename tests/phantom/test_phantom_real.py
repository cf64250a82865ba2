"""A device in real CTs: it fits, it is where the truth says, and what is no trunk is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catheterview.anatomy import find_anatomy
from catheterview.errors import CatheterviewError
from catheterview.limits import Limits
from catheterview.model import Anatomy, Image
from catheterview.phantom import make_ct, random_recipe
from catheterview.phantom.curves import bend_radius
from catheterview.phantom.route import bone_mm
from catheterview.phantom.scene import build_scene, given_hu
from catheterview.read import Series, load, scan

pytestmark = pytest.mark.real


def _given(path: Path) -> tuple[Image, Anatomy]:
    inventory = scan([path], key=b"k" * 32)
    (series,) = (one for case in inventory.cases for study in case.studies for one in study.series if one.stackable)
    image = load(series)
    return image, find_anatomy(image, Limits().anatomy)


@pytest.fixture(scope="module")
def thorax(real_data: Path) -> tuple[Image, Anatomy]:
    """The thorax of one millimetre slices."""
    return _given(real_data / "ct-thorax-1mm.zip")


@pytest.mark.parametrize("seed", [0, 2, 4])
@pytest.mark.parametrize("fault", ["discontinuity", "kink"])
def test_a_course_is_found_in_a_real_thorax(seed: int, fault: str, thorax: tuple[Image, Anatomy]) -> None:
    """Pump and catheter fit, under the real skin and inside the real canal."""
    image, anatomy = thorax
    recipe = random_recipe(seed, fault=fault, background="given")  # type: ignore[arg-type]
    scene = build_scene(recipe, anatomy, given_hu(image))
    assert scene.device is not None
    route = scene.device.route
    assert bend_radius(route.points).min() > 6.0
    assert scene.skin.depth(route.points[30:]).min() > 2.0
    middle, radius = scene.site.canal_at(route.points[-1:, 2])
    assert np.linalg.norm((route.points[-1] - middle[0])[:2]) < radius[0] + 0.5
    assert bone_mm(scene.site, route.points) <= 0.5
    assert len(scene.device.course.lesions) == 1


@pytest.mark.slow
def test_a_tube_in_a_real_thorax_is_brighter_than_what_it_replaced(thorax: tuple[Image, Anatomy]) -> None:
    """Along the tract the voxels gain contrast; far from the device none has changed."""
    image, anatomy = thorax
    made = make_ct(random_recipe(4, background="given", wall_hu=1200.0, physics=False), into=image, anatomy=anatomy)
    points = made.catheters[0].points
    index = tuple(image.placed.world_to_index(points[200:-10]).round().astype(int).T)
    gain = made.image.voxels[index].astype(int) - image.voxels[index]
    assert np.percentile(gain, 10) > 100
    assert np.array_equal(made.image.voxels[:, -60:], image.voxels[:, -60:])


def test_a_head_is_refused(real_data: Path) -> None:
    """A head is no trunk: refused in words, whether its slices were fit to be stacked or not."""
    inventory = scan([real_data / "ct-head-gantry-tilt.zip"], key=b"k" * 32)
    refused = 0
    for series in (one for case in inventory.cases for study in case.studies for one in study.series):
        with pytest.raises(CatheterviewError):
            _put_into(series)
        refused += 1
    assert refused > 0


def _put_into(series: Series) -> None:
    image = load(series)
    make_ct(
        random_recipe(1, background="given", physics=False), into=image, anatomy=find_anatomy(image, Limits().anatomy)
    )
