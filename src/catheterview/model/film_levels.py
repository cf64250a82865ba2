"""Vertebrae as a film shows them, and what the implant's record says that a film can be held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLevel:
    """A vertebra and the (row, column) pixel of the film at its body's middle."""

    name: str
    point: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLevels:
    """The vertebrae of one film.

    Parameters
    ----------
    levels : tuple of FilmLevel
        From feet to head.
    levels_from : str
        ``sacrum and last rib``, ``sacrum``, ``last rib``, ``other view``, ``relative`` (names ``V1``, ``V2``, … from
        the lowest vertebra in view) or ``none``.
    reach_px : float
        How far beside the column a place still belongs to a level.
    why : str
        What is doubtful, or was not found; empty when nothing is.
    """

    levels: tuple[FilmLevel, ...] = ()
    levels_from: str = "none"
    reach_px: float = 0.0
    why: str = ""

    @property
    def named(self) -> bool:
        """Whether the names are those of anatomy."""
        return self.levels_from not in ("relative", "none")

    @property
    def pitch_px(self) -> float | None:
        """Median height of a level."""
        rows = [level.point[0] for level in self.levels]
        return float(np.median(np.abs(np.diff(rows)))) if len(rows) > 1 else None

    def at(self, point: tuple[float, ...]) -> str | None:
        """Name of the vertebra that a (row, column) lies beside; None beyond the ends and away from the column."""
        pitch = self.pitch_px
        if pitch is None:
            return None
        near = min(self.levels, key=lambda level: abs(level.point[0] - point[0]))
        beside = abs(near.point[1] - point[1]) <= self.reach_px
        return near.name if beside and abs(near.point[0] - point[0]) <= 0.6 * pitch else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplantRecord:
    """What the implant's record says of a catheter.

    Parameters
    ----------
    tip_level : str or None
        Vertebral level of the tip.
    length_mm : float or None
        Implanted, from the pump to the tip.
    """

    tip_level: str | None = None
    length_mm: float | None = None
