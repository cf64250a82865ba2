"""From a recipe to radiographs and their truth."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding, Image
from catheterview.model.film import FilmPump
from catheterview.phantom.attenuation import Beam, beam
from catheterview.phantom.body import random_body
from catheterview.phantom.film.camera import Camera, camera_of
from catheterview.phantom.film.detector import Plane, exposed, grain_of, shuttered, stored
from catheterview.phantom.film.device import catheter_wires, other_wires
from catheterview.phantom.film.metal import pump_seen
from catheterview.phantom.film.posed import Posed, posed
from catheterview.phantom.film.ray import Maps
from catheterview.phantom.film.recipe import FilmRecipe, FilmView, film_record
from catheterview.phantom.film.tissue import Tissue, tissue_of
from catheterview.phantom.film.truth import true_catheter, true_findings, true_pump
from catheterview.phantom.film.wires import wires_seen
from catheterview.phantom.scene import Scene, build_scene

_MID = 2  # pixels of the detector to one of tissue and metal
_AIM_MM = 155.0  # height of the central ray: the pump near the lower edge is on the film


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmPhantom:
    """One simulated radiograph and all that is true of it, in the report's own terms.

    Parameters
    ----------
    recipe : FilmRecipe
    view : FilmView
    image : Image
        One frame of stored values as `catheterview.read.load` gives them: high is bright, frame DETECTOR.
    camera : Camera
    pieces : tuple of (N, 3) LPS mm
        The catheter in space.
    catheters : tuple of Centreline
        In frame CALIBRATED, points (row, column).
    pumps : tuple of FilmPump
    findings : tuple of Finding
    """

    recipe: FilmRecipe
    view: FilmView
    image: Image
    camera: Camera
    pieces: tuple[FloatArray, ...] = ()
    catheters: tuple[Centreline, ...] = ()
    pumps: tuple[FilmPump, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sitter:
    """A patient ready to be exposed: the scene and its tissue."""

    recipe: FilmRecipe
    scene: Scene
    tissue: Tissue
    beam: Beam


def make_films(recipe: FilmRecipe, *, sitter: Sitter | None = None) -> tuple[FilmPhantom, ...]:
    """Simulate one radiograph for each view.

    Parameters
    ----------
    recipe : FilmRecipe
    sitter : Sitter, optional
        From `sit`, when the same patient is exposed again: a prior, a fault's healthy control.

    Returns
    -------
    tuple of FilmPhantom
        In the order of the recipe's views; the same recipe gives the same bytes.

    Raises
    ------
    UnsuitableError
        When there is no room for the device.
    """
    sitter = sitter or sit(recipe)
    return tuple(expose(recipe, sitter, number) for number in range(len(recipe.views)))


def sit(recipe: FilmRecipe) -> Sitter:
    """Build the patient of a recipe.

    Raises
    ------
    UnsuitableError
        When there is no room for the device.
    """
    patient = recipe.patient
    body = random_body(patient)
    scene = build_scene(patient, body.anatomy(patient.shape[0] * patient.spacing_mm[0], ""), body.hu)
    tissue = tissue_of(patient, body, scene.device.pocket if scene.device else None)
    return Sitter(recipe=recipe, scene=scene, tissue=tissue, beam=beam(recipe.kvp))


def expose(recipe: FilmRecipe, sitter: Sitter, number: int) -> FilmPhantom:
    """Simulate the radiograph of view `number`."""
    view, scene = recipe.views[number], sitter.scene
    camera = camera_of(recipe, view, np.array([0.0, 0.0, _AIM_MM]))
    device = posed(recipe, scene.device, view) if scene.device else None
    rng = np.random.default_rng([recipe.patient.seed, 94, number])
    attenuation = _attenuation(recipe, sitter, camera, device)
    log = shuttered(exposed(attenuation, recipe, rng, lateral=view.kind == "LATERAL"), recipe, rng)
    image = _image(recipe, number, stored(log, recipe))
    if device is None:
        return FilmPhantom(recipe=recipe, view=view, image=image, camera=camera)
    pump = true_pump(recipe, device, camera, image)
    return FilmPhantom(
        recipe=recipe,
        view=view,
        image=image,
        camera=camera,
        pieces=device.pieces,
        catheters=(true_catheter(recipe, device, camera, image),),
        pumps=(pump,),
        findings=true_findings(recipe, device, camera, (image, pump)),
    )


def _attenuation(recipe: FilmRecipe, sitter: Sitter, camera: Camera, device: Posed | None) -> Plane:
    """What the primary beam meets on the way to every pixel."""
    middle = camera.coarser(_MID)
    maps = np.zeros((*middle.shape, 3), dtype=np.float32)
    maps[..., :2] = sitter.tissue.seen(camera, by=_MID)
    if device is not None:
        _add_pump(maps, recipe, device, middle)
    rng = np.random.default_rng([recipe.patient.seed, 95, round(100 * (1.0 + camera.toward[0]))])
    maps[..., 1] *= 1.0 + np.float32(8.0 * recipe.grain) * grain_of(recipe, middle.shape, rng)
    log = -np.log(_transmission(sitter.beam, maps))
    full = cv2.resize(log, None, fx=_MID, fy=_MID, interpolation=cv2.INTER_LINEAR)[: camera.shape[0], : camera.shape[1]]
    body = np.minimum(full / np.float32(max(float(np.median(full)), 0.1)), 1.0)
    full = full + np.float32(recipe.grain) * body * grain_of(recipe, camera.shape, rng)
    wires = other_wires(recipe, sitter.scene) + (catheter_wires(recipe, sitter.scene, device) if device else ())
    return np.asarray(full + wires_seen(wires, camera), dtype=np.float32)


def _add_pump(maps: Maps, recipe: FilmRecipe, device: Posed, camera: Camera) -> None:
    """Add the pump's water and titanium where it is seen, in place."""
    at = camera.project(device.pocket.center_mm[None])[0]
    reach = device.pocket.radius_mm * 1.6 / camera.pitch_mm
    low = np.maximum(np.floor(at - reach).astype(int), 0)
    high = np.minimum(np.ceil(at + reach).astype(int), np.array(camera.shape))
    if (high - low < 2).any():
        return
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    seen = pump_seen(recipe, device.pocket, camera.cropped((int(low[0]), int(low[1])), size))
    part = maps[low[0] : high[0], low[1] : high[1]]
    part[..., 0] += seen[..., 0]
    part[..., 2] += seen[..., 1]


def _transmission(spectrum: Beam, maps: Maps) -> Plane:
    """Share of the signal behind water, bone and titanium (R, C, 3), mm."""
    out = np.zeros(maps.shape[:2], dtype=np.float32)
    rows = (spectrum.share, spectrum.water, spectrum.bone, spectrum.titanium)
    for share, *per_mm in zip(*rows, strict=True):
        out += np.float32(share) * np.exp(-(maps @ np.array(per_mm, dtype=np.float32)))
    return np.maximum(out, np.float32(1e-6))


def _image(recipe: FilmRecipe, number: int, values: NDArray[np.uint16]) -> Image:
    """Wrap stored values up as an image of its own series; high is bright, as reading gives it."""
    study = json.dumps([film_record(recipe)], sort_keys=True, default=str)
    turned = recipe.inverted != (recipe.written != "presentation")
    bright = 4095 - values if turned else values
    uid = uid_of(f"film {number} {study}")
    return Image(
        voxels=bright.astype(np.int16)[None],
        grid=None,
        frame=Frame.DETECTOR,
        modality="DX",
        series_instance_uid=uid_of(f"series {number} {study}"),
        study_instance_uid=uid_of(f"study {study}"),
        sop_instance_uids=(uid,),
    )


def uid_of(what: str) -> str:
    """A UID under 2.25 that follows from a text (DICOM PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'catheterview phantom {what}').int}"
