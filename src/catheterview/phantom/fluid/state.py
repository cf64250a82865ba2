"""Everything that holds agent at one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.phantom.fluid.delivery import Agent, Place
from catheterview.phantom.fluid.shapes import Shape, Tube, lattice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """Fluid in one place.

    Parameters
    ----------
    place : str
    shape : Shape
    concentration : float
        mg of iodine, or MBq, in a ml where the shape's share is 1.
    seen_ml : float or None
        Volume that it was made to have; None where only the shape tells.
    """

    place: Place
    shape: Shape
    concentration: float
    seen_ml: float | None = None

    def density(self, points: FloatArray) -> FloatArray:
        """Concentration (N,) at (N, 3) LPS mm points."""
        return self.concentration * self.shape.share(points)

    def samples(self, step_mm: float) -> tuple[FloatArray, FloatArray]:
        """Points on a lattice that hold some, and how much each stands for.

        Returns
        -------
        points : (N, 3) LPS mm
        amount : (N,) mg or MBq

        Notes
        -----
        A tube thinner than the lattice is sampled along its axis, so that nothing is lost.
        """
        if isinstance(self.shape, Tube) and float(self.shape.radius_mm.max()) < step_mm:
            return _along(self.shape, self.concentration)
        points = lattice(self.shape, step_mm)
        amount = self.density(points) * step_mm**3 / 1000.0
        return points[amount > 0.0], amount[amount > 0.0]

    @property
    def amount(self) -> float:
        """Mg of iodine, or MBq, in all."""
        return float(self.samples(step_for(self.shape))[1].sum())

    def measured_ml(self) -> float:
        """Volume of what holds at least half of the strongest concentration, ml."""
        step = step_for(self.shape)
        held = self.shape.share(lattice(self.shape, step))
        return float((held >= 0.5 * held.max(initial=0.0)).sum()) * step**3 / 1000.0


def step_for(shape: Shape) -> float:
    """A lattice fine enough for a shape, mm."""
    if isinstance(shape, Tube):
        return float(np.clip(shape.radius_mm.max() / 2.0, 0.5, 2.0))
    low, high = shape.bounds()
    return float(np.clip((high - low).min() / 24.0, 0.4, 2.0))


def _along(tube: Tube, concentration: float) -> tuple[FloatArray, FloatArray]:
    """A thin tube's axis, and the amount each point stands for."""
    length = np.gradient(arc_length(tube.axis))
    area = np.pi * np.maximum(tube.radius_mm**2 - tube.inner_mm**2, 0.0)
    return tube.axis, concentration * tube.strength * length * area / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FluidState:
    """Everything that holds agent at one moment.

    Parameters
    ----------
    agent : str
    hours : float
        Since the delivery began.
    reservoir : float
        Mg or MBq still in the pump's reservoir (0 when it was injected through the access port).
    lumen : tuple of Collection
        One for each piece of the catheter; `Tube` shapes whose strength runs along it.
    csf : Collection or None
        What is in the thecal sac; a `Tube` along the canal.
    collections : tuple of Collection
        What is where it should not be.
    """

    agent: Agent
    hours: float
    reservoir: float = 0.0
    lumen: tuple[Collection, ...] = ()
    csf: Collection | None = None
    collections: tuple[Collection, ...] = ()

    @property
    def everything(self) -> tuple[Collection, ...]:
        """Lumen, CSF and collections, without the reservoir."""
        return (*self.lumen, *((self.csf,) if self.csf else ()), *self.collections)
