"""The way into the spinal canal and up inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, resample_polyline
from catheterview.model import Anatomy
from catheterview.phantom.curves import STEP_MM, smoothed
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.skin import Skin
from catheterview.phantom.texture import smooth_curve

_END_MM = 5.0  # kept from the ends of the scan
_SHORTEST_SAC_MM = 40.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """What a route is planned in.

    Parameters
    ----------
    skin : Skin
        With the pump in place.
    canal : (N, 3), canal_radius_mm : (N,)
        From feet to head.
    hu : callable
        HU at (N, 3) points, to keep clear of bone.
    """

    skin: Skin
    canal: FloatArray
    canal_radius_mm: FloatArray
    hu: Callable[[FloatArray], FloatArray]

    def canal_at(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The canal's middle (N, 3) and radius (N,) at heights z."""
        height = self.canal[:, 2]
        x, y = (np.interp(z, height, self.canal[:, axis]) for axis in (0, 1))
        return np.stack([x, y, z], axis=1), np.interp(z, height, self.canal_radius_mm)

    @property
    def span_mm(self) -> tuple[float, float]:
        """Lowest and highest z at which the catheter may lie."""
        low, high = self.skin.heights_mm
        return low + _END_MM, high - _END_MM


def site_of(anatomy: Anatomy, skin: Skin, hu: Callable[[FloatArray], FloatArray]) -> Site:
    """Take from an anatomy what a route needs.

    Raises
    ------
    UnsuitableError
        When no canal was found, or too little of it.
    """
    site = open_site(anatomy, skin, hu)
    if len(site.canal) < 2:
        raise UnsuitableError(f"no spinal canal to lead a catheter into: {anatomy.why or 'none was found'}")
    if (length := float(np.ptp(site.canal[:, 2]))) < 2.0 * _SHORTEST_SAC_MM:
        raise UnsuitableError(f"only {length:.0f} mm of spinal canal in view")
    return site


def open_site(anatomy: Anatomy, skin: Skin, hu: Callable[[FloatArray], FloatArray]) -> Site:
    """The same for a patient who gets no device: the canal may be short or missing."""
    if len(anatomy.canal) < 2:
        return Site(skin=skin, canal=np.zeros((0, 3)), canal_radius_mm=np.zeros(0), hu=hu)
    order = np.argsort(anatomy.canal[:, 2], kind="stable")
    canal = smoothed(resample_polyline(anatomy.canal[order], step=STEP_MM), over_mm=6.0)
    radius = np.interp(canal[:, 2], anatomy.canal[order][:, 2], anatomy.canal_radius_mm[order])
    return Site(skin=skin, canal=canal, canal_radius_mm=radius, hu=hu)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """How the catheter goes in: anchor, and the straight way from there into the canal."""

    anchor: FloatArray
    dura: FloatArray


def ways_in(recipe: CtRecipe, site: Site, rng: np.random.Generator) -> tuple[Entry, ...]:
    """Oblique ways into the canal, between the laminae: those that meet the least bone first, one for each height.

    Raises
    ------
    UnsuitableError
        When the scan shows too little of the canal.
    """
    low, high = site.span_mm
    length = float(np.ptp(site.canal[:, 2]))
    floor = max(float(site.canal[0, 2]) + min(90.0, 0.25 * length), low + 30.0)
    found: list[tuple[float, Entry]] = []
    for z in np.arange(floor, min(floor + 75.0, high - _SHORTEST_SAC_MM), 3.0):
        for angle in np.radians((38.0, 45.0, 52.0, 60.0)):
            side = float(rng.choice([-1.0, 1.0])) * rng.uniform(8.0, 26.0)
            way = _way_in(recipe, site, (float(z), float(angle), side))
            if way is None or way.anchor[2] < low + 6.0:
                continue
            line = way.anchor + np.linspace(0.0, 1.0, 60)[:, None] * (way.dura - way.anchor)
            cost = float(np.clip(site.hu(line) - 160.0, 0.0, 800.0).mean()) + 0.15 * (z - floor)
            found.append((cost, way))
    if not found:
        raise UnsuitableError("the scan shows too little of the spinal canal to lead a catheter into it")
    found.sort(key=lambda one: one[0])  # stable: of equal ones the first
    heights = [way.dura[2] for _, way in found]
    return tuple(way for n, (_, way) in enumerate(found) if way.dura[2] not in heights[:n])


def _way_in(recipe: CtRecipe, site: Site, how: tuple[float, float, float]) -> Entry | None:
    """The way in that ends at height `how[0]`, at angle `how[1]` to the canal, from `how[2]` mm beside the midline."""
    z, angle, side = how
    middle, radius = site.canal_at(np.array([z]))
    dura = middle[0] + (0.15 * side / 20.0 * radius[0], 0.85 * radius[0], 0.0)
    away = np.arange(0.0, 140.0, 1.0)
    back = dura + np.outer(away, (side / 60.0, 1.0, -1.0 / np.tan(angle)))
    depth = site.skin.depth(back)
    under = np.flatnonzero(depth < recipe.tract_depth_mm + 3.0)
    return Entry(anchor=back[under[0]], dura=dura) if len(under) and under[0] > 15 else None


def inside_canal(recipe: CtRecipe, site: Site, entry: Entry, rng: np.random.Generator) -> FloatArray:
    """The way up the canal (N, 3), dorsal in the sac and undulating, from the dura to the tip."""
    start = float(entry.dura[2])
    top = min(start + recipe.intrathecal_mm, float(site.canal[-1, 2]) - 3.0, site.span_mm[1] - 1.0)
    if top - start < _SHORTEST_SAC_MM:
        raise UnsuitableError(f"only {top - start:.0f} mm of canal above the entry")
    z = np.arange(start, top, STEP_MM)
    middle, radius = site.canal_at(z)
    room = np.clip(radius - 2.0, 1.0, 8.0)
    middle[:, 0] += 0.55 * room * smooth_curve(rng, z, wavelength=75.0)
    middle[:, 1] += room * (0.5 + 0.25 * smooth_curve(rng, z, wavelength=60.0))
    return np.concatenate([entry.dura[None], middle[8:]])
