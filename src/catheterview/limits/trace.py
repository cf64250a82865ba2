"""Thresholds of `catheterview.trace`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLimits:
    """Thresholds of `catheterview.trace`; each field has its unit and source."""
