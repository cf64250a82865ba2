"""Shapes at the places where fluid collects, with a wanted volume."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from catheterview.geometry import FloatArray, tangents, unit
from catheterview.phantom.curves import perpendicular
from catheterview.phantom.fluid.shapes import Crescent, Ellipsoid, Shape, Sump, Tube, lattice
from catheterview.phantom.scene import Device, Scene

_LONG = 1.5  # a blob in tissue is longer along the catheter than across
_ROUGH = 0.12
_SINKS = 0.8  # how strongly the side on which a blob lies is drawn downwards; no source
_LENS = 0.3  # thickness of a pool in the pocket over half its width; no source
_LEVEL = 0.25  # sine of a pump's tilt from which fluid runs all the way to its rim
#: For a patient on the back.
DOWN = np.array([0.0, 1.0, 0.0])


def blob_at(scene: Scene, device: Device, arc_mm: float, *, volume_ml: float, seed: int) -> Ellipsoid:
    """A ragged blob in the tissue beside the catheter that touches it at an arc length.

    Parameters
    ----------
    scene : Scene
    device : Device
    arc_mm : float
        From the pump's rim, on the course as it lies.
    volume_ml : float
    seed : int
        Draws the side it lies on, and the raggedness.
    """
    points = np.concatenate(device.course.pieces)
    rng = np.random.default_rng([scene.recipe.seed, 95, seed])
    at = int(np.clip(np.searchsorted(along(points), arc_mm), 1, len(points) - 2))
    way = tangents(points[max(0, at - 6) : at + 7])[min(6, at)]
    drawn = unit(rng.standard_normal((1, 3)))
    side = perpendicular(way[None], drawn + _SINKS * DOWN)[0]  # fluid sinks, as far as the layers of tissue let it
    small = (volume_ml * 1000.0 * 3.0 / (4.0 * np.pi * _LONG)) ** (1.0 / 3.0)
    half = small * np.array([_LONG, 1.0, 1.0])
    # The catheter runs through it, off its middle: fluid does not only go one way.
    center = points[at] + 0.35 * small * side
    axes = np.stack([way, side, np.cross(way, side)])
    return _ragged(Ellipsoid(center_mm=center, axes=axes, half_mm=half, rough=_ROUGH, seed=seed), volume_ml)


def _ragged(blob: Ellipsoid, volume_ml: float) -> Ellipsoid:
    """The blob with its half axes scaled until it has the volume in spite of its ragged border."""
    for _ in range(3):
        ratio = (volume_ml / _volume(blob, step_mm=float(blob.half_mm.min()) / 6.0)) ** (1.0 / 3.0)
        blob = replace(blob, half_mm=blob.half_mm * ratio)
    return blob


def along(points: FloatArray) -> FloatArray:
    """Arc length (N,) of a course, gaps counted straight across."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def pool_in_pocket(device: Device, *, volume_ml: float, toward: FloatArray) -> Sump:
    """Fluid that has run to the lowest place of the pocket: a lens on the pump's surface, for a few ml.

    Parameters
    ----------
    device : Device
    volume_ml : float
        From about 0.5 to 30.
    toward : (3,)
        Down, `DOWN` for a patient on the back; minus the pump's normal is behind the pump.

    Notes
    -----
    A ml makes a lens about 4 mm thick and 26 mm wide, 25 ml one of 11 and 75 mm: a collection on one side of the pump
    (clinical reference B.3, CT-POCKET; B.2, FL-POCKET), where an even film round it would be a fifth of a millimetre.
    How wide it is for its thickness has no source.
    """
    pocket = device.pocket
    half = pocket.model.thickness_mm / 2.0
    sinks = pocket.axes @ unit(toward)
    flat = float(np.hypot(sinks[0], sinks[1]))
    out = pocket.radius_mm * min(1.0, flat / _LEVEL)
    local = np.array([*(out * sinks[:2] / max(flat, 1e-9)), half * np.sign(sinks[2])])
    lowest = pocket.center_mm + local @ pocket.axes

    def of(reach: float) -> Sump:
        return Sump(
            center_mm=pocket.center_mm,
            axes=pocket.axes,
            radius_mm=pocket.radius_mm,
            half_mm=half,
            lowest_mm=lowest,
            thick_mm=_LENS * reach,
            reach_mm=reach,
        )

    return of(
        _sized(lambda reach: _volume(of(reach), step_mm=float(np.clip(reach / 14.0, 0.6, 3.0))), volume_ml, (2.0, 90.0))
    )


def pool_round_pump(device: Device, *, volume_ml: float, toward: FloatArray) -> Crescent:
    """Fluid that surrounds the pump, as a seroma does, thickest towards a direction.

    Parameters
    ----------
    device : Device
    volume_ml : float
        From about 5 to 100; see `pool_in_pocket` for less.
    toward : (3,)
        (0, 1, 0) is down for a patient on the back; minus the pump's normal is behind the pump.
    """
    pocket = device.pocket

    def of(thick: float) -> Crescent:
        return Crescent(
            center_mm=pocket.center_mm,
            axes=pocket.axes,
            radius_mm=pocket.radius_mm,
            half_mm=pocket.model.thickness_mm / 2.0,
            thick_mm=thick,
            toward=unit(toward),
        )

    return of(
        _sized(lambda thick: _volume(of(thick), step_mm=float(np.clip(thick / 4.0, 1.0, 5.0))), volume_ml, (0.3, 60.0))
    )


def _volume(shape: Shape, *, step_mm: float = 1.5) -> float:
    """Volume on a lattice, ml; soft edges count in part."""
    return float(shape.share(lattice(shape, step_mm)).sum()) * step_mm**3 / 1000.0


def _sized(volume: Callable[[float], float], wanted_ml: float, between: tuple[float, float]) -> float:
    """The size between two at which a volume is the wanted one, or the nearer end."""
    low, high = between
    if volume(low) >= wanted_ml:
        return low
    return high if volume(high) <= wanted_ml else float(brentq(lambda at: volume(at) - wanted_ml, low, high, xtol=0.02))


def sleeve_along(scene: Scene, axis: FloatArray, *, radius_mm: float, strength: FloatArray) -> Tube:
    """Fluid that runs along the outside of the catheter.

    Parameters
    ----------
    scene : Scene
    axis : (N, 3) LPS mm
    radius_mm : float
        Of the sleeve.
    strength : (N,) float
        Relative concentration along it.
    """
    return Tube(
        axis=axis,
        radius_mm=np.full(len(axis), radius_mm),
        strength=strength,
        inner_mm=scene.recipe.outer_mm / 2.0,
    )
