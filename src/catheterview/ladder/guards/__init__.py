"""The questions of the ladder, each a named guard over facts and reading."""

from __future__ import annotations

__all__: list[str] = []
