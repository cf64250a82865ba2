"""What a reader puts on the images by hand, and what a reader tells of the patient."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.errors import GeometryError
from catheterview.geometry import Frame
from catheterview.model.vocabulary import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place, or a line drawn anew.

    Parameters
    ----------
    kind : Kind or None
        Of a finding that was missed; None for a catheter.
    points : tuple of points
        LPS mm, or (row, column) pixels of the image `sop_instance_uid`: one of a finding; of a catheter all, from pump
        to tip.
    pieces : tuple of (first, last)
        As of a `Centreline`; empty for a finding.

    Raises
    ------
    GeometryError
        When a point does not fit the frame, or there is none.
    """

    series_instance_uid: str
    frame: Frame
    points: tuple[tuple[float, ...], ...]
    kind: Kind | None = None
    sop_instance_uid: str = ""
    pieces: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        size = 3 if self.frame is Frame.PATIENT else 2
        if not self.points or any(len(point) != size for point in self.points):
            raise GeometryError(f"a mark of frame {self.frame} needs points of {size} coordinates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One fact of the patient as one reader gave it; never changed, only followed by another.

    Parameters
    ----------
    fact : str
        Its path, as in ``vol.aspirated_ml``.
    value : str
        As it was written; empty where it was made unknown again.
    at : str
        ISO 8601 with time zone.
    version : str
        Of catheterview, when it was given.
    """

    case_id: str
    fact: str
    value: str
    reader: str
    at: str
    version: str
