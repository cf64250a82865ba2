"""A stretch of the catheter that is wider than the rest of it, as beyond a leak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.detect.along import stretches_of
from catheterview.detect.contrast.rings import Rings, rings_round
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Segment

Mask = NDArray[np.bool_]

_CAUTIONS = (
    "Blur, another turn of the tube, bone and contrast beside it widen it, too: look at the voxels.",
    "A widened catheter was described beyond a leak: look for one towards the pump.",
)


def find_ectasias(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report stretches of the tract over which the tube is much wider than elsewhere.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``wide_ratio`` of the tube's diameter over that of the rest of its tract, ``length_mm``.

    Notes
    -----
    Judged by what the tube's section adds up to over its surroundings, which blur leaves as it is, and by its width at
    half height (clinical catalogue FL-ECT, CT-ECT). Where contrast lies beside the tube nothing is told.
    """
    seen = [one for catheter in evidence.catheters for one in _wide(catheter, evidence, limits)]
    return tuple(finding_of(evidence, one, limits) for one in seen)


def _wide(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> list[Observation]:
    """Wide stretches of one catheter."""
    dye = limits.contrast
    rings = rings_round(evidence.image, catheter, dye)
    bare = _tract(rings, catheter, evidence, limits) & ~_beside_contrast(rings, dye)
    if bare.sum() * dye.ring_step_mm < dye.wide_tract_mm:
        return []
    window = max(3, round(dye.wide_smooth_mm / dye.ring_step_mm))
    section, width = (
        ndimage.median_filter(one, window) for one in (rings.section(dye.wide_section_mm), rings.width_mm)
    )
    area = section / max(float(np.median(section[bare])), 1.0)
    across = width / max(float(np.median(width[bare])), 1e-6)
    labels, _ = ndimage.label(bare & (area > dye.wide_edge))
    runs = [(int(part.start), int(part.stop)) for (part,) in ndimage.find_objects(labels)]
    brighter = rings.lumen_hu - float(np.median(rings.lumen_hu[bare]))
    kept = [run for run in runs if float(np.median(brighter[slice(*run)])) >= dye.wide_peak_hu]
    return [_observed(rings, run, area) for run in kept if _stands_out(run, (area, across, bare), dye)]


def _tract(rings: Rings, catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> Mask:
    """(N,) which rows lie in the tract under the skin, clear of pocket and anchor."""
    out = np.zeros(len(rings.arc_mm), dtype=bool)
    for stretch in stretches_of(catheter, evidence, limits):
        if stretch.segment is Segment.SUBCUTANEOUS_TRACT:
            first, last = stretch.first_mm + limits.tip_mm, stretch.last_mm - limits.tip_mm
            out |= (rings.arc_mm >= first) & (rings.arc_mm <= last)
    return out


def _beside_contrast(rings: Rings, limits: ContrastLimits) -> Mask:
    """(N,) where contrast or bone lies beyond the widest tube, and a little farther."""
    bright = (rings.at(*limits.wide_beyond_mm) > limits.iodine_hu).mean(axis=(1, 2)) > limits.wide_cover
    return np.asarray(ndimage.binary_dilation(bright, iterations=max(1, round(limits.least_mm / limits.ring_step_mm))))


def _stands_out(run: tuple[int, int], seen: tuple[FloatArray, FloatArray, Mask], limits: ContrastLimits) -> bool:
    """Whether a run is long, wide by both measures, and between stretches of tract that are not."""
    area, across, bare = seen
    rows, length_mm = slice(*run), (run[1] - run[0]) * limits.ring_step_mm
    if not limits.wide_mm[0] <= length_mm <= limits.wide_mm[1]:
        return False
    beside = round(limits.wide_beside_mm / limits.ring_step_mm)
    around = [slice(max(0, run[0] - beside), run[0]), slice(run[1], run[1] + beside)]
    if not any(bare[one].sum() >= beside // 2 for one in around):
        return False
    wide = float(np.median(area[rows])) >= limits.wide_area and float(np.median(across[rows])) >= limits.wide_across
    return bool(wide)


def _observed(rings: Rings, run: tuple[int, int], area: FloatArray) -> Observation:
    """Put a run into a detector's terms."""
    row = (run[0] + run[1] - 1) // 2
    ratio = float(np.sqrt(np.median(area[slice(*run)])))
    length_mm = float(rings.arc_mm[run[1] - 1] - rings.arc_mm[run[0]])
    return Observation(
        kind=Kind.ECTASIA,
        point=rings.points[row],
        arc_mm=float(rings.arc_mm[row]),
        score=float(np.clip(0.4 * ratio, 0.5, 0.9)),
        measures={"wide_ratio": round(ratio, 1), "length_mm": round(length_mm, 1)},
        message=f"The catheter is {ratio:.1f} times as wide as elsewhere over {length_mm:.0f} mm",
        cautions=_CAUTIONS,
        segment=None,
    )
