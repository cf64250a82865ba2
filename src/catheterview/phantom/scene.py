"""A patient with a device: who lies there, where the pump and the catheter are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catheterview.errors import InputError, UnsuitableError
from catheterview.geometry import FloatArray, Frame
from catheterview.model import (
    Anatomy,
    Centreline,
    Finding,
    Image,
    Kind,
    Landmarks,
    Pump,
    Region,
    Segment,
    VertebralLevel,
)
from catheterview.phantom.bones import level_near
from catheterview.phantom.displaced import displaced, flipped_pump, turned_pump
from catheterview.phantom.faults import Course, Lesion, apply_fault
from catheterview.phantom.pocket import Pocket, place_pump
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.route import Route, plan_route
from catheterview.phantom.sac import Site, open_site, site_of
from catheterview.phantom.serial import breathed, moved_pump
from catheterview.phantom.skin import Skin, skin_of

_NARROWEST_MM = 200.0  # a trunk is wider; a head, an arm or a small phantom is not


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Device:
    """Pump and catheter in place.

    Parameters
    ----------
    pocket : Pocket
    route : Route
        As it was before the fault.
    course : Course
        As it is.
    """

    pocket: Pocket
    route: Route
    course: Course


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A patient, perhaps with a device.

    Parameters
    ----------
    recipe : CtRecipe
    anatomy : Anatomy
    skin : Skin
        With the pump in place.
    site : Site
    device : Device or None
    """

    recipe: CtRecipe
    anatomy: Anatomy
    skin: Skin
    site: Site
    device: Device | None


def build_scene(recipe: CtRecipe, anatomy: Anatomy, hu: Callable[[FloatArray], FloatArray]) -> Scene:
    """Put the recipe's device into a patient.

    Parameters
    ----------
    recipe : CtRecipe
    anatomy : Anatomy
    hu : callable
        HU of the patient without a device at (N, 3) LPS mm points.

    Raises
    ------
    UnsuitableError
        When the anatomy cannot hold a device: no body or canal found, scan too short, body too narrow.
    """
    body = _trunk(anatomy)
    before = skin_of(body)
    if recipe.fault == "no_device":
        return Scene(recipe=recipe, anatomy=anatomy, skin=before, site=open_site(anatomy, before, hu), device=None)
    canal_low_mm = float(site_of(anatomy, before, hu).canal[0, 2])
    pocket = place_pump(recipe, before, hu, canal_low_mm=canal_low_mm)

    def site_with(pocket: Pocket) -> Site:
        return site_of(anatomy, skin_of(body, source=pocket.source), lambda points: hu(pocket.source(points)))

    site = site_with(pocket)
    route, pocket = plan_route(recipe, pocket, site)
    if recipe.fault == "pump_migration":
        bare = open_site(anatomy, before, hu)
        pocket, route, course, site = moved_pump(recipe, (route, pocket), bare, site_with)
        device = Device(pocket=pocket, route=route, course=course)
    else:
        device = _as_it_is(recipe, route, pocket, site)
    if recipe.breath_mm:
        device = breathed(device, recipe.breath_mm)
    return Scene(recipe=recipe, anatomy=anatomy, skin=site.skin, site=site, device=device)


def _as_it_is(recipe: CtRecipe, route: Route, pocket: Pocket, site: Site) -> Device:
    """The implanted device after what went wrong with it."""
    if recipe.fault == "pump_rotation":
        route, turned, lesion = turned_pump(recipe, route, pocket, site)
        return Device(pocket=turned, route=route, course=Course(pieces=(route.points,), lesions=(lesion,)))
    if recipe.fault == "pump_flip":
        flipped, lesion = flipped_pump(pocket)
        return Device(pocket=flipped, route=route, course=Course(pieces=(route.points,), lesions=(lesion,)))
    course = displaced(recipe, route, site) or apply_fault(recipe, route, site.skin.outward(route.points))
    return Device(pocket=pocket, route=route, course=course)


def _trunk(anatomy: Anatomy) -> Region:
    """The body's mask, refused when it is no trunk."""
    if anatomy.body is None:
        raise UnsuitableError(f"no body to put a device into: {anatomy.why or 'none was found'}")
    grid = anatomy.body.grid
    found = np.argwhere(anatomy.body.mask)
    if not len(found):
        raise UnsuitableError("no body to put a device into: its mask is empty")
    width = float(np.ptp(grid.index_to_world(found)[:, 0]))
    if width < _NARROWEST_MM:
        raise UnsuitableError(f"a body {width:.0f} mm wide is no trunk; a pump is put into an abdomen or a chest")
    return anatomy.body


def given_hu(image: Image) -> Callable[[FloatArray], FloatArray]:
    """Make a function that reads the nearest voxel of an image at (N, 3) LPS mm points, air outside.

    Raises
    ------
    InputError
        When the image is no CT.
    """
    if image.modality != "CT":
        raise InputError(f"a device can only be put into a CT, not into {image.modality or 'an unknown modality'}")
    grid, shape = image.placed, np.array(image.voxels.shape)

    def hu(points: FloatArray) -> FloatArray:
        index = np.round(grid.world_to_index(points)).astype(int)
        known = ((index >= 0) & (index < shape)).all(axis=1)
        out = np.full(len(points), -1000.0)
        out[known] = image.voxels[tuple(index[known].T)]
        return out

    return hu


def true_pump(device: Device, series_instance_uid: str) -> Pump:
    """The pump as the report names it."""
    pocket = device.pocket
    x, y, z = (float(v) for v in pocket.center_mm)
    a, b, c = (float(v) for v in pocket.axes[2])
    return Pump(
        series_instance_uid=series_instance_uid,
        center_mm=(x, y, z),
        normal=(a, b, c),
        diameter_mm=pocket.model.diameter_mm,
        thickness_mm=pocket.model.thickness_mm,
        models=(pocket.model.name,),
    )


def true_catheter(recipe: CtRecipe, device: Device, series_instance_uid: str) -> Centreline:
    """The catheter as the report names it."""
    points = np.concatenate(device.course.pieces)
    ends = np.cumsum([len(piece) for piece in device.course.pieces])
    pieces = tuple((int(end) - len(piece), int(end) - 1) for end, piece in zip(ends, device.course.pieces, strict=True))
    window = device.route.window_mm(Segment.DURAL_ENTRY)
    dura = device.route.points[round(sum(window))]  # the window's middle, at two points a mm
    count = len(points)
    return Centreline(
        series_instance_uid=series_instance_uid,
        frame=Frame.PATIENT,
        points=points,
        pieces=pieces,
        radius=np.full(count, recipe.outer_mm / 2.0),
        confidence=np.ones(count),
        contrast=np.zeros(count),
        noise=np.zeros(count),
        landmarks=Landmarks(pump=0, dural_entry=int(np.argmin(np.linalg.norm(points - dura, axis=1))), tip=count - 1),
    )


_SAID = {
    Kind.DISCONTINUITY: "catheter interrupted",
    Kind.KINK: "catheter kinked",
    Kind.MIGRATION: "catheter drawn back",
    Kind.TIP_MALPOSITION: "tip not in the sac",
    Kind.PUMP_FLIP: "port turned to the inside",
    Kind.PUMP_MIGRATION: "pump has left its place",
    Kind.PUMP_ROTATION: "pump turned about its axis",
    Kind.EXTRAVASATION: "contrast outside the catheter",
    Kind.CONNECTOR_LEAK: "contrast round the connector",
    Kind.POCKET_POOLING: "contrast round the pump",
    Kind.RETROGRADE_TRACKING: "contrast that came back along the catheter",
    Kind.TIP_LOCULATION: "contrast confined to the tip",
    Kind.INADEQUATE_POOLING: "contrast fills too little of the sac",
    Kind.FLOW_OBSTRUCTION: "contrast stops short in the sac",
    Kind.SUBDURAL_PATTERN: "contrast under the dura",
    Kind.EPIDURAL_PATTERN: "contrast outside the dura",
    Kind.ECTASIA: "catheter widened",
    Kind.SEROMA: "fluid round the pump",
    Kind.FILLING_DEFECT: "mass",
}


def true_finding(lesion: Lesion, image: Image, levels: Sequence[VertebralLevel] = ()) -> Finding:
    """A fault as the report names it, at its vertebral level where those are known."""
    k, j, i = (int(v) for v in np.round(image.placed.world_to_index(lesion.point)))
    inside = all(0 <= at < size for at, size in zip((k, j, i), image.voxels.shape, strict=True))
    return Finding(
        kind=lesion.kind,
        score=1.0,
        frame=Frame.PATIENT,
        point=tuple(float(v) for v in lesion.point),
        series_instance_uid=image.series_instance_uid,
        message=f"Simulated: {_SAID[lesion.kind]} at the {lesion.segment.replace('_', ' ')}.",
        segment=lesion.segment,
        sop_instance_uid=image.sop_instance_uid_at(k) if inside else "",
        index_kji=(k, j, i) if inside else None,
        measures=lesion.measures,
        level=level_near(levels, lesion.point),
        ends=tuple(tuple(float(v) for v in end) for end in lesion.ends),
    )


def seen_in(anatomy: Anatomy, series_instance_uid: str) -> Anatomy:
    """The same anatomy, of another series."""
    return replace(anatomy, series_instance_uid=series_instance_uid)
