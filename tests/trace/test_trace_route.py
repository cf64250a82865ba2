"""Routes over tubelets: links are the same there and back; a route gives its place only to one that leads as far."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Frame, Grid
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.route import Route, may_stand_for
from catheterview.trace.tubelet import Tubelet
from catheterview.trace.web import link_edges, web_of

LIMITS = TraceLimits()
AFFINE = np.array([[0.2, 0.1, -1.1, 70.0], [0.0, 0.9, 0.1, -40.0], [1.4, 0.0, 0.3, -20.0], [0.0, 0.0, 0.0, 1.0]])


def noise() -> Image:
    """A small oblique image of noise."""
    shape = (40, 90, 80)
    voxels: NDArray[np.int16] = np.random.default_rng(3).normal(0.0, 60.0, shape).astype(np.int16)
    return Image(
        voxels=voxels,
        grid=Grid(shape=shape, affine=AFFINE),
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2",
        study_instance_uid="1.1",
        slice_thickness_mm=1.4,
    )


def tubelets(image: Image, count: int) -> list[Tubelet]:
    """Gently bent lines all over an image, longest first."""
    rng = np.random.default_rng(11)
    low, high = np.array([6.0, 6.0, 6.0]), np.array(image.voxels.shape) - 6.0
    lines = []
    for _ in range(count):
        first, way = image.placed.index_to_world(rng.uniform(low, high)), rng.normal(size=3)
        at = np.arange(rng.integers(8, 24))[:, None]
        lines.append(first + 0.6 * at * way / np.linalg.norm(way) + 0.02 * at**2 * rng.normal(size=3) / 5.0)
    return [Tubelet(points=line, strength=200.0) for line in sorted(lines, key=len, reverse=True)]


def test_every_link_leads_back_at_the_same_cost() -> None:
    """Node n and n + P are one point travelled either way: the way back joins the same two, both turned round."""
    image = noise()
    web = web_of(tubelets(image, 120))
    edges, count = link_edges(image, web, LIMITS), len(web.points)
    links = dict(zip(zip(edges.source.tolist(), edges.target.tolist(), strict=True), edges.cost.tolist(), strict=True))
    assert len(links) == len(edges.cost) > 200
    for (source, target), cost in links.items():
        back = ((target + count) % (2 * count), (source + count) % (2 * count))
        assert links[back] == pytest.approx(cost)


def test_a_link_leaves_a_line_at_its_end_and_bends_little() -> None:
    """By its definition: from near the end that is travelled to, to near the other's beginning, at allowed angles."""
    image = noise()
    web = web_of(tubelets(image, 120))
    edges, count = link_edges(image, web, LIMITS), len(web.points)
    (way, source), (other, target) = np.divmod(edges.source, count), np.divmod(edges.target, count)
    assert (web.to_end_mm[way, source] <= LIMITS.leave_line_mm).all()
    assert (web.to_end_mm[1 - other, target] <= LIMITS.leave_line_mm).all()
    step = web.points[target] - web.points[source]
    length = np.linalg.norm(step, axis=1)
    assert length.max() <= LIMITS.link_reach_mm
    leave = np.einsum("nc,nc->n", np.where(way[:, None] == 0, web.chords[0, source], -web.chords[1, source]), step)
    enter = np.einsum("nc,nc->n", np.where(other[:, None] == 0, web.chords[1, target], -web.chords[0, target]), step)
    least = np.where(length <= LIMITS.sharp_link_mm, LIMITS.sharp_cosine, LIMITS.link_cosine)
    assert (np.minimum(leave, enter) >= least * length - 1e-9).all()


def route(points: FloatArray, *, seen: float) -> Route:
    """A route whose first steps, a share `seen` of them, run on a tube."""
    steps = len(points) - 1
    return Route(points=points, on_tube=np.arange(steps) < seen * steps, gain=150.0, strength=200.0)


def test_a_route_that_arrived_gives_way_only_to_one_that_does() -> None:
    """One that ends in the coil does not take its place, however clear it is."""
    way = np.linspace([0.0, 0.0, 0.0], [30.0, 200.0, 90.0], 300)
    old, goals = route(way, seen=0.8), [way[200:]]
    assert may_stand_for(route(way[::-1][::2][::-1], seen=0.5), old, goals, LIMITS)
    assert not may_stand_for(route(way[:150], seen=1.0), old, goals, LIMITS)


def test_a_route_that_was_lost_gives_way_to_tube_not_to_links() -> None:
    """Wherever it ends: through noise, links lead anywhere."""
    way = np.linspace([0.0, 0.0, 0.0], [30.0, 200.0, 90.0], 300)
    lost, goals = route(way[:150], seen=0.8), [way[200:]]
    assert may_stand_for(route(way, seen=0.9), lost, goals, LIMITS)
    assert may_stand_for(route(way[:80], seen=1.0), lost, goals, LIMITS)
    assert not may_stand_for(route(way, seen=0.6), lost, goals, LIMITS)
