"""How small a leak could be seen at all: an ideal observer of the simulated counts, beside what is found.

The observer knows everything but whether there is a leak: patient, camera, where the leak would lie and what all else
sends out. Its signal over noise follows from the means of the counts of every stop (H. H. Barrett, PNAS 1993, 90: the
ideal observer of Poisson counts, for a small signal). No reading of a reconstruction can do better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from nuclear_simulated import Study

from catheterview.phantom.nuclear.activity import splat
from catheterview.phantom.nuclear.camera import system_of
from catheterview.phantom.nuclear.make import lay_down, tracer
from catheterview.phantom.nuclear.osem import spread_photons
from catheterview.score.interval import wilson

_FALSE_ALARMS = 0.03  # the bar's specificity
_BOUNDS = (0.0, 0.0025, 0.005, 0.01, 0.02, 0.05, np.inf)
_PLACES = {"posterior": "behind the pump", "pooling": "along the catheter"}
LEAKS = tuple(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideal:
    """One leak: its share of the reservoir, and signal over noise of an observer who knows all else, at the last time.

    Parameters
    ----------
    called : str
        What was made of it on its CT: ``found``, ``cannot tell`` or ``missed``.
    """

    seed: int
    fault: str
    share: float
    ideal: float
    called: str


def ideal_of(study: Study, called: str) -> Ideal:
    """Compare the counts with and without the leak, stop by stop.

    Parameters
    ----------
    study : Study
        With a leak.
    called : str
    """
    patient, recipe = lay_down(study.recipe), study.recipe
    camera = recipe.camera
    fate, clouds = tracer(patient, recipe.hours[-1])
    system = system_of(patient.mu, camera.voxel_mm, views=camera.views, blur=1.0)
    means = []
    for pool in (True, False):
        activity = np.zeros(patient.cropped.shape, dtype=np.float32)
        for cloud in clouds:
            if (cloud.name == "pool") is pool:
                activity += splat(patient.moved(cloud.points), cloud.mbq, patient.cropped)
        flat, scale = system.flat(activity), np.float32(camera.cps_per_mbq * camera.stop_s)
        primary = np.stack([system.project(flat, view) for view in range(len(system.views))]) * scale
        means.append((primary + spread_photons(primary, camera)).astype(np.float64))
    signal, ground = means
    seen = ground > 1e-6 * ground.max()
    sigmas = float(np.sqrt((signal[seen] ** 2 / (ground[seen] + 0.5 * signal[seen])).sum()))
    share = fate.pool / fate.reservoir
    return Ideal(seed=study.seed, fault=recipe.fault, share=round(share, 6), ideal=round(sigmas, 2), called=called)


def ideal_table(rows: Iterable[Ideal]) -> str:
    """Found by the ideal observer and by reading, by what the leak holds."""
    every = list(rows)
    lines = [
        "**Leaks by what they hold, beside an ideal observer of the counts**; it is wrong in 3 of 100 healthy studies.",
        "",
        "| leak | share of the reservoir | n | ideal observer finds | found | cannot tell | missed |",
        "|---|---|---|---|---|---|---|",
    ]
    for fault, place in _PLACES.items():
        for low, high in pairwise(_BOUNDS):
            mine = [one for one in every if one.fault == fault and low <= one.share < high]
            if mine:
                lines.append(_line(place, (low, high), mine))
    return "\n".join(lines)


def _line(place: str, bounds: tuple[float, float], mine: list[Ideal]) -> str:
    threshold = NormalDist().inv_cdf(1.0 - _FALSE_ALARMS)
    could = float(np.mean([NormalDist().cdf(one.ideal - threshold) for one in mine]))
    count = {name: sum(one.called == name for one in mine) for name in ("found", "cannot tell", "missed")}
    low, high = wilson(count["found"], len(mine)) or (0.0, 1.0)
    of = (
        f"{100 * bounds[0]:.2g} % and more"
        if np.isinf(bounds[1])
        else f"{100 * bounds[0]:.2g} to {100 * bounds[1]:.2g} %"
    )
    found = f"{count['found']}/{len(mine)} ({low:.2f} to {high:.2f})"
    return f"| {place} | {of} | {len(mine)} | {could:.2f} | {found} | {count['cannot tell']} | {count['missed']} |"
