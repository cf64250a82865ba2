"""The types that the rooms hand to each other: frozen, keyword-only, arrays read-only, no patient identity.

Flow: `Image` (read) → `Pump`, `Implant` (device) → `Anatomy` → `Centreline` (trace) → `Finding`, `Examined` (detect)
→ `Decision` (ladder) → `Report` → `Review` (the radiologist's, in the store).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catheterview.errors import GeometryError
from catheterview.geometry import FloatArray, Frame, Grid, arc_length, read_only

Voxels: TypeAlias = NDArray[np.int16]
Outcome: TypeAlias = Literal["RAN", "SKIPPED", "FAILED"]
Priority: TypeAlias = Literal["emergent", "urgent", "soon", "routine", "cannot_tell"]
Verdict: TypeAlias = Literal["accepted", "rejected", "unsure", "missed", "corrected"]

#: What a voxel outside the reconstructed field holds after reading (padding, whatever the vendor wrote).
OUTSIDE_HU = -1024


class Rung(StrEnum):
    """The kind of study, by its step on the imaging ladder."""

    RADIOGRAPH = "radiograph"
    FLUOROSCOPY = "fluoroscopy"
    CT = "ct"
    CAP_CT = "cap_ct"
    SPECT_CT = "spect_ct"
    LP_CT = "lp_ct"
    MRI = "mri"
    OTHER = "other"


class Segment(StrEnum):
    """Where along the system something is, from reservoir to tip."""

    RESERVOIR = "reservoir"
    PUMP = "pump"
    CONNECTOR = "connector"
    POCKET = "pocket"
    SUBCUTANEOUS_TRACT = "subcutaneous_tract"
    ANCHOR = "anchor"
    FASCIAL_ENTRY = "fascial_entry"
    PARASPINAL_TRACT = "paraspinal_tract"
    DURAL_ENTRY = "dural_entry"
    INTRATHECAL = "intrathecal"
    TIP = "tip"


class Kind(StrEnum):
    """What a finding is; meaning, signature and pitfalls are in the findings catalogue of the docs."""

    DISCONTINUITY = "discontinuity"
    KINK = "kink"
    MIGRATION = "migration"
    TIP_MALPOSITION = "tip_malposition"
    PUMP_ROTATION = "pump_rotation"
    PUMP_FLIP = "pump_flip"
    PUMP_MIGRATION = "pump_migration"
    ROTOR_NOT_TURNING = "rotor_not_turning"
    NOT_ASSESSABLE = "not_assessable"
    EXTRAVASATION = "extravasation"
    CONNECTOR_LEAK = "connector_leak"
    POCKET_POOLING = "pocket_pooling"
    RETROGRADE_TRACKING = "retrograde_tracking"
    TIP_LOCULATION = "tip_loculation"
    INADEQUATE_POOLING = "inadequate_pooling"
    FLOW_OBSTRUCTION = "flow_obstruction"
    SUBDURAL_PATTERN = "subdural_pattern"
    EPIDURAL_PATTERN = "epidural_pattern"
    ECTASIA = "ectasia"
    SEROMA = "seroma"
    FILLING_DEFECT = "filling_defect"
    TRACER_POSTERIOR_TO_PUMP = "tracer_posterior_to_pump"
    TRACER_CONFINED_TO_RESERVOIR = "tracer_confined_to_reservoir"
    TRACER_INTERRUPTION = "tracer_interruption"
    TRACER_POOLING = "tracer_pooling"
    TRACER_NOT_ARRIVED = "tracer_not_arrived"
    TRACER_CSF_BLOCK = "tracer_csf_block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with the input or with one stage; the rest of the case goes on.

    Parameters
    ----------
    path_or_uid : str
        The file (relative to what the user gave) or the UID that it is about.
    stage : str
        The room that met it: read, device, anatomy, trace, detect, ladder, picture, export.
    reason : str
        Begins with the name of the rule where there is one, such as ``missing slice: …``.
    """

    path_or_uid: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """Voxels, where they are, and what they are.

    Parameters
    ----------
    voxels : (K, J, I) int16, read-only
        HU for CT after rescale; padding is `OUTSIDE_HU`. Films and cines: (frames, rows, columns) stored values.
    grid : Grid or None
        None where no place in the patient is known (films).
    frame : Frame
    modality : str
        DICOM Modality.
    series_instance_uid, study_instance_uid, frame_of_reference_uid : str
    sop_instance_uids : tuple of str
        One per slice k (the same one repeated for a multi-frame object).
    saturated_hu : int or None
        The value at which the scale clips (3071 in 12 bit), None where it does not.
    slice_thickness_mm : float or None
        Nominal thickness, which may exceed the spacing (overlapping slices).
    """

    voxels: Voxels
    grid: Grid | None
    frame: Frame
    modality: str
    series_instance_uid: str
    study_instance_uid: str
    frame_of_reference_uid: str = ""
    sop_instance_uids: tuple[str, ...] = ()
    saturated_hu: int | None = None
    slice_thickness_mm: float | None = None

    def __post_init__(self) -> None:
        if self.voxels.ndim != 3 or self.voxels.dtype != np.int16:
            raise GeometryError(f"voxels must be 3-D int16, got {self.voxels.dtype} {self.voxels.shape}")
        if self.grid is not None and self.grid.shape != self.voxels.shape:
            raise GeometryError(f"grid {self.grid.shape} does not fit voxels {self.voxels.shape}")
        if self.sop_instance_uids and len(self.sop_instance_uids) != self.voxels.shape[0]:
            raise GeometryError("one SOP Instance UID per slice is needed")
        self.voxels.setflags(write=False)

    @property
    def placed(self) -> Grid:
        """The grid of an image that has one.

        Raises
        ------
        GeometryError
            When the image has no place in the patient frame.
        """
        if self.grid is None:
            raise GeometryError("this image has no place in the patient frame", where=self.series_instance_uid)
        return self.grid

    def sop_instance_uid_at(self, k: int) -> str:
        """The SOP Instance UID of slice `k`, empty where none is known."""
        return self.sop_instance_uids[k] if self.sop_instance_uids else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pump:
    """An implanted intrathecal drug pump found in an image.

    Parameters
    ----------
    center_mm : (3,) LPS mm, middle of the disc
    normal : (3,) unit vector, LPS
        The disc's axis; its sign points away from the middle of the body (towards the skin) where that is known.
    diameter_mm, thickness_mm : float
    models : tuple of str
        Catalogue models whose size fits, best first; empty when none does.
    score : float, 0 to 1
    """

    series_instance_uid: str
    center_mm: tuple[float, float, float]
    normal: tuple[float, float, float]
    diameter_mm: float
    thickness_mm: float
    models: tuple[str, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Implant:
    """Another metal or dense body, named and left alone.

    Parameters
    ----------
    kind : str
        ``port``, ``pulse generator``, ``orthopaedic``, ``dental``, ``wire``, ``contrast``, ``table`` or ``unknown``.
    center_mm : (3,) LPS mm
    extent_mm : (3,) float
        Size along its principal axes, largest first.
    why : str
        What it was told from a pump by.
    """

    series_instance_uid: str
    kind: str
    center_mm: tuple[float, float, float]
    extent_mm: tuple[float, float, float]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A binary mask in a box: the box's grid, and one bit per voxel.

    Parameters
    ----------
    grid : Grid
        Of the box only.
    bits : (ceil(K*J*I / 8),) uint8, read-only
        `numpy.packbits` of the mask in kji order.
    """

    grid: Grid
    bits: NDArray[np.uint8]

    def __post_init__(self) -> None:
        expected = (int(np.prod(self.grid.shape)) + 7) // 8
        if self.bits.dtype != np.uint8 or self.bits.shape != (expected,):
            raise GeometryError(f"a region of {self.grid.shape} needs {expected} bytes, got {self.bits.shape}")
        self.bits.setflags(write=False)

    @classmethod
    def of(cls, mask: NDArray[np.bool_], grid: Grid) -> Region:
        """Pack a (K, J, I) bool mask that lies on `grid`."""
        if mask.shape != grid.shape:
            raise GeometryError(f"mask {mask.shape} does not fit grid {grid.shape}")
        return cls(grid=grid, bits=np.packbits(mask))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(K, J, I) bool, unpacked."""
        count = int(np.prod(self.grid.shape))
        return np.unpackbits(self.bits, count=count).astype(bool).reshape(self.grid.shape)

    @property
    def volume_ml(self) -> float:
        """Volume of the set voxels in ml."""
        return float(np.unpackbits(self.bits).sum()) * self.grid.voxel_volume_mm3 / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VertebralLevel:
    """A vertebra and the LPS mm point in the canal at its middle."""

    name: str
    point: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """What of the body is known in one image; everything in LPS mm.

    Parameters
    ----------
    body : Region or None
        The patient without table and cables, on a coarse grid.
    canal : (N, 3) float64
        Middle of the spinal canal, from feet to head; empty (0, 3) when not found.
    canal_radius_mm : (N,) float64
        Radius of the largest circle inside the canal at each point.
    levels : tuple of VertebralLevel
        From feet to head; empty when they cannot be counted.
    levels_from : str
        ``sacrum``, ``last rib``, ``relative`` or ``none``.
    why : str
        What was not found, and the reason; empty when all was.
    """

    series_instance_uid: str
    body: Region | None = None
    canal: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    canal_radius_mm: FloatArray = field(default_factory=lambda: np.zeros(0))
    levels: tuple[VertebralLevel, ...] = ()
    levels_from: str = "none"
    why: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "canal", read_only(np.reshape(self.canal, (-1, 3)), ndim=2))
        object.__setattr__(self, "canal_radius_mm", read_only(self.canal_radius_mm, ndim=1))
        if len(self.canal) != len(self.canal_radius_mm):
            raise GeometryError("one canal radius per canal point is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Indices into a centreline's points; None where not known."""

    pump: int | None = None
    dural_entry: int | None = None
    tip: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centreline:
    """The traced catheter, from pump to tip.

    Parameters
    ----------
    frame : Frame
    points : (N, 3) float64 LPS mm, or (N, 2) (row, column) pixels of the image `sop_instance_uid`
    pieces : tuple of (first, last)
        Inclusive index ranges that are continuous in the image, in order; between two of them is a gap.
    radius : (N,) float64
        Outer radius of the tube as it appears, in the unit of `points`.
    confidence : (N,) float64, 0 to 1
        How surely the tube is at this point; low where it was bridged through streaks or bone.
    contrast : (N,) float64
        Peak of the tube over its surroundings, HU in CT; 0 where not measured.
    noise : (N,) float64
        Standard deviation of the surroundings, the same unit; 0 where not measured.
    """

    series_instance_uid: str
    frame: Frame
    points: FloatArray
    pieces: tuple[tuple[int, int], ...]
    radius: FloatArray
    confidence: FloatArray
    contrast: FloatArray
    noise: FloatArray
    landmarks: Landmarks = field(default_factory=Landmarks)
    sop_instance_uid: str = ""

    def __post_init__(self) -> None:
        points = read_only(self.points, ndim=2)
        object.__setattr__(self, "points", points)
        for name in ("radius", "confidence", "contrast", "noise"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))
            if len(getattr(self, name)) != len(points):
                raise GeometryError(f"one {name} per point is needed")
        if points.shape[1] != (3 if self.frame is Frame.PATIENT else 2):
            raise GeometryError(f"points of frame {self.frame} cannot have shape {points.shape}")
        flat = [n for piece in self.pieces for n in piece]
        if not self.pieces or flat[0] != 0 or flat[-1] != len(points) - 1 or flat != sorted(flat):
            raise GeometryError(f"pieces {self.pieces} do not cover {len(points)} points in order")

    @property
    def arc_mm(self) -> FloatArray:
        """(N,) distance along the line from its first point, gaps counted straight across, in the unit of `points`."""
        return arc_length(self.points)

    @property
    def length_mm(self) -> float:
        """Length of all pieces together, without the gaps, in the unit of `points`."""
        return float(sum(arc_length(self.points[first : last + 1])[-1] for first, last in self.pieces))


def _frozen_measures(measures: Mapping[str, float]) -> Mapping[str, float]:
    """Copy measures into a read-only mapping in the order of their names."""
    return MappingProxyType({name: float(measures[name]) for name in sorted(measures)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """One thing that is wrong, or that could not be assessed, and where.

    Parameters
    ----------
    kind : Kind
    segment : Segment or None
    score : float, 0 to 1
        How surely it is there.
    frame : Frame
    point : tuple of float
        LPS mm, or (row, column) pixels.
    index_kji : (3,) int or None
        The voxel nearest to `point`; None on a film.
    measures : mapping of str to float
        Names carry units: ``gap_mm``, ``turn_deg``, ``arc_mm``.
    level : str or None
        Vertebral level, None while unknown.
    message : str
        One sentence for a radiologist.
    cautions : tuple of str
        The pitfalls to be read with it.
    ends : tuple of points
        The two loose ends of a discontinuity, LPS mm; empty otherwise.
    """

    kind: Kind
    score: float
    frame: Frame
    point: tuple[float, ...]
    series_instance_uid: str
    message: str
    segment: Segment | None = None
    sop_instance_uid: str = ""
    index_kji: tuple[int, int, int] | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    level: str | None = None
    cautions: tuple[str, ...] = ()
    ends: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", _frozen_measures(self.measures))

    @property
    def id(self) -> str:
        """A hash of what was found where: the same finding has the same id in every run."""
        what = [
            self.kind,
            self.series_instance_uid,
            self.sop_instance_uid,
            [round(v, 1) for v in self.point],
            {name: round(value, 2) for name, value in self.measures.items()},
        ]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """That a detector was asked, and what came of it: silence is not absence."""

    detector: str
    series_instance_uids: tuple[str, ...]
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of the decision ladder that was passed, with its answer, the reason and the source."""

    node: str
    answer: str
    why: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where the case stands on the ladder and what comes next.

    Parameters
    ----------
    step : str
        Id of the node where the case now stands.
    also : tuple of str
        Other nodes that run in parallel.
    because : tuple of str
        Ids of the findings that decided.
    ask : tuple of str
        Names of the missing facts that would decide, most useful first.
    """

    step: str
    action: str
    urgency: Priority
    also: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    trail: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRecord:
    """A series as the report names it."""

    series_instance_uid: str
    modality: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """A study as the report names it; `date` is ISO 8601 or empty."""

    study_instance_uid: str
    date: str
    rung: Rung
    series: tuple[SeriesRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeyImage:
    """A picture made by `picture` for a report.

    Parameters
    ----------
    name : str
        File-name-like, unique in the report: ``mip-coronal``, ``cpr``, ``finding-<id>``.
    caption : str
    png : bytes
    finding_id : str or None
        The finding that it is a close-up of.
    """

    name: str
    caption: str
    png: bytes
    finding_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """All that was found out about one case; what `report.json` holds."""

    version: str
    case_id: str
    priority: Priority
    studies: tuple[StudyRecord, ...]
    pumps: tuple[Pump, ...]
    catheters: tuple[Centreline, ...]
    findings: tuple[Finding, ...]
    examined: tuple[Examined, ...]
    decision: Decision
    problems: tuple[Problem, ...] = ()
    implants: tuple[Implant, ...] = ()
    limits: Mapping[str, object] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One verdict of one reader on one finding; never changed, only followed by another.

    Parameters
    ----------
    finding_id : str
        Empty for a verdict on the case as a whole.
    reason : str
        Why it was rejected, or a remark.
    at : str
        ISO 8601 with time zone.
    version : str
        Of catheterview, when the verdict was given.
    """

    case_id: str
    finding_id: str
    verdict: Verdict
    reader: str
    at: str
    version: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What a detector looks at: one image and all that is known of it.

    Parameters
    ----------
    image : Image
    rung : Rung
    pumps : tuple of Pump
    anatomy : Anatomy
    catheters : tuple of Centreline
    why_no_catheter : str
        Why `catheters` is empty; empty when it is not.
    """

    image: Image
    rung: Rung
    pumps: tuple[Pump, ...]
    anatomy: Anatomy
    catheters: tuple[Centreline, ...]
    why_no_catheter: str = ""
