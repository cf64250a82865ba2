"""Two small simulated studies, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulated_studies import Studies, write_studies, write_tiny


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Studies:
    """A patient with a device, and one without."""
    return write_studies(tmp_path_factory.mktemp("studies"))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four patients of eight slices each, without a device."""
    return write_tiny(tmp_path_factory.mktemp("tiny"), tmp_path_factory.mktemp("made"), 4)
