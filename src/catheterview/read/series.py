"""What was found in the input: cases, studies, series, and what could not be read. No patient identity."""

from __future__ import annotations

from dataclasses import dataclass, field

from catheterview.geometry import Grid
from catheterview.model import Image, Problem, Rung
from catheterview.read.instance import Instance
from catheterview.read.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """Images that belong together: one stack of slices, one film, or objects that are no images.

    Parameters
    ----------
    role : str
        One of `catheterview.read.roles.ROLES`. ``volume`` is a stack that can be used; ``slices`` are CT or MR images
        that make none.
    stack : int
        Numbers the stacks of one SeriesInstanceUID from 1.
    stackable : bool
        Whether `load` gives voxels on `grid`.
    why : str
        Begins with the name of the rule that broke, or that was met and handled (``gantry tilt``, ``two acquisitions
        in one series``); empty when there is nothing to say.
    grid : Grid or None
        Where the voxels are, known before they are read.
    spacing_mm : (between rows, between columns) or None
        Of a film: mm on the detector; None when not known.
    overlapping : bool
        Whether slices are thicker than their distance.
    files : tuple of str
        Names relative to what the user gave.
    """

    series_instance_uid: str
    study_instance_uid: str
    modality: str
    role: str
    stack: int = 1
    stackable: bool = False
    why: str = ""
    grid: Grid | None = None
    rows: int = 0
    columns: int = 0
    spacing_mm: tuple[float, float] | None = None
    slice_thickness_mm: float | None = None
    overlapping: bool = False
    kernel: str = ""
    frame_of_reference_uid: str = ""
    rung: Rung = Rung.OTHER
    files: tuple[str, ...] = field(default=(), repr=False)
    instances: tuple[Instance, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """The series of one study; `date` is ISO 8601 or empty."""

    study_instance_uid: str
    date: str
    rung: Rung
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskFile:
    """A file of masks of another segmentation tool, and the CT that it is for.

    Parameters
    ----------
    source : Source
    series_instance_uid : str
        Of the only CT that it is for; empty where it is for every CT of its case that it lies in.
    frame_of_reference_uid : str
        Of a DICOM object.
    asked : bool
        Whether a person named it: then what it lacks is a problem. One that lies among the images may be about
        anything, and is taken where it is understood.
    """

    source: Source
    series_instance_uid: str = ""
    frame_of_reference_uid: str = ""
    asked: bool = True

    def is_for(self, image: Image) -> bool:
        """Whether an image is the one, or one of those, that it is for."""
        one = self.series_instance_uid in ("", image.series_instance_uid)
        return one and self.frame_of_reference_uid in ("", image.frame_of_reference_uid)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """The studies of one patient, known by a pseudonym, and masks that were named for it."""

    case_id: str
    studies: tuple[Study, ...]
    masks: tuple[MaskFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inventory:
    """All that was given: cases, and problems with files and series; `files` counts every file and zip member."""

    cases: tuple[Case, ...]
    problems: tuple[Problem, ...]
    files: int

    @property
    def series(self) -> tuple[Series, ...]:
        """Every series of every case, in order."""
        return tuple(one for case in self.cases for study in case.studies for one in study.series)
