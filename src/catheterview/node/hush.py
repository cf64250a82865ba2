"""Libraries that quote what they were given are kept from speaking: a log of a node names nobody."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LIBRARIES = ("pydicom", "pynetdicom", "dicomweb_client")
_NOTHING = logging.CRITICAL + 1


@contextmanager
def hushed(tell: Callable[[str, str], None]) -> Iterator[None]:
    """Let no DICOM library warn, log or print an unforeseen error of a connection while the block runs.

    Parameters
    ----------
    tell : callable (event, detail)
        Told of the kind of an error that ended a thread of a connection, never of its message.
    """
    loggers = [logging.getLogger(name) for name in _LIBRARIES]
    levels, hook = [one.level for one in loggers], threading.excepthook

    def told(error: threading.ExceptHookArgs) -> None:
        tell("failed", f"a connection was given up: {error.exc_type.__name__}")

    for one in loggers:
        one.setLevel(_NOTHING)
    threading.excepthook = told
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        threading.excepthook = hook
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
