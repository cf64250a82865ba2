"""What a reader prefers: napari's preferences of this plugin, else the environment, else the login. No Qt."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from getpass import getuser
from typing import Any

import napari.settings

from napari_catheterview.windows import FIRST_WINDOW, WINDOWS, Window

#: Set it to read under another name than the login.
READER_VARIABLE = "CATHETERVIEW_READER"
#: Thickness in mm that the slab key switches on: ten 1 mm slices, the usual sliding slab for a thin tube.
SLAB_MM = 10.0
#: Frames a second that a run is played at, where the reader has no other wish: the usual pulse rate of fluoroscopy.
FRAMES_PER_S = 7.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How one reader reads.

    Parameters
    ----------
    reader : str
        Pseudonym under which verdicts are kept.
    window : Window
        In which a CT opens.
    slab_mm : float
        Thickness of the slab.
    frames_per_s : float
        At which a run is played.
    archive : str
        Where signed results are sent, as `catheterview send --to` takes it; empty: nowhere.
    """

    reader: str
    window: Window = field(default=FIRST_WINDOW)
    slab_mm: float = SLAB_MM
    frames_per_s: float = FRAMES_PER_S
    archive: str = ""


def preferences() -> Preferences:
    """Return what the reader set, and the defaults for the rest."""
    named = {window.name: window for window in WINDOWS}
    return Preferences(
        reader=reader_name(),
        window=named.get(str(_preferred("window") or ""), FIRST_WINDOW),
        slab_mm=_number("slab_mm", SLAB_MM),
        frames_per_s=_number("frames_per_s", FRAMES_PER_S),
        archive=str(_preferred("archive") or ""),
    )


def _number(name: str, otherwise: float) -> float:
    """Return a preferred number, the default where it is none or not positive."""
    found = _preferred(name)
    return float(found) if isinstance(found, int | float) and found > 0 else otherwise


def reader_name() -> str:
    """Return the pseudonym under which verdicts are kept: preference, environment, else the login."""
    return str(_preferred("reader") or "") or os.environ.get(READER_VARIABLE, "") or getuser()


def _preferred(name: str) -> Any:
    """Return a preference of the plugin, None where napari (before 0.9) or the reader has none."""
    ask = getattr(napari.settings, "get_plugin_settings", None)
    try:
        settings = None if ask is None else ask("napari-catheterview")
    except KeyError:  # napari did not load the manifest's configurations
        return None
    return getattr(getattr(settings, "reading", None), name, None)
