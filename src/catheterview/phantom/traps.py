"""Hardware that is not the pump: stimulator, vascular port, pedicle screws, hip, a piece of an old catheter.

Painted as metal without streaks, a trap for what looks for bright things; with the dial `hardware_streaks` projected
and reconstructed as the pump is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, Grid, read_only, resample_polyline, unit
from catheterview.phantom.confusers import CONTACT_INNER_MM, CONTACT_MM, contact_axes
from catheterview.phantom.curves import STEP_MM
from catheterview.phantom.dye.solids import Solid
from catheterview.phantom.fluid import Ellipsoid, Shape, Tube
from catheterview.phantom.fluid.shapes import Oriented
from catheterview.phantom.metal import Metal
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.scene import Scene
from catheterview.phantom.tube import Layer

_METAL_HU, _CELL_HU = 9000.0, 2500.0
_GENERATOR_MM = (25.0, 22.0, 5.5)  # half sizes of a pulse generator, as drawn; no source
_PORT_MM, _PORT_LINE_MM, _PORT_LINE_HU = (13.0, 13.0, 5.0), 2.4, 700.0
_SCREW_MM, _ROD_MM = 3.0, 2.75  # radii
_OLD_LUMEN_HU = 10.0
_HIP_DEPTH_MM, _CUP_MM, _HEAD_MM, _NECK_MM = 70.0, 26.0, 16.0, 6.5  # depth, radii; no source
# Linear attenuation at 70 keV over titanium's 2.47 per cm (NIST SRD 126). Cobalt-chromium of 8.3 g/cm3 is taken for
# iron (0.826 cm2/g), platinum of 21.45 g/cm3 for gold, its neighbour (3.07 cm2/g).
_COBALT_SHARE, _PLATINUM_SHARE = 2.8, 26.6
_CONTACT_SHARE = _PLATINUM_SHARE * (1.0 - (CONTACT_INNER_MM / CONTACT_MM) ** 2)  # a band, spread over its cylinder


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box(Oriented):
    """A block with round corners.

    Parameters
    ----------
    half_mm : (3,) float
    """

    half_mm: FloatArray

    def __post_init__(self) -> None:
        Oriented.__post_init__(self)
        object.__setattr__(self, "half_mm", read_only(self.half_mm, ndim=1))

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        local = np.abs((points - self.center_mm) @ self.axes.T) / self.half_mm
        away = (local**6).sum(axis=1) ** (1.0 / 6.0)
        return np.asarray(np.clip(0.5 + (1.0 - away) * float(self.half_mm.min()), 0.0, 1.0))

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        reach = np.abs(self.axes.T) @ self.half_mm + 1.0
        return self.center_mm - reach, self.center_mm + reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A part of some hardware, over those before it.

    Parameters
    ----------
    shape : Shape
    hu : float
        As it is painted.
    titanium, water : float
        As it is projected: shares of solid titanium and of water.
    """

    shape: Shape
    hu: float
    titanium: float
    water: float = 0.0


def hardware_in(scene: Scene) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    """What the recipe asks for, by name."""
    recipe, out = scene.recipe, []
    if recipe.stimulator:
        out.append(("stimulator", _stimulator(scene)))
    if recipe.port:
        center, axes = _port(scene)
        septum = _box(center + 2.0 * axes[2], axes, (7.0, 7.0, 4.0))
        case = Piece(shape=_box(center, axes, _PORT_MM), hu=_METAL_HU, titanium=1.0)
        out.append(("port", (case, Piece(shape=septum, hu=40.0, titanium=0.0, water=1.05))))
    if recipe.pedicle_screws:
        out.append(("screw", tuple(Piece(shape=one, hu=_METAL_HU, titanium=1.0) for one in _screws(scene))))
    if recipe.hip:
        out.append(("hip", _hip(scene)))
    return tuple(out)


def trap_solids(scene: Scene) -> tuple[Solid, ...]:
    """Blocks of metal that the recipe asks for and that are painted."""
    if projects(scene.recipe):
        return ()
    return tuple(
        Solid(name=name, shape=piece.shape, hu=piece.hu) for name, pieces in hardware_in(scene) for piece in pieces
    )


def projects(recipe: CtRecipe) -> bool:
    """Whether hardware besides the pump goes through projection and reconstruction."""
    return recipe.physics and recipe.hardware_streaks


def trap_metals(scene: Scene) -> tuple[Metal, ...]:
    """Hardware that is projected."""
    if not projects(scene.recipe):
        return ()
    contacts = tuple(
        Piece(shape=_bar(axis, CONTACT_MM / 2.0), hu=0.0, titanium=_CONTACT_SHARE) for axis in contact_axes(scene)
    )
    every = (*hardware_in(scene), ("contacts", contacts))
    return tuple(_metal(pieces, fine=2 if name == "contacts" else 1) for name, pieces in every if pieces)


def _share(shape: Shape, points: FloatArray) -> FloatArray:
    """A shape's share at points, asked for only where it can be."""
    low, high = shape.bounds()
    near = ((points > low) & (points < high)).all(axis=1)
    out = np.zeros(len(points))
    if near.any():
        out[near] = shape.share(points[near])
    return out


def _metal(pieces: tuple[Piece, ...], *, fine: int) -> Metal:
    """Pieces as one thing to project."""
    lows, highs = zip(*(piece.shape.bounds() for piece in pieces), strict=True)
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)

    def fill(points: FloatArray, _: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        titanium, water, filled = (np.zeros(len(points)) for _ in range(3))
        for piece in pieces:
            share = _share(piece.shape, points)
            titanium += share * (piece.titanium - titanium)
            water += share * (piece.water - water)
            filled += share * (1.0 - filled)
        return titanium, water, filled

    def held_by(grid: Grid, k: float) -> bool:
        normal = np.cross(grid.directions[:, 1], grid.directions[:, 2])
        ends = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        across = (ends - grid.index_to_world([k, 0.0, 0.0])) @ normal
        return bool(across.min() < 0.0 < across.max())

    middle, reach = (low + high) / 2.0, float(np.linalg.norm(high - low)) / 2.0
    return Metal(center_mm=middle, reach_mm=reach, fill=fill, held_by=held_by, in_bone=True, fine=fine)


def _stimulator(scene: Scene) -> tuple[Piece, ...]:
    """A pulse generator: a case of titanium round cell and electronics."""
    center, axes = _under_skin(scene, azimuth=-2.5 * scene.recipe.pump_side, share=0.35, depth_mm=14.0)
    inner = (_GENERATOR_MM[0] - 1.0, _GENERATOR_MM[1] - 1.0, _GENERATOR_MM[2] - 1.0)
    case = Piece(shape=_box(center, axes, _GENERATOR_MM), hu=_METAL_HU, titanium=1.0)
    return (case, Piece(shape=_box(center, axes, inner), hu=_CELL_HU, titanium=0.2, water=0.6))


def _hip(scene: Scene) -> tuple[Piece, ...]:
    """Cup, head and stem of a hip on the side without the pump, where the scan ends below."""
    low = scene.skin.heights_mm[0]
    azimuth = np.array([-scene.recipe.pump_side * np.pi / 2.0])
    head = scene.skin.at(azimuth, np.array([low + 16.0]), np.array([_HIP_DEPTH_MM]))[0]
    side = float(np.sign(head[0] - scene.skin.middle_mm[0]))
    neck = resample_polyline(np.stack([head, head + np.array([side * 30.0, 0.0, -30.0])]), step=1.0)
    stem = resample_polyline(np.stack([neck[-1], neck[-1] - np.array([0.0, 0.0, 100.0])]), step=1.0)
    return (
        Piece(shape=_ball(head, _CUP_MM), hu=_METAL_HU, titanium=1.0),
        Piece(shape=_ball(head, _CUP_MM - 4.0), hu=60.0, titanium=0.0, water=0.95),  # its inlay of polyethylene
        Piece(shape=_ball(head, _HEAD_MM), hu=_METAL_HU, titanium=_COBALT_SHARE),
        Piece(shape=_bar(neck, _NECK_MM), hu=_METAL_HU, titanium=1.0),
        Piece(shape=_bar(stem, _NECK_MM), hu=_METAL_HU, titanium=1.0),
    )


def _ball(center: FloatArray, radius_mm: float) -> Ellipsoid:
    return Ellipsoid(center_mm=center, axes=np.eye(3), half_mm=np.full(3, radius_mm))


def trap_layers(scene: Scene) -> tuple[Layer, ...]:
    """Tubes that the recipe asks for: the port's line, and a piece of an old catheter."""
    recipe, out = scene.recipe, []
    if recipe.port:
        center, axes = _port(scene)
        top = scene.skin.heights_mm[1] - 2.0
        start = center + (_PORT_MM[1] + 1.0) * axes[1]
        end = np.array([start[0] * 0.8, start[1] + 6.0, max(top, start[2] + 5.0)])
        axis = resample_polyline(np.stack([start, end]), step=STEP_MM)
        out.append(_solid(axis, (1.4, _PORT_LINE_MM), _PORT_LINE_HU))
    if recipe.abandoned_mm > 0.0:
        axis = _old_course(scene)
        out.append(_solid(axis, (recipe.inner_mm, recipe.outer_mm), recipe.wall_hu))
        out.append(_solid(axis, (0.0, recipe.inner_mm), _OLD_LUMEN_HU))
    return tuple(out)


def _solid(axis: FloatArray, inner_outer_mm: tuple[float, float], hu: float) -> Layer:
    inner, outer = inner_outer_mm
    return Layer(axis=axis, inner_mm=inner, outer_mm=outer, excess_hu=np.full(len(axis), hu))


def _box(center: FloatArray, axes: FloatArray, half: tuple[float, float, float]) -> Box:
    return Box(center_mm=center, axes=axes, half_mm=np.array(half))


def _under_skin(scene: Scene, *, azimuth: float, share: float, depth_mm: float) -> tuple[FloatArray, FloatArray]:
    """A place under the skin, at a share of the scan's height, with axes: sideways, up, and outwards."""
    low, high = scene.skin.heights_mm
    z = low + share * (high - low)
    center = scene.skin.at(np.array([azimuth]), np.array([z]), np.array([depth_mm]))[0]
    outward = scene.skin.outward(center[None])[0]
    side = unit(np.cross((0.0, 0.0, 1.0), outward))
    return center, np.stack([side, np.cross(outward, side), outward])


def _port(scene: Scene) -> tuple[FloatArray, FloatArray]:
    """High on the chest, on the side without the pump."""
    return _under_skin(scene, azimuth=-0.75 * scene.recipe.pump_side, share=0.86, depth_mm=11.0)


def _old_course(scene: Scene) -> FloatArray:
    """A bent piece in the flank without the pump."""
    recipe = scene.recipe
    low, high = scene.skin.heights_mm
    length = min(recipe.abandoned_mm, 0.6 * (high - low))
    z = np.arange(0.0, length, STEP_MM)
    azimuth = -recipe.pump_side * (1.5 + 0.006 * z)
    points = scene.skin.at(azimuth, low + 0.25 * (high - low) + z * 0.7, np.full(len(z), 12.0))
    return resample_polyline(points, step=STEP_MM)


def _screws(scene: Scene) -> list[Tube]:
    """Two screws in each of two neighbouring vertebrae, where most bone is along their way, and two rods."""
    low, high = scene.site.span_mm
    if len(scene.site.canal) < 2:
        return []
    heights = np.arange(low + 30.0, min(low + 75.0, high - 45.0), 2.0)
    bone = [np.mean([scene.site.hu(_screw_way(scene, z, side)).mean() for side in (-1.0, 1.0)]) for z in heights]
    if not len(heights):
        return []
    first = float(heights[int(np.argmax(bone))])
    ways = {(z, side): _screw_way(scene, z, side) for z in (first, first + 35.0) for side in (-1.0, 1.0)}
    rods = [np.stack([ways[first, side][0], ways[first + 35.0, side][0]]) for side in (-1.0, 1.0)]
    return [_bar(way, _SCREW_MM) for way in ways.values()] + [_bar(rod, _ROD_MM) for rod in rods]


def _screw_way(scene: Scene, z: float, side: float) -> FloatArray:
    """From behind the facet through the pedicle into the body (N, 3)."""
    middle, radius = scene.site.canal_at(np.array([z]))
    wide = 1.3 * radius[0] + 5.0
    start = middle[0] + (side * (wide + 5.0), 20.0, 0.0)
    end = middle[0] + (side * 9.0, -30.0, 0.0)
    return resample_polyline(np.stack([start, end]), step=1.0)


def _bar(axis: FloatArray, radius_mm: float) -> Tube:
    axis = resample_polyline(axis, step=1.0)
    return Tube(axis=axis, radius_mm=np.full(len(axis), radius_mm), strength=np.ones(len(axis)))
