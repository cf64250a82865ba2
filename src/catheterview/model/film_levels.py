"""Vertebrae as a film shows them, and what the implant's record says that a film can be held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: From the feet up; a sixth lumbar vertebra or a thirteenth rib is not foreseen.
LEVELS_UP = (
    "S1", *(f"L{n}" for n in range(5, 0, -1)), *(f"T{n}" for n in range(12, 0, -1)),
    *(f"C{n}" for n in range(7, 0, -1)),
)  # fmt: skip
_BEYOND = 4  # levels that a row is carried on for


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

    def row_of(self, name: str) -> float | None:
        """Row of a vertebra by name, by the pitch for a few beyond those in view; None of names that are not known."""
        pitch, known = self.pitch_px, [level for level in self.levels if level.name in LEVELS_UP]
        if pitch is None or name not in LEVELS_UP or not known:
            return None
        up = LEVELS_UP.index(name)
        near = min(known, key=lambda level: abs(LEVELS_UP.index(level.name) - up))
        beyond = up - LEVELS_UP.index(near.name)
        return near.point[0] - beyond * pitch if abs(beyond) <= _BEYOND else None

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
