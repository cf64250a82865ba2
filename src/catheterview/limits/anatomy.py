"""Thresholds of `catheterview.anatomy`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AnatomyLimits:
    """Thresholds of `catheterview.anatomy`; each field has its unit and source."""
