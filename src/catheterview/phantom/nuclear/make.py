"""From a recipe to SPECT volumes, planar views, a low-dose CT, and their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from catheterview.errors import InputError
from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.model import Finding
from catheterview.phantom.body import Body, random_body
from catheterview.phantom.make import Phantom, default_grid, make_ct
from catheterview.phantom.nuclear.activity import Cloud, Counts, clouds_of, splat
from catheterview.phantom.nuclear.camera import WATER_PER_MM, System, system_of
from catheterview.phantom.nuclear.fate import Fate, fate_of
from catheterview.phantom.nuclear.osem import acquire, reconstruct
from catheterview.phantom.nuclear.recipe import NuclearRecipe
from catheterview.phantom.nuclear.truth import true_findings
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.scene import Scene, build_scene

_WITHIN = ((-0.25, -0.25, 0.25), (0.25, 0.25, -0.25))  # of a voxel: where attenuation is sampled
_PUMP = 1.5  # attenuation of a pump as a whole, relative to water: motor, battery and fluid; assumed


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
    ct : Phantom or None
        The low-dose CT and what is true of the device; None when it was not asked for.
    scene : Scene
    scans : tuple of Scan
        In the order of the recipe's hours.
    findings : tuple of Finding
        In the CT's frame.
    """

    recipe: NuclearRecipe
    ct: Phantom | None
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


def make_nuclear(recipe: NuclearRecipe, *, with_ct: bool = True, patient: Patient | None = None) -> NuclearPhantom:
    """Simulate a low-dose CT and a SPECT at every time.

    Parameters
    ----------
    recipe : NuclearRecipe
        Of a synthetic patient with a device.
    with_ct : bool
        The CT takes longer than the SPECT and can be left out.
    patient : Patient, optional
        Of this recipe, laid down before.

    Raises
    ------
    InputError
        When the recipe's patient has no device, or is a real one.
    """
    patient, camera = patient or lay_down(recipe), recipe.camera
    true = system_of(patient.mu, camera.voxel_mm, views=camera.views, blur=1.0)
    known = system_of(patient.mu, camera.voxel_mm, views=camera.views, blur=camera.recovery)
    scans = tuple(_scan(patient, (true, known), hours, n) for n, hours in enumerate(recipe.hours))
    ct = make_ct(recipe.ct) if with_ct else None
    uid = ct.image.series_instance_uid if ct else ""
    return NuclearPhantom(
        recipe=recipe, ct=ct, scene=patient.scene, scans=scans, findings=true_findings(recipe, patient.scene, uid)
    )


def lay_down(recipe: NuclearRecipe) -> Patient:
    """Build the patient and lay the patient under the camera."""
    if recipe.ct.background != "synthetic" or recipe.ct.fault == "no_device":
        raise InputError("a tracer study is simulated in a synthetic patient with a device")
    body = random_body(recipe.ct)
    height = recipe.ct.shape[0] * recipe.ct.spacing_mm[0]
    scene = build_scene(recipe.ct, body.anatomy(height, ""), body.hu)
    grid = _camera_grid(recipe, default_grid(recipe.ct))
    mu = _attenuation(recipe, scene, body, grid)
    crop = _around_body(mu)
    mu = np.ascontiguousarray(mu[:, crop, crop])
    return Patient(recipe=recipe, scene=scene, body=body, grid=grid, crop=crop, mu=mu)


def _camera_grid(recipe: NuclearRecipe, ct: Grid) -> Grid:
    """Slices from the feet to the head of what the CT shows."""
    step, n = recipe.camera.voxel_mm, recipe.camera.matrix
    corners = ct.corners()
    middle = corners.mean(axis=0)
    count = min(n, round(float(np.ptp(corners[:, 2])) / step))
    first = middle - step * (np.array([n, n, count]) - 1) / 2.0
    return grid_from_axes((count, n, n), origin=first, axes_mm=np.eye(3)[::-1] * step)


def _attenuation(recipe: NuclearRecipe, scene: Scene, body: Body, grid: Grid) -> Counts:
    """Attenuation per mm of the patient where the patient lies now, (K, J, I)."""
    assert scene.device is not None
    total = np.zeros(grid.shape, dtype=np.float32)
    for dk, dj, di in _WITHIN:
        for k in range(grid.shape[0]):
            index = np.stack(np.meshgrid(k + dk, *(np.arange(n) for n in grid.shape[1:]), indexing="ij"), axis=-1)
            at = _moved_back(recipe, grid, grid.index_to_world(index + np.array((0.0, dj, di)))).reshape(-1, 3)
            near = at[:, 0] ** 2 / (1.25 * body.half_width) ** 2 + at[:, 1] ** 2 / (1.45 * body.half_depth) ** 2 < 1.0
            slab = np.zeros(len(at), dtype=np.float32)
            slab[near] = _relative(scene.device.pocket, body, at[near])
            total[k] += slab.reshape(grid.shape[1:])
    return np.asarray(total * np.float32(WATER_PER_MM / len(_WITHIN)))


def _relative(pocket: Pocket, body: Body, points: FloatArray) -> FloatArray:
    """Attenuation (N,) relative to water: tissue by its HU, and a pump, whose shell is nearly transparent (E.1)."""
    hu = body.hu(pocket.source(points))
    tissue = np.where(hu < 0.0, 1.0 + hu / 1000.0, 1.0 + 0.5 * hu / 1000.0).clip(0.0, 2.0)
    return np.asarray(np.where(pocket.clearance(points) < 0.0, _PUMP, tissue))


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
