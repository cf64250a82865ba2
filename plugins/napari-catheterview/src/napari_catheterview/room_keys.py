"""Every key of the reading room; those of a manifest are not loaded by napari, so they are bound in code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from napari_catheterview.planes import Plane
from napari_catheterview.windows import WINDOWS

if TYPE_CHECKING:
    from napari_catheterview.room import ReadingRoom

Keymap = dict[str, Callable[[], None]]


def keys_of(room: ReadingRoom) -> Keymap:
    """Return what each key does."""
    return {**_verdicts(room), **_views(room), **_hand(room)}


def _verdicts(room: ReadingRoom) -> Keymap:
    return {
        "A": partial(room.verdicts.say, "accepted"),
        "U": partial(room.verdicts.say, "unsure"),
        "R": room.verdicts.ask_reason,
        "M": room.verdicts.ask_missed,
        "N": partial(room.step, 1),
        "P": partial(room.step, -1),
        "Control-Z": room.verdicts.undo,
        "Control-Shift-Z": room.verdicts.redo,
        "Control-Enter": room.verdicts.sign,
    }


def _views(room: ReadingRoom) -> Keymap:
    keys: Keymap = {
        "S": room.toggle_slab,
        "H": partial(room.sheets.step, 1),
        "Shift-H": partial(room.sheets.step, -1),
        "B": room.sheets.toggle_prior,
        "O": room.views.step_fused,
        "K": room.play,
    }
    keys |= {f"{n}": partial(room.desk.set_plane, plane) for n, plane in enumerate(Plane, start=1)}
    return keys | {window.key: partial(room.set_window, window) for window in WINDOWS}


def _hand(room: ReadingRoom) -> Keymap:
    return {
        "L": partial(room.tools.take_ruler, "ruler"),
        "G": partial(room.tools.take_ruler, "angle"),
        "Shift-L": room.tools.clear_measures,
        "E": room.tools.toggle_edit,
        "Escape": room.tools.escape,
    }
