"""From a recipe to SPECT volumes, planar views, a low-dose CT, and their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from catheterview.errors import InputError
from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.model import Finding, Image
from catheterview.phantom.body import Body, random_body
from catheterview.phantom.make import Phantom, make_ct
from catheterview.phantom.nuclear.activity import Cloud, Counts, clouds_of, splat
from catheterview.phantom.nuclear.camera import WATER_PER_MM, System, system_of
from catheterview.phantom.nuclear.fate import Fate, fate_of
from catheterview.phantom.nuclear.osem import acquire, reconstruct
from catheterview.phantom.nuclear.recipe import NuclearRecipe
from catheterview.phantom.nuclear.truth import true_findings
from catheterview.phantom.scene import Scene, build_scene
from catheterview.resample import sample

_SUB = (-0.25, 0.25)  # of a voxel: where attenuation is sampled within it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scan:
    """One SPECT acquisition, reconstructed.

    Parameters
    ----------
    hours : float
        Since injection.
    activity : (K, J, I) float32
        MBq per voxel as the workstation reconstructs it, corrected for attenuation but not for decay.
    grid : Grid
    fate : Fate
        The truth.
    """

    hours: float
    activity: Counts
    grid: Grid
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NuclearPhantom:
    """A simulated tracer study.

    Parameters
    ----------
    ct : Phantom
        The low-dose CT and what is true of the device.
    scene : Scene
    scans : tuple of Scan
        In the order of the recipe's hours.
    findings : tuple of Finding
        In the CT's frame.
    """

    recipe: NuclearRecipe
    ct: Phantom
    scene: Scene
    scans: tuple[Scan, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patient:
    """What lies under the camera.

    Parameters
    ----------
    grid : Grid
        Of the whole matrix.
    crop : slice
        Rows, and columns, that hold the body.
    mu : (K, N, N) float32
        Attenuation per mm of the cropped grid.
    """

    recipe: NuclearRecipe
    scene: Scene
    body: Body
    grid: Grid
    crop: slice
    mu: Counts

    @property
    def cropped(self) -> Grid:
        """The grid of the cropped volume."""
        return self.grid.cropped((0, self.crop.start, self.crop.start), (*self.mu.shape,))

    def moved(self, points: FloatArray) -> FloatArray:
        """Take (..., 3) LPS mm of the CT to where they lie under the camera."""
        return moved(self.recipe, self.grid, points)


def moved(recipe: NuclearRecipe, grid: Grid, points: FloatArray) -> FloatArray:
    """Where (..., 3) points of the CT lie under the camera: turned about the grid's middle, then shifted."""
    middle = grid.index_to_world((np.array(grid.shape) - 1) / 2.0)
    turn = Rotation.from_euler("xyz", recipe.turn_deg, degrees=True).as_matrix()
    return np.asarray((points - middle) @ turn.T + middle + recipe.shift_mm)


def _moved_back(recipe: NuclearRecipe, grid: Grid, points: FloatArray) -> FloatArray:
    """Inverse of `moved`."""
    middle = grid.index_to_world((np.array(grid.shape) - 1) / 2.0)
    turn = Rotation.from_euler("xyz", recipe.turn_deg, degrees=True).as_matrix()
    return np.asarray((points - middle - recipe.shift_mm) @ turn + middle)


def make_nuclear(recipe: NuclearRecipe) -> NuclearPhantom:
    """Simulate a low-dose CT and a SPECT at every time.

    Parameters
    ----------
    recipe : NuclearRecipe
        Of a synthetic patient with a device.

    Raises
    ------
    InputError
        When the recipe's patient has no device, or is a real one.
    """
    patient, ct = lay_down(recipe)
    camera = recipe.camera
    true = system_of(patient.mu, camera.voxel_mm, views=camera.views, blur=1.0)
    known = system_of(patient.mu, camera.voxel_mm, views=camera.views, blur=camera.recovery)
    scans = tuple(_scan(patient, (true, known), hours, n) for n, hours in enumerate(recipe.hours))
    findings = true_findings(recipe, patient.scene, ct.image)
    return NuclearPhantom(recipe=recipe, ct=ct, scene=patient.scene, scans=scans, findings=findings)


def lay_down(recipe: NuclearRecipe) -> tuple[Patient, Phantom]:
    """Build the patient and the CT, and lay the patient under the camera."""
    if recipe.ct.background != "synthetic" or recipe.ct.fault == "no_device":
        raise InputError("a tracer study is simulated in a synthetic patient with a device")
    ct = make_ct(recipe.ct)
    body = random_body(recipe.ct)
    height = recipe.ct.shape[0] * recipe.ct.spacing_mm[0]
    scene = build_scene(recipe.ct, body.anatomy(height, ct.image.series_instance_uid), body.hu)
    grid = _camera_grid(recipe, ct.image.placed)
    mu = _attenuation(recipe, ct.image, grid)
    crop = _around_body(mu)
    mu = np.ascontiguousarray(mu[:, crop, crop])
    return Patient(recipe=recipe, scene=scene, body=body, grid=grid, crop=crop, mu=mu), ct


def _camera_grid(recipe: NuclearRecipe, ct: Grid) -> Grid:
    """Slices from the feet to the head of what the CT shows."""
    step, n = recipe.camera.voxel_mm, recipe.camera.matrix
    corners = ct.corners()
    middle = corners.mean(axis=0)
    count = min(n, round(float(np.ptp(corners[:, 2])) / step))
    first = middle - step * (np.array([n, n, count]) - 1) / 2.0
    return grid_from_axes((count, n, n), origin=first, axes_mm=np.eye(3)[::-1] * step)


def _attenuation(recipe: NuclearRecipe, ct: Image, grid: Grid) -> Counts:
    """Attenuation per mm of the patient where the patient lies now, (K, J, I)."""
    total = np.zeros(grid.shape, dtype=np.float32)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), axis=-1).astype(np.float64)
    for dk in _SUB:
        for dj, di in ((-0.25, -0.25), (0.25, 0.25)):
            points = _moved_back(recipe, grid, grid.index_to_world(index + np.array((dk, dj, di))))
            hu = sample(ct, points, outside=-1000.0)
            total += np.where(hu < 0.0, 1.0 + hu / 1000.0, 1.0 + 0.5 * hu / 1000.0).clip(0.0, 2.0)
    return np.asarray(total * np.float32(WATER_PER_MM / (2.0 * len(_SUB))))


def _around_body(mu: Counts) -> slice:
    """Rows and columns, the same for both, that hold the body."""
    seen = np.asarray(np.any(mu > 0.2 * WATER_PER_MM, axis=0))
    held = np.flatnonzero(np.any(seen, axis=0) | np.any(seen, axis=1))
    return slice(max(0, int(held[0]) - 2), min(len(seen), int(held[-1]) + 3))


def _scan(patient: Patient, systems: tuple[System, System], hours: float, number: int) -> Scan:
    """Acquire and reconstruct at one time."""
    recipe, grid = patient.recipe, patient.cropped
    fate, clouds = tracer(patient, hours)
    activity = sum((splat(patient.moved(c.points), c.mbq, grid) for c in clouds), np.zeros(grid.shape, np.float32))
    rng = np.random.default_rng([recipe.ct.seed, 65, number])
    seen = acquire(systems[0], activity, recipe.camera, rng)
    image = reconstruct(systems[1], seen, recipe.camera)
    whole = np.zeros(patient.grid.shape, dtype=np.float32)
    whole[:, patient.crop, patient.crop] = image
    return Scan(hours=hours, activity=whole, grid=patient.grid, fate=fate)


def tracer(patient: Patient, hours: float) -> tuple[Fate, tuple[Cloud, ...]]:
    """Where the tracer is, in the patient's own frame."""
    assert patient.scene.device is not None
    fate = fate_of(patient.recipe, patient.scene.device, hours)
    return fate, clouds_of(patient.recipe, patient.scene, patient.body, fate)
