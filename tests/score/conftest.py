"""Fixtures of the score tests."""

from __future__ import annotations

from typing import Any

import pytest
from score_builders import finding, straight


@pytest.fixture
def gap() -> dict[str, Any]:
    """A true gap of 8 mm half way along the straight catheter, with its two loose ends."""
    at = straight()
    return finding(
        "discontinuity", at[50], measures={"gap_mm": 8.0, "arc_mm": 50.0}, ends=[at[46].tolist(), at[54].tolist()]
    )
