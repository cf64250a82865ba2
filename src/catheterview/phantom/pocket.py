"""Where the pump lies under the skin, and how the tissue gives way to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, read_only, unit
from catheterview.phantom.catalogue import PumpModel, pump_model
from catheterview.phantom.curves import step_smoothly
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.skin import Skin

#: HU of the patient at (N, 3) LPS mm points.
Hounsfield: TypeAlias = Callable[[FloatArray], FloatArray]

_OUT_SHARE = 0.7  # of the pump's thickness pushes the skin out, the rest presses in
_TAPER_MM = 30.0  # over which the bulge fades beside the pump
_PRESS_MM = 25.0  # over which the dent fades behind it
_RIM_MM = 7.0  # of scan beyond the rim
_MOST_CUT = 10.0  # percent of bone and gas under a pump that has moved: more than that would have held it
_GIVE_MM = 0.5  # of tissue on either side that is stretched at the rim; further away as much as the distance from it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pocket:
    """A pump in place.

    Parameters
    ----------
    model : PumpModel
    center_mm : (3,) LPS mm
    axes : (3, 3)
        Rows u, v and n: two in the disc's plane, n out of the body; orthonormal.
    clock_rad : float
        Where on the rim the connector is, from u towards v.
    flipped : bool
        Whether the side of the ports looks into the body.
    """

    model: PumpModel
    center_mm: FloatArray
    axes: FloatArray = field(repr=False)
    clock_rad: float = 0.0
    flipped: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "center_mm", read_only(self.center_mm, ndim=1))
        object.__setattr__(self, "axes", read_only(self.axes, ndim=2))

    @property
    def radius_mm(self) -> float:
        """Half the pump's diameter."""
        return self.model.diameter_mm / 2.0

    def local(self, points: FloatArray) -> FloatArray:
        """(N, 3) LPS mm points in the pump's own axes u, v, n, mm from its middle."""
        return np.asarray((points - self.center_mm) @ self.axes.T)

    def inside(self, points: FloatArray) -> FloatArray:
        """(N, 3) LPS mm points in the axes in which the pump's parts are arranged: turned over where it is flipped."""
        local = self.local(points)
        if not self.flipped:
            return local
        way = np.array([np.cos(self.clock_rad), np.sin(self.clock_rad)])
        along = local[:, :2] @ way
        return np.column_stack([2.0 * along[:, None] * way - local[:, :2], -local[:, 2]])

    def rim(self, beyond_mm: float, *, clock_rad: float | None = None) -> FloatArray:
        """The (3,) point `beyond_mm` outside the rim at the connector's or another clock angle."""
        clock = self.clock_rad if clock_rad is None else clock_rad
        return np.asarray(self.center_mm + (self.radius_mm + beyond_mm) * self.way(clock))

    def way(self, clock_rad: float) -> FloatArray:
        """Unit vector (3,) in the disc's plane at a clock angle."""
        return np.asarray(np.cos(clock_rad) * self.axes[0] + np.sin(clock_rad) * self.axes[1])

    def clearance(self, points: FloatArray) -> FloatArray:
        """Distance in mm of (N, 3) points from the pump's surface, to first order; negative inside."""
        local = self.local(points)
        flat = np.hypot(local[:, 0], local[:, 1]) - self.radius_mm
        return np.asarray(np.maximum(flat, np.abs(local[:, 2]) - self.model.thickness_mm / 2.0))

    def source(self, points: FloatArray) -> FloatArray:
        """Where the tissue now at (N, 3) points was before the pump was put in."""
        local = self.local(points)
        height, moved = local[:, 2], self._moved(local)
        return np.asarray(points + np.outer(moved - height, self.axes[2]))

    def _moved(self, local: FloatArray) -> FloatArray:
        """Height over the pump's mid-plane before, for points in the pump's axes."""
        height, thick = local[:, 2], self.model.thickness_mm
        beyond = np.clip(np.hypot(local[:, 0], local[:, 1]) - self.radius_mm - 1.0, 0.0, None)
        share = thick * (1.0 - step_smoothly(beyond / _TAPER_MM))
        cut = thick / 2.0 - _OUT_SHARE * thick
        give = _GIVE_MM + beyond
        low, high = cut - (1.0 - _OUT_SHARE) * share - give, cut + _OUT_SHARE * share + give
        lift = _OUT_SHARE * share * np.exp(-np.clip(height - cut - 60.0, 0.0, None) / 15.0)
        dent = (1.0 - _OUT_SHARE) * share * np.exp(-np.clip(low - height, 0.0, None) / _PRESS_MM)
        part = np.clip((height - low) / (high - low), 0.0, 1.0)
        return height - part * lift + (1.0 - part) * dent

    @property
    def reach_mm(self) -> float:
        """How far from the middle tissue is moved."""
        return self.radius_mm + _TAPER_MM + 2.0


def place_pump(recipe: CtRecipe, skin: Skin, hu: Hounsfield, *, canal_low_mm: float) -> Pocket:
    """Choose a place in the front of the trunk where the pump displaces the least bone and air.

    Parameters
    ----------
    recipe : CtRecipe
    skin : Skin
        Of the body without the pump.
    hu : callable
        HU of the body at (N, 3) LPS mm points.
    canal_low_mm : float
        The lowest z of the canal in view; a pump lies higher than that.

    Raises
    ------
    UnsuitableError
        When the scan is too short for a pump.
    """
    rng = np.random.default_rng([recipe.seed, 22])
    model = pump_model(recipe.pump_model)
    low, high = skin.heights_mm
    if high - low < model.diameter_mm + 20.0:
        raise UnsuitableError(f"a scan of {high - low:.0f} mm is too short to hold a pump of {model.diameter_mm} mm")
    base = max(low + model.diameter_mm / 2.0 + _RIM_MM, canal_low_mm + 30.0)
    best: tuple[float, Pocket] | None = None
    for lift in (0.0, 12.0, 25.0):
        for azimuth in (25.0, 35.0, 45.0, 55.0):
            z = min(base + lift + rng.uniform(0.0, 8.0), high - model.diameter_mm / 2.0 - _RIM_MM)
            turn = np.radians(recipe.pump_side * (azimuth + rng.uniform(-4.0, 4.0)))
            pocket = _pocket_at(model, skin, (turn, z), rng)
            cost = _cost(pocket, hu) + 0.3 * lift
            if best is None or cost < best[0]:
                best = (cost, pocket)
    assert best is not None
    return best[1]


def pocket_moved(recipe: CtRecipe, pocket: Pocket, bare: tuple[Skin, Hounsfield], way_deg: float) -> Pocket | None:
    """The pump `move_mm` further along the skin, level again.

    Parameters
    ----------
    recipe : CtRecipe
    pocket : Pocket
        As implanted.
    bare : Skin, callable
        Skin and HU of the body without the pump.
    way_deg : float
        From straight down towards the flank.

    Returns
    -------
    Pocket or None
        None where that is out of the scan, or in bone or gas.
    """
    skin, hu = bare
    low, high = skin.heights_mm
    edge = pocket.radius_mm + _RIM_MM
    z = float(pocket.center_mm[2]) - recipe.move_mm * float(np.cos(np.radians(way_deg)))
    if not low + edge <= z <= high - edge:
        return None
    round_mm = float(np.hypot(*(pocket.center_mm - skin.middle_mm)[:2]))
    aside = recipe.pump_side * recipe.move_mm * float(np.sin(np.radians(way_deg))) / round_mm
    turn = float(skin.azimuth(pocket.center_mm[None])[0]) + aside
    moved = _pocket_at(pocket.model, skin, (turn, z), np.random.default_rng([recipe.seed, 23]))
    return replace(moved, clock_rad=pocket.clock_rad) if _cost(moved, hu) <= _MOST_CUT else None


def _pocket_at(model: PumpModel, skin: Skin, at: tuple[float, float], rng: np.random.Generator) -> Pocket:
    """Lay the pump flat under the skin at an azimuth and a height."""
    cover = rng.uniform(12.0, 17.0)
    start = skin.at(np.array([at[0]]), np.array([at[1]]), np.array([cover]))[0]
    ring = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    arm = model.diameter_mm * 0.35
    side = unit(np.cross((0.0, 0.0, 1.0), skin.outward(start[None])[0]))
    round_it = start + arm * (np.cos(ring)[:, None] * side + np.sin(ring)[:, None] * np.array([0.0, 0.0, 1.0]))
    normal = skin.outward(round_it).mean(axis=0) * (1.0, 1.0, 0.6)
    normal = unit(normal)
    u = unit(np.cross((0.0, 0.0, 1.0), normal))
    lift = model.thickness_mm / 2.0 - _OUT_SHARE * model.thickness_mm
    axes = np.stack([u, np.cross(normal, u), normal])
    return Pocket(model=model, center_mm=start - lift * normal, axes=axes)


def _cost(pocket: Pocket, hu: Hounsfield) -> float:
    """How much bone and air the pump's plane would cut through, in percent of its face."""
    ring, radius = np.meshgrid(np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False), np.linspace(4.0, 42.0, 6))
    flat = np.stack([np.cos(ring).ravel(), np.sin(ring).ravel()], axis=1) * radius.ravel()[:, None]
    heights = np.array([-14.0, -7.0, -3.0])
    local = np.concatenate([np.column_stack([flat, np.full(len(flat), height)]) for height in heights])
    values = hu(local @ pocket.axes + pocket.center_mm)
    return float(100.0 * ((values > 180.0) | (values < -400.0)).mean())
