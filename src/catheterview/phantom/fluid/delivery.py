"""What is given, how fast, and where the plumbing lets it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from catheterview.errors import InputError

Agent: TypeAlias = Literal["iodine", "in111"]
#: Where fluid leaves the lumen or collects; the name of a `Collection`.
Place: TypeAlias = Literal[
    "lumen",
    "csf",
    "tip",
    "connector",
    "pocket",
    "posterior",
    "tract",
    "dura",
    "sleeve",
    "epidural",
    "subdural",
    "needle",
]

#: 20 MBq in 10 ml of drug (clinical reference E.1, the published protocol of implanted pumps).
_INDIUM_MBQ_PER_ML, _INDIUM_ML = 2.0, 10.0
#: Volume between reservoir and connector: the access port's and the pump's tubing (C.1: at most 0.14 ml).
PUMP_SIDE_ML = 0.14
_SECONDS_A_DAY = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What runs into the catheter.

    Parameters
    ----------
    agent : str
    concentration : float
        mg of iodine, or MBq, in a ml of what is given.
    volume_ml : float
        How much of it there is: the reservoir's content, or the bolus.
    flow_ml_per_day : float
        The pump's rate; 0 when it stands.
    bolus_ml_per_s : float
        Rate of an injection by hand through the access port, before the pump goes on; 0 for none.
    pump_side_ml : float
        Volume between the source and the connector.
    csf_mixing_mm2_per_h : float
        How fast agent spreads along the sac. No source was found; the default brings tracer over the whole spine in a
        day, as cisternography shows it.
    csf_start_mm : float
        Spread (standard deviation) along the sac that a jet from the tip makes at once.
    """

    agent: Agent
    concentration: float
    volume_ml: float
    flow_ml_per_day: float
    bolus_ml_per_s: float = 0.0
    pump_side_ml: float = PUMP_SIDE_ML
    csf_mixing_mm2_per_h: float = 500.0
    csf_start_mm: float = 12.0

    def __post_init__(self) -> None:
        if min(self.concentration, self.volume_ml) <= 0.0 or min(self.flow_ml_per_day, self.bolus_ml_per_s) < 0.0:
            raise InputError("a delivery needs a concentration, a volume, and rates that are not negative")

    def entered_ml(self, hours: float) -> float:
        """Volume that has been pushed into the pump's outlet `hours` after the beginning."""
        if self.bolus_ml_per_s <= 0.0:
            return self.flow_ml_per_day * hours / 24.0
        pushed_h = self.volume_ml / self.bolus_ml_per_s / 3600.0
        by_hand = self.bolus_ml_per_s * 3600.0 * min(hours, pushed_h)
        return by_hand + self.flow_ml_per_day * max(hours - pushed_h, 0.0) / 24.0

    def speed_ml_per_s(self, hours: float) -> float:
        """The rate that most of the way to this moment was made at."""
        pushed_h = self.volume_ml / self.bolus_ml_per_s / 3600.0 if self.bolus_ml_per_s > 0.0 else 0.0
        by_hand = self.bolus_ml_per_s > 0.0 and hours <= 2.0 * pushed_h
        return self.bolus_ml_per_s if by_hand else self.flow_ml_per_day / _SECONDS_A_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """A hole.

    Parameters
    ----------
    arc_mm : float
        Arc length from the pump's rim, as in `Lesion` measures.
    share : float
        Of what comes past, 0 to 1.
    place : str
        Where it collects; ``posterior`` is behind the pump.
    volume_ml : float
        Of tissue over which it spreads; it grows no larger, only denser.
    """

    arc_mm: float
    share: float
    place: Place = "tract"
    volume_ml: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plumbing:
    """What is wrong with the way of the fluid; nothing by default.

    Parameters
    ----------
    escapes : tuple of Escape
    blocked_mm : float or None
        Arc length that nothing passes.
    csf_block_mm : float or None
        Height z (LPS mm) in the canal that agent does not pass.
    pump_stalled : bool
        Nothing leaves the reservoir.
    """

    escapes: tuple[Escape, ...] = ()
    blocked_mm: float | None = None
    csf_block_mm: float | None = None
    pump_stalled: bool = False


def indium_infusion(*, flow_ml_per_day: float) -> Delivery:
    """In-111 DTPA in the reservoir: 20 MBq in 10 ml, carried by the pump (clinical reference E.1)."""
    return Delivery(
        agent="in111", concentration=_INDIUM_MBQ_PER_ML, volume_ml=_INDIUM_ML, flow_ml_per_day=flow_ml_per_day
    )


def dye_bolus(*, volume_ml: float = 2.0, mg_per_ml: float = 240.0, seconds: float = 20.0) -> Delivery:
    """Iodine through the access port: 1 to 2 ml of 180 to 300 mg/ml (clinical reference A.4, C.3, E.3), by hand.

    How long the hand takes has no source; it is a dial. The pump is taken to stand for as long as one looks.
    """
    return Delivery(
        agent="iodine",
        concentration=mg_per_ml,
        volume_ml=volume_ml,
        flow_ml_per_day=0.0,
        bolus_ml_per_s=volume_ml / seconds,
        csf_start_mm=20.0,
    )
