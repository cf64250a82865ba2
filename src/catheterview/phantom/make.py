"""From a recipe to an image and its truth."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace

import numpy as np

from catheterview.errors import InputError
from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes
from catheterview.model import Anatomy, Centreline, Finding, Image, Pump, Voxels
from catheterview.phantom.body import random_body
from catheterview.phantom.catheter import catheter_layers
from catheterview.phantom.confusers import confuser_layers
from catheterview.phantom.dye import Dye, dye_of, paint_dye, paint_solids
from catheterview.phantom.faults import Lesion
from catheterview.phantom.metal import add_projected_metal, pump_metal
from catheterview.phantom.paint import (
    Canvas,
    add_blooming_pump,
    add_tubes,
    paint_given,
    paint_synthetic,
)
from catheterview.phantom.recipe import CtRecipe, identity_record, stream
from catheterview.phantom.scene import (
    Scene,
    build_scene,
    given_hu,
    true_catheter,
    true_finding,
    true_pump,
)
from catheterview.phantom.serial import posed_phantom, posture_of
from catheterview.phantom.traps import trap_layers, trap_metals, trap_solids

SATURATED_HU = 3071  # the highest value of a 12-bit scale that begins at -1024
_LOWEST_HU, _HIGHEST_HU = -1024, 32767


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phantom:
    """A simulated study and all that is true of it, in the report's own terms.

    Parameters
    ----------
    recipe : CtRecipe
    image : Image
    anatomy : Anatomy
        True for a synthetic patient; for a real one, what the caller gave.
    catheters, pumps, findings : tuples
        The truth; empty where there is no device, or nothing is wrong.
    lesions : tuple of Lesion
        What `findings` were made from, in their order; these know how far each reaches.
    dye : Dye
        Contrast and fluid.
    implanted_tip_mm : (3,) LPS mm or None
        Where the tip was put, as an operation note has it.
    """

    recipe: CtRecipe
    image: Image
    anatomy: Anatomy
    catheters: tuple[Centreline, ...]
    pumps: tuple[Pump, ...]
    findings: tuple[Finding, ...]
    lesions: tuple[Lesion, ...]
    dye: Dye
    implanted_tip_mm: tuple[float, float, float] | None = None


def make_ct(
    recipe: CtRecipe, *, into: Image | None = None, anatomy: Anatomy | None = None, grid: Grid | None = None
) -> Phantom:
    """Simulate one CT.

    Parameters
    ----------
    recipe : CtRecipe
    into : Image, optional
        A real CT to put the device into; needs `anatomy` and a recipe whose background is ``given``.
    anatomy : Anatomy, optional
        The body and canal of `into`.
    grid : Grid, optional
        Another grid to see the synthetic scene on: shifted, turned, sheared, of other spacing. It need not cover the
        scene; the truth stays where it is.

    Returns
    -------
    Phantom

    Raises
    ------
    InputError
        When the arguments do not fit the recipe, or `into` is no CT.
    UnsuitableError
        When there is no room for the device.
    """
    if recipe.background == "given":
        if into is None or anatomy is None or grid is not None:
            raise InputError("a given background needs an image and its anatomy, and keeps the image's grid")
        if recipe.tilt_deg or posture_of(recipe):
            raise InputError("a given background keeps its gantry tilt and the patient's posture")
        return _into(recipe, into, anatomy)
    if into is not None or anatomy is not None:
        raise InputError("an image was given for a recipe with a synthetic background")
    posture = posture_of(recipe)
    if posture is None:
        return _synthetic(recipe, grid or default_grid(recipe))
    lying = _synthetic(recipe, posture.inverse().grid(grid or default_grid(recipe)))
    return posed_phantom(lying, posture)


def default_grid(recipe: CtRecipe) -> Grid:
    """The grid of a recipe: axial slices from the feet up, the patient near the middle.

    With a tilted gantry the slices are turned about their middle rows; the table goes on along z.
    """
    k, j, i = recipe.spacing_mm
    size = np.array(recipe.shape) * recipe.spacing_mm
    shift = stream(recipe, 61).uniform(-6.0, 6.0, 2)
    first, last = (round(part * recipe.shape[0]) for part in recipe.cover)
    origin = (-size[2] / 2.0 + shift[0], -size[1] / 2.0 + shift[1] - 4.0, k / 2.0 + first * k)
    shape = (max(last - first, 1), *recipe.shape[1:])
    if not recipe.tilt_deg:
        return grid_from_axes(shape, origin=origin, axes_mm=[[0.0, 0.0, k], [0.0, j, 0.0], [i, 0.0, 0.0]])
    down = np.array([0.0, np.cos(np.radians(recipe.tilt_deg)), np.sin(np.radians(recipe.tilt_deg))])
    leaned = np.array(origin) + size[1] / 2.0 * (np.array([0.0, 1.0, 0.0]) - down)
    axes = np.stack([np.array([0.0, 0.0, k]), j * down, np.array([i, 0.0, 0.0])])
    return grid_from_axes(shape, origin=leaned, axes_mm=axes)


def _synthetic(recipe: CtRecipe, grid: Grid) -> Phantom:
    """Simulate in a synthetic patient."""
    body = random_body(recipe)
    uid = _uids(recipe, grid, "")
    scene = build_scene(recipe, body.anatomy(recipe.shape[0] * recipe.spacing_mm[0], uid["series"]), body.hu)
    canvas = paint_synthetic(recipe, body, grid, scene.device.pocket if scene.device else None)
    return _finished(scene, canvas, grid, uid)


def _into(recipe: CtRecipe, image: Image, anatomy: Anatomy) -> Phantom:
    """Simulate in a real CT."""
    recipe = _as_scanned(recipe, image)
    uid = _uids(recipe, image.placed, image.series_instance_uid)
    scene = build_scene(recipe, replace(anatomy, series_instance_uid=uid["series"]), given_hu(image))
    canvas = paint_given(image, scene.device.pocket if scene.device else None)
    return _finished(scene, canvas, image.placed, uid)


def _as_scanned(recipe: CtRecipe, image: Image) -> CtRecipe:
    """The recipe with the grid and the slice thickness of the real scan."""
    shape, step = image.placed.shape, image.placed.spacing_mm
    return replace(
        recipe,
        shape=shape,
        spacing_mm=(float(step[0]), float(step[1]), float(step[2])),
        slice_thickness_mm=float(image.slice_thickness_mm or step[0]),
    )


def _finished(scene: Scene, canvas: Canvas, grid: Grid, uid: dict[str, str]) -> Phantom:
    """Add the device to a painted background, and collect the truth."""
    recipe, device = scene.recipe, scene.device
    dye = _with_traps(scene, dye_of(scene))
    paint_solids(canvas, grid, scene, dye)
    paint_dye(canvas, grid, scene, dye)
    layers = confuser_layers(scene) + trap_layers(scene) + (catheter_layers(scene, device, dye) if device else ())
    add_tubes(canvas, grid, layers, recipe)
    if recipe.physics:
        pump = (pump_metal(device.pocket),) if device else ()
        add_projected_metal(canvas, grid, (*pump, *trap_metals(scene)), recipe)
    elif device:
        add_blooming_pump(canvas, grid, device.pocket, recipe)
    image = _image(recipe, _quantised(recipe, canvas), grid, uid)
    series = uid["series"]
    lesions = (*device.course.lesions, *dye.lesions) if device else ()
    return Phantom(
        recipe=recipe,
        image=image,
        anatomy=scene.anatomy,
        catheters=(true_catheter(recipe, device, series),) if device else (),
        pumps=(true_pump(device, series),) if device else (),
        findings=tuple(true_finding(lesion, image, scene.anatomy.levels) for lesion in lesions),
        lesions=lesions,
        dye=dye,
        implanted_tip_mm=_point(device.route.points[-1]) if device else None,
    )


def _with_traps(scene: Scene, dye: Dye) -> Dye:
    """Metal beside the fluids: it takes the tissue's place in the same way."""
    solids = trap_solids(scene)
    return replace(dye, solids=(*dye.solids, *solids)) if solids else dye


def _point(at: FloatArray) -> tuple[float, float, float]:
    """A (3,) point as plain numbers."""
    x, y, z = (float(value) for value in at)
    return x, y, z


def _quantised(recipe: CtRecipe, canvas: Canvas) -> Voxels:
    """Round to whole HU within the scale."""
    highest = _HIGHEST_HU if recipe.extended_hu else SATURATED_HU
    return np.asarray(np.clip(np.round(canvas), _LOWEST_HU, highest), dtype=np.int16)


def _image(recipe: CtRecipe, voxels: Voxels, grid: Grid, uid: dict[str, str]) -> Image:
    """Wrap voxels up as an image of its own study."""
    return Image(
        voxels=voxels,
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid=uid["series"],
        study_instance_uid=uid["study"],
        frame_of_reference_uid=uid["frame"],
        sop_instance_uids=tuple(_uid(f"{uid['series']} slice {k}") for k in range(grid.shape[0])),
        saturated_hu=None if recipe.extended_hu else SATURATED_HU,
        slice_thickness_mm=recipe.slice_thickness_mm,
    )


def _uids(recipe: CtRecipe, grid: Grid, background: str) -> dict[str, str]:
    """UIDs that follow from what is simulated, so that the same recipe gives the same bytes."""
    what = json.dumps([identity_record(recipe), grid.shape, grid.affine.tolist(), background], sort_keys=True)
    return {name: _uid(f"{name} {what}") for name in ("study", "series", "frame")}


def _uid(what: str) -> str:
    """A UID under 2.25 that follows from a text (DICOM PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'catheterview phantom {what}').int}"
