"""Every threshold, each with its unit and source; the values used are written into every report.

One file per room holds that room's limits as a frozen dataclass whose fields are made by `limit`;
`Limits` gathers them. A room is loaded when one of its names is asked for: to make all of these classes takes as long
as reading a hundred slices.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catheterview.limits.anatomy import AnatomyLimits
    from catheterview.limits.cine import CineDetectLimits, CineLimits
    from catheterview.limits.contrast import ContrastLimits
    from catheterview.limits.detect import DetectLimits
    from catheterview.limits.device import DeviceLimits
    from catheterview.limits.film import FilmDetectLimits, FilmLimits, FilmPairLimits, FilmTraceLimits
    from catheterview.limits.ladder import LadderLimits
    from catheterview.limits.masks import MaskLimits
    from catheterview.limits.nuclear import NuclearLimits
    from catheterview.limits.read import ReadLimits
    from catheterview.limits.serial import SerialLimits
    from catheterview.limits.trace import TraceLimits
    from catheterview.limits.whole import Limits, as_dict

__all__ = [
    "AnatomyLimits",
    "CineDetectLimits",
    "CineLimits",
    "ContrastLimits",
    "DetectLimits",
    "DeviceLimits",
    "FilmDetectLimits",
    "FilmLimits",
    "FilmPairLimits",
    "FilmTraceLimits",
    "LadderLimits",
    "Limits",
    "MaskLimits",
    "NuclearLimits",
    "ReadLimits",
    "SerialLimits",
    "TraceLimits",
    "as_dict",
]

_ROOM_OF = {
    "AnatomyLimits": "anatomy",
    "CineDetectLimits": "cine",
    "CineLimits": "cine",
    "ContrastLimits": "contrast",
    "DetectLimits": "detect",
    "DeviceLimits": "device",
    "FilmDetectLimits": "film",
    "FilmLimits": "film",
    "FilmPairLimits": "film",
    "FilmTraceLimits": "film",
    "LadderLimits": "ladder",
    "Limits": "whole",
    "MaskLimits": "masks",
    "NuclearLimits": "nuclear",
    "ReadLimits": "read",
    "SerialLimits": "serial",
    "TraceLimits": "trace",
    "as_dict": "whole",
}

if not TYPE_CHECKING:  # a checker would take every misspelt name for one that is looked up here

    def __getattr__(name: str) -> object:
        """Load the room that a name belongs to."""
        if name not in _ROOM_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
