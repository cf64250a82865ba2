"""Vertebrae on radiographs."""

from __future__ import annotations

from catheterview.anatomy.film.levels import find_film_levels
from catheterview.anatomy.film.upright import Column

__all__ = ["Column", "find_film_levels"]
