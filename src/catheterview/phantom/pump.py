"""What is inside a pump: parts of titanium and fluid in the pump's own axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.phantom.catalogue import PumpModel

#: Density of solid titanium, g/cm3 (NIST, table of elements).
TITANIUM_G_CM3 = 4.54

Shape: TypeAlias = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part, painted over those before it.

    Parameters
    ----------
    name : str
    titanium : float
        Titanium, as a share of solid titanium's density; above 1 for denser metals (steel, lithium cells' cans).
    water : float
        Water, polymers and fluid, as a share of water's density.
    depth : callable
        Depth in mm inside the part, of (N, 3) points in the pump's axes.
    """

    name: str
    titanium: float
    water: float
    depth: Shape


def parts_of(model: PumpModel) -> tuple[Part, ...]:
    """The parts of a pump: shell, bellows reservoir, motor, cell, electronics, septum and access port.

    Notes
    -----
    Only the envelope is published; what is inside is arranged after radiographs of such pumps and adjusted so that the
    whole weighs what the data sheet says (a test holds that).
    """
    radius, half = model.diameter_mm / 2.0, model.thickness_mm / 2.0
    return (
        Part(name="shell", titanium=1.0, water=0.0, depth=_disc((0.0, 0.0), radius, (-half, half), round_mm=3.0)),
        Part(name="void", titanium=0.0, water=0.25, depth=_disc((0.0, 0.0), radius - 1.3, (-half + 1.0, half - 1.0))),
        Part(name="bellows", titanium=1.0, water=0.0, depth=_disc((0.0, 0.0), 27.5, (-half + 1.0, half - 7.0))),
        Part(name="fluid", titanium=0.0, water=1.0, depth=_disc((0.0, 0.0), 26.8, (-half + 1.6, half - 7.6))),
        Part(name="motor", titanium=1.2, water=0.2, depth=_disc((33.0, 8.0), 7.5, (-6.0, 6.0))),
        Part(name="cell", titanium=0.9, water=0.3, depth=_box((-12.0, -34.0), (14.0, 5.0), (-7.0, 7.0))),
        Part(name="electronics", titanium=0.35, water=0.9, depth=_box((-34.5, 6.0), (4.0, 15.0), (-5.0, 5.0))),
        Part(name="tubing", titanium=0.5, water=0.6, depth=_ring(36.0, 1.6, (half - 5.0, half - 2.0))),
        Part(name="septum ring", titanium=1.0, water=0.0, depth=_disc((0.0, 0.0), 6.5, (half - 7.0, half + 0.6))),
        Part(name="septum", titanium=0.0, water=1.2, depth=_disc((0.0, 0.0), 4.6, (half - 6.0, half + 0.8))),
        Part(name="access ring", titanium=1.0, water=0.0, depth=_disc((22.0, 28.0), 4.6, (half - 8.0, half + 0.6))),
        Part(name="access port", titanium=0.0, water=1.2, depth=_disc((22.0, 28.0), 3.0, (half - 7.0, half + 0.8))),
    )


def densities(
    parts: tuple[Part, ...], local: FloatArray, *, edge_mm: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Titanium share, water share and how much of each place the pump fills.

    Parameters
    ----------
    parts : tuple of Part
    local : (N, 3) mm in the pump's axes
    edge_mm : float
        Width of the parts' edges.

    Returns
    -------
    titanium, water, filled : (N,) float64
    """
    titanium, water, filled = (np.zeros(len(local)) for _ in range(3))
    for part in parts:
        share = np.clip(0.5 + part.depth(local) / edge_mm, 0.0, 1.0)
        titanium += share * (part.titanium - titanium)
        water += share * (part.water - water)
        filled += share * (1.0 - filled)
    return titanium, water, filled


def mass_g(model: PumpModel, *, step_mm: float = 0.5) -> float:
    """Weight of the model pump with its reservoir full."""
    radius, half = model.diameter_mm / 2.0 + 1.0, model.thickness_mm / 2.0 + 1.5
    flat, tall = np.arange(-radius, radius, step_mm), np.arange(-half, half, step_mm)
    total = 0.0
    for height in tall:
        u, v = np.meshgrid(flat, flat)
        local = np.stack([u.ravel(), v.ravel(), np.full(u.size, height)], axis=1)
        titanium, water, _ = densities(parts_of(model), local, edge_mm=step_mm)
        total += float((titanium * TITANIUM_G_CM3 + water).sum()) * step_mm**3 / 1000.0
    return total


def _disc(at: tuple[float, float], radius: float, span: tuple[float, float], *, round_mm: float = 0.0) -> Shape:
    """A flat cylinder, its rim rounded."""

    def depth(local: FloatArray) -> FloatArray:
        flat = radius - np.hypot(local[:, 0] - at[0], local[:, 1] - at[1])
        tall = np.minimum(local[:, 2] - span[0], span[1] - local[:, 2])
        if round_mm <= 0.0:
            return np.minimum(flat, tall)
        corner = round_mm - np.hypot(np.clip(round_mm - flat, 0.0, None), np.clip(round_mm - tall, 0.0, None))
        return np.where((flat < round_mm) & (tall < round_mm), corner, np.minimum(flat, tall))

    return depth


def _box(at: tuple[float, float], half: tuple[float, float], span: tuple[float, float]) -> Shape:
    """A box aligned with the pump's axes."""

    def depth(local: FloatArray) -> FloatArray:
        flat = np.minimum(half[0] - np.abs(local[:, 0] - at[0]), half[1] - np.abs(local[:, 1] - at[1]))
        return np.minimum(flat, np.minimum(local[:, 2] - span[0], span[1] - local[:, 2]))

    return depth


def _ring(radius: float, half: float, span: tuple[float, float]) -> Shape:
    """A flat ring round the pump's axis."""

    def depth(local: FloatArray) -> FloatArray:
        flat = half - np.abs(np.hypot(local[:, 0], local[:, 1]) - radius)
        return np.minimum(flat, np.minimum(local[:, 2] - span[0], span[1] - local[:, 2]))

    return depth
