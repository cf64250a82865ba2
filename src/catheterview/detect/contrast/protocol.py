"""What of a CT could not be answered because of how it was made: its range, its slices, and its contrast."""

from __future__ import annotations

import numpy as np

from catheterview.detect.along import canal_clearance_mm, marks_of
from catheterview.detect.contrast.confined import confined_row
from catheterview.detect.contrast.mapping import map_contrast
from catheterview.detect.contrast.study import filled_hu
from catheterview.detect.contrast.tip import cut_off
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Rung, Segment
from catheterview.model.contrast import ContrastMap

_RESCAN = "A scan from the pump to above the tip in thin slices answers what this one could not."
_AGAIN = "A second scan after some minutes tells a slow catheter from a blocked one."


def find_protocol_limits(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Say what this CT cannot tell, whatever is wrong.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        All of kind ``not_assessable``. Measures: ``slice_mm``; ``sac_hu`` of the densest CSF; ``edge_mm`` from the end
        of the catheter to the scan's edge.

    Notes
    -----
    Limits of the protocol are those of the clinical catalogue: thin slices (CT-DISC), a range that holds the dural end
    (CT-RETRO), and contrast that reaches lumen and sac (limited distribution misleads readers).
    """
    seen = evidence.contrast or map_contrast(evidence, limits)
    catheter = max(evidence.catheters, key=lambda one: float(one.arc_mm[-1]))
    tip = catheter.points[-1]
    said = [
        *_slices(evidence, tip, limits),
        *_range(evidence, catheter, limits),
        *_dye(evidence, catheter, seen, limits),
    ]
    return tuple(finding_of(evidence, one, limits) for one in said)


def _slices(evidence: Evidence, tip: FloatArray, limits: DetectLimits) -> list[Observation]:
    """Slices too thick for a tube."""
    thick_mm = evidence.image.slice_mm
    if thick_mm <= limits.contrast.slice_mm:
        return []
    text = f"Slices of {thick_mm:.1f} mm are too thick to rule out a gap, a kink or a small leak"
    return [_observed(text, tip, {"slice_mm": round(thick_mm, 1)}, (_RESCAN,))]


def _range(evidence: Evidence, catheter: Centreline, limits: DetectLimits) -> list[Observation]:
    """A course that goes on outside the scan, or whose end at the dura is not in it."""
    grid = evidence.image.placed
    if not grid.contains(catheter.points[-1:])[0]:
        return []
    slice_at = float(grid.world_to_index(catheter.points[-1])[0])
    edge_mm = min(slice_at, grid.shape[0] - 1.0 - slice_at) * float(grid.spacing_mm[0])
    if edge_mm < limits.contrast.edge_mm:
        text = "The catheter leaves the scan: where its tip lies, and what lies there, cannot be told"
        return [_observed(text, catheter.points[-1], {"edge_mm": round(edge_mm, 1)}, (_RESCAN,))]
    if not len(evidence.anatomy.canal):
        text = "The spinal canal is not in the scan: whether the tip lies in the sac cannot be told"
        return [_observed(text, catheter.points[-1], {}, (_RESCAN,))]
    entered = marks_of(catheter, evidence, limits).entry_mm is not None
    if entered and cut_off(catheter, evidence, limits):
        text = "The scan ends too near the tip to tell where it lies, or how contrast spreads beyond it"
        return [_observed(text, catheter.points[-1], {"edge_mm": round(edge_mm, 1)}, (_RESCAN,))]
    return []


def _dye(evidence: Evidence, catheter: Centreline, seen: ContrastMap, limits: DetectLimits) -> list[Observation]:
    """A study with contrast by its order, in whose pixels there is none, or too little."""
    dye, tip = limits.contrast, catheter.points[-1]
    if evidence.rung not in (Rung.CAP_CT, Rung.LP_CT) or seen.sac is None:
        return []
    if evidence.rung is Rung.CAP_CT and canal_clearance_mm(evidence.anatomy, tip[None])[0] >= dye.epidural_tip_mm:
        return []  # a tip that lies elsewhere fills no sac
    csf_hu = filled_hu(seen.sac, dye)
    if confined_row(seen.sac, csf_hu, dye) is not None:
        return []  # contrast is there, and told of
    sac_hu = float(csf_hu.max())
    measures = {"sac_hu": round(sac_hu, 0)}
    if seen.told is Rung.CT and not seen.collections:
        course = seen.courses[evidence.catheters.index(catheter)]
        lumen = float(np.percentile(course.lumen_hu, 75)) > dye.lumen_hu
        way = "The catheter is bright, but no contrast is seen in the sac or beside it: too early, or blocked"
        none = "No contrast is seen, neither in the catheter nor in the sac: it was not given, or did not arrive"
        return [_observed(way if lumen else none, tip, measures, (_AGAIN,))]
    if seen.told is not Rung.CT and sac_hu < dye.spread_hu:
        text = f"Too little contrast in the sac ({sac_hu:.0f} HU) to tell how it spreads, or a void in it"
        return [_observed(text, tip, measures, (_AGAIN,))]
    return []


def _observed(message: str, point: FloatArray, measures: dict[str, float], cautions: tuple[str, ...]) -> Observation:
    return Observation(
        kind=Kind.NOT_ASSESSABLE,
        point=point,
        arc_mm=None,
        score=1.0,
        measures=measures,
        message=message,
        cautions=cautions,
        segment=Segment.TIP,
    )
