"""One CT laid on another of the same patient by the bones round the spinal canal.

What has to be matched is one rigid body, some thousand points of the spine, so that scipy's optimiser does it. A spine
without its ends may fit about as well one vertebra off: then the names of the vertebrae decide, where both scans show
what they are counted from; else every way that fits is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from catheterview.geometry import FloatArray, Grid
from catheterview.limits.serial import SerialLimits
from catheterview.model import Anatomy, Image, VertebralLevel
from catheterview.resample import sample

_LEAST_POINTS = 400
_MOST_POINTS = 5000
_START_STEP_MM = 6.0
_STARTS = 6
_APART_MM = 12.0  # along the spine: less than any vertebra
_TURN_UNIT = 0.05  # rad to which a mm of shift is equal, for the optimiser
_FEW_SHARE = 0.35  # of the points that must lie in the earlier scan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spine:
    """The bones round a canal on a coarse grid, and the canal.

    Parameters
    ----------
    bones : Image
    canal : (N, 3) LPS mm
    levels : tuple of VertebralLevel
        Vertebrae that were counted from something; none where they are only numbered.
    """

    bones: Image
    canal: FloatArray
    levels: tuple[VertebralLevel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Laid:
    """How points of a CT lie in an earlier one.

    Parameters
    ----------
    turn : (3, 3)
    middle, shift_mm : (3,)
        A point p lies at ``turn @ (p - middle) + middle + shift_mm`` in the earlier CT.
    fit : float
        Correlation of the bones, -1 to 1.
    """

    turn: FloatArray
    middle: FloatArray
    shift_mm: FloatArray
    fit: float

    def before(self, points: FloatArray) -> FloatArray:
        """(N, 3) where points of the later CT lie in the earlier one, LPS mm."""
        return np.asarray((points - self.middle) @ self.turn.T + self.middle + self.shift_mm)


def spine_of(image: Image, anatomy: Anatomy, limits: SerialLimits) -> Spine | None:
    """Keep of a CT what another is laid on.

    Parameters
    ----------
    image : Image
    anatomy : Anatomy
    limits : SerialLimits

    Returns
    -------
    Spine or None
        None without a canal.
    """
    if len(anatomy.canal) < 2:
        return None
    reach, step = limits.bone_reach_mm, limits.bone_step_mm
    margin = np.array([reach, reach, 0.0])
    low, high = anatomy.canal.min(axis=0) - margin, anatomy.canal.max(axis=0) + margin
    shape = tuple(int(n) for n in np.ceil((high - low)[::-1] / step)) if (high > low).all() else (1, 1, 1)
    affine = np.zeros((4, 4))
    affine[2, 0] = affine[1, 1] = affine[0, 2] = step
    affine[:3, 3], affine[3, 3] = low, 1.0
    grid = Grid(shape=(shape[0], shape[1], shape[2]), affine=affine)
    at = grid.index_to_world(np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1))
    hu = np.clip(sample(image, at, outside=0.0), 0.0, limits.bone_most_hu)
    smooth = gaussian_filter(hu, 0.7)
    bones = replace(image, voxels=np.asarray(smooth, dtype=np.int16), grid=grid, sop_instance_uids=())
    counted = anatomy.levels_from not in ("relative", "none")
    return Spine(bones=bones, canal=anatomy.canal, levels=anatomy.levels if counted else ())


def lay_on_bones(now: Spine, earlier: Spine, limits: SerialLimits, *, about_mm: float) -> tuple[Laid, ...]:
    """Lay a CT on an earlier one.

    Parameters
    ----------
    now, earlier : Spine
    limits : SerialLimits
    about_mm : float
        A shift along the spine that is tried in any case.

    Returns
    -------
    tuple of Laid
        Every way that fits, a vertebra or more apart, best first; empty where none does. Where vertebrae have names in
        both, only the ways that lay each on its like, if there are any.
    """
    points, values = _points(now, limits)
    if len(points) < _LEAST_POINTS:
        return ()
    match = _Match(points=points, values=values, earlier=earlier.bones)
    ends = sorted(
        (_refined(match, start) for start in _starts(match, (now, earlier), limits, about_mm)), key=lambda one: -one[0]
    )
    out: list[Laid] = []
    for fit, state in ends:
        apart = all(abs(state[5] - one.shift_mm[2]) > _APART_MM for one in out)
        if fit >= max(limits.bone_fit, ends[0][0] - limits.bone_margin) and apart:
            turn = Rotation.from_rotvec(state[:3] * _TURN_UNIT).as_matrix()
            out.append(Laid(turn=turn, middle=match.middle, shift_mm=state[3:], fit=fit))
    return tuple(way for way in out if _likes_meet(way, now, earlier, limits)) or tuple(out)


def _likes_meet(way: Laid, now: Spine, earlier: Spine, limits: SerialLimits) -> bool:
    """Whether a way lays vertebrae on those of the same name; so, too, where none has one in both."""
    rises = _rises(now, earlier, way)
    return not len(rises) or abs(float(np.median(rises))) <= limits.like_mm


def _rises(now: Spine, earlier: Spine, way: Laid | None = None) -> FloatArray:
    """By how much each vertebra that has a name in both lies higher in the earlier scan, mm, once it is laid on it."""
    before = {level.name: np.array(level.point) for level in earlier.levels}
    pairs = [(np.array(level.point), before[level.name]) for level in now.levels if level.name in before]
    return np.array([there[2] - (here if way is None else way.before(here[None])[0])[2] for here, there in pairs])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Match:
    """Points (N, 3) of the later scan with their HU, and the earlier scan's bones."""

    points: FloatArray
    values: FloatArray
    earlier: Image

    @property
    def middle(self) -> FloatArray:
        return np.asarray(self.points.mean(axis=0))

    def fit(self, state: FloatArray) -> float:
        """Correlation at a turn (in units) and a shift."""
        turn = Rotation.from_rotvec(state[:3] * _TURN_UNIT).as_matrix()
        at = (self.points - self.middle) @ turn.T + self.middle + state[3:]
        inside = self.earlier.placed.contains(at)
        if inside.mean() < _FEW_SHARE:
            return -1.0
        there = sample(self.earlier, at[inside]).astype(np.float64)
        here = self.values[inside]
        spread = float(here.std() * there.std())
        return float(((here - here.mean()) * (there - there.mean())).mean()) / spread if spread > 0.0 else -1.0


def _points(now: Spine, limits: SerialLimits) -> tuple[FloatArray, FloatArray]:
    """Bone and as many other places, drawn evenly, with their HU."""
    voxels = now.bones.voxels
    rng = np.random.default_rng(0)
    bone, rest = np.argwhere(voxels >= limits.bone_hu), np.argwhere(voxels < limits.bone_hu)
    few = min(len(bone), len(rest), _MOST_POINTS // 2)
    index = np.concatenate([part[rng.choice(len(part), few, replace=False)] for part in (bone, rest)])
    return now.bones.placed.index_to_world(index), voxels[tuple(index.T)].astype(np.float64)


def _starts(match: _Match, spines: tuple[Spine, Spine], limits: SerialLimits, about_mm: float) -> list[FloatArray]:
    """The best shifts along the spine, canal on canal, and those that are wanted: by the pump, by the names."""
    rises = _rises(*spines)
    named = [float(np.median(rises))] if len(rises) else []
    wanted = [_canal_on_canal(*spines, along) for along in (*named, about_mm)]
    shifts = np.arange(-limits.bone_shift_mm, limits.bone_shift_mm + 0.1, _START_STEP_MM)
    tried = [state for along in shifts if (state := _canal_on_canal(*spines, float(along))) is not None]
    chosen = [state for state in wanted if state is not None]
    for state in sorted(tried, key=lambda one: -match.fit(one)):
        if all(abs(state[5] - one[5]) > _APART_MM for one in chosen):
            chosen.append(state)
    return chosen[:_STARTS]


def _canal_on_canal(now: Spine, earlier: Spine, along_mm: float) -> FloatArray | None:
    """The shift that lays one canal on the other at a shift along it; None where too little of them meets."""
    z = now.canal[:, 2] + along_mm
    both = (z >= earlier.canal[0, 2]) & (z <= earlier.canal[-1, 2])
    if both.mean() < _FEW_SHARE:
        return None
    there = np.stack([np.interp(z[both], earlier.canal[:, 2], earlier.canal[:, n]) for n in (0, 1)], axis=1)
    aside = np.median(there - now.canal[both, :2], axis=0)
    return np.array([0.0, 0.0, 0.0, *aside, along_mm])


def _refined(match: _Match, start: FloatArray) -> tuple[float, FloatArray]:
    """The best fit near a start."""

    def misfit(state: FloatArray) -> float:
        return -match.fit(state)

    found = minimize(misfit, start, method="Powell", options={"xtol": 0.05, "ftol": 1e-4})
    return -float(found.fun), np.asarray(found.x, dtype=np.float64)
