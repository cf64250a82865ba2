"""Where the tracer is: in the reservoir, along the lumen, in tissue, in CSF, on its way out through the kidneys.

Plug flow as that of contrast (`catheterview.phantom.fluid`), with a blurred front (clinical reference E.2): what was
pumped first fills the pump's own tubing, then the lumen. A leak takes its share of what comes by; tissue and CSF give
it up to the blood with half-times that no source gives and that are therefore dials; the kidneys pass it on. Amounts
are decayed to the moment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from catheterview.geometry import FloatArray, arc_length
from catheterview.model import Segment
from catheterview.phantom.fluid import Escape
from catheterview.phantom.fluid.transport import front_mm
from catheterview.phantom.nuclear.recipe import NuclearRecipe
from catheterview.phantom.scene import Device

HALF_LIFE_H = 67.3  # In-111, 2.8047 d (clinical reference E.1)
_FRONT_MM = 15.0  # standard deviation of the front: 1.8 cm after 76 h at 0.1 ml/day (clinical reference E.2)
_RENAL_H, _BLADDER_H = 0.5, 1.5  # how long the kidneys and the bladder hold what passes; assumed, no source
_BLOOD_H = 2.0  # how long the blood and the whole body hold it; assumed, no source
_STEPS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fate:
    """MBq at one moment.

    Parameters
    ----------
    hours : float
    reservoir, pool, csf, kidneys, bladder, body : float
    line : (N,) MBq at each point of the route
    leak_mm : float or None
        Arc length of the leak or stop.
    """

    hours: float
    reservoir: float
    line: FloatArray
    pool: float
    csf: float
    kidneys: float
    bladder: float
    body: float


def decay(hours: float) -> float:
    """Share of In-111 that is left."""
    return float(0.5 ** (hours / HALF_LIFE_H))


def fault_arc_mm(recipe: NuclearRecipe, device: Device) -> float:
    """Arc length from the pump's rim at which the fault's dial puts it; 0 at the pump."""
    if recipe.fault in ("posterior", "confined", "healthy"):
        return 0.0
    route = device.route
    if recipe.fault in ("not_arrived", "csf_block"):
        return float(route.ends_mm[Segment.TIP])
    low, high = route.window_mm(recipe.place)
    rng = np.random.default_rng([recipe.ct.seed, 62])
    return float(low + (high - low) * rng.uniform(0.25, 0.75))


def fate_of(recipe: NuclearRecipe, device: Device, hours: float) -> Fate:
    """Say where the injected activity is so many hours after injection.

    Parameters
    ----------
    recipe : NuclearRecipe
    device : Device
    hours : float
    """
    way = _way(recipe, device, hours)
    tip_mm = float(way.arc[-1])
    stopped = recipe.fault == "not_arrived"
    leaking = way.leak_share > 0.0 and not np.isnan(way.leak_mm)
    gone = way.flow * hours if recipe.fault != "confined" else 0.0
    pool, cleared = _held(way.past(way.leak_mm) * way.leak_share if leaking else way.none, way, recipe.pool_half_h)
    at_tip = way.past(tip_mm) * (1.0 - way.leak_share)
    csf, more = _held(way.none if stopped else at_tip, way, recipe.csf_half_h)
    lost, _ = _held(at_tip if stopped else way.none, way, 1.0)
    out_rate = cleared + more
    left = decay(hours)
    return Fate(
        hours=hours,
        reservoir=max(0.0, recipe.injected_mbq - gone * recipe.mbq_per_ml) * left,
        line=_line(recipe, way, hours) * left,
        pool=pool * left,
        csf=csf * left,
        kidneys=out_rate * _RENAL_H * left,
        bladder=out_rate * _BLADDER_H * left,
        body=(out_rate * _BLOOD_H + lost) * left,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """How tracer comes along the lumen: times in hours, volumes in ml, rates in MBq per hour."""

    arc: FloatArray
    times: FloatArray
    flow: float
    mbq_per_ml: float
    pump_ml: float
    ml_per_mm: float
    leak_mm: float
    leak_share: float

    @property
    def none(self) -> FloatArray:
        """No rate at any time."""
        return np.zeros_like(self.times)

    def front_mm(self, hours: FloatArray) -> FloatArray:
        """Arc length of the front; beyond a leak it goes slower by what is lost."""
        hole = () if np.isnan(self.leak_mm) else (Escape(arc_mm=self.leak_mm, share=self.leak_share),)
        return front_mm(self.flow * hours, self.ml_per_mm, self.pump_ml, hole)

    def past(self, arc_mm: float) -> FloatArray:
        """Rate at which tracer comes to an arc length, at each time, before what a leak takes."""
        return np.asarray(self.flow * self.mbq_per_ml * ndtr((self.front_mm(self.times) - arc_mm) / _FRONT_MM))


def _way(recipe: NuclearRecipe, device: Device, hours: float) -> _Way:
    """Set up the flow of a recipe's fault."""
    fault, share = recipe.fault, recipe.leak_share
    leak = {"posterior": share, "pooling": share, "interruption": 1.0}.get(fault, 0.0)
    return _Way(
        arc=arc_length(device.route.points),
        times=np.linspace(0.0, hours, _STEPS),
        flow=0.0 if fault == "confined" else recipe.flow_ml_per_day / 24.0,
        mbq_per_ml=recipe.mbq_per_ml,
        pump_ml=recipe.pump_ml,
        ml_per_mm=recipe.ml_per_cm / 10.0,
        leak_mm=fault_arc_mm(recipe, device) if leak else float("nan"),
        leak_share=leak,
    )


def _held(rate: FloatArray, way: _Way, half_h: float) -> tuple[float, float]:
    """MBq that a compartment holds at the end, undecayed, and the rate at which it gives it up then."""
    give = np.log(2.0) / half_h
    held = float(np.trapezoid(rate * np.exp(-give * (way.times[-1] - way.times)), way.times))
    return held, give * held


def _line(recipe: NuclearRecipe, way: _Way, hours: float) -> FloatArray:
    """MBq at each point of the lumen, undecayed."""
    front = float(way.front_mm(np.array([hours]))[0])
    filled = ndtr((front - way.arc) / _FRONT_MM)
    if way.leak_share >= 1.0:
        filled = np.where(way.arc <= way.leak_mm, filled, 0.0)
    if way.flow == 0.0:
        filled = np.zeros_like(filled)
    return np.asarray(filled * recipe.mbq_per_ml * way.ml_per_mm * np.gradient(way.arc))
