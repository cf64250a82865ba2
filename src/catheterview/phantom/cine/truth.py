"""What is true of a simulated dye study, in the pixels of its frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.model import Centreline, Finding, Image, Kind, Segment
from catheterview.model.film import FilmPump
from catheterview.phantom.cine.flow import Injection
from catheterview.phantom.cine.recipe import CineRecipe
from catheterview.phantom.film.truth import finding_at
from catheterview.phantom.scene import Device

_SAID = {
    Kind.EXTRAVASATION: "contrast outside the catheter",
    Kind.CONNECTOR_LEAK: "contrast round the connector",
    Kind.POCKET_POOLING: "contrast round the pump",
    Kind.DISCONTINUITY: "catheter interrupted",
    Kind.FLOW_OBSTRUCTION: "contrast stops in the catheter",
    Kind.TIP_LOCULATION: "contrast confined to the tip",
    Kind.EPIDURAL_PATTERN: "contrast outside the dura",
    Kind.ECTASIA: "catheter widened beyond the leak",
}
_KINDS: dict[str, tuple[Kind, ...]] = {
    "extravasation": (Kind.EXTRAVASATION,),
    "ectasia": (Kind.EXTRAVASATION, Kind.ECTASIA),
    "connector_leak": (Kind.CONNECTOR_LEAK,),
    "pocket_pooling": (Kind.POCKET_POOLING,),
    "discontinuity": (Kind.DISCONTINUITY, Kind.EXTRAVASATION),
    "flow_obstruction": (Kind.FLOW_OBSTRUCTION,),
    "tip_loculation": (Kind.TIP_LOCULATION,),
    "epidural_pattern": (Kind.EPIDURAL_PATTERN,),
}


def cine_findings(
    recipe: CineRecipe, device: Device, injection: Injection, seen: tuple[Image, Centreline, FilmPump]
) -> tuple[Finding, ...]:
    """All that is wrong; what is only spilt is no finding."""
    return tuple(_finding(kind, recipe, (device, injection), seen) for kind in _KINDS.get(recipe.fault, ()))


def _finding(
    kind: Kind, recipe: CineRecipe, what: tuple[Device, Injection], seen: tuple[Image, Centreline, FilmPump]
) -> Finding:
    """One fault at its pixel."""
    (device, injection), (image, catheter, pump) = what, seen
    arc = _arc(kind, recipe, injection)
    at = min(int(np.searchsorted(injection.arc_mm, arc)), len(catheter.points) - 1)
    row, column = pump.center if kind is Kind.POCKET_POOLING else catheter.points[at]
    segment = _segment(kind, device, arc)
    measures = {"arc_mm": arc} | ({"leak_share": recipe.leak_share} if kind is Kind.EXTRAVASATION else {})
    found = finding_at(kind, (image, (row, column)), segment, measures)
    return replace(found, message=f"Simulated: {_SAID[kind]} at the {segment.replace('_', ' ')}.")


def _arc(kind: Kind, recipe: CineRecipe, injection: Injection) -> float:
    """Arc length of a fault."""
    if injection.plumbing.escapes:
        arc = injection.plumbing.escapes[0].arc_mm
        return arc + (recipe.wide_mm / 2.0 if kind is Kind.ECTASIA else 0.0)
    if injection.plumbing.blocked_mm is not None:
        return injection.plumbing.blocked_mm
    return float(injection.arc_mm[-1])


def _segment(kind: Kind, device: Device, arc_mm: float) -> Segment:
    """The part of the system that a fault belongs to."""
    fixed = {
        Kind.CONNECTOR_LEAK: Segment.CONNECTOR,
        Kind.POCKET_POOLING: Segment.POCKET,
        Kind.TIP_LOCULATION: Segment.TIP,
        Kind.EPIDURAL_PATTERN: Segment.TIP,
    }
    return fixed.get(kind) or device.route.segment_at(arc_mm)
