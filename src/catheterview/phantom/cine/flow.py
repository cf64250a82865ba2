"""Where contrast is at each frame of a dye study: in the lumen, in the sac, and where it should not be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.model import Segment
from catheterview.phantom.cine.recipe import CineRecipe
from catheterview.phantom.fluid import Delivery, Escape, Plumbing, dye_bolus
from catheterview.phantom.fluid.places import along
from catheterview.phantom.fluid.transport import Flow, flow, lumen_ml_per_mm, way_ml
from catheterview.phantom.scene import Device

_HELD = 1.6  # how much more than its volume can be pressed into a blocked catheter before the hand gives up; a dial
_CONNECTOR_MM = 6.0  # past the rigid part, where a connector leaks
_POCKET_MM = 25.0  # of catheter from which fluid gets into the pocket


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Injection:
    """A hand injection into one device.

    Parameters
    ----------
    arc_mm : (N,) from the pump's rim, along all pieces
    delivery : Delivery
    plumbing : Plumbing
    most_ml : float
        No more goes in.
    start_s : float
    """

    arc_mm: FloatArray
    inner_mm: float
    delivery: Delivery
    plumbing: Plumbing
    most_ml: float
    start_s: float

    def at(self, time_s: float) -> Flow:
        """Where contrast is at a moment of the run."""
        seconds = min(max(time_s - self.start_s, 0.0), self.most_ml / self.delivery.bolus_ml_per_s)
        return flow(self.arc_mm, self.inner_mm, self.delivery, self.plumbing, hours=max(seconds, 1e-6) / 3600.0)

    def arrival_s(self) -> FloatArray:
        """When half of the full concentration gets to each point (N,); infinite where it never does."""
        passing, way = way_ml(self.arc_mm, self.inner_mm, self.delivery, self.plumbing)
        late = way > self.most_ml
        return np.where(late | (passing <= 0.0), np.inf, self.start_s + way / self.delivery.bolus_ml_per_s)


def injection_of(recipe: CineRecipe, device: Device) -> Injection:
    """Set the hand, the holes and the block up as the recipe has them."""
    points = np.concatenate(device.course.pieces)
    seconds = recipe.frames * recipe.frame_s
    bolus = dye_bolus(volume_ml=recipe.rate_ml_per_s * seconds, mg_per_ml=recipe.mg_per_ml, seconds=seconds)
    arc, plumbing = along(points), plumbing_of(recipe, device)
    most = bolus.volume_ml
    if plumbing.blocked_mm is not None:
        room = bolus.pump_side_ml + plumbing.blocked_mm * lumen_ml_per_mm(recipe.film.patient.inner_mm)
        most = min(most, _HELD * room)
    if recipe.fault in ("into_pocket", "no_contrast"):
        plumbing = replace(plumbing, pump_stalled=True)
    return Injection(
        arc_mm=arc,
        inner_mm=recipe.film.patient.inner_mm,
        delivery=bolus,
        plumbing=plumbing,
        most_ml=most,
        start_s=recipe.before_s,
    )


def plumbing_of(recipe: CineRecipe, device: Device) -> Plumbing:
    """Holes and blocks of a recipe's fault."""
    fault = recipe.fault
    if fault == "discontinuity" and len(device.course.pieces) > 1:
        end = float(arc_length(device.course.pieces[0])[-1])
        return Plumbing(escapes=(Escape(arc_mm=end, share=1.0),))
    arc = place_mm(recipe, device)
    if fault == "flow_obstruction":
        return Plumbing(blocked_mm=arc)
    if fault in ("extravasation", "ectasia", "connector_leak", "pocket_pooling"):
        return Plumbing(escapes=(Escape(arc_mm=arc, share=recipe.leak_share, volume_ml=recipe.leak_ml),))
    return Plumbing()


def place_mm(recipe: CineRecipe, device: Device) -> float:
    """Arc length of the recipe's hole or block."""
    route = device.route
    if recipe.fault == "connector_leak":
        return route.connector_mm + _CONNECTOR_MM * recipe.place_share
    if recipe.fault == "pocket_pooling":
        return route.connector_mm + _POCKET_MM * recipe.place_share
    low, high = route.window_mm(recipe.place)
    margin = 14.0 if recipe.place is Segment.SUBCUTANEOUS_TRACT else 1.0
    return low + margin + recipe.place_share * max(high - low - 2.0 * margin, 0.0)
