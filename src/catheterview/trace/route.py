"""The route: from the pump over tubelets and the short links between them, to the end of the catheter.

A directed graph: every tubelet point is there twice, once for each way along its line. Steps along a line are nearly
free, links from near a line's end to another line cost their length and their bends. Dijkstra from the pump finds the
cheapest way to every point; the end is where the length that was travelled on tubelets outweighs the cost most.

Tubes of one make have one contrast, so the search is made for a ladder of contrasts, each with the tubelets that could
be such a tube, and the best of all is taken: a rib or a vessel can lengthen a route only where its contrast fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.tubelet import Tubelet, apart
from catheterview.trace.web import IndexArray, Web, line_edges, link_edges, start_edges, web_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """A way over tubelets.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm, in order; links are single steps
    on_tube : (N - 1,) bool
        Which steps run along a tubelet.
    gain : float, mm
        Length on tubelets less what the links cost.
    strength : float, HU
        Contrast of the tubelets that were used, weighted by length.
    """

    points: FloatArray
    on_tube: NDArray[np.bool_]
    gain: float
    strength: float

    @property
    def share_on_tube(self) -> float:
        """Share of the length that runs along tubelets, 0 to 1; a chain of noise is mostly links."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return float(steps[self.on_tube].sum() / max(steps.sum(), 1e-9))


def best_route(
    image: Image, tubelets: list[Tubelet], start: FloatArray, limits: TraceLimits, *, contrast_hu: float | None = None
) -> Route | None:
    """Find the best route that begins near a place.

    Parameters
    ----------
    image : Image
        What it shows between two tubelets makes a link cheap or dear.
    tubelets : list of Tubelet
        Of all contrasts.
    start : (S, 3) LPS mm
        Points of the pump's rim, or of a loose end.
    contrast_hu : float, optional
        Of the tube, where it is known; else a ladder of contrasts is tried.

    Returns
    -------
    Route or None
        None when no route gains anything.
    """
    if not tubelets:
        return None
    web = web_of(tubelets)
    best: Route | None = None
    for contrast in [contrast_hu] if contrast_hu is not None else _contrast_ladder(tubelets, limits):
        if best is not None and best.gain >= limits.sure_gain_mm and contrast < best.strength / limits.contrast_ratio:
            break
        fitting = web.of_contrast(contrast, limits)
        route = _route_in(image, fitting, start, limits) if len(fitting.points) else None
        if route is not None and (best is None or route.gain > best.gain):
            best = route
    return best


def _contrast_ladder(tubelets: list[Tubelet], limits: TraceLimits) -> list[float]:
    """Contrasts to try, HU, a factor apart; brightest first, as bright tubelets are few and soon searched."""
    top = max((t.strength for t in tubelets), default=0.0)
    count = int(np.ceil(np.log(max(top / limits.ridge_strength_hu, 1.0)) / np.log(limits.contrast_step))) + 1
    return [limits.ridge_strength_hu * limits.contrast_step**n for n in reversed(range(count))]


def _route_in(image: Image, web: Web, start: FloatArray, limits: TraceLimits) -> Route | None:
    """The best route over a web."""
    count = len(web.points)
    edges = [line_edges(web, limits), link_edges(image, web, limits), start_edges(web, start, limits)]
    source, target, cost = (np.concatenate([getattr(e, n) for e in edges]) for n in ("source", "target", "cost"))
    graph = coo_matrix((cost, (source, target)), shape=(2 * count + 1, 2 * count + 1)).tocsr()
    distance, before = dijkstra(graph, indices=[2 * count], return_predecessors=True)
    gain = gains_of(web.points, web.line, (distance[0], before[0]), limits.link_dearness)
    goal = np.concatenate([web.goal, web.goal, [False]])
    if np.isfinite(gain[goal]).any():
        gain = np.where(goal, gain, -np.inf)
    end = int(np.argmax(gain))
    if not np.isfinite(gain[end]) or gain[end] <= 0:
        return None
    return _walk_back(web, before[0], end, float(gain[end]))


def gains_of(
    points: FloatArray, line: IndexArray, tree: tuple[FloatArray, NDArray[np.int32]], dearness: float
) -> FloatArray:
    """Length on lines from the start to each node less the dearness of the way, by walking the tree outward.

    A way that comes back along a line it has used gains nothing: it has turned round at a bone and is going home.

    Parameters
    ----------
    points : (P, D) float64
        In mm or pixels; nodes n and n + P are point n, travelled forward and backward, and node 2P is the start.
    line : (P,) number of the line that a point lies on
    tree : (2P + 1,) cost of the cheapest way to each node, and the node before it on that way
    dearness : float
        What one unit of cost takes off the length.

    Returns
    -------
    (2P + 1,) float64, in the unit of `points`; -inf where no way gains anything
    """
    distance, before = tree
    count = len(points)
    gain = np.full(2 * count + 1, -np.inf)
    gain[2 * count] = 0.0
    on_line = np.zeros(2 * count + 1)
    used: list[frozenset[int]] = [frozenset()] * (2 * count + 1)
    lines = line.tolist()
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1).tolist()
    for node in np.argsort(distance[: 2 * count], kind="stable").tolist():
        parent = int(before[node])
        if parent < 0 or not np.isfinite(gain[parent]):
            continue
        here = lines[node % count]
        same = parent < 2 * count and lines[parent % count] == here and abs(node - parent) == 1
        if not same and here in used[parent]:
            continue
        used[node] = used[parent] if same else used[parent] | {here}
        on_line[node] = on_line[parent] + (steps[min(node % count, parent % count)] if same else 0.0)
        gain[node] = on_line[node] - dearness * distance[node]
    return gain


def _walk_back(web: Web, before: NDArray[np.int32], end: int, gain: float) -> Route:
    """Collect the nodes from the start to `end`."""
    count = len(web.points)
    nodes = []
    node = end
    while node < 2 * count and node >= 0:
        nodes.append(node)
        node = int(before[node])
    order = np.array(nodes[::-1])
    on_tube = (np.abs(np.diff(order)) == 1) & (web.line[order[1:] % count] == web.line[order[:-1] % count])
    return Route(
        points=web.points[order % count],
        on_tube=np.asarray(on_tube),
        gain=gain,
        strength=float(np.median(web.strength[order % count])),
    )


def may_stand_for(another: Route, route: Route, goals: list[FloatArray], limits: TraceLimits) -> bool:
    """Whether another route may take a route's place: it ends where that does, or is tube where that had not arrived.

    Parameters
    ----------
    another : Route
        Over tubelets that were changed since.
    route : Route
    goals : list of (N, 3) float64, LPS mm
        Lines on which a route arrives.
    """
    if float(np.linalg.norm(another.points[-1] - route.points[-1])) <= limits.ring_mm:
        return True
    arrived = any((goal == route.points[-1]).all(axis=1).any() for goal in goals)
    return not arrived and another.share_on_tube >= limits.stem_share


def unused(tubelets: list[Tubelet], routes: list[Route], limits: TraceLimits) -> list[Tubelet]:
    """The tubelets that no route runs along, whole or in part."""
    return apart(tubelets, [resample_polyline(r.points, step=1.0) for r in routes], limits)
