"""The catalogue of pumps: sizes with a source, and names given only where the size is known."""

from __future__ import annotations

import pytest

from catheterview.device import PUMP_MODELS
from catheterview.device.catalogue import fitting_models


def test_every_row_has_a_source_and_only_found_rows_a_size() -> None:
    """A size without a source is not held."""
    for model in PUMP_MODELS:
        assert model.source
        known = model.diameter_mm is not None and model.thickness_mm is not None
        assert known == (model.status == "found")


@pytest.mark.parametrize("model", [model for model in PUMP_MODELS if model.diameter_mm and model.thickness_mm])
def test_a_model_fits_its_own_size(model: object) -> None:
    """The middle of a row's ranges names that row."""
    diameter, thickness = (sum(getattr(model, name)) / 2 for name in ("diameter_mm", "thickness_mm"))
    assert model.name in fitting_models(diameter, thickness, 3.0)  # type: ignore[attr-defined]


def test_thickness_tells_the_20_ml_from_the_40_ml_pump() -> None:
    """Of two models of one diameter the nearer in thickness is named, and only that within the tolerance."""
    assert fitting_models(88.0, 20.0, 3.0) == ("SynchroMed II 8637-20",)
    assert fitting_models(88.0, 26.5, 3.0) == ("SynchroMed II 8637-40",)


def test_unknown_size_has_no_name() -> None:
    """A size between the catalogue's is not forced onto a model."""
    assert fitting_models(62.0, 15.0, 3.0) == ()
    assert fitting_models(105.0, 20.0, 3.0) == ()
