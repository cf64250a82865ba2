"""What the detectors for radiographs look at, and how what they see is put into a report's terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from catheterview.geometry import FloatArray, Frame
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Examined, Finding, Kind, Segment
from catheterview.model.film import Film, FilmPump
from catheterview.model.film_levels import FilmLevels, ImplantRecord


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmEvidence:
    """One film with what was found on it.

    Parameters
    ----------
    film : Film
    pumps : tuple of FilmPump
    catheters : tuple of Centreline
    why_no_catheter : str
        Why `catheters` is empty; empty when it is not.
    tip_confirmed : bool
        Whether the other view has the tip at the same height: on a frontal film alone, the end and the edges of
        bone that go on from it look alike.
    levels : FilmLevels
        The vertebrae.
    implant : ImplantRecord
    ends_shown : tuple of bool
        For each catheter, whether the film shows that it ends where it was followed to.
    """

    film: Film
    pumps: tuple[FilmPump, ...]
    catheters: tuple[Centreline, ...] = ()
    why_no_catheter: str = ""
    tip_confirmed: bool = False
    levels: FilmLevels = field(default_factory=FilmLevels)
    implant: ImplantRecord = field(default_factory=ImplantRecord)
    ends_shown: tuple[bool, ...] = ()

    @property
    def frame(self) -> Frame:
        """CALIBRATED where a pump gives the scale, else what the film's own header gives."""
        known = any(pump.mm_per_px is not None for pump in self.pumps)
        return Frame.CALIBRATED if known else self.film.frame

    @property
    def mm_per_px(self) -> float | None:
        """At the pump's depth, on the detector, or not known: as `frame` says."""
        for pump in self.pumps:
            if pump.mm_per_px is not None:
                return pump.mm_per_px
        return None if self.film.spacing_mm is None else 0.5 * sum(self.film.spacing_mm)

    def length(self, name: str, px: float) -> dict[str, float]:
        """A length as a measure under a name that says in which frame it is: ``_mm``, ``_detector_mm`` or ``_px``."""
        if self.mm_per_px is None:
            return {f"{name}_px": round(px, 1)}
        unit = "mm" if self.frame is Frame.CALIBRATED else "detector_mm"
        return {f"{name}_{unit}": round(px * self.mm_per_px, 2)}

    def told(self, px: float) -> str:
        """A length in words."""
        ((name, value),) = self.length("length", px).items()
        units = {"length_px": "pixels", "length_detector_mm": "mm on the detector", "length_mm": "mm"}
        return f"{value:.0f} {units[name]}" if name == "length_px" else f"{value:.1f} {units[name]}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """What a detector saw at one place of a film, before it is put into a report's terms."""

    kind: Kind
    point: FloatArray
    score: float
    message: str
    measures: Mapping[str, float] = field(default_factory=dict)
    segment: Segment | None = None
    cautions: tuple[str, ...] = ()
    ends: tuple[tuple[float, ...], ...] = ()


def finding_on(evidence: FilmEvidence, sight: Sight) -> Finding:
    """Put a sight into a report's terms: (row, column) of the film."""
    image = evidence.film.image
    rows, columns = image.voxels.shape[1:]
    row, column = (round(float(v), 1) for v in sight.point)
    inside = 0 <= round(row) < rows and 0 <= round(column) < columns
    return Finding(
        kind=sight.kind,
        score=round(float(np.clip(sight.score, 0.0, 1.0)), 3),
        frame=evidence.frame,
        point=(row, column),
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=evidence.film.sop_instance_uid,
        index_kji=(evidence.film.index, round(row), round(column)) if inside else None,
        measures=sight.measures,
        message=sight.message,
        segment=sight.segment,
        level=evidence.levels.at((row, column)),
        cautions=sight.cautions,
        ends=sight.ends,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDetector:
    """One detector for radiographs.

    Parameters
    ----------
    needs_catheter : bool
        Whether a pump alone will not do.
    tells : callable, optional
        What it says of the film beside its findings.
    """

    name: str
    kinds: tuple[Kind, ...]
    run: Callable[[FilmEvidence, FilmDetectLimits], tuple[Finding, ...]]
    needs_catheter: bool = True
    tells: Callable[[FilmEvidence, FilmDetectLimits], str] | None = None

    def examine(self, evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[tuple[Finding, ...], Examined]:
        """Run on one film, or say why not."""
        why = ""
        if not evidence.pumps:
            why = "no intrathecal pump was found on the film"
        elif self.needs_catheter and not evidence.catheters:
            why = evidence.why_no_catheter or "no catheter was traced"
        findings = () if why else self.run(evidence, limits)
        told = self.tells(evidence, limits) if self.tells is not None and not why else why
        uid = evidence.film.image.series_instance_uid
        outcome = Examined(
            detector=self.name, series_instance_uids=(uid,), outcome="SKIPPED" if why else "RAN", why=told
        )
        return findings, outcome
