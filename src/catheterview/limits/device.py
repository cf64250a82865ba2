"""Thresholds of `catheterview.device`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLimits:
    """Thresholds of `catheterview.device`; each field has its unit and source."""
