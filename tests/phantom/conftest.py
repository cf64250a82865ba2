"""Small scenes that the phantom's tests share; each is made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from catheterview.phantom import CtRecipe, Phantom, make_ct, small_recipe
from catheterview.phantom.body import random_body
from catheterview.phantom.scene import Scene, build_scene


@cache
def _phantom(recipe: CtRecipe) -> Phantom:
    return make_ct(recipe)


@cache
def _scene(recipe: CtRecipe) -> Scene:
    body = random_body(recipe)
    return build_scene(recipe, body.anatomy(recipe.shape[0] * recipe.spacing_mm[0], "1.2"), body.hu)


@pytest.fixture(scope="session")
def phantom_of() -> Callable[[CtRecipe], Phantom]:
    """Make a phantom, once for each recipe."""
    return _phantom


@pytest.fixture(scope="session")
def scene_of() -> Callable[[CtRecipe], Scene]:
    """Plan a scene without drawing it, once for each recipe."""
    return _scene


@pytest.fixture(scope="session")
def gap() -> Phantom:
    """A small study with a gap in the tract."""
    return _phantom(small_recipe(5, fault="discontinuity", wall_hu=1500.0))
