"""Recipes: every dial from the seed, nonsense refused, splits that stay."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.errors import InputError
from catheterview.model import Segment
from catheterview.phantom import PICTURES, CtRecipe, make_ct, random_recipe, small_recipe, split_of
from catheterview.phantom.dials import GAP_PLACES, KINK_PLACES
from catheterview.phantom.recipe import identity_record, recipe_record

FIRST_OF_TEST = [1, 3, 11, 12, 15, 21, 22, 23]
seeds = st.integers(0, 2**40)


@given(seeds, st.sampled_from(["healthy", "discontinuity", "kink", "no_device"]))
def test_the_same_seed_draws_the_same_recipe(seed: int, fault: str) -> None:
    """A recipe follows from its seed and what was fixed, and from nothing else."""
    assert random_recipe(seed, fault=fault) == random_recipe(seed, fault=fault)
    assert random_recipe(seed, fault=fault, wall_hu=321.0) == replace(random_recipe(seed, fault=fault), wall_hu=321.0)


@given(seeds)
def test_dials_stay_in_their_ranges(seed: int) -> None:
    """What is drawn is what the issue asks for: wall 250 to 2500 HU, gaps from 3 mm, kinks that are kinks."""
    gap, kink = random_recipe(seed, fault="discontinuity"), random_recipe(seed, fault="kink")
    assert 250.0 <= gap.wall_hu <= 2500.0
    assert gap.gap_mm >= 3.0
    assert gap.place in GAP_PLACES
    assert kink.place in KINK_PLACES
    assert kink.kink_turn_deg > 60.0
    assert kink.kink_radius_mm < 4.0


def test_splits_have_their_shares_and_never_change() -> None:
    """Half train, a fifth calibration, the rest test; written down once, so that a change is seen."""
    counts = Counter(split_of(seed) for seed in range(4000))
    assert abs(counts["train"] / 4000 - 0.5) < 0.03
    assert abs(counts["calibration"] / 4000 - 0.2) < 0.03
    assert [seed for seed in range(24) if split_of(seed) == "test"] == FIRST_OF_TEST


@pytest.mark.parametrize(
    "nonsense",
    [
        {"inner_mm": 1.4},
        {"shape": (2, 300, 300)},
        {"slice_thickness_mm": 0.0},
        {"fault": "kink", "place": Segment.INTRATHECAL},
        {"fault": "discontinuity", "place": Segment.RESERVOIR},
    ],
)
def test_nonsense_is_refused(nonsense: dict[str, object]) -> None:
    """A tube inside out, a scan of nothing, a fault where none can be."""
    with pytest.raises(InputError):
        CtRecipe(seed=1, **nonsense)  # type: ignore[arg-type]


#: SHA-256 of the voxels of small scenes; where one changes, raise PICTURES and write down the new ones.
PICTURED = {
    "healthy": "4dc875a4ba569da8",
    "discontinuity": "5ef1ef06f4d2d7de",
    "kink": "ab527af118867cf8",
    "no_device": "7d59f39af2c15110",
}


@pytest.mark.parametrize("fault", sorted(PICTURED))
def test_an_unchanged_recipe_gives_an_unchanged_picture(fault: str) -> None:
    """Cases that were made stay valid until `PICTURES` is raised."""
    recipe = small_recipe(5, fault=fault, shape=(60, 116, 122), spacing_mm=(3.5, 2.7, 2.7), slice_thickness_mm=3.0)  # type: ignore[arg-type]
    assert PICTURES == 2
    assert hashlib.sha256(make_ct(recipe).image.voxels.tobytes()).hexdigest()[:16] == PICTURED[fault]


def test_a_later_dial_at_its_default_changes_no_identifier() -> None:
    """What was written before a dial came keeps its UIDs; a dial that is set changes them."""
    plain, wet = small_recipe(5), small_recipe(5, study="cap_ct")
    assert "study" not in identity_record(plain)
    assert identity_record(wet)["study"] == "cap_ct"
    assert identity_record(plain)["outer_mm"] == plain.outer_mm


def test_the_record_holds_every_dial_and_the_split() -> None:
    """From the record alone the same recipe can be made again."""
    recipe = small_recipe(9, fault="kink")
    record = recipe_record(recipe)
    assert record.pop("split") == recipe.split
    assert CtRecipe(**record) == recipe  # type: ignore[arg-type]
