"""Pumps that the simulator can build: sizes of the device catalogue that have a published source.

A model whose size is hearsay is left out until a source is found, and so is one of whose inside nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.errors import InputError
from catheterview.limits.catalogue import pump_named


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


#: Models whose inside is simulated.
_BUILT = ("8637-20", "8637-40")


def _built(name: str) -> PumpModel:
    """The envelope of a model of the device catalogue."""
    model = pump_named(name)
    if model is None or model.diameter_mm is None or model.thickness_mm is None or model.reservoir_ml is None:
        raise InputError(f"the device catalogue holds no size of {name}")
    return PumpModel(
        name=model.name,
        diameter_mm=model.diameter_mm.value,
        thickness_mm=model.thickness_mm.value,
        reservoir_ml=model.reservoir_ml.value,
        source=model.diameter_mm.source,
    )


PUMPS: tuple[PumpModel, ...] = tuple(_built(name) for name in _BUILT)


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
