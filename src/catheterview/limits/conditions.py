"""MRI conditions and audible alarms of pumps, as data, each with the document that says so.

Two documents may disagree; both are kept, and which one holds for a device is for a person with its manual to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_REVIEW = "Wojnowski 2026, Interventional Pain Medicine, section "


@dataclass(frozen=True, slots=True, kw_only=True)
class MriConditions:
    """Under which conditions one document allows an MRI with a pump.

    Parameters
    ----------
    families : tuple of str
        Families of `catheterview.limits.catalogue.PUMPS`.
    field_t : tuple of float
        Field strengths in tesla.
    gradient_t_per_m : float
        Largest spatial gradient.
    scan_min : float
        Longest active scan in minutes.
    before, after : tuple of str
        What is done with the pump.
    """

    document: str
    families: tuple[str, ...]
    field_t: tuple[float, ...]
    gradient_t_per_m: float
    scan_min: float
    slew_t_per_m_per_s: float | None = None
    sar_w_per_kg: float | None = None
    mode: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPattern:
    """What an audible alarm of a pump sounds like, and what it means.

    Parameters
    ----------
    kind : {"low_reservoir", "non_critical", "critical"}
        As in the fact ``intr.alarm_type``.
    """

    maker: Literal["Medtronic", "Flowonix"]
    kind: Literal["low_reservoir", "non_critical", "critical"]
    sound: str
    means: str
    source: str


_PROMETRA_BEFORE = ("empty the reservoir completely", "programme a flow of 0.0 mg/day")
_PROMETRA_AFTER = (
    "interrogate and clear errors",
    "confirm 0.0 mg/day",
    "aspirate the pump: more than 1 ml means that valves may be open; do not refill, explant and replace",
    "refill, and confirm drug and flow",
)

MRI_CONDITIONS: tuple[MriConditions, ...] = (
    MriConditions(
        document=_REVIEW + "4.1",
        families=("SynchroMed II", "SynchroMed III"),
        field_t=(1.5, 3.0),
        gradient_t_per_m=19.0,
        scan_min=30.0,
        slew_t_per_m_per_s=200.0,
        mode="horizontal cylindrical, any RF coil, First Level Controlled Operating Mode",
        after=("interrogate the pump: the motor stalls in the field, and memory errors occur",),
    ),
    MriConditions(
        document=_REVIEW + "4.1",
        families=("Prometra", "Prometra II"),
        field_t=(1.5,),
        gradient_t_per_m=4.1,  # 410 gauss per centimetre
        scan_min=20.0,
        sar_w_per_kg=2.0,
        before=_PROMETRA_BEFORE,
        after=_PROMETRA_AFTER,
    ),
    MriConditions(
        document="Flowonix Prometra II 13827 manual, page 8 (disagrees with the review on the gradient)",
        families=("Prometra II",),
        field_t=(1.5,),
        gradient_t_per_m=20.0,
        scan_min=20.0,
        sar_w_per_kg=2.0,
        before=_PROMETRA_BEFORE,
        after=_PROMETRA_AFTER,
    ),
)

ALARMS: tuple[AlarmPattern, ...] = (
    AlarmPattern(
        maker="Flowonix",
        kind="low_reservoir",
        sound="two beeps of about 0.25 s every 30 min, until silenced by telemetry or refilled and reprogrammed",
        means="the calculated volume is below the threshold that was set",
        source=_REVIEW + "2.1",
    ),
    AlarmPattern(
        maker="Flowonix",
        kind="critical",
        sound="three beeps of about 0.5 s every 30 min",
        means="the pump has stopped delivering",
        source=_REVIEW + "2.1",
    ),
    AlarmPattern(
        maker="Medtronic",
        kind="critical",
        sound="a dual tone of 3 s",
        means="therapy stops or will: reservoir calculated as 0.0 ml, end of service, stall, or off for over 48 h",
        source=_REVIEW + "2.1",
    ),
    AlarmPattern(
        maker="Medtronic",
        kind="non_critical",
        sound="a single beep about every hour",
        means="calculated volume at the threshold (2.0 ml unless changed), or replacement due within 90 days; "
        "not heard while a critical alarm is on",
        source=_REVIEW + "2.1",
    ),
)
