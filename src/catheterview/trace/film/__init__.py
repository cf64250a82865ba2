"""The catheter on radiographs."""

from __future__ import annotations

from catheterview.trace.film.follow import FilmTracing, PumpOnFilm, trace_film

__all__ = ["FilmTracing", "PumpOnFilm", "trace_film"]
