"""What a detector looks at, what it finds, and that it looked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from catheterview.geometry import Frame
from catheterview.model.anatomy import Anatomy
from catheterview.model.centreline import Centreline
from catheterview.model.contrast import ContrastMap
from catheterview.model.device import Pump
from catheterview.model.image import Image
from catheterview.model.vocabulary import Kind, Outcome, Rung, Segment


def _frozen_measures(measures: Mapping[str, float]) -> Mapping[str, float]:
    """Copy measures into a read-only mapping in the order of their names."""
    return MappingProxyType({name: float(measures[name]) for name in sorted(measures)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """One thing that is wrong, or that could not be assessed, and where.

    Parameters
    ----------
    kind : Kind
    segment : Segment or None
    score : float, 0 to 1
        How surely it is there.
    frame : Frame
    point : tuple of float
        LPS mm, or (row, column) pixels.
    index_kji : (3,) int or None
        The voxel nearest to `point`; None on a film.
    measures : mapping of str to float
        Names carry units: ``gap_mm``, ``turn_deg``, ``arc_mm``.
    level : str or None
        Vertebral level, None while unknown.
    message : str
        One sentence for a radiologist.
    cautions : tuple of str
        The pitfalls to be read with it.
    ends : tuple of points
        The two loose ends of a discontinuity, LPS mm; empty otherwise.
    """

    kind: Kind
    score: float
    frame: Frame
    point: tuple[float, ...]
    series_instance_uid: str
    message: str
    segment: Segment | None = None
    sop_instance_uid: str = ""
    index_kji: tuple[int, int, int] | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    level: str | None = None
    cautions: tuple[str, ...] = ()
    ends: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", _frozen_measures(self.measures))

    @property
    def id(self) -> str:
        """A hash of what was found where: the same finding has the same id in every run."""
        what = [
            self.kind,
            self.series_instance_uid,
            self.sop_instance_uid,
            [round(v, 1) for v in self.point],
            {name: round(value, 2) for name, value in self.measures.items()},
        ]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """That a detector was asked, and what came of it: silence is not absence."""

    detector: str
    series_instance_uids: tuple[str, ...]
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What a detector looks at: one image and all that is known of it.

    Parameters
    ----------
    image : Image
    rung : Rung
    pumps : tuple of Pump
    anatomy : Anatomy
    catheters : tuple of Centreline
    why_no_catheter : str
        Why `catheters` is empty; empty when it is not.
    contrast : ContrastMap or None
        None until it was looked for.
    implant_tip_level : str or None
        Vertebral level of the tip as the implant's record gives it.
    """

    image: Image
    rung: Rung
    pumps: tuple[Pump, ...]
    anatomy: Anatomy
    catheters: tuple[Centreline, ...]
    why_no_catheter: str = ""
    contrast: ContrastMap | None = None
    implant_tip_level: str | None = None
