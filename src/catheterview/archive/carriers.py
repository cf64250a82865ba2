"""What every way of sending has in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

#: Sends one file; returns when the other side has said that it has it.
Carrier: TypeAlias = Callable[[Path], None]


class Unreachable(Exception):  # noqa: N818  (not an error of ours: it is tried again)
    """The other side is away, or has no room at the moment: worth another attempt."""


class Refused(Exception):  # noqa: N818  (as above)
    """The other side does not take this object, and will not later."""
