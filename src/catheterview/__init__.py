"""catheterview reads the imaging of implanted intrathecal drug pumps.

Research use only. Not a medical device; not cleared or approved by any authority; not for diagnosis or treatment
decisions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Look up the version when it is asked for: the look-up takes as long as opening a hundred files."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415 - a sixteenth of a second that most imports do not need

    return version("catheterview")
