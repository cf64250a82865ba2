"""Thresholds of `catheterview.read`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Thresholds of `catheterview.read`; each field has its unit and source."""
