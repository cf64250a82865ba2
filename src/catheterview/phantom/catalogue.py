"""Pumps that the simulator can build, each with its source.

Only sizes with a published source are here; a model whose size is hearsay is left out until one is found.
"""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpModel:
    """The envelope of an implantable pump.

    Parameters
    ----------
    name : str
    diameter_mm, thickness_mm : float
    reservoir_ml : float
    source : str
    """

    name: str
    diameter_mm: float
    thickness_mm: float
    reservoir_ml: float
    source: str


_SYNCHROMED = "Medtronic SynchroMed II pump table, medtronic.com/de-de"

PUMPS: tuple[PumpModel, ...] = (
    PumpModel(name="8637-20", diameter_mm=87.5, thickness_mm=19.5, reservoir_ml=20.0, source=_SYNCHROMED),
    PumpModel(name="8637-40", diameter_mm=87.5, thickness_mm=26.0, reservoir_ml=40.0, source=_SYNCHROMED),
)


def pump_model(name: str) -> PumpModel:
    """Find a model of `PUMPS` by name.

    Raises
    ------
    InputError
        When no such model is known, naming those that are.
    """
    for model in PUMPS:
        if model.name == name:
            return model
    raise InputError(f"no pump model {name!r}; known: {', '.join(model.name for model in PUMPS)}")
