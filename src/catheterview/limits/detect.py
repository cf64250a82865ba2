"""Thresholds of `catheterview.detect`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectLimits:
    """Thresholds of `catheterview.detect`; each field has its unit and source."""
