"""Stretches where bone, metal or another tube lies beside the tube, followed again as one of several bright things.

A tube a millimetre or two from a lamina is a shoulder on the bone's brightness and no crest: a line that looks for the
crest slides onto the bone. One that knows the tube's own cross-section, from where it runs free, and fits it together
with what lies beside it, does not. It is believed only where it comes through from either side by the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation, uniform_filter1d
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.calibrate import calibrated
from catheterview.trace.lanes import Way
from catheterview.trace.profile import profile_along
from catheterview.trace.strand import Strand
from catheterview.trace.stride import follow_out

BoolArray = NDArray[np.bool_]


def followed_beside_bone(
    image: Image, line: FloatArray, limits: TraceLimits, *, held: FloatArray | None = None
) -> FloatArray:
    """Follow a tube again where bone or metal lies beside it.

    Parameters
    ----------
    line : (N, 3) float64, LPS mm, within about two millimetres of the tube; N >= 2
    held : (M, 3) float64, LPS mm, optional
        Turns of a coil that touch: the line stays as it is there.

    Returns
    -------
    (M, 3) float64, LPS mm, at steps of `limits.step_mm`
        The same line but for stretches that were followed from both sides by one way, and another one than the line's.
    """
    even = resample_polyline(line, step=1.0)
    clear = _clear_runs(image, even, limits)
    anchors = [even[first:last] for first, last in clear]
    longest = sorted(anchors, key=len)[-limits.strand_lines :]
    strand = calibrated(image, longest, limits) if len(anchors) > 1 else None
    if strand is None:
        return line
    touching = cKDTree(held) if held is not None and len(held) else None
    parts: list[FloatArray] = []
    after = 0
    for n, way in enumerate(_ways_between(image, strand, anchors, limits)):
        first, last = clear[n][1], clear[n + 1][0]
        between = even[first:last]
        if way is None or (touching and np.min(touching.query(between)[0]) <= limits.strand_apart_mm):
            continue
        if np.max(cKDTree(way).query(between)[0]) > limits.beside_moved_mm:
            parts += [even[after:first], way]
            after = last
    return resample_polyline(np.concatenate([*parts, even[after:]]), step=limits.step_mm) if parts else line


def led_on_beside_bone(image: Image, line: FloatArray, contrast_hu: float, limits: TraceLimits) -> FloatArray:
    """Lengthen a line at its last point where bone beside the tube hid how it goes on.

    Parameters
    ----------
    line : (N, 3) float64, LPS mm, at steps of `limits.step_mm`; N >= 2
    contrast_hu : float
        Of the tube over its surroundings.

    Returns
    -------
    (M, 3) float64, LPS mm
        The same where no tube was followed on by more than a step of `limits.follow_step_mm`.
    """
    even = resample_polyline(line, step=1.0)
    clear = [even[first:last] for first, last in _clear_runs(image, even, limits)]
    strand = calibrated(image, sorted(clear, key=len)[-limits.strand_lines :], limits) if clear else None
    if strand is None or len(even) <= limits.beside_anchor_mm:
        return line
    tail = even[-round(limits.loop_reach_mm) :]
    reach = replace(limits, coil_mm=limits.follow_reach_mm)
    (way,) = follow_out(image, strand, [tail], [((0, 1), reach)], near=cKDTree(tail))
    if len(way.points) < 2:
        return line
    seen = uniform_filter1d(profile_along(image, way.points, limits).contrast, 3, mode="nearest")
    # What is far brighter is the bone, or the marker of a tip.
    other = (seen < limits.led_on_share * contrast_hu) | (seen > limits.contrast_ratio * contrast_hu)
    on = way.points[: int(other.argmax()) if other.any() else len(way.points)]
    if len(on) <= limits.follow_step_mm:
        return line
    return resample_polyline(np.concatenate([line, on]), step=limits.step_mm)


def _clear_runs(image: Image, line: FloatArray, limits: TraceLimits) -> list[tuple[int, int]]:
    """First and beyond last point of the runs of a line, at steps of a millimetre, that are clear of bone."""
    profile = profile_along(image, line, limits)
    half = limits.tissue_range_hu + limits.beside_share * float(np.median(profile.contrast))
    beside = profile.brightest > float(np.median(profile.around)) + half
    gap = round(limits.beside_near_mm)
    closed = binary_closing(np.pad(beside, 2 * gap), iterations=gap)[2 * gap : -2 * gap]
    wide = binary_dilation(closed, iterations=round(limits.beside_margin_mm))
    edges = np.flatnonzero(np.diff(np.concatenate([[True], wide, [True]]).astype(np.int8))).reshape(-1, 2)
    return [(first, last) for first, last in edges.tolist() if last - first >= limits.beside_anchor_mm]


def _ways_between(
    image: Image, strand: Strand, anchors: Sequence[FloatArray], limits: TraceLimits
) -> list[FloatArray | None]:
    """The way from each anchor to the next, LPS mm; None where it was not followed from both sides alike."""
    pairs = range(len(anchors) - 1)
    begins = [((n, 1), limits) for n in pairs] + [((n + 1, 0), limits) for n in pairs]
    ways = follow_out(image, strand, anchors, begins, near=cKDTree(np.concatenate(anchors)))
    return [
        _agreed(there, back, limits) if there.to == (n + 1, 0) and back.to == (n, 1) else None
        for n, there, back in zip(pairs, ways[: len(pairs)], ways[len(pairs) :], strict=True)
    ]


def _agreed(there: Way, back: Way, limits: TraceLimits) -> FloatArray | None:
    """(N, 3) the middle of two ways, LPS mm; None where they part."""
    if min(len(there.points), len(back.points)) < 2:
        return None
    apart = cdist(there.points, back.points)
    if max(apart.min(axis=0).max(), apart.min(axis=1).max()) > limits.beside_apart_mm:
        return None
    return np.asarray((there.points + back.points[apart.argmin(axis=1)]) / 2)
