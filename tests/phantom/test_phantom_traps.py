"""What looks wrong and is not: it is there when asked for, away from pump and catheter, and no finding comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from catheterview.errors import InputError
from catheterview.phantom import CtRecipe, default_grid, small_recipe
from catheterview.phantom.body import random_body
from catheterview.phantom.catheter import catheter_layers
from catheterview.phantom.dye import dye_of
from catheterview.phantom.scene import Scene
from catheterview.phantom.traps import trap_layers, trap_solids

Scenes = Callable[[CtRecipe], Scene]
PLAIN = small_recipe(6)


def _with(scene_of: Scenes, **dials: object) -> Scene:
    """The same scene with dials that do not move the device."""
    return replace(scene_of(PLAIN), recipe=replace(PLAIN, **dials))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dial", "count"),
    [({"stimulator": True}, 2), ({"port": True}, 2), ({"pedicle_screws": True}, 6), ({"hip": True}, 5)],
)
def test_hardware_is_inside_the_body_and_off_the_catheter(dial: dict[str, bool], count: int, scene_of: Scenes) -> None:
    """Each block lies under the skin, and neither in the pump nor on the tube."""
    scene = _with(scene_of, **dial)
    solids = trap_solids(scene)
    assert len(solids) == count
    assert trap_solids(scene_of(PLAIN)) == ()
    assert scene.device is not None
    for solid in solids:
        low, high = solid.shape.bounds()
        points = np.random.default_rng(3).uniform(low, high, (3000, 3))
        inside = points[solid.shape.share(points) > 0.9]
        assert len(inside) > 5
        assert scene.skin.depth(inside).min() > 1.0
        assert scene.device.pocket.clearance(inside).min() > 3.0
        assert solid.shape.share(scene.device.route.points).max() < 0.5


def test_screws_run_through_bone(scene_of: Scenes) -> None:
    """Most of a screw's way is denser than soft tissue."""
    scene = _with(scene_of, pedicle_screws=True)
    ways = [solid.shape.axis for solid in trap_solids(scene)[:4]]  # type: ignore[attr-defined]
    assert np.mean([(scene.site.hu(way) > 120.0).mean() for way in ways]) > 0.5


def test_an_old_piece_and_a_ports_line_look_like_a_catheter(scene_of: Scenes) -> None:
    """Tubes of a catheter's size, of the wanted length, far from the real one."""
    scene = _with(scene_of, abandoned_mm=60.0, port=True)
    assert scene.device is not None
    line, wall, lumen = trap_layers(scene)
    assert wall.outer_mm == PLAIN.outer_mm
    assert lumen.outer_mm == wall.inner_mm
    assert np.linalg.norm(np.diff(wall.axis, axis=0), axis=1).sum() == pytest.approx(60.0, rel=0.3)
    nearest = np.linalg.norm(wall.axis[:, None] - scene.device.route.points[None, ::4], axis=2).min()
    assert nearest > 20.0
    assert line.outer_mm > wall.outer_mm


def test_a_radiolucent_stretch_is_whole_but_not_seen(scene_of: Scenes) -> None:
    """The wall has no contrast over the stretch; the truth has one piece and no finding."""
    scene = _with(scene_of, radiolucent_mm=40.0)
    device = scene.device
    assert device is not None
    wall, _, *_ = catheter_layers(scene, device, dye_of(scene))
    assert (np.abs(wall.excess_hu) < 1.0).sum() * 0.5 == pytest.approx(36.0, abs=4.0)
    assert np.median(wall.excess_hu) > 500.0
    assert len(device.course.pieces) == 1
    assert device.course.lesions == ()


def test_spilt_contrast_and_old_fluid_are_no_findings(scene_of: Scenes) -> None:
    """Over the access port, outside the pump; at the anchor, without iodine."""
    scene = _with(scene_of, needle_spill_ml=2.0, old_fluid_ml=12.0, study="cap_ct")
    dye = dye_of(scene)
    assert scene.device is not None
    assert dye.lesions == ()
    puddle = next(one for one in dye.state.collections if one.place == "needle")
    points, amount = puddle.samples(1.0)
    middle = np.average(points, axis=0, weights=amount)
    assert scene.device.pocket.local(middle[None])[0, 2] > scene.device.pocket.model.thickness_mm / 2.0
    assert [solid.name for solid in dye.solids] == ["old fluid"]


def test_kidneys_and_bladder_fill_with_iodine() -> None:
    """Two bright kidneys and a bladder; the rest of the body is drawn as before."""
    plain, renal = (random_body(replace(PLAIN, renal_iodine=on)) for on in (False, True))
    assert len(renal.organs) == len(plain.organs) + 1
    assert [one.hu for one in renal.organs if one.hu > 200.0] == [260.0, 260.0, 600.0]
    assert renal.spine == plain.spine


def test_a_short_scan_shows_a_part_of_the_same_patient() -> None:
    """Its grid is a part of the whole one; the device and the truth do not change with it."""
    whole, part = (default_grid(replace(PLAIN, cover=cover)) for cover in ((0.0, 1.0), (0.25, 0.75)))
    assert part.shape[1:] == whole.shape[1:]
    assert part.shape[0] == pytest.approx(whole.shape[0] / 2, abs=1)
    index = whole.world_to_index(part.index_to_world([0.0, 0.0, 0.0]))
    assert index == pytest.approx(np.round(index))
    with pytest.raises(InputError, match="covers"):
        replace(PLAIN, cover=(0.5, 0.5))
