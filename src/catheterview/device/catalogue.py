"""Implanted pumps whose size is known, with the source of each figure.

A row whose size was not found in a source is ``unverified``: it is listed so that the model is not forgotten, holds no
size, and is never used to name a pump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpModel:
    """One pump model.

    Parameters
    ----------
    name : str
    diameter_mm, thickness_mm : (low, high) or None
        None where no source gives it.
    status : str
        ``found`` in the source, or ``unverified``.
    source : str
    """

    name: str
    status: Literal["found", "unverified"]
    source: str
    diameter_mm: Range | None = None
    thickness_mm: Range | None = None


PUMP_MODELS: tuple[PumpModel, ...] = (
    PumpModel(
        name="SynchroMed II 8637-20",
        diameter_mm=(87.5, 87.5),
        thickness_mm=(19.5, 19.5),
        status="found",
        source="Medtronic, SynchroMed II product table",
    ),
    PumpModel(
        name="SynchroMed II 8637-40",
        diameter_mm=(87.5, 87.5),
        thickness_mm=(26.0, 26.0),
        status="found",
        source="Medtronic, SynchroMed II product table",
    ),
    PumpModel(
        name="Codman 3000",
        diameter_mm=(50.0, 76.0),
        thickness_mm=(19.0, 25.0),
        status="found",
        source="Johnson & Johnson MedTech, Codman 3000 patient text (2 to 3 in by 3/4 to 1 in)",
    ),
    PumpModel(
        name="Codman MedStream",
        diameter_mm=(76.0, 76.0),
        thickness_mm=(25.0, 25.0),
        status="found",
        source="Codman MedStream manual (about 3 in by about 1 in)",
    ),
    PumpModel(name="SynchroMed III 8667", status="unverified", source="no source for its size"),
    PumpModel(name="SynchroMed EL 8626/8627", status="unverified", source="no source for its size"),
    PumpModel(name="IsoMed 8472", status="unverified", source="no source for its size"),
    PumpModel(name="Prometra 20 (11827)", status="unverified", source="no source for its size"),
    PumpModel(name="Prometra II 20 (13827)", status="unverified", source="no source for its size"),
    PumpModel(name="Prometra II 40 (16827)", status="unverified", source="no source for its size"),
)


def fitting_models(diameter_mm: float, thickness_mm: float, tolerance_mm: float) -> tuple[str, ...]:
    """Name the models whose known size fits, best first.

    Parameters
    ----------
    diameter_mm, thickness_mm : float
        As measured, blooming corrected.
    tolerance_mm : float
        Largest error allowed in either.

    Returns
    -------
    tuple of str
        Empty when none fits; a model without a known size never does.
    """
    misfits = [(misfit, model.name) for model in PUMP_MODELS if (misfit := _misfit(model, diameter_mm, thickness_mm))]
    return tuple(name for misfit, name in sorted(misfits) if misfit[0] <= tolerance_mm)


def _misfit(model: PumpModel, diameter_mm: float, thickness_mm: float) -> tuple[float, float] | None:
    """How far a size lies outside a model's, mm, and how loosely the model is specified; None for an unknown size."""
    if model.diameter_mm is None or model.thickness_mm is None:
        return None
    pairs = ((diameter_mm, model.diameter_mm), (thickness_mm, model.thickness_mm))
    return max(max(low - size, size - high, 0.0) for size, (low, high) in pairs), model.diameter_mm[
        1
    ] - model.diameter_mm[0]
