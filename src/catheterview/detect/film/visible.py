"""What each part of the catheter shows on a film, and what is to be kept in mind where exposures were joined."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.detect.film.course import segment_on
from catheterview.detect.film.evidence import FilmEvidence
from catheterview.geometry import arc_length
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Finding, Segment

_SEAM = "Two exposures were joined here: a step, a doubled or a missing stretch may come from that."
_MOST = 1000.0  # the largest likelihood ratio that is told
_EVERY = 8  # points of the course that are asked for their segment


def visibility_told(evidence: FilmEvidence, limits: FilmDetectLimits) -> str:
    """How well the first catheter is seen, segment by segment.

    Each is given the share of its length in which the tube is seen, and how much a millimetre of tube speaks for its
    presence there: the likelihood ratio of tube against none for normal noise (the exponential of half the squared
    ratio of contrast to noise). Clutter is not normal, so that nothing above a thousand is told.
    """
    if not evidence.catheters or evidence.mm_per_px is None:
        return ""
    catheter, mm = evidence.catheters[0], evidence.mm_per_px
    some = np.arange(0, len(catheter.points), _EVERY)
    names = [segment_on(evidence, catheter, int(n), limits) for n in some]
    step_mm = float(arc_length(catheter.points)[-1]) * mm / max(len(some), 1)
    order = list(dict.fromkeys(name for name in names if name is not None))
    parts = [
        _told(catheter, name, some[[one is name for one in names]], (step_mm, limits.seen_confidence)) for name in order
    ]
    return f"seen, with the likelihood ratio of tube to none in a millimetre: {'; '.join(parts)}"


def _told(catheter: Centreline, name: Segment, at: np.ndarray, how: tuple[float, float]) -> str:
    """One segment in words."""
    step_mm, least = how
    seen, words = catheter.confidence[at] >= least, name.replace("_", " ")
    if not seen.any():
        return f"{words} not assessable ({len(at) * step_mm:.0f} mm)"
    ratio = catheter.contrast[at][seen] / np.maximum(catheter.noise[at][seen], 1e-9)
    times = np.exp(min(0.5 * float(np.median(ratio)) ** 2, 30.0))
    speaks = f"{times:.0f}" if times <= _MOST else f"over {_MOST:.0f}"
    return f"{words} {seen.mean():.0%} of {len(at) * step_mm:.0f} mm ({speaks})"


def with_seams(evidence: FilmEvidence, findings: tuple[Finding, ...], limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Add a caution to every finding that lies at a seam of a film joined from several exposures."""
    seams, mm = np.array(evidence.film.seam_rows, dtype=np.float64), evidence.mm_per_px
    if not len(seams) or mm is None:
        return findings
    return tuple(_cautioned(one, seams, limits.seam_mm / mm) for one in findings)


def _cautioned(finding: Finding, seams: np.ndarray, reach_px: float) -> Finding:
    """One finding, with the caution where any of its places lies near a seam."""
    rows = np.array([finding.point[0], *(end[0] for end in finding.ends)])
    near = bool((np.abs(rows[:, None] - seams) <= reach_px).any())
    return replace(finding, cautions=(*finding.cautions, _SEAM)) if near else finding
