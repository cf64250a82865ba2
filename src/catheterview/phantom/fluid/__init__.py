"""Where contrast or tracer is: one state of the fluid, from which every modality makes its image.

A `FluidState` lists everything that holds agent, each as a `Collection`: a shape in LPS mm, a concentration, and a
volume. It holds no image and knows no scanner. Two ways lead to one:

- `flow_state` computes it: a delivery (a continuous infusion from the reservoir, or a bolus by hand through the access
  port) runs down the catheter of a scene, escapes where the `Plumbing` lets it, and spreads in the CSF;
- the CT recipes set it by hand, from the dials of a fault (`catheterview.phantom.dye`).

How the modalities use it::

    scene = build_scene(recipe, anatomy, hu)                      # the patient with pump and catheter
    plumbing = Plumbing(escapes=(Escape(arc_mm=210.0, share=0.6, place="tract"),))
    state = flow_state(scene, indium_infusion(flow_ml_per_day=0.5), plumbing, hours=48.0)

    for one in state.everything:                                  # SPECT, planar: activity on a lattice
        points, amount = one.samples(2.0)                         # (N, 3) LPS mm and MBq (or mg iodine) of each
    state.reservoir                                               # still in the pump: put it at scene.device.pocket
    column = state.lumen[0].shape                                 # film, cine: axis (N, 3), radius_mm, strength (N,)
    one.density(points)                                           # CT: concentration at points, soft edges

Frames of a cine are `flow_state` of the same bolus at rising hours. Amounts are as on the day of injection: decay is
the camera's business. Concentrations are mg of iodine or MBq in each ml.

Sources: clinical reference E.1 (20 MBq in 10 ml of drug), E.2 (plug flow with dispersion; transit times), E.3 (doses
of iodine, dilution in CSF), C.2 and C.3 (ml per cm of tubing, volume on the pump's side). What has no source is a dial
with a word beside it.
"""

from __future__ import annotations

from catheterview.phantom.fluid.delivery import Delivery, Escape, Plumbing, dye_bolus, indium_infusion
from catheterview.phantom.fluid.places import DOWN, blob_at, pool_in_pocket, pool_round_pump, sleeve_along
from catheterview.phantom.fluid.run import flow_state
from catheterview.phantom.fluid.sac import SacRing
from catheterview.phantom.fluid.shapes import Crescent, Ellipsoid, Shape, Sump, Tube, lattice
from catheterview.phantom.fluid.state import Collection, FluidState, step_for
from catheterview.phantom.fluid.transport import arrival_hours, dead_space_ml

__all__ = [
    "DOWN",
    "Collection",
    "Crescent",
    "Delivery",
    "Ellipsoid",
    "Escape",
    "FluidState",
    "Plumbing",
    "SacRing",
    "Shape",
    "Sump",
    "Tube",
    "arrival_hours",
    "blob_at",
    "dead_space_ml",
    "dye_bolus",
    "flow_state",
    "indium_infusion",
    "lattice",
    "pool_in_pocket",
    "pool_round_pump",
    "sleeve_along",
    "step_for",
]
