"""The truth of a tracer study, in the report's own terms."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Finding, Kind, Segment
from catheterview.phantom.nuclear.activity import block_height_mm, pool_middle, pool_points
from catheterview.phantom.nuclear.fate import fault_arc_mm
from catheterview.phantom.nuclear.recipe import NuclearFault, NuclearRecipe
from catheterview.phantom.scene import Scene

_KIND: dict[NuclearFault, Kind] = {
    "posterior": Kind.TRACER_POSTERIOR_TO_PUMP,
    "confined": Kind.TRACER_CONFINED_TO_RESERVOIR,
    "interruption": Kind.TRACER_INTERRUPTION,
    "pooling": Kind.TRACER_POOLING,
    "not_arrived": Kind.TRACER_NOT_ARRIVED,
    "csf_block": Kind.TRACER_CSF_BLOCK,
}


def true_findings(recipe: NuclearRecipe, scene: Scene, series_instance_uid: str) -> tuple[Finding, ...]:
    """What is wrong, in the frame of the CT; nothing where nothing is."""
    kind = _KIND.get(recipe.fault)
    if kind is None:
        return ()
    point, segment = _where(recipe, scene)
    return (
        Finding(
            kind=kind,
            score=1.0,
            frame=Frame.PATIENT,
            point=tuple(float(v) for v in point),
            series_instance_uid=series_instance_uid,
            message=f"Simulated: {kind.replace('_', ' ')} at the {segment.replace('_', ' ')}.",
            segment=segment,
            measures={"arc_mm": _arc_mm(recipe, scene)},
        ),
    )


def _arc_mm(recipe: NuclearRecipe, scene: Scene) -> float:
    assert scene.device is not None
    return fault_arc_mm(recipe, scene.device)


def _where(recipe: NuclearRecipe, scene: Scene) -> tuple[FloatArray, Segment]:
    """Where the fault lies and on which segment."""
    assert scene.device is not None
    device = scene.device
    if recipe.fault == "posterior":
        return pool_points(recipe, device).mean(axis=0), Segment.POCKET
    if recipe.fault == "confined":
        return np.asarray(device.pocket.center_mm), Segment.RESERVOIR
    if recipe.fault == "not_arrived":
        return np.asarray(device.route.points[-1]), Segment.TIP
    if recipe.fault == "csf_block":
        height = np.array([block_height_mm(recipe, scene)])
        return np.asarray(scene.site.canal_at(height)[0][0]), Segment.INTRATHECAL
    return pool_middle(recipe, device), recipe.place
