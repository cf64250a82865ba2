"""Whether slices make one grid, judged by their positions along the normal; each rule that can break has a name.

Rules are asked in order and the first that breaks gives the reason; nothing is interpolated. Positions and
orientations are ImagePositionPatient and ImageOrientationPatient (DICOM PS3.3 C.7.6.2.1.1); names of files,
InstanceNumber, PatientPosition and GantryDetectorTilt are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from catheterview.geometry import FloatArray, Grid, grid_from_axes, unit
from catheterview.limits.read import ReadLimits
from catheterview.read.instance import Instance

MISSING: Final = "missing slice"
DOUBLED: Final = "doubled slice"
UNEVEN: Final = "uneven spacing"
TILT: Final = "gantry tilt"
MIXED: Final = "mixed orientation"
NO_VOLUME: Final = "not a volume"
TWO: Final = "two acquisitions in one series"
#: Rules whose break may come from several acquisitions lying over each other.
SEPARABLE: Final = (MISSING, DOUBLED, UNEVEN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stack:
    """Slices in the order of their positions, and the grid that they make.

    Parameters
    ----------
    instances : tuple of Instance
        Sorted along the normal; in the order of their names when that is not defined.
    grid : Grid or None
        None when a rule broke.
    why : str
        The rule that broke; or a remark on a good stack (``gantry tilt: …``); empty when all is plain.
    """

    instances: tuple[Instance, ...]
    grid: Grid | None
    why: str = ""

    @property
    def rule(self) -> str:
        """The name of the rule in `why`."""
        return self.why.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layout:
    """Sorted slices: (N, 3) positions in LPS mm, their distance along the normal, the steps between them."""

    positions: FloatArray
    along: FloatArray
    normal: FloatArray

    @property
    def steps(self) -> FloatArray:
        """(N - 1,) distance in mm from slice to slice along the normal."""
        return np.asarray(np.diff(self.along))

    @property
    def typical(self) -> float:
        """The most usual step in mm."""
        return float(np.median(self.steps))


def judge(instances: Sequence[Instance], *, limits: ReadLimits) -> Stack:
    """Sort slices along their normal and say whether they make a grid.

    Parameters
    ----------
    instances : sequence of Instance
        Of one series and role; at least one.
    limits : ReadLimits

    Returns
    -------
    Stack
        With the grid, whose slice axis is the true step from slice to slice, or with the rule that broke.
    """
    why = _unplaced(instances) or _mixed(instances, limits=limits) or _too_few(instances, limits=limits)
    if why:
        return Stack(instances=tuple(instances), grid=None, why=why)
    order, layout = _sorted(instances)
    for rule in _RULES:
        broken = rule(layout, limits)
        if broken:
            return Stack(instances=order, grid=None, why=broken + _tilt_note(layout, limits))
    return _good(order, layout, limits=limits)


def _good(order: tuple[Instance, ...], layout: _Layout, *, limits: ReadLimits) -> Stack:
    """Build the grid of slices that passed all rules."""
    header = order[0].header
    orientation, spacing = np.array(header.orientation), header.spacing_mm or (0.0, 0.0)
    step = (layout.positions[-1] - layout.positions[0]) / (len(order) - 1)
    axes = [step, unit(orientation[3:]) * spacing[0], unit(orientation[:3]) * spacing[1]]
    note = _tilt_note(layout, limits)
    shape = (len(order), header.pixels.rows, header.pixels.columns)
    return Stack(
        instances=order,
        grid=grid_from_axes(shape, origin=layout.positions[0], axes_mm=axes),
        why=f"{note.removeprefix('; ')}, kept as a sheared grid" if note else "",
    )


def _sorted(instances: Sequence[Instance]) -> tuple[tuple[Instance, ...], _Layout]:
    """Sort along the normal; what lies at one place stays in the order given."""
    positions = np.array([one.position for one in instances], dtype=np.float64)
    orientation = np.array(instances[0].header.orientation, dtype=np.float64)
    normal = unit(np.cross(orientation[:3], orientation[3:]))
    along = positions @ normal
    order = np.argsort(along, kind="stable")
    layout = _Layout(positions=positions[order], along=along[order], normal=normal)
    return tuple(instances[n] for n in order), layout


def _unplaced(instances: Sequence[Instance]) -> str:
    """Break when a slice does not say where it is."""
    if any(not one.pixels_tag or not one.header.pixels.rows for one in instances):
        return f"{NO_VOLUME}: no pixels"
    if any(one.position is None for one in instances):
        return f"{NO_VOLUME}: no place in the patient (ImagePositionPatient)"
    for header in {id(one.header): one.header for one in instances}.values():
        if header.orientation is None:
            return f"{NO_VOLUME}: no place in the patient (ImageOrientationPatient)"
        if header.spacing_mm is None:
            return f"{NO_VOLUME}: no PixelSpacing"
        if not _is_orthonormal(header.orientation):
            return f"{NO_VOLUME}: ImageOrientationPatient is not two perpendicular directions"
    return ""


def _is_orthonormal(orientation: tuple[float, ...]) -> bool:
    """Say whether six direction cosines are two perpendicular unit vectors, as far as decimals go."""
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = np.array([row @ row, column @ column])
    return bool(np.abs(lengths - 1.0).max() < 0.01 and abs(float(row @ column)) < 0.01)


def likeness(one: Instance, *, limits: ReadLimits) -> tuple[object, ...]:
    """Return what slices of one grid have in common: matrix, spacing and orientation, up to rounding."""
    header = one.header
    spacing = header.spacing_mm or (0.0, 0.0)
    rounded = tuple(round(cosine / (2 * limits.orientation_tolerance)) for cosine in header.orientation or ())
    return header.pixels.rows, header.pixels.columns, tuple(round(s, 3) for s in spacing), rounded


def _mixed(instances: Sequence[Instance], *, limits: ReadLimits) -> str:
    """Break when slices have several orientations, matrices or spacings."""
    worlds = {one.frame_of_reference_uid for one in instances}
    if 1 < len(worlds) < len(instances):  # one for each slice is a mistake of pseudonymisation, and says nothing
        return f"{NO_VOLUME}: slices of {len(worlds)} frames of reference"
    headers = list({id(one.header): one.header for one in instances}.values())
    if len(headers) == 1:
        return ""
    cosines = np.array([header.orientation for header in headers])
    if np.abs(cosines - cosines[0]).max() > limits.orientation_tolerance:
        return f"{MIXED}: slices of one series point in different directions"
    if len({(header.pixels.rows, header.pixels.columns) for header in headers}) > 1:
        return f"{NO_VOLUME}: slices of different matrix size"
    spacing = np.array([header.spacing_mm for header in headers])
    if (np.abs(spacing / spacing[0] - 1.0)).max() > limits.in_plane_tolerance:
        return f"{NO_VOLUME}: slices of different PixelSpacing"
    return ""


def _too_few(instances: Sequence[Instance], *, limits: ReadLimits) -> str:
    """Break when there are fewer slices than show a spacing."""
    count = len(instances)
    if count >= limits.min_slices:
        return ""
    return f"{NO_VOLUME}: {count} slice{'s' * (count != 1)}, fewer than {limits.min_slices}"


def _one_place(layout: _Layout, limits: ReadLimits) -> str:
    """Break when all slices lie at one place."""
    if layout.along[-1] - layout.along[0] > limits.doubled_within_mm:
        return ""
    return f"{NO_VOLUME}: all {len(layout.along)} slices lie at one position"


def _doubled(layout: _Layout, limits: ReadLimits) -> str:
    """Break when two slices lie at one place."""
    count = int((layout.steps <= limits.doubled_within_mm).sum())
    if not count:
        return ""
    return f"{DOUBLED}: {count} of {len(layout.along)} positions along the normal are taken twice"


def _missing(layout: _Layout, limits: ReadLimits) -> str:
    """Break when some steps are whole multiples of the usual one."""
    steps, typical = layout.steps, layout.typical
    tolerance = _tolerance_mm(typical, limits)
    multiples = np.rint(steps / typical)
    wide = multiples > 1
    if not wide.any() or (np.abs(steps - multiples * typical) > 2 * tolerance).any():
        return ""
    absent = int((multiples[wide] - 1).sum())
    where = ", ".join(f"{at:.1f}" for at in layout.along[:-1][wide][:3])
    span = f"{steps.min():.2f} to {steps.max():.2f} mm"
    return f"{MISSING}: {absent} absent after {where} mm along the normal (uneven increments, {span})"


def _uneven(layout: _Layout, limits: ReadLimits) -> str:
    """Break when slices are not where equal steps put them along the normal."""
    even = np.linspace(layout.along[0], layout.along[-1], len(layout.along))
    mean = float(layout.along[-1] - layout.along[0]) / (len(layout.along) - 1)
    if np.abs(layout.along - even).max() <= _tolerance_mm(mean, limits):
        return ""
    return f"{UNEVEN}: steps of {layout.steps.min():.2f} to {layout.steps.max():.2f} mm along the normal"


def _shifted(layout: _Layout, limits: ReadLimits) -> str:
    """Break when slices are shifted against each other in their plane, not along one straight line."""
    count = len(layout.along)
    share = np.linspace(0.0, 1.0, count)[:, None]
    even = layout.positions[0] + share * (layout.positions[-1] - layout.positions[0])
    aside = float(np.linalg.norm(layout.positions - even, axis=1).max())
    tolerance = 2 * _tolerance_mm(float(np.median(layout.steps)), limits)
    return "" if aside <= tolerance else f"{NO_VOLUME}: slices are shifted by {aside:.2f} mm against a straight stack"


_RULES: Final[tuple[Callable[[_Layout, ReadLimits], str], ...]] = (_one_place, _doubled, _missing, _uneven, _shifted)


def _tolerance_mm(step_mm: float, limits: ReadLimits) -> float:
    """Return how far from its even place a slice may be."""
    return min(limits.position_tolerance_mm, limits.position_tolerance_steps * step_mm)


def _tilt_note(layout: _Layout, limits: ReadLimits) -> str:
    """Say by how much the line of positions leans from the normal; nothing when it does not."""
    chord = layout.positions[-1] - layout.positions[0]
    length = float(np.linalg.norm(chord))
    if length == 0.0:
        return ""
    degrees = float(np.degrees(np.arccos(min(1.0, abs(float(chord @ layout.normal)) / length))))
    if degrees < limits.tilt_from_deg:
        return ""
    return f"; {TILT}: slices lean by {degrees:.1f} degrees"
