"""Catheters as data: each value with its source, and whether a source was found for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catheterview.limits.sourced import Sourced, found, hearsay, named


@dataclass(frozen=True, slots=True, kw_only=True)
class CatheterModel:
    """A model of intrathecal catheter; None where nothing is known."""

    name: str
    maker: Literal["Medtronic", "Flowonix", "other"]
    aliases: tuple[str, ...] = ()
    total_length_cm: Sourced | None = None
    volume_ml_per_cm: Sourced | None = None
    outer_mm: Sourced | None = None
    inner_mm: Sourced | None = None
    pieces: int | None = None
    metallic_tip: bool | None = None
    note: str = ""


_TRIALS = "Flowonix manual page 33"
_INDURA = "Medtronic professional site, 8709SC"
_TIPS = "MRI of metallic catheter tips, Neurosurgery 2008 (abstract)"

CATHETERS: tuple[CatheterModel, ...] = (
    CatheterModel(
        name="11823",
        maker="Flowonix",
        total_length_cm=found(110.0, _TRIALS),
        volume_ml_per_cm=found(0.0026, _TRIALS),
        outer_mm=hearsay(1.4),
        inner_mm=hearsay(0.575, "computed from 0.0026 ml/cm"),
    ),
    CatheterModel(
        name="8709SC",
        maker="Medtronic",
        aliases=("InDura 1P",),
        total_length_cm=found(89.0, _INDURA),
        volume_ml_per_cm=hearsay(0.0022),
        outer_mm=hearsay(1.4),
        inner_mm=hearsay(0.53),
        pieces=1,
    ),
    CatheterModel(
        name="8709",
        maker="Medtronic",
        total_length_cm=found(89.0, _INDURA),
        volume_ml_per_cm=hearsay(0.0022),
        outer_mm=hearsay(1.4),
        inner_mm=hearsay(0.53),
        pieces=1,
        metallic_tip=True,
        note=_TIPS,
    ),
    CatheterModel(
        name="8711",
        maker="Medtronic",
        outer_mm=hearsay(1.4),
        pieces=2,
        metallic_tip=True,
        note=_TIPS,
    ),
    CatheterModel(
        name="8731",
        maker="Medtronic",
        aliases=("8731SC",),
        total_length_cm=hearsay(104.0),
        pieces=2,
        metallic_tip=True,
        note=_TIPS,
    ),
    CatheterModel(
        name="8780",
        maker="Medtronic",
        aliases=("Ascenda 8780",),
        total_length_cm=hearsay(114.0),
        volume_ml_per_cm=hearsay(0.0022),
        outer_mm=hearsay(1.2),
        inner_mm=hearsay(0.5),
        pieces=2,
        note="lots were recalled in 2014: a retainer ring let the sutureless connector come apart",
    ),
    CatheterModel(
        name="8781",
        maker="Medtronic",
        aliases=("Ascenda 8781",),
        total_length_cm=hearsay(140.0),
        volume_ml_per_cm=hearsay(0.0022),
        outer_mm=hearsay(1.2),
        inner_mm=hearsay(0.5),
        pieces=2,
        note="lots were recalled in 2014: a retainer ring let the sutureless connector come apart",
    ),
    CatheterModel(name="60-2914", maker="other", aliases=("Codman 60-2914",), note="silicone"),
    CatheterModel(name="SureStream", maker="other", note="centimetres marked, a wide marker band"),
)


def catheter_named(name: str) -> CatheterModel | None:
    """Find a catheter by its name or number, whatever the case; None when the catalogue has no such model."""
    return named(CATHETERS, name)
