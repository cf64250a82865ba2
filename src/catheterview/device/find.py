"""The pumps of one CT, and the metal that is not one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from catheterview.device.bright import bright_voxels, densest_place, groups, metal_threshold_hu
from catheterview.device.catalogue import fitting_models
from catheterview.device.classify import Body, extent_mm, named_implant
from catheterview.device.disc import Disc, fit_disc, surrounding_points, why_no_pump
from catheterview.device.edges import refined_disc
from catheterview.device.solid import sample_hu, solid_near
from catheterview.device.torso import Torso, find_torso
from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray
from catheterview.limits import DeviceLimits
from catheterview.model import Image, Implant, Pump

Flags: TypeAlias = NDArray[np.bool_]

#: Share of the rim from which on a pump counts as wholly in view.
_WHOLE_RIM = 0.9
#: Width of a pump's bright points over its own, at least: half of one may lie outside the image.
_WIDE_ENOUGH = 0.6
#: Points that are enough to say what shape a body has.
_ENOUGH_POINTS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """What metal there is.

    Parameters
    ----------
    pumps : tuple of Pump
        Largest first.
    implants : tuple of Implant
        Largest first.
    why : str
        Why there is no pump, or what is uncertain about those found; empty when all is clear.
    """

    pumps: tuple[Pump, ...] = ()
    implants: tuple[Implant, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """The image that is searched, and what is known of it."""

    image: Image
    limits: DeviceLimits
    threshold_hu: float
    torso: Torso

    @property
    def dense_hu(self) -> float:
        """HU of what is far above the threshold, within the image's scale."""
        return self.limits.dense_hu - self.limits.metal_hu + self.threshold_hu


def find_devices(image: Image, limits: DeviceLimits) -> Devices:
    """Find implanted pumps in a CT, and name the other metal.

    Parameters
    ----------
    image : Image
        CT in the patient frame, HU; any orientation of the array, sheared or not.
    limits : DeviceLimits

    Returns
    -------
    Devices
        LPS mm.

    Raises
    ------
    GeometryError
        When the image has no place in the patient frame.
    UnsuitableError
        When it is not a CT.
    """
    if image.modality != "CT":
        raise UnsuitableError(f"devices are found in CT, not in {image.modality}", where=image.series_instance_uid)
    threshold_hu = metal_threshold_hu(image, limits)
    index, hu = bright_voxels(image, threshold_hu)
    volume_ml = len(index) * image.placed.voxel_volume_mm3 / 1000.0
    if volume_ml > limits.metal_ml:
        return Devices(why=f"{volume_ml:.0f} ml are as bright as metal: the scale of this image is not that of CT")
    if volume_ml < limits.implant_ml:
        return Devices(why=f"no pump: no metal of {threshold_hu:g} HU or more")
    points = image.placed.index_to_world(index)
    scene = _Scene(image=image, limits=limits, threshold_hu=threshold_hu, torso=find_torso(image, limits))
    discs, left = _discs(scene, points)
    pumps = tuple(sorted((_pump(scene, disc) for disc in discs), key=lambda pump: -pump.diameter_mm))
    return Devices(pumps=pumps, implants=_implants(scene, points, hu, left), why=_why(scene, discs))


def _why(scene: _Scene, discs: list[Disc]) -> str:
    """What is to be said of the pumps found, or of there being none."""
    if not discs:
        return "no pump: the metal in view is none"
    whole = [scene.image.placed.contains(surrounding_points(disc, 0.0)).all() for disc in discs]
    return "" if all(whole) else "a pump is cut by the edge of the image: its size is less sure"


def _cell_mm(scene: _Scene, join_mm: float) -> float:
    """Joining distance that also bridges neighbouring slices."""
    return max(join_mm, 1.01 * float(scene.image.placed.spacing_mm.max()))


def _discs(scene: _Scene, points: FloatArray) -> tuple[list[Disc], Flags]:
    """Pumps among the bright points, and which points belong to none."""
    discs: list[Disc] = []
    left = np.ones(len(points), bool)
    tried: set[tuple[int, int]] = set()
    for join_mm in (scene.limits.join_mm, scene.limits.join_far_mm):
        indices = np.flatnonzero(left)
        for group in groups(points[indices], _cell_mm(scene, join_mm)):
            members = indices[group]
            if (same := (len(members), int(members[0]))) in tried:
                continue
            tried.add(same)
            while (disc := _disc_among(scene, points[members])) is not None and not _repeated(disc, discs):
                discs.append(disc)
                left[_within(disc, points, scene.limits.join_far_mm)] = False
                members = members[left[members]]
    return discs, left


def _repeated(disc: Disc, discs: list[Disc]) -> bool:
    """Whether a disc is made of what another disc left over."""
    return any(bool(_within(other, disc.center[None], 0.0)[0]) for other in discs)


def _within(disc: Disc, points: FloatArray, margin_mm: float) -> Flags:
    """Which points lie in a disc or close to it."""
    offset = points - disc.center
    height = np.abs(offset @ disc.normal)
    across = np.sqrt(np.maximum((offset**2).sum(axis=1) - height**2, 0.0))
    return np.asarray((height <= disc.thickness_mm / 2 + margin_mm) & (across <= disc.radius_mm + margin_mm))


def _disc_among(scene: _Scene, points: FloatArray) -> Disc | None:
    """Find one pump among bright points that hang together; None when there is none."""
    limits = scene.limits
    if len(points) * scene.image.placed.voxel_volume_mm3 < limits.pump_shell_ml * 1000.0:
        return None
    middle = densest_place(points, limits.pump_diameter_max_mm)
    wide = extent_mm(points[:: 1 + len(points) // _ENOUGH_POINTS])[1] >= _WIDE_ENOUGH * limits.pump_diameter_min_mm
    for share in (limits.shell_share, limits.thin_shell_share) if wide else ():
        solid = solid_near(scene.image, middle, share * scene.threshold_hu, limits)
        disc = None if solid is None else fit_disc(solid, limits)
        if disc is None or why_no_pump(disc, limits):
            continue
        disc = refined_disc(scene.image, disc, limits)
        if not why_no_pump(disc, limits) and _implanted(scene, disc):
            return disc
    return None


def _implanted(scene: _Scene, disc: Disc) -> bool:
    """Whether a disc has tissue round it; one that bulges out of the skin has it on the inner side at least."""
    around = surrounding_points(disc, scene.limits.tissue_off_mm)
    around = around[scene.image.placed.contains(around)]
    tissue = (sample_hu(scene.image, around) > scene.limits.tissue_hu) | scene.torso.holds(around)
    return bool(tissue.mean() >= scene.limits.tissue_share_min)


def _pump(scene: _Scene, disc: Disc) -> Pump:
    """Describe a disc as a pump whose normal points away from the middle of the body."""
    limits = scene.limits
    middle = scene.torso.near_level(float(disc.center[2]), disc.radius_mm).mean(axis=0)
    normal = disc.normal if (disc.center - middle) @ disc.normal >= 0 else -disc.normal
    x, y, z = (float(v) for v in disc.center)
    across, up, along = (float(v) for v in normal)
    return Pump(
        series_instance_uid=scene.image.series_instance_uid,
        center_mm=(x, y, z),
        normal=(across, up, along),
        diameter_mm=2 * disc.radius_mm,
        thickness_mm=disc.thickness_mm,
        models=fitting_models(2 * disc.radius_mm, disc.thickness_mm, limits.model_tolerance_mm),
        score=float(disc.overlap * min(1.0, disc.rim_share / _WHOLE_RIM)),
    )


def _implants(scene: _Scene, points: FloatArray, hu: NDArray[np.int16], left: Flags) -> tuple[Implant, ...]:
    """Name what is left when the pumps are taken out."""
    voxel_ml = scene.image.placed.voxel_volume_mm3 / 1000.0
    indices = np.flatnonzero(left)
    found = []
    for group in groups(points[indices], _cell_mm(scene, scene.limits.join_mm)):
        members = indices[group]
        if len(members) * voxel_ml < scene.limits.implant_ml or len(members) < 2:
            break
        members = members[:: 1 + len(members) // _ENOUGH_POINTS]
        dense = float((hu[members] >= scene.dense_hu).mean())
        body = Body(points=points[members], dense_share=dense)
        found.append(named_implant(body, scene.torso, scene.image.series_instance_uid, scene.limits))
    return tuple(found)
