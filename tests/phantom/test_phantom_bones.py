"""A spine that can be counted: sacrum, ilia, ribs borne by their vertebrae, and names in the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.anatomy import find_anatomy
from catheterview.limits import Limits
from catheterview.phantom import Phantom, make_ct, small_recipe, truth_record
from catheterview.phantom.body import random_body
from catheterview.phantom.bones import level_near, levels_of

BARE = small_recipe(
    5, fault="no_device", sacrum=True, noise_hu=4.0, shape=(92, 150, 190), spacing_mm=(2.4, 1.6, 1.6),
    slice_thickness_mm=2.4, table=False, calcified_aorta=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def bare() -> Phantom:
    """A patient without a device."""
    return make_ct(BARE)


def test_levels_are_counted_as_the_truth_names_them(bare: Phantom) -> None:
    """The reader, who knows nothing of the phantom, counts the same vertebrae at the same heights."""
    found, true = find_anatomy(bare.image, Limits().anatomy), bare.anatomy.levels
    assert found.levels_from in ("sacrum", "last rib")
    heights = {level.name: level.point[2] for level in true}
    same = [(level.name, abs(heights.get(level.name, 1e3) - level.point[2])) for level in found.levels]
    assert len(same) >= 5
    assert max(off for _, off in same) < 18.0


def test_every_named_vertebra_is_bone_and_bears_what_it_should() -> None:
    """Bodies are bone in front of the canal; T12 bears a rib, L1 none; beside S1 stand its wings and the ilia."""
    body = random_body(BARE)
    levels = {level.name: np.array(level.point) for level in levels_of(body.spine, 220.0)}
    assert set(levels) >= {"S1", "L5", "L4", "L3", "L2", "L1", "T12"}
    ahead = np.array([0.0, -(body.spine.canal_half_depth + body.spine.half_depth), 0.0])
    assert (body.hu(np.array([at + ahead for at in levels.values()])) > 60.0).all()
    beside = np.array([np.linspace(24.0, 46.0, 12), np.full(12, ahead[1] + 4.0), np.zeros(12)]).T
    assert body.hu(levels["S1"] + beside).mean() > 120.0
    assert body.hu(levels["L3"] + beside).mean() < 90.0
    first = {round(float(rib.line[0, 2]) - 4.0): rib for rib in body.borne}
    assert min(abs(z - levels["T12"][2]) for z in first) < 1.5
    assert min(abs(z - levels["L1"][2]) for z in first) > 20.0


def test_a_spine_without_a_sacrum_has_no_names() -> None:
    """Nothing to count from: no level is told, in the anatomy or of a point."""
    plain = random_body(replace(BARE, sacrum=False))
    assert levels_of(plain.spine, 300.0) == ()
    assert level_near((), np.zeros(3)) is None


def test_truth_tells_the_level_of_tip_and_finding() -> None:
    """Where the tip was put, where it lies now, and the level of what is wrong."""
    recipe = small_recipe(
        5, fault="migration", shift_mm=70.0, sacrum=True, noise_hu=0.0, shape=(64, 96, 104), spacing_mm=(3.4, 3.1, 3.0)
    )
    told = truth_record(make_ct(recipe))
    names = [one["name"] for one in told["levels"]["vertebrae"]]  # type: ignore[index]
    now, then = names.index(told["levels"]["tip"]), names.index(told["implant"]["tip_level"])  # type: ignore[index]
    assert now < then
    assert told["findings"][0]["level"] == names[now]  # type: ignore[index]
