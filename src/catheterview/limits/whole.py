"""The thresholds of all rooms together."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from catheterview.limits.anatomy import AnatomyLimits
from catheterview.limits.cine import CineDetectLimits, CineLimits
from catheterview.limits.detect import DetectLimits
from catheterview.limits.device import DeviceLimits
from catheterview.limits.film import FilmDetectLimits, FilmLimits, FilmPairLimits, FilmTraceLimits
from catheterview.limits.ladder import LadderLimits
from catheterview.limits.masks import MaskLimits
from catheterview.limits.nuclear import NuclearLimits
from catheterview.limits.read import ReadLimits
from catheterview.limits.serial import SerialLimits
from catheterview.limits.trace import TraceLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All thresholds of one run."""

    read: ReadLimits = field(default_factory=ReadLimits)
    device: DeviceLimits = field(default_factory=DeviceLimits)
    anatomy: AnatomyLimits = field(default_factory=AnatomyLimits)
    masks: MaskLimits = field(default_factory=MaskLimits)
    trace: TraceLimits = field(default_factory=TraceLimits)
    detect: DetectLimits = field(default_factory=DetectLimits)
    serial: SerialLimits = field(default_factory=SerialLimits)
    film: FilmLimits = field(default_factory=FilmLimits)
    film_trace: FilmTraceLimits = field(default_factory=FilmTraceLimits)
    film_pair: FilmPairLimits = field(default_factory=FilmPairLimits)
    film_detect: FilmDetectLimits = field(default_factory=FilmDetectLimits)
    cine: CineLimits = field(default_factory=CineLimits)
    cine_detect: CineDetectLimits = field(default_factory=CineDetectLimits)
    nuclear: NuclearLimits = field(default_factory=NuclearLimits)
    ladder: LadderLimits = field(default_factory=LadderLimits)


def as_dict(limits: Limits) -> dict[str, object]:
    """Return every value under its room and name, as plain data for a report."""
    return asdict(limits)
