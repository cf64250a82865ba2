"""A dye study under fluoroscopy as the cine rooms see it: frames, what changed in them, and when along the catheter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.errors import GeometryError
from catheterview.geometry import FloatArray, arc_length, read_only
from catheterview.model.centreline import Centreline
from catheterview.model.film import Film, FilmPump

#: Values of a run (F, R, C), high where more of the beam was held back.
Frames = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cine:
    """One run of a fluoroscope.

    Parameters
    ----------
    film : Film
        Its first frame: view, spacing, exposed part, and the image that holds all frames.
    density : (F, R, C) float32, read-only
        High where more of the beam was held back; all frames on one scale.
    times_s : (F,) float64 or None
        When each frame was taken, from the first; None where the file does not say.
    """

    film: Film
    density: Frames
    times_s: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.density.ndim != 3 or self.density.shape != self.film.image.voxels.shape:
            raise GeometryError(f"a density of {self.density.shape} is no run of {self.film.image.voxels.shape}")
        if self.times_s is not None:
            object.__setattr__(self, "times_s", read_only(self.times_s, ndim=1))
            if len(self.times_s) != len(self.density) or (np.diff(self.times_s) <= 0.0).any():
                raise GeometryError("a run needs one rising time for each frame")
        self.density.setflags(write=False)

    @property
    def frame_s(self) -> float | None:
        """Seconds from frame to frame, the median; None where not known."""
        return None if self.times_s is None or len(self.times_s) < 2 else float(np.median(np.diff(self.times_s)))

    def told(self, frame: float) -> str:
        """A moment in words: seconds where they are known, else the number of the frame."""
        if self.times_s is None:
            return f"frame {frame + 1:.0f}"
        return f"{float(np.interp(frame, np.arange(len(self.times_s)), self.times_s)):.1f} s"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opacified:
    """What changed in a run.

    Parameters
    ----------
    change : (F, R, C) float32, read-only
        Motion-corrected density less that of the frames before contrast, in units of one frame's noise.
    edge : (R, C) float32, read-only
        What movement that could not be taken out may have left, in the same unit.
    valid : (R, C) bool, read-only
        Where all frames show something.
    before : int
        How many frames, from the first, show no contrast yet.
    shift_px : (F,) float64
        How far each frame had to be moved, at most, over the picture.
    unrest : float
        What the correction leaves in the frames before contrast, over what noise alone would.
    shrunk : int
        Pixels of the run to one of these.
    swing : (F, K) float64 or None
        Time courses of the movement that was taken out, of unit length; what it leaves follows them.
    """

    change: Frames
    edge: NDArray[np.float32]
    valid: NDArray[np.bool_]
    before: int
    shift_px: FloatArray
    unrest: float
    shrunk: int = 1
    swing: FloatArray | None = None

    def __post_init__(self) -> None:
        self.change.setflags(write=False)
        self.edge.setflags(write=False)
        self.valid.setflags(write=False)
        object.__setattr__(self, "shift_px", read_only(self.shift_px, ndim=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilledCourse:
    """The catheter as contrast filled it.

    Parameters
    ----------
    catheter : Centreline
        From the pump on, in pixels of the run; confidence is how surely contrast was seen there.
    arrival : (N,) float64
        Frame, with fractions, at which half of the contrast had come to each point.
    spread : (N,) float64
        Standard deviation of that.
    kymograph : (F, N) float32
        Contrast in the lumen over its surroundings, one frame's noise being 1.
    strength : (N,) float64
        What came in the end, of the same unit.
    width_px : (N,) float64
        Full width at half maximum across; 0 where it could not be measured.
    start_frame : float
        When the injection began, as the arrivals tell it.
    whole : bool
        Whether the end lies within the picture, where more could have been seen.
    """

    catheter: Centreline
    arrival: FloatArray
    spread: FloatArray
    kymograph: NDArray[np.float32]
    strength: FloatArray
    width_px: FloatArray
    start_frame: float
    whole: bool = True

    def __post_init__(self) -> None:
        for name in ("arrival", "spread", "strength", "width_px"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))
            if len(getattr(self, name)) != len(self.catheter.points):
                raise GeometryError(f"one {name} per point is needed")
        self.kymograph.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stain:
    """Contrast outside the lumen: one patch of the picture.

    Parameters
    ----------
    center : (row, column) in pixels of the run
        Where most of it lies, what is dense counting for more than what is wide.
    outline : (M, 2) float64
        (row, column).
    area_px, amount : float
        Size, and contrast added up over it at the end, one frame's noise in one pixel being 1.
    growth : (F,) float64
        The amount at each frame.
    onset : float
        Frame at which a tenth of the final amount was there.
    rise : float
        Frames from a tenth to nine tenths of it.
    sway : float
        How far the amount strays from a steady rise, over the final amount.
    long_px, wide_px : float
        Extent along its longer axis and across, as full widths of an even patch.
    way : (row, column) unit vector
        Along its longer axis.
    arc_px : float
        Along the filled course, of the point that lies nearest; negative without a course.
    away_px : float
        How far its border is from the course.
    on_pump, round_pump : float
        Share of its amount that is seen over the pump, and round it within a few mm.
    patchy : float
        Standard deviation along its longer axis over the mean, smooth trend apart.
    hollow : float
        What is denser at its sides than in its middle, over the mean; negative where the middle is denser.
    """

    center: tuple[float, float]
    outline: FloatArray
    area_px: float
    amount: float
    growth: FloatArray
    onset: float
    rise: float
    sway: float
    long_px: float
    wide_px: float
    way: tuple[float, float]
    arc_px: float = -1.0
    away_px: float = 0.0
    on_pump: float = 0.0
    round_pump: float = 0.0
    patchy: float = 0.0
    hollow: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "outline", read_only(self.outline, ndim=2))
        object.__setattr__(self, "growth", read_only(self.growth, ndim=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DyeReading:
    """Everything that was followed in one run; what the detectors look at.

    Parameters
    ----------
    cine : Cine
    pumps : tuple of FilmPump
    opacified : Opacified or None
        None where the run has too few frames.
    course : FilledCourse or None
        None where no contrast was seen in a catheter.
    stains : tuple of Stain
    why : str
        Why something is missing.
    """

    cine: Cine
    pumps: tuple[FilmPump, ...] = ()
    opacified: Opacified | None = None
    course: FilledCourse | None = None
    stains: tuple[Stain, ...] = ()
    why: str = ""

    @property
    def mm_per_px(self) -> float | None:
        """At the pump's depth, on the detector, or not known."""
        for pump in self.pumps:
            if pump.mm_per_px is not None:
                return pump.mm_per_px
        spacing = self.cine.film.spacing_mm
        return None if spacing is None else 0.5 * sum(spacing)

    @property
    def opacified_px(self) -> int:
        """Pixels of the run from one point of the course to the next."""
        return 1 if self.opacified is None else self.opacified.shrunk

    @property
    def course_px(self) -> FloatArray:
        """Arc length (N,) along the course, pixels of the run; empty without one."""
        return np.zeros(0) if self.course is None else arc_length(self.course.catheter.points)
