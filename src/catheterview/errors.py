"""Every error that catheterview raises on purpose.

::

    CatheterviewError            caught only in ``triage``; the case goes on without the series
      ├── UnreadableError        a file or archive member that cannot be read
      ├── GeometryError          positions that make no grid (named: missing slice, mixed orientation, …)
      ├── FrameMismatchError     two things measured against each other in different frames
      ├── UnsuitableError        a series that an algorithm cannot use (wrong modality, too few slices, …)
      └── InputError             what the user gave makes no sense (a facts file, an option, a folder)

Bad data that leaves the rest usable is not an error: it is a `catheterview.model.Problem` in the report.
A programmer's error is never one of these and is never caught.
"""

from __future__ import annotations


class CatheterviewError(Exception):
    """Something that catheterview cannot go on with, and why.

    Parameters
    ----------
    reason : str
        One sentence for a person, without patient identity.
    where : str
        The file, series UID or field that it is about; empty when there is none.
    """

    def __init__(self, reason: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason = reason
        self.where = where


class UnreadableError(CatheterviewError):
    """A file or an archive member cannot be read."""


class GeometryError(CatheterviewError):
    """Positions and orientations do not make one grid; the reason names which rule broke."""


class FrameMismatchError(CatheterviewError):
    """Two things in different frames, or of different frames of reference, were measured against each other."""


class UnsuitableError(CatheterviewError):
    """A series cannot be used for what was asked of it."""


class InputError(CatheterviewError):
    """What the user gave cannot be understood."""
