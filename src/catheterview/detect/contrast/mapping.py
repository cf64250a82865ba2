"""The contrast map of one CT: along the catheter, round it, round the pump and in the sac."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from catheterview.detect.along import marks_of, pump_clearance_mm, stretches_of
from catheterview.detect.contrast.cover import covered
from catheterview.detect.contrast.pocket import Pool, pools_round, streak_hu
from catheterview.detect.contrast.rings import Rings, rings_round
from catheterview.detect.contrast.sac import sac_of
from catheterview.detect.contrast.sections import sections_of
from catheterview.detect.contrast.sleeve import sleeve_on
from catheterview.detect.contrast.spill import Spill, outside_tube, spill_between, spills_on
from catheterview.detect.contrast.study import told_by
from catheterview.detect.contrast.trail import with_trail
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Centreline, Evidence, Pump, Region, Segment
from catheterview.model.contrast import Collection, ContrastMap, Course


def map_contrast(evidence: Evidence, limits: DetectLimits) -> ContrastMap:
    """Look for contrast in one CT.

    Parameters
    ----------
    evidence : Evidence
        With its catheters in frame PATIENT.
    limits : DetectLimits

    Returns
    -------
    ContrastMap
        Bone, metal, other turns of the catheter and what fills lumen and sac are no collections.
    """
    dye = limits.contrast
    sac = sac_of(sections_of(evidence.image, evidence.anatomy, evidence.catheters, dye), dye)
    rings = [rings_round(evidence.image, one, dye) for one in evidence.catheters]
    told, why = told_by(evidence, sac, dye)
    streaks = [(pump, streak_hu(evidence.image, pump, dye)) for pump in evidence.pumps]
    found: list[Collection] = []
    for catheter, seen in zip(evidence.catheters, rings, strict=True):
        on = _on_catheter(evidence, catheter, seen, limits)
        found += [one for one, least_hu in on if _over_streaks(one, least_hu, streaks, dye)]
    for pump in evidence.pumps:
        pools = [_on_pump(one) for one in pools_round(evidence.image, pump, evidence.catheters, dye)]
        found += {one.site: one for one in reversed(pools)}.values()  # the largest of each place
    return ContrastMap(
        courses=tuple(_course(one, dye) for one in rings), sac=sac, collections=tuple(found), told=told, why=why
    )


def _over_streaks(
    one: Collection, least_hu: float, streaks: Sequence[tuple[Pump, float]], limits: ContrastLimits
) -> bool:
    """Whether a collection is brighter than what the streaks of a pump near it make of tissue."""
    near = [hu for pump, hu in streaks if pump_clearance_mm(pump, np.array([one.point]))[0] < limits.streak_reach_mm]
    return one.mean_hu >= least_hu + max(near, default=0.0)


def _course(rings: Rings, limits: ContrastLimits) -> Course:
    """What the rings of one catheter measure."""
    near = rings.at(*limits.near_mm)
    return Course(
        arc_mm=rings.arc_mm,
        lumen_hu=rings.lumen_hu,
        sleeve_hu=np.asarray(np.median(near, axis=(1, 2)), dtype=np.float64),
        width_mm=rings.width_mm,
    )


def _on_catheter(
    evidence: Evidence, catheter: Centreline, rings: Rings, limits: DetectLimits
) -> list[tuple[Collection, float]]:
    """Collections on one catheter, those that touch each other as one, each with the HU that it has to have."""
    dye = limits.contrast
    cover = covered(rings, evidence, dye)
    spills = spills_on(evidence, rings, cover, dye)
    stretches = stretches_of(catheter, evidence, limits)
    out = []
    entry_mm = marks_of(catheter, evidence, limits).entry_mm
    for group in _chained(spills, round(dye.join_mm / dye.ring_step_mm)):
        one = with_trail(_joined(group, rings, dye), rings, entry_mm, dye)
        first_mm, last_mm = one.first_mm or 0.0, one.last_mm or 0.0
        touches = tuple(s.segment for s in stretches if s.first_mm < last_mm and s.last_mm > first_mm)
        least_hu = dye.swell_mean_hu if all(spill.thin for spill in group) else dye.iodine_hu
        out.append((replace(one, touches=touches), least_hu))
    if entry_mm is None or any(_joins(one, entry_mm, dye) for one, _ in out):
        return out
    track = _tracked(evidence, rings, entry_mm, dye)
    if track is None or track.first_mm is None:
        return out
    first_mm = track.first_mm
    touches = tuple(s.segment for s in stretches if s.first_mm < entry_mm and s.last_mm > first_mm)
    beside = [(one, hu) for one, hu in out if (one.last_mm or 0.0) < first_mm]
    return [*beside, (replace(track, touches=touches), dye.swell_mean_hu)]


def _tracked(evidence: Evidence, rings: Rings, entry_mm: float, limits: ContrastLimits) -> Collection | None:
    """A thin track from the dural entry, where no collection was followed from there."""
    sleeve = sleeve_on(rings, entry_mm, limits)
    if sleeve is None:
        return None
    spill = spill_between(evidence, rings, (sleeve.first, sleeve.last), limits, level_hu=sleeve.level_hu)
    if spill is None or not len(outside_tube(spill, rings, limits)):
        return None
    return replace(_joined([spill], rings, limits), last_mm=entry_mm, falls=sleeve.falls)


def _joins(one: Collection, entry_mm: float, limits: ContrastLimits) -> bool:
    """Whether a collection is already followed from the dural entry back over the length of a track."""
    first_mm, last_mm = one.first_mm or 0.0, one.last_mm or 0.0
    return last_mm >= entry_mm - limits.dura_join_mm and last_mm - first_mm >= limits.track_mm


def _chained(spills: Sequence[Spill], gap: int) -> list[list[Spill]]:
    """Spills in order, those nearer than `gap` rows to the last one with it."""
    out: list[list[Spill]] = []
    for one in sorted(spills, key=lambda spill: spill.first):
        if out and one.first - out[-1][-1].last <= gap:
            out[-1].append(one)
        else:
            out.append([one])
    return out


def _joined(group: Sequence[Spill], rings: Rings, limits: ContrastLimits) -> Collection:
    """One collection from spills that follow each other."""
    largest = max(group, key=lambda one: one.volume_ml)
    hu = np.concatenate([outside_tube(one, rings, limits) for one in group])
    first, last = group[0].first, group[-1].last
    near = np.median(rings.at(*limits.near_mm)[first : last + 1], axis=(1, 2))
    smooth = ndimage.uniform_filter1d(near, 5, mode="nearest")
    row = first + int(np.rint(np.average(np.arange(last - first + 1), weights=np.clip(smooth, 1.0, None) ** 2)))
    end = max(1, (last - first + 1) // 4)
    x, y, z = (float(v) for v in rings.points[row])
    return Collection(
        site="catheter",
        point=(x, y, z),
        region=Region.of(largest.mask, largest.grid),
        volume_ml=sum(one.volume_ml for one in group),
        mean_hu=float(hu.mean()),
        peak_hu=float(np.percentile(hu, 99)),
        arc_mm=float(rings.arc_mm[row]),
        first_mm=float(rings.arc_mm[first]),
        last_mm=float(rings.arc_mm[last]),
        falls=float(np.median(smooth[:end]) / max(float(np.median(smooth[-end:])), 1.0)),
        score=float(1.0 - max(one.bone_share for one in group)),
    )


def _on_pump(pool: Pool) -> Collection:
    """A collection from what lies on a pump."""
    points = pool.grid.index_to_world(np.argwhere(pool.mask))
    x, y, z = (float(v) for v in np.average(points, axis=0, weights=np.clip(pool.hu, 1.0, None)))
    return Collection(
        site="puncture" if pool.front_share > 0.5 else "pump",
        point=(x, y, z),
        region=Region.of(pool.mask, pool.grid),
        volume_ml=pool.volume_ml,
        mean_hu=float(pool.hu.mean()),
        peak_hu=float(np.percentile(pool.hu, 99)),
        touches=(Segment.POCKET,),
        score=0.9,
    )
