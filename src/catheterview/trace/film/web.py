"""Pieces of lines as a graph: what each is worth as part of a catheter, and what it costs to go on from one to another.

All is reckoned in millimetres of well-seen tube.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length, unit
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Sketch
from catheterview.trace.film.show import sampled
from catheterview.trace.film.spine import Spine

IndexArray = NDArray[np.intp]
_PARTS = np.linspace(0.1, 0.9, 7)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Web:
    """Node 2n is piece n travelled as it lies, node 2n + 1 the same backward.

    Parameters
    ----------
    pieces : list of (N, 2) (row, column) of the sketch
    enter, leave, inward, outward : (2P, 2)
        Where a node begins and ends, and in which directions.
    seen : (3, T)
        At the points of all pieces in order: the tube's peak, the noise, and the share of contrast that is left there.
    first : (P,)
        Where each piece's points begin in `seen`.
    piece_mm : (P,)
        Length of each piece.
    in_bone : (P,)
        Share of each piece that lies on the vertebral column.
    on_slope : (P,)
        How steeply the film's coarse density rises across each piece, as `Sketch.slope`: the skin, a rim.
    at_border : (P,) bool
    source, target : (L,)
        Links from node to node.
    fixed : (L,)
        What a link costs whatever the contrast, less the change of density between its pieces.
    rise : (2, L, 7)
        Along each link: by how much the film is denser than beside it over the share of contrast that is left; and the
        noise over it.
    length_mm : (L,)
        Of what could be seen of a link.
    bend : (L,)
        0 where straight, 4 where it turns back twice.
    blob : (L,)
        The densest that the film is near a link, over the share of contrast: a tube that turns in the ray is dense.
    """

    pieces: list[FloatArray]
    enter: FloatArray
    leave: FloatArray
    inward: FloatArray
    outward: FloatArray
    seen: FloatArray
    first: IndexArray
    piece_mm: FloatArray
    in_bone: FloatArray
    on_slope: FloatArray
    at_border: NDArray[np.bool_]
    source: IndexArray
    target: IndexArray
    fixed: FloatArray
    rise: FloatArray
    length_mm: FloatArray
    bend: FloatArray
    blob: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Links:
    """Parts of a `Web`."""

    source: IndexArray
    target: IndexArray
    fixed: FloatArray
    rise: FloatArray
    length_mm: FloatArray
    bend: FloatArray
    blob: FloatArray


def web_of(sketch: Sketch, pieces: list[FloatArray], spine: Spine | None, limits: FilmTraceLimits) -> Web:
    """Lay pieces out as a graph."""
    both = [way for piece in pieces for way in (piece, piece[::-1])]
    ends = {
        "enter": np.array([way[0] for way in both]).reshape(-1, 2),
        "leave": np.array([way[-1] for way in both]).reshape(-1, 2),
        "inward": unit(np.array([way[min(4, len(way) - 1)] - way[0] for way in both]).reshape(-1, 2)),
        "outward": unit(np.array([way[-1] - way[max(-5, -len(way))] for way in both]).reshape(-1, 2)),
    }
    parts = (_open_links(sketch, ends, limits), _hidden_links(sketch, ends, limits))
    links = {
        name: np.concatenate([getattr(p, name) for p in parts], axis=-1) for name in _Links.__slots__ if name != "rise"
    }
    bone = np.zeros_like(sketch.best) if spine is None else spine.bone.astype(np.float32)
    planes = (sketch.best, sketch.noise, sketch.share)
    points = np.concatenate([np.zeros((0, 2)), *pieces])
    return Web(
        pieces=pieces,
        seen=np.stack([sampled(plane, points) for plane in planes]),
        first=np.cumsum([0, *(len(piece) for piece in pieces)])[:-1],
        piece_mm=np.array([float(arc_length(piece)[-1]) for piece in pieces]) * sketch.mm,
        in_bone=np.array([float(sampled(bone, piece).mean()) for piece in pieces]),
        on_slope=_across(sketch, pieces),
        at_border=np.array([_ends_at(sketch, piece) < limits.border_mm for piece in pieces], dtype=bool),
        rise=np.concatenate([p.rise for p in parts], axis=1),
        **ends,
        **links,
    )


def _ends_at(sketch: Sketch, piece: FloatArray) -> float:
    """How near a piece comes to the border, mm."""
    return float(sampled(sketch.to_border, piece[[0, -1]]).min()) * sketch.mm


def _across(sketch: Sketch, pieces: list[FloatArray]) -> FloatArray:
    """Mean rise of the coarse density across each piece."""
    out = []
    for piece in pieces:
        way = unit(piece[-1] - piece[0])
        rise = sampled(sketch.slope[0], piece) * way[1] - sampled(sketch.slope[1], piece) * way[0]
        out.append(float(np.abs(rise).mean()))
    return np.array(out)


def _open_links(sketch: Sketch, ends: dict[str, FloatArray], limits: FilmTraceLimits) -> _Links:
    """Links from every end to every beginning near it that do not bend too much."""
    reach = limits.link_reach_mm / sketch.mm
    source, target = _near(ends["leave"], ends["enter"], reach)
    other = source // 2 != target // 2
    source, target = source[other], target[other]
    step = ends["enter"][target] - ends["leave"][source]
    length = np.linalg.norm(step, axis=1)
    toward = step / np.maximum(length, 1e-9)[:, None]
    out, into = ends["outward"][source], ends["inward"][target]
    touching = length < 2.5
    leave = np.where(touching, _dot(out, into), _dot(out, toward))
    enter = np.where(touching, 1.0, _dot(into, toward))
    length_mm = length * sketch.mm
    keep = (leave + enter > -0.6) | (length_mm < limits.cusp_mm)
    keep &= (length_mm < limits.turn_mm) | (np.minimum(leave, enter) > limits.link_cosine)
    source, target, length_mm, step = source[keep], target[keep], length_mm[keep], step[keep]
    leave, enter, length = leave[keep], enter[keep], length[keep]
    joined = (length < 1.5) & (leave > 0.7)
    fixed = np.where(length > 2.5, limits.link_cost_mm, 0.0) + limits.link_share * length_mm
    rise, blob = _along(sketch, ends["leave"][source], step)
    return _Links(
        source=source,
        target=target,
        fixed=np.where(joined, 0.0, fixed),
        rise=rise,
        length_mm=np.where(joined, 0.0, length_mm),
        bend=np.where(joined, 0.0, 2.0 - leave - enter),
        blob=blob,
    )


def _near(begin: FloatArray, end: FloatArray, reach: float) -> tuple[IndexArray, IndexArray]:
    """All pairs of indices whose points lie within reach."""
    if not len(end):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    pairs = cKDTree(begin).sparse_distance_matrix(cKDTree(end), reach, output_type="ndarray")
    return pairs["i"].astype(np.intp), pairs["j"].astype(np.intp)


def _dot(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("nc,nc->n", first, second))


def _along(sketch: Sketch, begin: FloatArray, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What the film shows along straight links."""
    toward = step / np.maximum(np.linalg.norm(step, axis=1), 1e-9)[:, None]
    across = 1.3 * sketch.width * np.stack([toward[:, 1], -toward[:, 0]], axis=1)
    at = begin[:, None] + _PARTS[None, :, None] * step[:, None]
    share = sampled(sketch.share, at)
    beside = 0.5 * (sampled(sketch.flat, at + across[:, None]) + sampled(sketch.flat, at - across[:, None]))
    rise = (sampled(sketch.flat, at) - beside) / share
    blob = sampled(sketch.blob, at) / share
    return np.stack([rise, sampled(sketch.noise, at) / share]), np.asarray(blob.max(axis=1, initial=0.0))


def _hidden_links(sketch: Sketch, ends: dict[str, FloatArray], limits: FilmTraceLimits) -> _Links:
    """Links behind the pump, from every end that runs into it to every beginning that comes out."""
    into = _at_rim(sketch, ends["leave"], ends["outward"], limits)
    out = _at_rim(sketch, ends["enter"], -ends["inward"], limits)
    source, target = np.repeat(into, len(out)), np.tile(out, len(into))
    other = source // 2 != target // 2
    source, target = source[other], target[other]
    step = ends["enter"][target] - ends["leave"][source]
    length = np.linalg.norm(step, axis=1)
    toward = step / np.maximum(length, 1e-9)[:, None]
    leave, enter = _dot(ends["outward"][source], toward), _dot(ends["inward"][target], toward)
    keep = (np.minimum(leave, enter) > limits.behind_cosine) & (length > 4.0)
    fixed = limits.behind_mm + limits.hidden_share * length * sketch.mm
    fixed += limits.behind_bend_mm * (2.0 - leave - enter)
    count = int(keep.sum())
    return _Links(
        source=source[keep], target=target[keep], fixed=fixed[keep], rise=np.zeros((2, count, len(_PARTS))),
        length_mm=np.zeros(count), bend=np.zeros(count), blob=np.full(count, -1.0),
    )  # fmt: skip


def _at_rim(sketch: Sketch, at: FloatArray, heading: FloatArray, limits: FilmTraceLimits) -> IndexArray:
    """The ends (N, 2) near the pump that head for it."""
    if not len(at) or not sketch.hidden.any():
        return np.zeros(0, dtype=np.intp)
    near = np.nonzero(sampled(sketch.to_pump, at) < limits.rim_px)[0]
    return np.asarray(near[_dot(heading[near], uphill(sketch, at[near])) < -0.15])


def uphill(sketch: Sketch, at: FloatArray) -> FloatArray:
    """Unit direction (N, 2) away from the pump at some places."""
    ahead = [sampled(sketch.to_pump, at + step) - sampled(sketch.to_pump, at - step) for step in 2.0 * np.eye(2)]
    return np.asarray(unit(np.stack(ahead, axis=1) + 1e-9))


def worth(web: Web, contrast: float, limits: FilmTraceLimits) -> tuple[FloatArray, FloatArray]:
    """What each piece is worth if the tube has a contrast, and its median density over that contrast: (P,), (P,).

    Well-seen tube of the right density is worth its length; what is fainter or barely stands out less, what is much
    denser costs, and so does what lies on the vertebral column nearly all, because edges of bone look alike.
    """
    if not web.pieces:
        return np.zeros(0), np.ones(0)
    peak, noise, share = web.seen
    dense = np.maximum(peak / (contrast * share), 1e-3)
    match = np.clip((dense - 0.25) / 0.35, 0.0, 1.0)
    match -= np.clip(np.log(dense / limits.dense_ratio) / np.log(2.0), 0.0, 2.0)
    clear = np.clip((peak / noise - limits.clear_from) / (limits.clear_at - limits.clear_from), 0.0, 1.0)
    gain = np.where(match > 0.0, match * clear, match) - 0.25 * (peak < limits.clear_from * noise)
    count = np.diff(np.append(web.first, len(peak)))
    value = web.piece_mm * np.add.reduceat(gain, web.first) / count
    ratio = np.exp(np.add.reduceat(np.log(dense), web.first) / count)
    kept = (1.0 - limits.bone_discount * web.in_bone) * np.clip(2.0 - web.on_slope / limits.steep_slope, 0.0, 1.0)
    return np.where(value > 0.0, value * kept, value), ratio


def link_costs(web: Web, ratio: FloatArray, contrast: float, limits: FilmTraceLimits) -> FloatArray:
    """What each link costs (L,) if the tube has a contrast; where a low-noise film shows no tube it is dear."""
    shown = np.clip(web.rise[0] / contrast, 0.0, 1.0)
    weight = 1.0 / (1.0 + (1.5 * web.rise[1] / contrast) ** 2)
    unseen = ((1.0 - shown) * weight).mean(axis=1) * web.length_mm
    turning = np.where(web.blob > limits.blob_ratio * contrast, limits.cusp_cost_mm, limits.bend_cost_mm)
    change = np.abs(np.log(ratio[web.source // 2] / ratio[web.target // 2]))
    joined = (web.fixed == 0.0) & (web.length_mm == 0.0)
    cost = web.fixed + limits.unseen_share * unseen + turning * web.bend
    return np.where(joined, 0.0, cost + limits.change_cost_mm * change)
