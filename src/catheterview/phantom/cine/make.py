"""From a recipe to the frames of a dye study and their truth."""

from __future__ import annotations

import json
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding, Image, Segment
from catheterview.model.film import FilmPump
from catheterview.phantom.cine.drops import Drops, tube_drops
from catheterview.phantom.cine.flow import Injection, injection_of
from catheterview.phantom.cine.pools import Pool, pools_of
from catheterview.phantom.cine.recipe import CineRecipe, cine_record
from catheterview.phantom.cine.truth import cine_findings
from catheterview.phantom.curves import step_smoothly
from catheterview.phantom.film import Sitter
from catheterview.phantom.film.camera import Camera, camera_of
from catheterview.phantom.film.detector import exposed, grain_of, shuttered, stored
from catheterview.phantom.film.device import other_wires
from catheterview.phantom.film.make import uid_of
from catheterview.phantom.film.metal import pump_seen
from catheterview.phantom.film.posed import posed
from catheterview.phantom.film.truth import true_catheter, true_pump
from catheterview.phantom.film.wires import wires_seen
from catheterview.phantom.fluid.places import along
from catheterview.phantom.scene import Device, Scene

_MID = 2
_SHARP = cv2.INTER_LANCZOS4  # who moves loses no sharpness: a line would grow fainter by as much as contrast adds
_BELOW_MM = 12.0  # how far the trunk goes on below where pumps lie
_IODINE_PER_MM = 0.09 / 0.5 / 240.0  # of a mg in a ml at 60 keV: clinical reference E.4
_STEM_MM, _TITANIUM_PER_MM = 2.6, 0.348

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CinePhantom:
    """One simulated run and all that is true of it.

    Parameters
    ----------
    recipe : CineRecipe
    image : Image
        Frames of stored values, high is bright, frame DETECTOR.
    camera : Camera
    catheters : tuple of Centreline
        Pixels of the first frame.
    arrival_s : (N,) float64
        When half of the full concentration gets to each point of the catheter; infinite where it never does.
    pumps : tuple of FilmPump
    findings : tuple of Finding
    """

    recipe: CineRecipe
    image: Image
    camera: Camera
    catheters: tuple[Centreline, ...] = ()
    arrival_s: FloatArray
    pumps: tuple[FilmPump, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layers:
    """What every frame is put together from: what stands still, what breathes, what is filled."""

    still: Plane
    pump: Plane
    wall: tuple[tuple[Drops, float], ...] = ()
    lumen: Drops | None = None
    wide: FloatArray | None = None
    share: FloatArray | None = None


def make_cine(recipe: CineRecipe, sitter: Sitter) -> CinePhantom:
    """Simulate one run.

    Parameters
    ----------
    recipe : CineRecipe
    sitter : Sitter
        `catheterview.phantom.film.sit` of the recipe's film.

    Returns
    -------
    CinePhantom
        The same recipe gives the same bytes.
    """
    scene = sitter.scene
    camera = camera_of(recipe.film, recipe.film.views[0], _aim(recipe, scene))
    injection = injection_of(recipe, scene.device) if scene.device else None
    layers = _layers(recipe, sitter, camera)
    pools = pools_of(recipe, scene, scene.device, injection) if scene.device and injection else ()
    voxels = _frames(recipe, camera, layers, (injection, pools))
    image = _image(recipe, voxels)
    if scene.device is None or injection is None:
        return CinePhantom(recipe=recipe, image=image, camera=camera, arrival_s=np.zeros(0))
    device = posed(recipe.film, scene.device, recipe.film.views[0])
    pump = true_pump(recipe.film, device, camera, image)
    catheter = true_catheter(recipe.film, device, camera, image)
    return CinePhantom(
        recipe=recipe,
        image=image,
        camera=camera,
        catheters=(catheter,),
        arrival_s=injection.arrival_s(),
        pumps=(pump,),
        findings=cine_findings(recipe, scene.device, injection, (image, catheter, pump)),
    )


def _aim(recipe: CineRecipe, scene: Scene) -> FloatArray:
    """What a radiographer sets the field on: the middle of pump and catheter, no lower than the trunk goes on."""
    if scene.device is None:
        return np.array([0.0, 0.0, 150.0])
    pocket = scene.device.pocket
    ends = [pocket.center_mm - pocket.radius_mm, pocket.center_mm + pocket.radius_mm]
    points = np.concatenate([np.concatenate(scene.device.course.pieces), np.stack(ends)])
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    film = recipe.film
    half = 0.5 * film.rows * film.pitch_mm * (1.0 - film.behind_mm[0] / film.source_mm)
    return np.array([middle[0], 0.0, max(middle[2], half - _BELOW_MM)])


def _layers(recipe: CineRecipe, sitter: Sitter, camera: Camera) -> _Layers:
    """Attenuation of patient and pump, and the catheter as elements."""
    film, scene = recipe.film, sitter.scene
    maps = sitter.tissue.seen(camera, by=_MID).astype(np.float64)
    rng = np.random.default_rng([film.patient.seed, 114])
    maps[..., 1] *= 1.0 + 8.0 * film.grain * grain_of(film, maps.shape[:2], rng)
    zero = np.zeros(maps.shape[:2])
    without = -np.log(np.maximum(sitter.beam.transmission(maps[..., 0], maps[..., 1], zero), 1e-6))
    still = _full(without, camera) + wires_seen(other_wires(film, scene), camera)
    still = still + np.float32(film.grain) * grain_of(film, camera.shape, rng)
    if scene.device is None:
        return _Layers(still=still, pump=np.zeros_like(still))
    seen = pump_seen(film, scene.device.pocket, camera.coarser(_MID)).astype(np.float64)
    behind = sitter.beam.transmission(maps[..., 0] + seen[..., 0], maps[..., 1], seen[..., 1])
    pump = _full(-np.log(np.maximum(behind, 1e-6)) - without, camera)
    return _with_tube(recipe, scene.device, camera, _Layers(still=still, pump=pump))


def _full(plane: FloatArray, camera: Camera) -> Plane:
    """A plane of the coarser detector on the whole one."""
    full = cv2.resize(plane.astype(np.float32), None, fx=_MID, fy=_MID, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: camera.shape[0], : camera.shape[1]])


def _with_tube(recipe: CineRecipe, device: Device, camera: Camera, layers: _Layers) -> _Layers:
    """Add wall, stem and lumen of every piece."""
    patient, first = recipe.film.patient, 0
    arc = along(np.concatenate(device.course.pieces))
    wall, lumen = [], []
    for piece in device.course.pieces:
        start, first = float(arc[first]), first + len(piece)
        wall.append(
            (tube_drops(piece, patient.inner_mm, patient.outer_mm, camera, start_mm=start), recipe.film.wall_per_mm)
        )
        lumen.append(tube_drops(piece, 0.0, patient.inner_mm, camera, start_mm=start))
    stem = device.course.pieces[0][: round(device.route.connector_mm * 2.0) + 1]
    wall.append((tube_drops(stem, patient.outer_mm, _STEM_MM, camera), _TITANIUM_PER_MM))
    drops = Drops(
        at=np.concatenate([one.at for one in lumen]),
        area=np.concatenate([one.area for one in lumen]),
        arc_mm=np.concatenate([one.arc_mm for one in lumen]),
    )
    return _Layers(
        still=layers.still,
        pump=layers.pump,
        wall=tuple(wall),
        lumen=drops,
        wide=_widened(recipe, device, drops.arc_mm),
        share=_breathing(device, drops.arc_mm),
    )


def _widened(recipe: CineRecipe, device: Device, arc_mm: FloatArray) -> FloatArray:
    """Area of the lumen over the nominal, at arc lengths."""
    if recipe.fault != "ectasia":
        return np.ones(len(arc_mm))
    (hole,) = injection_of(recipe, device).plumbing.escapes
    inside = (arc_mm > hole.arc_mm) & (arc_mm < hole.arc_mm + recipe.wide_mm)
    return np.where(inside, recipe.wide_ratio**2, 1.0)


def _breathing(device: Device, arc_mm: FloatArray) -> FloatArray:
    """How much of the belly wall's way the catheter goes at arc lengths: all at the pump, none at the spine."""
    ends = device.route.ends_mm
    begin, end = ends[Segment.POCKET], ends[Segment.ANCHOR]
    return np.asarray(1.0 - step_smoothly((arc_mm - begin) / (end - begin)))


def _frames(
    recipe: CineRecipe, camera: Camera, layers: _Layers, filled: tuple[Injection | None, tuple[Pool, ...]]
) -> NDArray[np.int16]:
    """Expose every frame."""
    film = recipe.film
    out = np.empty((recipe.frames, *camera.shape), dtype=np.int16)
    for number, time_s in enumerate(recipe.times_s):
        rng = np.random.default_rng([film.patient.seed, 115, number])
        total = layers.still + _moving(recipe, camera, layers, (filled, time_s))
        log = exposed(_shifted(total, recipe, camera, time_s), film, rng)
        log = shuttered(log, film, np.random.default_rng([film.patient.seed, 116]))
        values = stored(log, film)
        turned = film.inverted != (film.written != "presentation")
        out[number] = (4095 - values if turned else values).astype(np.int16)
    return out


def _moving(
    recipe: CineRecipe,
    camera: Camera,
    layers: _Layers,
    now: tuple[tuple[Injection | None, tuple[Pool, ...]], float],
) -> Plane:
    """Pump, catheter and contrast of one frame."""
    (injection, pools), time_s = now
    if injection is None or layers.lumen is None or layers.wide is None or layers.share is None:
        return np.zeros(camera.shape, dtype=np.float32)
    down = recipe.breath_mm * np.sin(2.0 * np.pi * time_s / recipe.breath_s) / camera.pitch_mm
    moved = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, down]])
    out = cv2.warpAffine(layers.pump, moved, camera.shape[::-1], flags=_SHARP).astype(np.float64)
    for drops, per_mm in layers.wall:
        lag = np.interp(drops.arc_mm, layers.lumen.arc_mm, layers.share) * down
        out += drops.seen(per_mm, camera.shape, down=lag)
    flow = injection.at(time_s)
    relative = np.interp(layers.lumen.arc_mm, flow.arc_mm, flow.relative)
    full = recipe.mg_per_ml * _IODINE_PER_MM
    filled = time_s > injection.start_s and not injection.plumbing.pump_stalled
    if filled:
        out += layers.lumen.seen(relative * layers.wide * full, camera.shape, down=layers.share * down)
    for pool in pools if time_s > injection.start_s else ():
        drops = pool.drops(flow, time_s, camera)
        out += drops.seen(_IODINE_PER_MM, camera.shape, down=down if pool.moves else 0.0)
    return np.asarray(out, dtype=np.float32)


def _shifted(plane: Plane, recipe: CineRecipe, camera: Camera, time_s: float) -> Plane:
    """The patient a little aside: half way through the run, within a second or two."""
    half = 0.5 * recipe.frames * recipe.frame_s
    share = float(step_smoothly(np.array([(time_s - half) / 2.0 + 0.5]))[0])
    down, right = (share * one / camera.pitch_mm for one in recipe.shift_mm)
    moved = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
    shown = cv2.warpAffine(plane, moved, plane.shape[::-1], flags=_SHARP, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, dtype=np.float32)


def _image(recipe: CineRecipe, voxels: NDArray[np.int16]) -> Image:
    """Wrap the frames up as one object of its own series."""
    study = json.dumps([cine_record(recipe)], sort_keys=True, default=str)
    return Image(
        voxels=voxels,
        grid=None,
        frame=Frame.DETECTOR,
        modality="RF",
        series_instance_uid=uid_of(f"cine series {study}"),
        study_instance_uid=uid_of(f"cine study {study}"),
        sop_instance_uids=(uid_of(f"cine {study}"),) * recipe.frames,
    )
