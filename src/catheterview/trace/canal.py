"""The catheter in the spinal canal, where its way is known: along the canal, and nearly straight.

Outside the canal a catheter may turn any way, and only what stands out of a few voxels tells where. In the canal the
image can be averaged along it: a tube at the noise of one voxel is seen from end to end, and so is where it ends.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, resample_polyline, unit
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Image
from catheterview.resample import sample
from catheterview.trace.centre import smooth_line
from catheterview.trace.extend import follow_on
from catheterview.trace.field import clear_of_wall
from catheterview.trace.profile import Fade, fade_of, profile_along
from catheterview.trace.route import Route, best_route
from catheterview.trace.straight import Straight, best_course, spacing_of, straighten
from catheterview.trace.switch import tubes_of
from catheterview.trace.tubelet import Tubelet


def fade_along(image: Image, route: Route, limits: TraceLimits) -> Fade:
    """Measure the contrast of a route over its surroundings, from what runs along tubelets."""
    return fade_of(profile_along(image, route.points[:-1][route.on_tube], limits), limits)


def lines_in_canal(image: Image, anatomy: Anatomy, fade: Fade, limits: TraceLimits) -> list[FloatArray]:
    """Find the pieces of a catheter in the spinal canal.

    Parameters
    ----------
    anatomy : Anatomy
        Its canal; where none is known there are no pieces.
    fade : Fade
        Of the catheter's contrast.

    Returns
    -------
    list of (N, 3) float64, LPS mm, at steps of `limits.step_mm`
        The surest first.
    """
    return _lines_and_gain(image, anatomy, fade, limits)[0]


def of_one_tube(image: Image, lines: list[FloatArray], followed: FloatArray, limits: TraceLimits) -> list[FloatArray]:
    """Leave out the pieces of a second catheter or a lead: seen on, it goes past the end of the first, or it past that.

    Parameters
    ----------
    lines : list of (N, 3) float64, LPS mm
        In the canal, the surest first.
    followed : (M, 3) float64, LPS mm
        What was followed from the pump: the piece that it ran along is the catheter's, else the surest is.

    Returns
    -------
    list of (N, 3) float64, LPS mm
        The catheter's own piece first.
    """
    tree = cKDTree(followed)
    ran = [int(np.count_nonzero(tree.query(line)[0] <= limits.ring_mm)) for line in lines]
    own = int(np.argmax(ran))
    others = [line for n, line in enumerate(lines) if n != own and not _passed_by(image, lines[own], line, limits)]
    return [lines[own], *others]


def _passed_by(image: Image, line: FloatArray, other: FloatArray, limits: TraceLimits) -> bool:
    """Whether either of two lines, as it is or followed on, runs past the end of the other."""
    facing_line = np.asarray(cKDTree(line).query(other)[1])
    if np.count_nonzero((facing_line > 0) & (facing_line < len(line) - 1)) * limits.step_mm >= limits.canal_past_mm:
        return True
    apart = np.linalg.norm(line[[0, -1], None] - other[[0, -1]], axis=2)
    if apart.min() <= 2 * limits.canal_step_mm:
        return True  # one course, cut where it changed tubes: the ends of a severed one are further apart
    near, facing = np.unravel_index(int(apart.argmin()), apart.shape)
    line, other = (line if near else line[::-1]), (other[::-1] if facing else other)
    for tube, beyond in ((line, other), (other[::-1], line[::-1])):
        longer = follow_on(image, tube, float(np.median(profile_along(image, tube, limits).contrast)), limits)
        aside_mm = float(np.linalg.norm(beyond - longer[-1], axis=1).min())
        past_mm = float((longer[-1] - beyond[0]) @ unit(tube[-1] - tube[0]))
        if past_mm >= limits.canal_past_mm and aside_mm > limits.ring_mm:
            return True
    return False


def brightest_in_canal(image: Image, anatomy: Anatomy, limits: TraceLimits) -> tuple[list[FloatArray], float]:
    """Find the pieces of a catheter of unknown contrast in the spinal canal.

    Returns
    -------
    lines : list of (N, 3) float64, LPS mm, at steps of `limits.step_mm`
        Those of the contrast that speaks most for a tube.
    contrast_hu : float
        Measured along them.
    """
    tried = [Fade(share=0.0, level_hu=contrast_hu, least_hu=0.0) for contrast_hu in limits.canal_contrasts_hu]
    found = [_lines_and_gain(image, anatomy, fade, limits) for fade in tried]
    lines, _ = max(found, key=lambda each: each[1])
    contrasts = [profile_along(image, line, limits).contrast for line in lines]
    return lines, float(np.median(np.concatenate(contrasts))) if contrasts else 0.0


def _lines_and_gain(image: Image, anatomy: Anatomy, fade: Fade, limits: TraceLimits) -> tuple[list[FloatArray], float]:
    """The lines of a contrast in the canal, and what speaks for them together, in mm."""
    if len(anatomy.canal) < 2:
        return [], 0.0
    line = resample_polyline(anatomy.canal, step=limits.canal_step_mm)
    level = float(np.median(sample(image, line)))
    contrast_hu = float(fade.contrast_over(level))
    straight = straighten(image, line, (level, contrast_hu), limits.canal_reach_mm, limits=limits)
    return _courses(_off_wall(straight, anatomy, limits), anatomy, limits)


def _off_wall(straight: Straight, anatomy: Anatomy, limits: TraceLimits) -> Straight:
    """Without what lies outside the canal; what lies on its wall counts half, as bone looks like a tube there."""
    _, nearest = cKDTree(anatomy.canal).query(straight.line)
    radius = anatomy.canal_radius_mm[nearest][:, None, None]
    away = np.hypot(straight.offsets_mm[:, None], straight.offsets_mm[None])[None]
    at_wall = away > radius - limits.canal_rim_mm
    seen = straight.evidence
    seen = np.where(at_wall & (seen > 0), np.float32(limits.straight_floor) * seen, seen)
    seen = np.where(away > radius + limits.canal_wall_mm, np.float32(-1.0), seen)
    return replace(straight, evidence=seen, clear=straight.clear & ~at_wall)


def _courses(straight: Straight, anatomy: Anatomy, limits: TraceLimits) -> tuple[list[FloatArray], float]:
    """The lines, LPS mm, of all courses that gain enough, and what they gain together.

    The surest is the catheter. Where it is severed another goes on before or behind it, clear of the wall: a bone's rim
    would pass for a short piece.
    """
    found: list[FloatArray] = []
    together = 0.0
    evidence = straight.evidence.copy()
    while len(found) < limits.canal_pieces:
        course, gain = best_course(replace(straight, evidence=evidence), limits)
        if gain < (limits.canal_piece_mm if found else limits.canal_gain_mm):
            break
        together += gain
        tubes = tubes_of(replace(straight, evidence=evidence), course, limits)
        for tube in tubes:
            evidence[tube[0, 0] : tube[-1, 0] + 1] = -1.0
        sigma = limits.straight_along_mm / spacing_of(straight.line)
        parts = [smooth_line(straight.places(part), sigma) for part in tubes]
        if found and not all(clear_of_wall(anatomy, part, limits) for part in parts):
            break
        found += [resample_polyline(part, step=limits.step_mm) for part in parts]
    return found, together


def piece_to_goal(
    image: Image, tubelets: list[Tubelet], end: FloatArray, strength_and_limits: tuple[float, TraceLimits]
) -> Route | None:
    """Follow what runs in the canal back to where it is lost; it came there, however far it is lost from sight.

    Parameters
    ----------
    tubelets : list of Tubelet
        The longest goal among them is followed back.
    end : (3,) float64, LPS mm
        Where the catheter was lost, coming from the pump.
    strength_and_limits : float, TraceLimits
        HU of the tubelets.

    Returns
    -------
    Route or None
        It ends on the goal; None where there is none.
    """
    strength, limits = strength_and_limits
    goals = [t.points for t in tubelets if t.goal]
    if not goals:
        return None
    rest = [t for t in tubelets if not t.goal]
    backs = [_back(image, rest, (line[0], end), strength_and_limits) for line in (goals[0], goals[0][::-1])]
    ends = [float(np.linalg.norm(end - point)) for point in goals[0][[0, -1]]]
    gains = [back.gain if back is not None else 0.0 for back in backs]
    way = int(np.argmax(gains if max(gains) >= limits.piece_gain_mm else -np.array(ends)))
    line, back = goals[0][:: 1 - 2 * way], backs[way]
    on_line = np.ones(len(line) - 1, dtype=np.bool_)
    length = float(np.linalg.norm(line[1:] - line[:-1], axis=1).sum())
    if back is None:
        return Route(points=line, on_tube=on_line, gain=length, strength=strength)
    return Route(
        points=np.concatenate([back.points[::-1], line]),
        on_tube=np.concatenate([back.on_tube[::-1], [False], on_line]),
        gain=back.gain + length,
        strength=strength,
    )


def _back(
    image: Image,
    rest: list[Tubelet],
    way: tuple[FloatArray, FloatArray],
    strength_and_limits: tuple[float, TraceLimits],
) -> Route | None:
    """The way back from a line's end to where it should lead: a long one, or a short one that lies on the way there.

    Other short ones have found a bone to follow.
    """
    strength, limits = strength_and_limits
    line_end, end = way
    near = replace(limits, start_reach_mm=limits.link_reach_mm, start_cost=limits.link_cost)
    back = best_route(image, rest, line_end[None], near, contrast_hu=strength)
    if back is not None and back.gain >= limits.piece_gain_mm:
        return back
    away_mm = float(np.linalg.norm(end - line_end))
    nearer = [t for t in rest if float(np.linalg.norm(end - t.points[[0, -1]], axis=1).max()) < away_mm]
    return best_route(image, nearer, line_end[None], replace(near, start_cost=limits.back_cost), contrast_hu=strength)
