"""The pump on radiographs."""

from __future__ import annotations

from catheterview.device.film.find import FilmDevices, find_film_pump, outline_of

__all__ = ["FilmDevices", "find_film_pump", "outline_of"]
