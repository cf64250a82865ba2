"""What the detectors for dye studies look at: every patch of contrast with the part it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.cine import CineDetectLimits
from catheterview.model import Examined, Finding, Kind
from catheterview.model.cine import DyeReading, Stain

_RIM_PX = 4.0  # of a pool, that a line filter sees as a line


@dataclass(frozen=True, kw_only=True, eq=False)
class DyeEvidence:
    """One dye study, and what follows from it.

    Parameters
    ----------
    reading : DyeReading
    limits : CineDetectLimits
    """

    reading: DyeReading
    limits: CineDetectLimits

    @property
    def mm(self) -> float:
        """Millimetres to the pixel; of a usual field where none is known, which serves to tell shapes apart only."""
        return self.reading.mm_per_px or self.limits.field_mm / max(self.reading.cine.density.shape[1:])

    @cached_property
    def film(self) -> FilmEvidence:
        """The same, as the terms of a film's findings need it."""
        return FilmEvidence(film=self.reading.cine.film, pumps=self.reading.pumps)

    @cached_property
    def real(self) -> tuple[Stain, ...]:
        """Patches that came and grew as contrast does, not as movement."""
        return tuple(one for one in self.reading.stains if self._is_contrast(one, self.limits.least_amount))

    def _is_contrast(self, stain: Stain, least: float) -> bool:
        limits = self.limits
        if stain.amount < least or stain.rise < limits.least_rise or stain.sway > limits.most_sway:
            return False
        at_pump = stain.on_pump + stain.round_pump > limits.mostly
        return not at_pump or stain.amount / stain.area_px >= limits.pump_density

    @cached_property
    def sac(self) -> tuple[Stain, ...]:
        """Patches that together stand upright as contrast in the canal does; empty where there is none."""
        least = self.limits.faint * self.limits.least_amount
        some = [one for one in self.reading.stains if self._is_contrast(one, least)]
        free = [one for one in some if one.on_pump + one.round_pump < self.limits.on_pump]
        groups = [self._column(one, free) for one in free]
        tall = [group for group in groups if self._is_column(group)]
        return max(tall, key=lambda group: sum(one.amount for one in group), default=())

    def _column(self, main: Stain, others: list[Stain]) -> tuple[Stain, ...]:
        """A patch and those above and below it that are no denser."""
        near = [
            one
            for one in others
            if abs(one.center[1] - main.center[1]) * self.mm < self.limits.column_mm and not self._is_pool(one, main)
        ]
        return tuple(near) if all(one.long_px <= main.long_px for one in near) else ()

    def _is_pool(self, one: Stain, main: Stain) -> bool:
        """Whether a patch is round and denser than another: undiluted."""
        dense = one.amount / one.area_px > self.limits.denser * main.amount / main.area_px
        return one is not main and dense and one.long_px < self.limits.round_ratio * one.wide_px

    def _is_column(self, group: tuple[Stain, ...]) -> bool:
        if not group:
            return False
        rows = np.concatenate([one.outline[:, 0] for one in group])
        tall = float(np.ptp(rows)) * self.mm
        main = max(group, key=lambda one: one.amount)
        columns = float(np.ptp(main.outline[:, 1])) * self.mm
        limits = self.limits
        return tall >= limits.sac_mm and tall >= limits.sac_slim * columns and columns <= limits.sac_wide_mm

    @property
    def sac_broken(self) -> bool:
        """Whether what stands in the canal is in pieces, none of which has much of its height."""
        rows = [one.outline[:, 0] for one in self.sac]
        if len(rows) < 3:
            return False
        tallest = max(float(np.ptp(one)) for one in rows)
        return tallest < self.limits.broken * float(np.ptp(np.concatenate(rows)))

    @cached_property
    def pools(self) -> tuple[Stain, ...]:
        """Patches of contrast that are neither in the canal nor over the pump."""
        beside = (one for one in self.real if one not in self.sac)
        return tuple(one for one in beside if not self._lies_over(one) or self._left_here(one))

    def _lies_over(self, stain: Stain) -> bool:
        """Whether a patch lies over the pump, or partly so and began long before contrast came into the catheter."""
        limits, course, frame_s = self.limits, self.reading.course, self.reading.cine.frame_s
        if stain.on_pump < limits.partly or course is None or frame_s is None or not self.filled:
            return stain.on_pump >= limits.on_pump
        early = stain.onset + limits.spilt_s / frame_s < float(course.arrival[0])
        return early or stain.on_pump >= limits.on_pump

    def _left_here(self, stain: Stain) -> bool:
        """Whether a patch over the pump has left the catheter: it lies at it, and began after contrast came into it.

        What is spilt at the needle begins at once; the way through the pump takes seconds.
        """
        course, limits = self.reading.course, self.limits
        if course is None or not self.filled or not stain.arc_px >= 0.0:
            return False
        return stain.away_px * self.mm <= limits.at_end_mm and stain.onset >= float(course.arrival[0])

    @cached_property
    def leaks(self) -> tuple[Stain, ...]:
        """Pools that stand for a cause of their own, the largest and densest first.

        What lies near a larger pool has spread from it, and what is much less or much thinner needs no second leak.
        """
        kept: list[Stain] = []
        for one in sorted(self.pools, key=lambda stain: -stain.amount * stain.amount / stain.area_px):
            if not any(self._explains(main, one) for main in kept):
                kept.append(one)
        return tuple(kept)

    def _explains(self, main: Stain, one: Stain) -> bool:
        """Whether one leak explains another, smaller pool."""
        apart = float(cdist(main.outline, one.outline).min()) * self.mm
        least = self.limits.second_share
        thin = one.amount / one.area_px < least * main.amount / main.area_px
        return apart <= self.limits.spread_mm or one.amount < least * main.amount or thin

    @cached_property
    def over_pump(self) -> tuple[Stain, ...]:
        """Patches that lie over the pump: spilt at the needle, or behind it in the pocket."""
        over = (one for one in self.real if self._lies_over(one))
        return tuple(one for one in over if one not in self.pools)

    @cached_property
    def at_rim(self) -> tuple[Stain, ...]:
        """Compact patches beside the pump while none lies over it: what leaves at the connector, not at a needle."""
        if self.over_pump:
            return ()
        limits = self.limits
        beside = (one for one in self.pools if one.round_pump >= limits.mostly and one.on_pump < limits.on_pump)
        return tuple(one for one in beside if one.long_px * self.mm < limits.pocket_long_mm)

    @cached_property
    def course_mm(self) -> float:
        """Length of catheter that contrast was seen in; 0 where there is none.

        Lines over the pump, or in what lies about it, may be the rim of a pool: they show no catheter.
        """
        course = self.reading.course
        if course is None:
            return 0.0
        seen = course.catheter.confidence >= self.limits.seen
        points = course.catheter.points
        for pump in self.reading.pumps:
            seen = seen & (np.linalg.norm(points - np.array(pump.center), axis=1) > pump.radius_px)
        for stain in (one for one in self.reading.stains if one.on_pump + one.round_pump > self.limits.mostly):
            away = cKDTree(stain.outline).query(points)[0]
            inside = _within(stain.outline, points)
            seen = seen & ~inside & (away > _RIM_PX * self.reading.opacified_px)
        return float(seen.sum()) * self.reading.opacified_px * self.mm

    @property
    def filled(self) -> bool:
        """Whether contrast was seen to run in a catheter."""
        return self.course_mm >= self.limits.least_course_mm

    def upright_mm(self) -> float:
        """How far the course climbs before its end."""
        course = self.reading.course
        return 0.0 if course is None else _climb(course.catheter.points, self.limits.upright_deg) * self.mm

    def at_tip(self, stain: Stain) -> bool:
        """Whether a patch lies where only a tip can: at the end of a course that climbs, or far above the pump."""
        limits = self.limits
        if self.far_mm(stain) <= limits.at_end_mm and self.upright_mm() >= limits.upright_mm:
            return True
        pumps = self.reading.pumps
        return bool(pumps) and (pumps[0].center[0] - stain.center[0]) * self.mm >= limits.high_mm

    def far_mm(self, stain: Stain) -> float:
        """How far a patch's border is from the end of the course."""
        course = self.reading.course
        if course is None:
            return float("inf")
        return float(np.linalg.norm(stain.outline - course.catheter.points[-1], axis=1).min()) * self.mm

    def finding(self, sight: Sight) -> Finding:
        """Put a sight into a report's terms."""
        return finding_on(self.film, sight)

    def measures(self, stain: Stain) -> dict[str, float]:
        """What was measured of a patch."""
        out = self.film.length("long", stain.long_px) | self.film.length("wide", stain.wide_px)
        out |= {"onset_frame": round(stain.onset, 1), "amount": round(stain.amount, 0)}
        if stain.arc_px >= 0.0:
            out |= self.film.length("arc", stain.arc_px)
        times = self.reading.cine.times_s
        if times is not None:
            out["onset_s"] = round(float(np.interp(stain.onset, np.arange(len(times)), times)), 2)
        return out


def _within(outline: FloatArray, points: FloatArray) -> NDArray[np.bool_]:
    """Whether points (N, 2) lie in an outline (M, 2)."""
    line = outline.astype(np.float32)
    return np.array([cv2.pointPolygonTest(line, (float(a), float(b)), measureDist=False) >= 0.0 for a, b in points])


def _climb(points: FloatArray, most_deg: float) -> float:
    """Height in pixels by which a line climbs without a break before its end."""
    step = 6
    here = points[::-step]
    if len(here) < 2:
        return 0.0
    way = here[:-1] - here[1:]
    upright = np.abs(way[:, 1]) <= np.tan(np.radians(most_deg)) * np.abs(way[:, 0])
    stop = int(np.argmin(upright)) if not upright.all() else len(upright)
    return float(arc_length(here[: stop + 1])[-1]) if stop else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DyeDetector:
    """One detector for dye studies."""

    name: str
    kinds: tuple[Kind, ...]
    run: Callable[[DyeEvidence], tuple[Finding, ...]]

    def examine(self, evidence: DyeEvidence, why: str) -> tuple[tuple[Finding, ...], Examined]:
        """Run on one study, or say why not."""
        findings = () if why else self.run(evidence)
        uid = evidence.reading.cine.film.image.series_instance_uid
        return findings, Examined(
            detector=self.name, series_instance_uids=(uid,), outcome="SKIPPED" if why else "RAN", why=why
        )
