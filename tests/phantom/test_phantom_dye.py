"""Contrast in a CT: each fault has its signature and a truth that was measured, and a control that lacks both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from catheterview.errors import InputError
from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.model import Kind, Segment
from catheterview.phantom import FAULTS, CtRecipe, make_ct, random_recipe, random_traps, small_recipe, truth_record
from catheterview.phantom.attenuation import beam, iodine_hu_per_mg
from catheterview.phantom.body import Body, random_body
from catheterview.phantom.catheter import catheter_layers
from catheterview.phantom.curves import bend_radius
from catheterview.phantom.dials import CAP_FAULTS, DYE_FAULTS, LEAK_FAULTS
from catheterview.phantom.dye import dye_of, paint_dye, paint_solids
from catheterview.phantom.dye.sac import dose_mg
from catheterview.phantom.paint import add_tubes, paint_synthetic
from catheterview.phantom.pump import densities, parts_of
from catheterview.phantom.scene import Scene

Scenes = Callable[[CtRecipe], Scene]
POOLS = {
    "extravasation": Kind.EXTRAVASATION,
    "connector_leak": Kind.CONNECTOR_LEAK,
    "pocket_pooling": Kind.POCKET_POOLING,
    "retrograde_tracking": Kind.RETROGRADE_TRACKING,
    "tip_loculation": Kind.TIP_LOCULATION,
    "subdural_pattern": Kind.SUBDURAL_PATTERN,
    "epidural_pattern": Kind.EPIDURAL_PATTERN,
}


_LOW: dict[str, object] = {"intrathecal_mm": 90.0}  # so that there is sac above the tip


def _recipe(fault: str = "healthy", study: str = "cap_ct", **fixed: object) -> CtRecipe:
    return small_recipe(6, fault=fault, study=study, noise_hu=0.0, wall_hu=800.0, **_LOW | fixed)  # type: ignore[arg-type]


@cache
def _grid(at: tuple[float, ...], half: tuple[float, float, float] = (22.0, 26.0, 30.0)) -> Grid:
    """A small box of voxels round a point: slices from the head down, pixels not square."""
    steps = np.array([[0.0, 0.0, -1.6], [0.0, 1.1, 0.0], [1.2, 0.0, 0.0]])
    shape = (int(2 * half[0] / 1.6), int(2 * half[1] / 1.1), int(2 * half[2] / 1.2))
    origin = np.array(at) + np.array([-half[2], -half[1], half[0]])
    return grid_from_axes(shape, origin=origin, axes_mm=steps)


@cache
def _body() -> Body:
    return random_body(_recipe())


def _hu(scene: Scene, at: FloatArray, *, half: tuple[float, float, float] = (22.0, 26.0, 30.0)) -> FloatArray:
    """A scene seen in a small box, without the pump's metal."""
    assert scene.device is not None
    scene = replace(scene, recipe=replace(scene.recipe, slice_thickness_mm=1.6))
    grid, dye = _grid(tuple(float(v) for v in at), half), dye_of(scene)
    canvas = paint_synthetic(scene.recipe, _body(), grid, scene.device.pocket)
    paint_solids(canvas, grid, scene, dye)
    paint_dye(canvas, grid, scene, dye)
    add_tubes(canvas, grid, catheter_layers(scene, scene.device, dye), scene.recipe)
    return np.asarray(np.round(canvas), dtype=np.float64)


@pytest.fixture(scope="module")
def wet(scene_of: Scenes) -> Scenes:
    """The healthy scene filled by another recipe: contrast does not move the catheter, so it is planned only once."""
    healthy = scene_of(_recipe())
    return lambda recipe: replace(healthy, recipe=recipe)


def _found(scene: Scene) -> dict[Kind, tuple[Segment, FloatArray, dict[str, float]]]:
    assert scene.device is not None
    lesions = (*scene.device.course.lesions, *dye_of(scene).lesions)
    return {lesion.kind: (lesion.segment, lesion.point, lesion.measures) for lesion in lesions}


@pytest.mark.parametrize(("kev", "hu"), [(65.0, 30.8), (70.0, 26.0), (80.0, 19.1)])
def test_iodine_is_as_bright_as_published(kev: float, hu: float) -> None:
    """HU per mg of iodine in a ml (clinical reference E.3), within 5 percent of the curve at the beam's energy."""
    kvp = float(
        np.interp(kev, [beam(k).effective_kev for k in (80.0, 100.0, 120.0, 140.0)], [80.0, 100.0, 120.0, 140.0])
    )
    assert iodine_hu_per_mg(kvp) == pytest.approx(hu, rel=0.05)


@pytest.mark.parametrize(("mixing_ml", "hu"), [(20.0, 567.0), (50.0, 240.0), (80.0, 152.0), (120.0, 102.0)])
def test_the_sac_is_as_bright_as_published(mixing_ml: float, hu: float, wet: Scenes) -> None:
    """2 ml of 240 mg/ml in so much CSF at 70 keV (clinical reference E.3): within a third at the tip, dose kept.

    What fills the catheter is missing, and the concentration is not the same everywhere.
    """
    scene = wet(_recipe(mixing_ml=mixing_ml))
    dye = dye_of(scene)
    assert dye.state.csf is not None
    assert dye.state.csf.concentration * 26.0 == pytest.approx(hu, rel=0.34)
    assert dye.state.csf.amount < 1.1 * dose_mg(scene.recipe, scene.device)  # type: ignore[arg-type]


def test_a_healthy_cap_ct_fills_the_lumen_and_the_sac(wet: Scenes) -> None:
    """Against the plain scan: sac brighter at the tip, cord not, lumen brighter; no finding."""
    recipe = _recipe()
    scene = wet(recipe)
    assert scene.device is not None
    tip = scene.device.route.points[-1]
    middle, _ = scene.site.canal_at(tip[2:3])
    plain = wet(_recipe(study="non_contrast"))
    after, before = _hu(scene, tip), _hu(plain, tip)
    gain = after - before
    grid = _grid(tuple(float(v) for v in tip))
    beside = grid.world_to_index(middle + np.array([[6.5, 0.0, -8.0]])).round().astype(int)[0]
    cord = grid.world_to_index(middle + np.array([[0.0, -1.5, -8.0]])).round().astype(int)[0]
    assert 60.0 < gain[tuple(beside)] < 350.0
    assert abs(gain[tuple(cord)]) < 0.3 * gain[tuple(beside)]
    tract = scene.device.route.points[260]
    assert (_hu(scene, tract) - _hu(plain, tract)).max() > 300.0
    assert _found(scene) == {}


@pytest.mark.parametrize("fault", sorted(POOLS))
def test_a_pool_is_where_and_as_large_as_the_truth_says(fault: str, wet: Scenes) -> None:
    """Against the healthy control: contrast is added near the point, about as much as was measured; not elsewhere."""
    recipe = _recipe(fault, leak_ml=2.0, leak_hu=250.0)
    scene = wet(recipe)
    segment, point, measures = _found(scene)[POOLS[fault]]
    control = replace(recipe, fault="healthy", study="non_contrast")
    gain = _hu(scene, point) - _hu(wet(control), point)
    assert gain.max() > 100.0
    assert measures["volume_ml"] > 0.5
    assert measures["mean_hu"] > 150.0
    assert segment in Segment
    if fault == "extravasation":
        dense = gain[(gain > 125.0) & (gain < 400.0)]
        assert len(dense) * 1.1 * 1.2 * 1.6 / 1000.0 == pytest.approx(measures["volume_ml"], rel=0.3)
        assert np.median(dense) == pytest.approx(measures["mean_hu"], rel=0.15)


def test_the_smallest_leak_is_there(wet: Scenes) -> None:
    """0.2 ml at 100 HU in muscle: a difference that a detector can look for, and truth to the tenth of a ml."""
    recipe = _recipe("extravasation", leak_ml=0.2, leak_hu=100.0, place=Segment.PARASPINAL_TRACT)
    scene = wet(recipe)
    _, point, measures = _found(scene)[Kind.EXTRAVASATION]
    assert measures["volume_ml"] == pytest.approx(0.2, abs=0.05)
    assert measures["mean_hu"] == pytest.approx(95.0, abs=12.0)
    gain = _hu(scene, point) - _hu(wet(replace(recipe, fault="healthy")), point)
    assert (gain > 50.0).sum() > 40


def test_a_plain_scan_shows_the_blush_of_an_earlier_study(wet: Scenes) -> None:
    """Without contrast in the lumen, a faint stain outlines the leak (clinical reference B.3, Ellis)."""
    recipe = _recipe("extravasation", study="non_contrast", leak_ml=1.0, leak_hu=60.0)
    scene = wet(recipe)
    dye = dye_of(scene)
    assert (dye.state.lumen, dye.state.csf) == ((), None)
    assert _found(scene)[Kind.EXTRAVASATION][2]["mean_hu"] == pytest.approx(57.0, abs=6.0)


@pytest.mark.parametrize("fault", ["tip_loculation", "subdural_pattern", "epidural_pattern"])
def test_no_contrast_reaches_the_sac_when_it_goes_elsewhere(fault: str, wet: Scenes) -> None:
    """Loculated, under or outside the dura, out at a gap: the sac stays as it was."""
    scene = wet(_recipe(fault))
    dye = dye_of(scene)
    assert dye.state.csf is None
    assert len(dye.state.lumen) == 1


def test_a_block_stops_contrast_and_poor_pooling_stays_short(wet: Scenes) -> None:
    """Above the block nothing; of poor pooling little, and only near the tip."""
    blocked, poor, well = (wet(_recipe(f)) for f in ("flow_obstruction", "inadequate_pooling", "healthy"))

    def sac(scene: Scene, above_tip: float) -> float:
        tip = scene.device.course.pieces[-1][-1]  # type: ignore[union-attr]
        state = dye_of(scene).state
        assert state.csf is not None
        at = scene.site.canal_at(np.array([tip[2] + above_tip]))[0] + [[5.0, 0.0, 0.0]]
        return float(state.csf.density(at)[0]) * dye_of(scene).hu_per_mg

    assert sac(blocked, -15.0) > 100.0
    assert sac(blocked, 21.0) > 100.0 > 5.0 > sac(blocked, 29.0)
    assert sac(poor, 0.0) < 0.75 * sac(well, 0.0)
    assert sac(poor, -40.0) < 5.0 < 60.0 < sac(well, -40.0)


def test_a_track_is_thinner_the_farther_it_came(wet: Scenes) -> None:
    """From the dura back towards the pump the density falls; a long one reaches the pocket."""
    dye = dye_of(wet(_recipe("retrograde_tracking", track_share=0.95)))
    sleeve = next(one for one in dye.state.collections if one.place == "sleeve")
    strength = sleeve.shape.strength  # type: ignore[attr-defined]
    assert strength[0] > 2.0 * strength[-1]
    assert (np.diff(strength) <= 0.0).all()
    assert {one.place for one in dye.state.collections} == {"dura", "sleeve", "pocket"}
    short = dye_of(wet(_recipe("retrograde_tracking", track_share=0.4)))
    assert {one.place for one in short.state.collections} == {"dura", "sleeve"}


def test_a_seroma_is_fluid_and_a_mass_is_a_void(wet: Scenes) -> None:
    """0 to 20 HU round the pump (clinical reference B.3); soft tissue at the tip where contrast should be."""
    recipe = _recipe("seroma", study="non_contrast", seroma_ml=30.0)
    scene = wet(recipe)
    _, point, measures = _found(scene)[Kind.SEROMA]
    assert measures["volume_ml"] == pytest.approx(30.0, rel=0.2)
    solid = dye_of(scene).solids[0]
    rng = np.random.default_rng(2)
    low, high = solid.shape.bounds()
    points = rng.uniform(low, high, (4000, 3))
    inside = points[(solid.shape.share(points) > 0.99) & (scene.device.pocket.clearance(points) > 3.0)]  # type: ignore[union-attr]
    grid = _grid(tuple(float(v) for v in point), (20.0, 30.0, 36.0))
    volume = _hu(scene, point, half=(20.0, 30.0, 36.0))
    index = grid.world_to_index(inside).round().astype(int)
    seen = index[((index >= 0) & (index < grid.shape)).all(axis=1)]
    assert len(seen) > 4
    assert np.median(volume[tuple(seen.T)]) == pytest.approx(10.0, abs=6.0)
    mass = _recipe("filling_defect", defect_mm=9.0)
    tip = wet(mass).device.course.pieces[-1][-1]  # type: ignore[union-attr]
    loss = _hu(wet(replace(mass, fault="healthy")), tip) - _hu(wet(mass), tip)
    assert np.percentile(loss[loss > 30.0], 50) > 80.0


@pytest.mark.parametrize("fault", ["pump_flip", "pump_rotation"])
def test_a_turned_pump_shows_its_parts_turned(fault: str, scene_of: Scenes) -> None:
    """The septum looks inwards when flipped; when rotated the parts lie elsewhere, and the catheter goes round."""
    recipe = _recipe(fault, study="non_contrast", turn_deg=120.0)
    turned, control = scene_of(recipe).device, scene_of(replace(recipe, fault="healthy")).device
    assert turned is not None
    assert control is not None
    flat = np.array(
        [[r * np.cos(a), r * np.sin(a), h] for r in (24.0, 34.0) for a in np.arange(12) / 2.0 for h in (-6.0, 6.0)]
    )
    points = flat @ control.pocket.axes + control.pocket.center_mm
    parts = parts_of(control.pocket.model)
    one, two = (densities(parts, device.pocket.inside(points), edge_mm=1.0)[0] for device in (turned, control))
    assert np.abs(one - two).max() > 0.5
    assert turned.course.lesions[0].segment is Segment.PUMP
    assert np.allclose(turned.pocket.axes[2], control.pocket.axes[2])
    longer = len(turned.course.pieces[0]) - len(control.course.pieces[0])
    assert (longer > 60) is (fault == "pump_rotation")


@pytest.mark.parametrize("tip_place", ["epidural", "foraminal", "paraspinal", "pocket"])
def test_a_malposed_tip_is_outside_the_sac(tip_place: str, scene_of: Scenes) -> None:
    """And its contrast is where the tip is."""
    scene = scene_of(_recipe("tip_malposition", tip_place=tip_place))
    found = _found(scene)
    segment, tip, _ = found[Kind.TIP_MALPOSITION]
    middle, radius = scene.site.canal_at(tip[2:3])
    assert np.hypot(*(tip - middle[0])[:2]) > radius[0] - 1.6
    assert len(found) == 2
    pool = dye_of(scene).state.collections[0]
    assert pool.density(tip[None] + 0.5)[0] > 1.0 or tip_place in ("epidural", "pocket")
    assert segment is Segment.TIP


def test_a_migrated_tip_is_lower_than_the_record_says() -> None:
    """The truth holds where the tip was put; what came out of the canal is a loop under the skin, bent gently."""
    recipe = _recipe("migration", study="non_contrast", shift_mm=55.0)
    phantom = make_ct(recipe, grid=_grid((0.0, 40.0, 100.0)))
    record, (lesion,) = truth_record(phantom), phantom.lesions
    assert record["implant"]["tip_mm"][2] - phantom.catheters[0].points[-1][2] == pytest.approx(55.0, abs=1.5)  # type: ignore[index]
    assert lesion.measures["slack_mm"] == pytest.approx(55.0, abs=4.0)
    assert bend_radius(phantom.catheters[0].points).min() > 6.0


@pytest.mark.parametrize(
    ("fault", "study"),
    [(fault, "non_contrast") for fault in DYE_FAULTS] + [(fault, "lp_ct") for fault in (*CAP_FAULTS, *LEAK_FAULTS)],
)
def test_a_fault_that_the_study_cannot_show_is_refused(fault: str, study: str) -> None:
    """In words that name what would do."""
    with pytest.raises(InputError, match="study='cap_ct'"):
        _recipe(fault, study=study)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", [100_001, 700_003])
def test_every_fault_can_be_drawn(fault: str, seed: int) -> None:
    """All dials from the seed, twice the same, in a study that shows it; traps too."""
    recipe = random_recipe(seed, fault=fault, **random_traps(seed))  # type: ignore[arg-type]
    assert recipe == random_recipe(seed, fault=fault, **random_traps(seed))  # type: ignore[arg-type]
    assert recipe.study == "cap_ct" or fault not in CAP_FAULTS
    if fault in ("healthy", "discontinuity", "kink", "no_device"):
        assert recipe.study == "non_contrast"
