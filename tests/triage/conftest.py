"""Two small simulated studies, made once."""

from __future__ import annotations

import pytest
from simulated_studies import Studies, write_studies


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Studies:
    """A patient with a device, and one without."""
    return write_studies(tmp_path_factory.mktemp("studies"))
