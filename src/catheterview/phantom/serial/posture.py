"""How the patient lies in the scanner: turned and moved as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from catheterview.geometry import FloatArray, Grid, read_only
from catheterview.model import Anatomy, Centreline, Finding, Pump
from catheterview.phantom.faults import Lesion
from catheterview.phantom.recipe import CtRecipe

if TYPE_CHECKING:
    from catheterview.phantom.make import Phantom


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posture:
    """A rigid move of the patient.

    Parameters
    ----------
    turn : (3, 3) float64
        Rotation, about `about_mm`.
    about_mm, shift_mm : (3,) LPS mm
    """

    turn: FloatArray
    about_mm: FloatArray
    shift_mm: FloatArray

    def __post_init__(self) -> None:
        for name, ndim in (("turn", 2), ("about_mm", 1), ("shift_mm", 1)):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=ndim))

    def points(self, points: FloatArray) -> FloatArray:
        """(N, 3) points of the patient in the plain posture, LPS mm, to where they lie."""
        return np.asarray((points - self.about_mm) @ self.turn.T + self.about_mm + self.shift_mm)

    def point(self, point: tuple[float, float, float] | FloatArray) -> tuple[float, float, float]:
        """The same for one point."""
        x, y, z = (float(value) for value in self.points(np.asarray(point, dtype=np.float64)[None])[0])
        return x, y, z

    def grid(self, grid: Grid) -> Grid:
        """A grid fixed to the patient, in the scanner."""
        affine = np.array(grid.affine)
        affine[:3, :3] = self.turn @ affine[:3, :3]
        affine[:3, 3] = self.points(affine[None, :3, 3])[0]
        return Grid(shape=grid.shape, affine=affine)

    def inverse(self) -> Posture:
        """The move back."""
        about = self.about_mm + self.shift_mm
        return Posture(turn=self.turn.T, about_mm=about, shift_mm=-self.shift_mm)


def posture_of(recipe: CtRecipe) -> Posture | None:
    """The posture that a recipe asks for, about the middle of the trunk; None for the plain one."""
    if not any(recipe.posture_deg) and not any(recipe.posture_mm):
        return None
    turn = Rotation.from_euler("xyz", recipe.posture_deg, degrees=True).as_matrix()
    about = np.array([0.0, 0.0, recipe.shape[0] * recipe.spacing_mm[0] / 2.0])
    return Posture(turn=turn, about_mm=about, shift_mm=np.array(recipe.posture_mm))


def posed_phantom(phantom: Phantom, posture: Posture) -> Phantom:
    """A phantom seen on a grid fixed to the patient, with image and truth where they are in the scanner."""
    tip = phantom.implanted_tip_mm
    return replace(
        phantom,
        image=replace(phantom.image, grid=posture.grid(phantom.image.placed)),
        anatomy=_anatomy(phantom.anatomy, posture),
        catheters=tuple(_catheter(one, posture) for one in phantom.catheters),
        pumps=tuple(_pump(one, posture) for one in phantom.pumps),
        findings=tuple(_finding(one, posture) for one in phantom.findings),
        lesions=tuple(_lesion(one, posture) for one in phantom.lesions),
        implanted_tip_mm=posture.point(tip) if tip else None,
    )


def _anatomy(anatomy: Anatomy, posture: Posture) -> Anatomy:
    body = replace(anatomy.body, grid=posture.grid(anatomy.body.grid)) if anatomy.body else None
    levels = tuple(replace(level, point=posture.point(level.point)) for level in anatomy.levels)
    return replace(anatomy, body=body, canal=posture.points(anatomy.canal), levels=levels)


def _catheter(catheter: Centreline, posture: Posture) -> Centreline:
    return replace(catheter, points=posture.points(catheter.points))


def _pump(pump: Pump, posture: Posture) -> Pump:
    a, b, c = (float(value) for value in posture.turn @ np.array(pump.normal))
    return replace(pump, center_mm=posture.point(pump.center_mm), normal=(a, b, c))


def _finding(finding: Finding, posture: Posture) -> Finding:
    ends = tuple(posture.point(np.array(end)) for end in finding.ends)
    return replace(finding, point=posture.point(np.array(finding.point)), ends=ends)


def _lesion(lesion: Lesion, posture: Posture) -> Lesion:
    ends = tuple(posture.points(np.asarray(end)[None])[0] for end in lesion.ends)
    extent = posture.points(lesion.extent) if len(lesion.extent) else lesion.extent
    return replace(lesion, point=posture.points(np.asarray(lesion.point)[None])[0], ends=ends, extent=extent)
