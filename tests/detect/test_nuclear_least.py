"""A study says how small a leak it would show, and where one of half the flow would not show, that it cannot tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.nuclear import LEAK, TracerReading, read_tracer
from catheterview.detect.nuclear.beside import Beside
from catheterview.detect.nuclear.block import block_shows
from catheterview.detect.nuclear.forward import stretches_of
from catheterview.detect.nuclear.leak import spots_of
from catheterview.detect.nuclear.matched import Matched, matched_pool
from catheterview.detect.nuclear.measure import Measured, Profile, measure
from catheterview.detect.nuclear.samples import Samples, samples_of
from catheterview.limits import Limits
from catheterview.model import Kind
from nuclear_studies import small_study, tracer_evidence

LIMITS = Limits()


def _told(reading: TracerReading, detector: str) -> tuple[str, str]:
    (one,) = [each.examined for each in reading.detections if each.examined.detector == detector]
    return one.outcome, one.why


def _matched(found: Measured, share: float, *, noise: float = 1.0) -> Matched:
    """The observer on a healthy volume to which a flat pool of a share of the reservoir was added behind the pump."""
    disc, every = found.disc, samples_of(found.scan)
    near = every.only(np.linalg.norm(every.points - np.array(found.pump.center_mm), axis=1) < 75.0)
    height, _ = disc.local(near.points)
    side = np.cross(disc.normal, (0.0, 0.0, 1.0))
    depth = found.pump.thickness_mm / 2.0 + 4.5
    middle = np.array(found.pump.center_mm) + 15.0 * side / np.linalg.norm(side) - depth * disc.normal
    away2 = ((near.points - middle) ** 2).sum(axis=1)
    along2 = ((near.points - middle) @ disc.normal) ** 2
    spread = np.exp(-0.5 * along2 / disc.sigma_mm**2 - 0.5 * (away2 - along2) / (disc.sigma_mm + 6.0) ** 2)
    added = share * disc.total * spread / (spread.sum() * near.voxel_mm3)
    rng = np.random.default_rng(5)
    counts = (near.counts + added) * np.exp((noise - 1.0) * rng.normal(size=len(height)))
    told = matched_pool(
        Samples(points=near.points, counts=counts, voxel_mm3=near.voxel_mm3), disc, found.pump, LIMITS.nuclear
    )
    assert told is not None
    return told


@pytest.fixture(scope="module")
def healthy() -> Measured:
    """A healthy volume, measured once."""
    return measure(tracer_evidence(small_study()).scans[0], LIMITS.nuclear)


def test_the_observer_sees_what_it_says_that_it_would(healthy: Measured) -> None:
    """A pool of three times the least is clear, lies where it was put, and is larger by the observer than none is."""
    none = _matched(healthy, 0.0)
    much = _matched(healthy, 3.0 * none.least)
    assert much.sigmas > none.sigmas + 2.0
    assert much.share > max(none.share, 0.5 * none.least)


def test_noise_raises_the_least_that_would_be_seen(healthy: Measured) -> None:
    """The same volume with the noise of few counts needs a larger pool."""
    assert _matched(healthy, 0.0, noise=1.9).least > _matched(healthy, 0.0).least


@pytest.mark.parametrize(
    ("away_mm", "share", "told"),
    [((0.0, 0.0, 60.0), 0.003, False), ((0.0, 0.0, 60.0), 0.006, True), ((0.0, 120.0, 0.0), 0.003, True)],
    ids=["bowel", "more than bowel", "beside the spine"],
)
def test_what_bowel_may_hold_is_no_pool(
    healthy: Measured, away_mm: tuple[float, float, float], share: float, told: bool
) -> None:
    """Deep behind the pump a focus off the catheter has to hold more than bowel does; further back less is enough."""
    beside, back, deep = away_mm
    place = healthy.disc.center_mm - deep * healthy.disc.normal + np.array((beside, back, 0.0))
    one = Beside(point=place, stretch=5, away_mm=20.0, share=share, sigmas=80.0)
    spots = spots_of(replace(healthy, behind=None, matched=None, beside=(one,)), LIMITS.nuclear)
    assert bool(spots) is told


@pytest.mark.parametrize(("over", "alike", "told"), [(3.4, 7.9, False), (3.4, 12.0, True), (2.5, 20.0, False)])
def test_two_observers_have_to_agree_on_a_pool(healthy: Measured, over: float, alike: float, told: bool) -> None:
    """What the matched observer sees counts where enough lies over the usual too, by both together."""
    assert healthy.behind is not None
    assert healthy.matched is not None
    seen = replace(
        healthy,
        beside=(),
        behind=replace(healthy.behind, sigmas=over),
        matched=replace(healthy.matched, share=0.01, sigmas=alike),
    )
    assert (Kind.TRACER_POSTERIOR_TO_PUMP in {spot.kind for spot in spots_of(seen, LIMITS.nuclear)}) is told


def test_the_least_pool_is_told_in_activity_and_volume() -> None:
    """Whatever else is said of leaks: the share of the reservoir and the volume that would be seen behind the pump."""
    outcome, why = _told(read_tracer(tracer_evidence(small_study()), LIMITS), LEAK)
    assert outcome == "RAN"
    assert "% of the reservoir's activity would be seen, as of" in why
    assert "microlitres of 10 ml" in why


def test_a_leak_that_would_not_show_is_not_called_absent() -> None:
    """At a fortieth of a millilitre a day half of the flow holds too little by two days: it cannot be told."""
    evidence = tracer_evidence(small_study(), flow_ml_per_day=0.025)
    outcome, why = _told(read_tracer(evidence, LIMITS), LEAK)
    assert outcome == "SKIPPED"
    assert why.startswith("cannot tell: a leak of 50 % of the flow would hold")


def test_without_a_flow_the_least_is_told_and_nothing_is_withheld() -> None:
    """What a leak would hold is not known then."""
    outcome, why = _told(read_tracer(tracer_evidence(small_study(), flow_ml_per_day=None), LIMITS), LEAK)
    assert outcome == "RAN"
    assert "would be seen" in why


def test_little_tracer_in_the_canal_shows_no_block(healthy: Measured) -> None:
    """A canal that holds hardly more than its catheter, or than is detectable, cannot show what a block cuts off."""
    lines = stretches_of(np.array([(3.0, 41.0, 12.0), (-4.0, 35.0, 222.0)]), 15.0)
    count = len(lines.arc_mm)

    def shows(share: float, sd: float, per_cm: float = 0.0) -> bool:
        canal = Profile(lines=lines, share=np.full(count, share), sd=np.full(count, sd))
        return block_shows(replace(healthy, canal=canal), per_cm, LIMITS.nuclear)

    assert shows(5e-3, 1e-5)
    assert not shows(3e-4, 1e-5)
    assert not shows(5e-3, 5e-4)
    assert not shows(5e-3, 1e-5, per_cm=5e-3)
    assert not block_shows(replace(healthy, canal=None), 0.0, LIMITS.nuclear)
