"""Pumps and catheters as data: each value with its source, and whether a source was found for it.

A value whose status is ``unverified`` is background knowledge that no source at hand confirms. It is marked wherever
it is used, and never opens a safety gate. What a record of the patient says always goes before the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catheterview.limits.catheters import CATHETERS, CatheterModel, catheter_named
from catheterview.limits.sourced import Sourced, found, hearsay, named

__all__ = ["CATHETERS", "PUMPS", "CatheterModel", "PumpModel", "Sourced", "catheter_named", "pump_named"]

_SYNCHROMED = "Medtronic SynchroMed II pump table, medtronic.com/de-de"
_PRESCRIBERS = "SynchroMed and IsoMed prescriber's manual, list of models"
_REVIEW = "Wojnowski 2026, Interventional Pain Medicine, section "
_FLOWONIX = "Flowonix Prometra II 13827 manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpModel:
    """A model of implantable pump; None where nothing is known.

    Parameters
    ----------
    name : str
    aliases : tuple of str
        Other numbers of the same model.
    has_cap : bool or None
        Whether it has a catheter access port.
    cap_volume_ml : Sourced or None
        What the port and the pump hold before the catheter.
    radiopaque_id : str
        Letters that a radiograph shows; empty when none are known.
    """

    name: str
    maker: Literal["Medtronic", "Flowonix", "other"]
    family: str
    aliases: tuple[str, ...] = ()
    diameter_mm: Sourced | None = None
    thickness_mm: Sourced | None = None
    reservoir_ml: Sourced | None = None
    minimum_flow_ml_per_day: Sourced | None = None
    has_cap: bool | None = None
    cap_volume_ml: Sourced | None = None
    radiopaque_id: str = ""
    note: str = ""


_CAP = Sourced(value=0.14, source=_SYNCHROMED, at_most=True)
_DISC = found(87.5, _SYNCHROMED)
_SLOWEST = found(0.048, _SYNCHROMED)
_SAME_AS_II = "assumed to have the envelope of the SynchroMed II; no source found"

PUMPS: tuple[PumpModel, ...] = (
    PumpModel(
        name="8637-20",
        maker="Medtronic",
        family="SynchroMed II",
        diameter_mm=_DISC,
        thickness_mm=found(19.5, _SYNCHROMED),
        reservoir_ml=found(20.0, _SYNCHROMED),
        minimum_flow_ml_per_day=_SLOWEST,
        has_cap=True,
        cap_volume_ml=_CAP,
        radiopaque_id="NGP",
    ),
    PumpModel(
        name="8637-40",
        maker="Medtronic",
        family="SynchroMed II",
        diameter_mm=_DISC,
        thickness_mm=found(26.0, _SYNCHROMED),
        reservoir_ml=found(40.0, _SYNCHROMED),
        minimum_flow_ml_per_day=_SLOWEST,
        has_cap=True,
        cap_volume_ml=_CAP,
        radiopaque_id="NGV",
    ),
    PumpModel(
        name="8667-20",
        maker="Medtronic",
        family="SynchroMed III",
        diameter_mm=hearsay(87.5, _SAME_AS_II),
        thickness_mm=hearsay(19.5, _SAME_AS_II),
        reservoir_ml=hearsay(20.0),
        has_cap=True,
        cap_volume_ml=hearsay(0.14, _SAME_AS_II),
    ),
    PumpModel(
        name="8667-40",
        maker="Medtronic",
        family="SynchroMed III",
        diameter_mm=hearsay(87.5, _SAME_AS_II),
        thickness_mm=hearsay(26.0, _SAME_AS_II),
        reservoir_ml=hearsay(40.0),
        has_cap=True,
        cap_volume_ml=hearsay(0.14, _SAME_AS_II),
    ),
    PumpModel(name="8626-10", maker="Medtronic", family="SynchroMed EL", reservoir_ml=found(10.0, _PRESCRIBERS)),
    PumpModel(
        name="8626-18",
        maker="Medtronic",
        family="SynchroMed EL",
        reservoir_ml=found(18.0, _REVIEW + "3.1"),
    ),
    PumpModel(name="8627-10", maker="Medtronic", family="SynchroMed EL", reservoir_ml=found(10.0, _PRESCRIBERS)),
    PumpModel(
        name="8627-18",
        maker="Medtronic",
        family="SynchroMed EL",
        reservoir_ml=found(18.0, _REVIEW + "3.1"),
    ),
    PumpModel(
        name="8472-20", maker="Medtronic", family="IsoMed", reservoir_ml=found(20.0, _PRESCRIBERS), note="fixed flow"
    ),
    PumpModel(
        name="8472-35", maker="Medtronic", family="IsoMed", reservoir_ml=found(35.0, _PRESCRIBERS), note="fixed flow"
    ),
    PumpModel(
        name="Prometra 20",
        maker="Flowonix",
        family="Prometra",
        aliases=("11827",),
        diameter_mm=hearsay(69.0),
        thickness_mm=hearsay(20.0),
        reservoir_ml=found(20.0, _FLOWONIX),
        has_cap=True,
        note="valve-gated",
    ),
    PumpModel(
        name="Prometra II 20",
        maker="Flowonix",
        family="Prometra II",
        aliases=("13827",),
        diameter_mm=hearsay(69.0),
        thickness_mm=hearsay(20.0),
        reservoir_ml=found(20.0, _FLOWONIX),
        has_cap=True,
        note="valve-gated; a flow-activated valve shuts in MRI after at most 0.01 ml",
    ),
    PumpModel(
        name="Prometra II 40",
        maker="Flowonix",
        family="Prometra II",
        aliases=("16827",),
        reservoir_ml=found(40.0, "Flowonix Prometra Supplementary Calculations Guide, contents"),
        has_cap=True,
        note="valve-gated; larger or thicker than the 20 ml model",
    ),
    PumpModel(
        name="Codman 3000",
        maker="other",
        family="Codman 3000",
        reservoir_ml=hearsay(30.0, "about 1 oz in the patient text, jnjmedtech.com"),
        has_cap=False,
        note="gas-driven, constant flow, no battery; a bolus needs its special needle, there is no separate port",
    ),
    PumpModel(
        name="MedStream 20",
        maker="other",
        family="Codman MedStream",
        diameter_mm=found(76.0, "about 3 in, medgadget.com"),
        thickness_mm=found(25.0, "about 1 in, medgadget.com"),
        reservoir_ml=found(20.0, _REVIEW + "5.1"),
        note="no longer marketed",
    ),
    PumpModel(
        name="MedStream 40",
        maker="other",
        family="Codman MedStream",
        diameter_mm=found(76.0, "about 3 in, medgadget.com"),
        thickness_mm=found(25.0, "about 1 in, medgadget.com"),
        reservoir_ml=found(40.0, _REVIEW + "5.1"),
        note="no longer marketed",
    ),
    PumpModel(
        name="Infusaid", maker="other", family="Infusaid", note="historical; two ports without a fail-safe between"
    ),
    PumpModel(name="AccuRx", maker="other", family="AccuRx", note="single chamber with a diaphragm, DuraCath catheter"),
)


def pump_named(name: str) -> PumpModel | None:
    """Find a pump by its name or number, whatever the case; None when the catalogue has no such model."""
    return named(PUMPS, name)
