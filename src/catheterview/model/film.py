"""A radiograph as the film rooms see it, and a pump seen on one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from catheterview.errors import GeometryError
from catheterview.geometry import FloatArray, Frame, unit
from catheterview.model.image import Image

#: Values of one film, high where more of the beam was held back.
Density: TypeAlias = NDArray[np.float32]


class View(StrEnum):
    """How the beam went through the patient."""

    AP = "AP"
    PA = "PA"
    LATERAL = "LATERAL"
    OBLIQUE = "OBLIQUE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """One radiograph.

    Parameters
    ----------
    image : Image
        One frame, or a cine run; the film is its frame `index`.
    density : (R, C) float32, read-only
        High where more of the beam was held back; where `logarithmic`, proportional to the attenuation along the ray
        up to a gain and an offset that nobody knows.
    exposed : (R, C) bool, read-only
        Where the beam reached the detector: within the shutters, and no burnt-in marker.
    spacing_mm : (between rows, between columns) or None
        On the detector, or at `calibrated` depth; None where not known.
    view : View
    view_from : str
        ``tags``, ``image`` or ``nothing``.
    source_mm : float or None
        From the source to the detector.
    taken : str
        Date and time as DICOM writes them (``YYYYMMDD HHMMSS``), as far as known; for putting films in order.
    tone : (2, K) float64 or None
        Rising densities, and how bright the file wants them shown, 0 to 1; None where it does not say.
    seam_rows : tuple of int
        Where exposures were joined into this film.
    left_at : str
        On which side of the picture the patient's left is: ``right``, ``left``, or empty where that is not known.
    """

    image: Image
    density: Density
    exposed: NDArray[np.bool_]
    spacing_mm: tuple[float, float] | None = None
    view: View = View.UNKNOWN
    view_from: str = "nothing"
    logarithmic: bool = True
    source_mm: float | None = None
    taken: str = ""
    index: int = 0
    tone: FloatArray | None = None
    seam_rows: tuple[int, ...] = ()
    left_at: str = ""

    def __post_init__(self) -> None:
        if self.density.shape != self.image.voxels.shape[1:] or self.exposed.shape != self.density.shape:
            raise GeometryError(f"a density of {self.density.shape} is no film of {self.image.voxels.shape}")
        self.density.setflags(write=False)
        self.exposed.setflags(write=False)

    @property
    def frame(self) -> Frame:
        """What a length on the film means before a pump has calibrated it."""
        return self.image.frame

    @property
    def sop_instance_uid(self) -> str:
        """The SOP Instance UID of the film, empty where none is known."""
        return self.image.sop_instance_uid_at(self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPump:
    """A pump seen on a film.

    Parameters
    ----------
    center : (row, column) pixels
        Of the middle of the disc.
    radius_px : float
        Half of its diameter on the film, which a tilt does not shorten.
    toward : (right, up, to the viewer), unit vector
        The disc's axis; of its two directions the one that points to the viewer.
    turn_deg : float or None
        How far the pattern inside is turned about the disc's axis, counter-clockwise as seen, -180 to 180; None where
        the pattern could not be read.
    flipped : bool or None
        Whether the face with the ports looks away from the viewer; None where that could not be read.
    mm_per_px : float or None
        At the pump's depth; None where its true diameter is not known.
    magnification : float or None
        Of a thing at the pump's depth; None where the detector's spacing is not known.
    models : tuple of str
        Whose size and pattern fit, best first.
    pattern : float
        How well the pattern inside fits, -1 to 1.
    """

    series_instance_uid: str
    sop_instance_uid: str
    center: tuple[float, float]
    radius_px: float
    toward: tuple[float, float, float]
    turn_deg: float | None = None
    flipped: bool | None = None
    mm_per_px: float | None = None
    magnification: float | None = None
    models: tuple[str, ...] = ()
    pattern: float = 0.0

    @property
    def tilt_deg(self) -> float:
        """Angle between the disc's axis and the ray, 0 where it is seen face on, 90 edge on."""
        return float(np.degrees(np.arccos(np.clip(self.toward[2], 0.0, 1.0))))


@dataclass(frozen=True, slots=True, kw_only=True)
class SkeletonShift:
    """Where the skeleton of a film lies on an earlier one: (row, column) there is that here plus the shift.

    Parameters
    ----------
    rows_px, columns_px : float
        Pixels of the earlier film.
    fit : float
        Correlation there, -1 to 1.
    """

    rows_px: float
    columns_px: float
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RotorTurn:
    """What two films tell of the rotor.

    Parameters
    ----------
    turn_deg : float or None
        How far it has turned since the earlier film, counter-clockwise seen from the face with the ports (or as the
        reader sees it, where no film tells the face), -180 to 180; None where that cannot be told.
    margin : float
        By how much less the next best turn explains, as a share.
    fit : float
        Share of what is seen round the motor's axis that a rotor explains, 0 to 1.
    why : str
        Why there is no turn.
    """

    turn_deg: float | None = None
    margin: float = 0.0
    fit: float = 0.0
    why: str = ""


def tilting(toward: FloatArray) -> FloatArray:
    """The rotation (3, 3) by the shortest way that takes the direction to the viewer to `toward`.

    Parameters
    ----------
    toward : (3,) unit vector (right, up, to the viewer), the last not negative
    """
    x, y, z = toward
    return np.array(
        [
            [1.0 - x * x / (1.0 + z), -x * y / (1.0 + z), x],
            [-x * y / (1.0 + z), 1.0 - y * y / (1.0 + z), y],
            [-x, -y, z],
        ]
    )


def pump_pose(axes: FloatArray) -> tuple[FloatArray, float, bool]:
    """How a pump lies, from its own axes.

    Parameters
    ----------
    axes : (3, 3)
        Rows: the pump's u, v and n (out of the face with the ports), each as (right, up, to the viewer).

    Returns
    -------
    toward : (3,)
        The axis that points to the viewer.
    turn_deg : float
        The angle of u about it, counter-clockwise as seen, measured after the tilt is taken back.
    flipped : bool
        Whether n points away from the viewer.
    """
    flipped = bool(axes[2, 2] < 0.0)
    toward = unit(-axes[2] if flipped else axes[2])
    flat = tilting(toward).T @ axes[0]
    return toward, float(np.degrees(np.arctan2(flat[1], flat[0]))), flipped
