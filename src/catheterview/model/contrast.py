"""Where contrast is in a CT: along the catheter, round it, round the pump and in the thecal sac."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from catheterview.geometry import FloatArray, read_only
from catheterview.model.image import Region
from catheterview.model.vocabulary import Rung, Segment

#: What a collection lies on: the catheter, the pump, or the pump's face where a needle went in.
Site: TypeAlias = Literal["catheter", "pump", "puncture"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """Contrast outside the lumen and outside the sac.

    Parameters
    ----------
    site : str
    point : (3,) LPS mm
        On the catheter where it is densest; its middle where it lies on the pump.
    region : Region
    volume_ml, mean_hu, peak_hu : float
        Without the tube itself.
    arc_mm, first_mm, last_mm : float or None
        Where along the catheter it is densest, begins and ends; None where it does not lie on it.
    touches : tuple of Segment
        What it reaches, from the pump's end.
    falls : float
        Its density at its end towards the pump over that at its end towards the canal.
    score : float, 0 to 1
    """

    site: Site
    point: tuple[float, float, float]
    region: Region
    volume_ml: float
    mean_hu: float
    peak_hu: float
    arc_mm: float | None = None
    first_mm: float | None = None
    last_mm: float | None = None
    touches: tuple[Segment, ...] = ()
    falls: float = 1.0
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What is measured along one catheter.

    Parameters
    ----------
    arc_mm : (N,)
        From its first point.
    lumen_hu : (N,)
        On the axis.
    sleeve_hu : (N,)
        Just outside the tube.
    width_mm : (N,)
        Outer width at half height; 0 where the tube is not seen.
    """

    arc_mm: FloatArray
    lumen_hu: FloatArray
    sleeve_hu: FloatArray
    width_mm: FloatArray

    def __post_init__(self) -> None:
        for name in ("arc_mm", "lumen_hu", "sleeve_hu", "width_mm"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sac:
    """What is measured across the canal, at each of its points.

    Parameters
    ----------
    points : (N, 3) LPS mm, from feet to head
    core_hu, rim_hu, outside_hu : (N,)
        Medians in the inner part of the sac, along its border, and between the sac and the bone.
    side_share : (N,)
        Share of the border's angles that are filled.
    """

    points: FloatArray
    core_hu: FloatArray
    rim_hu: FloatArray
    outside_hu: FloatArray
    side_share: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", read_only(self.points, ndim=2))
        for name in ("core_hu", "rim_hu", "outside_hu", "side_share"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContrastMap:
    """All contrast that was found in one CT.

    Parameters
    ----------
    courses : tuple of Course
        One for each catheter.
    sac : Sac or None
        None where no canal was found.
    collections : tuple of Collection
    told : Rung or None
        The study as the pixels tell it: `cap_ct`, `lp_ct`, or `ct` where no contrast is seen; None where they do not.
    why : str
        What told it.
    """

    courses: tuple[Course, ...] = ()
    sac: Sac | None = None
    collections: tuple[Collection, ...] = field(default=())
    told: Rung | None = None
    why: str = ""
