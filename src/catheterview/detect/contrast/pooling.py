"""What contrast does in the canal: it pools, it does not spread, it stops, or it lies outside the sac."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.detect.along import canal_clearance_mm
from catheterview.detect.contrast.confined import confined_row
from catheterview.detect.contrast.mapping import map_contrast
from catheterview.detect.contrast.study import filled_hu
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence, Finding, Kind, Segment
from catheterview.model.contrast import Sac

Mask = NDArray[np.bool_]

_EARLY = "Contrast injected just before the scan has not spread yet: a second scan after some minutes tells."
_LITTLE = "A small volume, no movement of the patient, and a block of the CSF limit distribution, too."
_TWO_CAUSES = "Limited distribution alone has led readers to false positives: partial occlusion or subdural tip."
_BLOCK = "Contrast of an injection below a stenosis stops there as well: see the anatomy at this level."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canal:
    """The sac as it is looked at: heights along it, what fills it, and where the tip is.

    Parameters
    ----------
    arc_mm : (N,) along the canal from the feet
    hu : (N,) of the CSF, smoothed
    tip : int
        Row of the catheter's tip.
    known : (N,) bool
        Where the canal was found; beyond, it is only taken to go on straight.
    inside : bool
        Whether the tip lies in it; else `tip` is the row nearest to where the catheter was lost.
    """

    sac: Sac
    arc_mm: FloatArray
    hu: FloatArray
    tip: int
    known: Mask
    inside: bool = True

    def near(self, low_mm: float, high_mm: float) -> Mask:
        """(N,) bool: which rows lie between two distances from the tip, feet negative."""
        away = self.arc_mm - self.arc_mm[self.tip]
        return np.asarray((away >= low_mm) & (away <= high_mm))


def find_pooling(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report contrast in the canal that does not spread as it should.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        At most one for a catheter. Measures: ``peak_hu``, ``length_mm`` of the filled part, ``block_mm`` from tip to
        block.
    """
    dye = limits.contrast
    seen = evidence.contrast or map_contrast(evidence, limits)
    canal = _canal(evidence, seen.sac, dye)
    if canal is None:
        return ()
    looks = (_loculated, _confined, _limited, _blocked) if canal.inside else (_confined,)
    for look in looks:
        found = look(canal, evidence, dye)
        if found is not None:
            return (finding_of(evidence, found, limits),)
    return ()


def _canal(evidence: Evidence, sac: Sac | None, limits: ContrastLimits) -> Canal | None:
    """The canal round the first tip that lies in it, else round the first catheter's end."""
    if sac is None or len(sac.points) < 2 or not evidence.catheters:
        return None
    ends = np.array([one.points[-1] for one in evidence.catheters])
    inside = np.flatnonzero(canal_clearance_mm(evidence.anatomy, ends) < limits.dura_mm)
    tip = ends[int(inside[0]) if len(inside) else 0]
    steps = np.linalg.norm(np.diff(sac.points, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    known = cKDTree(evidence.anatomy.canal).query(sac.points)[0] < limits.sac_known_mm
    if not np.any(known):
        return None
    # a scan's last slices are not judged
    known &= (arc >= arc[known][0] + limits.sac_end_mm) & (arc <= arc[known][-1] - limits.sac_end_mm)
    return Canal(
        sac=sac,
        arc_mm=arc,
        hu=filled_hu(sac, limits),
        tip=int(np.argmin(np.linalg.norm(sac.points - tip, axis=1))),
        known=np.asarray(known),
        inside=len(inside) > 0,
    )


def _loculated(canal: Canal, evidence: Evidence, limits: ContrastLimits) -> Observation | None:
    """A dense, short pool at the tip, in the middle of the sac too, and nothing beyond it."""
    brightest = np.maximum(canal.sac.core_hu, canal.sac.rim_hu)
    at_tip, beyond = canal.near(-limits.pool_half_mm, limits.pool_half_mm), _beyond(canal, limits)
    peak = float(brightest[at_tip].max())
    spread = beyond.sum() < 3 or float(np.percentile(canal.hu[beyond], 75)) > limits.sac_hu
    if spread or peak < limits.pool_hu or float(canal.sac.core_hu[at_tip].max()) < limits.pool_hu:
        return None
    return _observation(
        canal,
        evidence,
        (Kind.TIP_LOCULATION, Segment.TIP, "Contrast lies in a confined pool at the tip and none beyond it"),
        {"peak_hu": round(peak, 0), "length_mm": round(_length_mm(canal, brightest > peak / 2.0), 1)},
    )


def _confined(canal: Canal, evidence: Evidence, limits: ContrastLimits) -> Observation | None:
    """A pool that is told by its own shape: the line was followed past it, or ends short of it."""
    row = confined_row(canal.sac, canal.hu, limits)
    if row is None or not canal.known[row] or _at_entry(canal.sac.points[row], evidence, limits):
        return None
    brightest = np.maximum(canal.sac.core_hu, canal.sac.rim_hu)
    peak = float(brightest[row])
    there = replace(canal, tip=row)
    off_mm = abs(float(canal.arc_mm[row] - canal.arc_mm[canal.tip]))
    text = (
        f"Contrast lies in a confined pool {off_mm:.0f} mm from where the catheter was followed to, and none beyond it"
    )
    return _observation(
        there,
        evidence,
        (Kind.TIP_LOCULATION, Segment.TIP, text),
        {"peak_hu": round(peak, 0), "length_mm": round(_length_mm(there, brightest > peak / 2.0), 1)},
        row=row,
    )


def _at_entry(point: FloatArray, evidence: Evidence, limits: ContrastLimits) -> bool:
    """Whether a place lies where a catheter enters the canal: what leaks there lies in the canal, too."""
    inside = [one.points[canal_clearance_mm(evidence.anatomy, one.points) <= 0.0] for one in evidence.catheters]
    entries = [points[0] for points in inside if len(points)]
    return any(float(np.linalg.norm(entry - point)) < limits.beyond_mm[0] for entry in entries)


def _limited(canal: Canal, evidence: Evidence, limits: ContrastLimits) -> Observation | None:
    """Contrast that stays round the tip without a sharp pool."""
    peak = float(canal.hu[canal.near(-15.0, 15.0)].max())
    beyond = _beyond(canal, limits)
    if beyond.sum() < 3 or peak < limits.spread_hu:
        return None
    if float(np.percentile(canal.hu[beyond], 75)) > limits.native_hu + limits.spread_share * (peak - limits.native_hu):
        return None
    length = _length_mm(canal, canal.hu > (peak + limits.native_hu) / 2.0)
    return _observation(
        canal,
        evidence,
        (Kind.INADEQUATE_POOLING, Segment.INTRATHECAL, "Contrast stays round the tip and does not fill the sac"),
        {"peak_hu": round(peak, 0), "length_mm": round(length, 1)},
    )


def _blocked(canal: Canal, evidence: Evidence, limits: ContrastLimits) -> Observation | None:
    """Contrast that ends abruptly above the tip, with canal in view beyond."""
    rows = [
        int(n) for n in np.flatnonzero(canal.near(limits.block_above_mm, np.inf)) if _falls_at(canal, int(n), limits)
    ]
    if not rows:
        return None
    row = rows[len(rows) // 2]
    block_mm = float(canal.arc_mm[row] - canal.arc_mm[canal.tip])
    return _observation(
        canal,
        evidence,
        (Kind.FLOW_OBSTRUCTION, Segment.INTRATHECAL, "Contrast in the sac stops abruptly above the tip"),
        {"block_mm": round(block_mm, 1)},
        row=row,
    )


def _falls_at(canal: Canal, row: int, limits: ContrastLimits) -> bool:
    """Whether the sac is full just below a row and empty just above it."""
    away = canal.arc_mm - canal.arc_mm[row]
    below, above = (away >= -16.0) & (away <= -5.0), (away >= 5.0) & (away <= 16.0) & canal.known
    if below.sum() < 2 or above.sum() < 2 or float(away[above].max()) < limits.block_seen_mm:
        return False
    filled = float(np.percentile(canal.sac.rim_hu[below], 25))
    empty = float(np.percentile(canal.sac.rim_hu[above], 75))
    fall = (empty - limits.native_hu) / max(filled - limits.native_hu, 1.0)
    return filled > limits.block_hu and empty < limits.sac_hu and fall < limits.block_share


def _beyond(canal: Canal, limits: ContrastLimits) -> Mask:
    """Which rows lie farther from the tip than any confined pool reaches."""
    below, above = canal.near(-limits.beyond_mm[1], -limits.beyond_mm[0]), canal.near(*limits.beyond_mm)
    return np.asarray((below | above) & canal.known)


def _length_mm(canal: Canal, bright: Mask) -> float:
    """Length of the bright part that holds the tip or comes nearest to it."""
    rows = np.flatnonzero(bright)
    if not len(rows):
        return 0.0
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    run = min(runs, key=lambda one: float(np.abs(one - canal.tip).min()))
    return float(canal.arc_mm[run[-1]] - canal.arc_mm[run[0]])


def _observation(
    canal: Canal,
    evidence: Evidence,
    what: tuple[Kind, Segment, str],
    measures: dict[str, float],
    *,
    row: int | None = None,
) -> Observation:
    """Put what was seen into a detector's terms, at the tip or at a row of the canal."""
    kind, segment, message = what
    catheter = min(
        evidence.catheters, key=lambda one: float(np.linalg.norm(one.points[-1] - canal.sac.points[canal.tip]))
    )
    cautions = (_EARLY, _BLOCK) if kind is Kind.FLOW_OBSTRUCTION else (_EARLY, _LITTLE, _TWO_CAUSES)
    return Observation(
        kind=kind,
        point=catheter.points[-1] if row is None else canal.sac.points[row],
        arc_mm=float(catheter.arc_mm[-1]) if row is None else None,
        score=0.8,
        measures=measures,
        message=message,
        cautions=cautions,
        segment=segment,
    )
