"""What one tube looks like across its way, and where it lies among others that touch it.

Two turns of a loop that lie side by side are closer than the scanner resolves: they make one broad ridge, and no filter
tells them apart. What does is that a catheter looks the same wherever it runs: its blurred cross-section is measured
where it runs alone, and a few of them are fitted to what is seen where turns touch. Only their places are free, so the
fit is well posed down to about one blur width between turns.

Source of the method: the known-template, free-position fit of single-molecule localisation (Thompson, Larson and Webb,
Biophys J 2002, 82(5)), with Gauss-Newton steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from catheterview.geometry import FloatArray, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample
from catheterview.trace.bumps import NEAR_MM, heights, settled

#: Times a tube's contrast over the background: even two that cross are not as bright.
_BRIGHTER = 2.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strand:
    """The blurred cross-section of a tube: a Gaussian, wider through the slices than in them.

    Parameters
    ----------
    in_plane_mm, through_mm : float
        Standard deviations in the slice and through it.
    contrast_hu : float
        Height over its surroundings.
    """

    in_plane_mm: float
    through_mm: float
    contrast_hu: float

    def precision(self, across: FloatArray, image: Image) -> FloatArray:
        """(2, 2) inverse covariance, 1/mm2, in the plane of two unit vectors, (2, 3) LPS."""
        tilt = across @ unit(image.placed.affine[:3, 0])
        spread = self.in_plane_mm**2 * np.eye(2) + (self.through_mm**2 - self.in_plane_mm**2) * np.outer(tilt, tilt)
        return np.asarray(np.linalg.inv(spread))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """An image cut across a line.

    Parameters
    ----------
    middle : (3,) float64, LPS mm
    across : (2, 3) float64, unit vectors, LPS
    offsets : (D, 2) float64, mm along the two
    values : (D,) float64, HU, averaged over 2 mm along the line
    floor_hu : float
        What a fifth of the values stay below.
    """

    middle: FloatArray
    across: FloatArray
    offsets: FloatArray
    values: FloatArray
    floor_hu: float

    def seen(self, contrast_hu: float) -> FloatArray:
        """(2, D) values over a contrast, and 1 where they may be a tube's, 0 where metal or bone is."""
        out = np.empty((2, len(self.values)))
        np.divide(self.values, contrast_hu, out=out[0])
        out[1] = self.values <= self.floor_hu + _BRIGHTER * contrast_hu
        return out

    def place(self, offsets: FloatArray) -> FloatArray:
        """(..., 3) LPS mm of (..., 2) offsets in mm."""
        return np.asarray(self.middle + offsets @ self.across)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """Tubes fitted to a cut; the first is the one that is followed.

    Parameters
    ----------
    offsets : (K, 2) float64, mm in the cut
    share : (K,) float64
        Height of each over the strand's contrast.
    """

    offsets: FloatArray
    share: FloatArray


def cut_across(image: Image, point: FloatArray, along: FloatArray, limits: TraceLimits) -> Cut:
    """Cut an image across a direction at a (3,) LPS mm point."""
    return cuts_across(image, point[None], along[None], limits)[0]


def cuts_across(
    image: Image, points: FloatArray, along: FloatArray, limits: TraceLimits, *, bend: FloatArray | None = None
) -> list[Cut]:
    """Cut an image across (N, 3) directions at (N, 3) LPS mm points; averaged along (N, 3) bends, 1/mm, where given."""
    first = unit(_cross(along, np.eye(3)[np.abs(along).argmin(axis=1)]))
    across = np.stack([first, _cross(along, first)], axis=1)
    offsets = _disc(limits.strand_reach_mm, limits.step_mm)
    flat = points[:, None] + offsets @ across
    reach = round(limits.strand_along_mm)
    at = np.arange(-reach, reach + 1.0)[:, None, None]
    steps = at * along[:, None, None]
    if bend is not None:
        steps = steps + 0.5 * at**2 * bend[:, None, None]
    values = sample(image, flat[:, None] + steps).mean(axis=1, dtype=np.float64)
    fifth = len(offsets) // 5
    floors = np.partition(values, fifth, axis=1)[:, fifth].tolist()
    return [
        Cut(middle=points[n], across=across[n], offsets=offsets, values=values[n], floor_hu=floor)
        for n, floor in enumerate(floors)
    ]


def _cross(first: FloatArray, second: FloatArray) -> FloatArray:
    """Cross products of (N, 3) vectors; numpy's own takes ten times as long for one."""
    (a, b, c), (x, y, z) = first.T, second.T
    return np.stack([b * z - c * y, c * x - a * z, a * y - b * x], axis=1)


def fit_strands(image: Image, cut: Cut, expected: tuple[Strand, FloatArray], limits: TraceLimits) -> Fitted:
    """Fit tubes of one make to a cut, adding neighbours for as long as something like a tube is left over.

    Parameters
    ----------
    expected : Strand, (K, 2) float64, mm
        The tube, and where it is expected; the first is the one that is followed.

    Returns
    -------
    Fitted
    """
    strand, start = expected
    precision = strand.precision(cut.across, image)
    while True:
        offsets = _settled(cut, precision, (strand, start), limits)
        share, rest = _heights(cut, precision, offsets, strand)
        if len(start) >= limits.strand_most:
            return Fitted(offsets=offsets, share=share)
        more = _left_over(cut, precision, (offsets, rest), limits)
        added = (
            _parted(cut, precision, offsets, (strand, limits))
            if more is None
            else np.concatenate([offsets, more[None]])
        )
        if added is None:
            return Fitted(offsets=offsets, share=share)
        start = added


def _parted(cut: Cut, precision: FloatArray, offsets: FloatArray, of: tuple[Strand, TraceLimits]) -> FloatArray | None:
    """(K + 1, 2) places with one tube parted in two, where one leaves too much and two leave far less; else None.

    Two that touch look much like one that is a little too bright and too broad.
    """
    limits = of[1]
    before = _rest_of(cut, precision, offsets, of)[1]
    if before < limits.strand_rest:
        return None
    starts = []
    for n, at in enumerate(offsets):
        for way in limits.strand_apart_mm * _ways():
            # Of the two, the nearer to where the tube was expected is the one that is followed.
            near, far = sorted((at + way, at - way), key=lambda place: float(place @ place))
            others = np.delete(offsets, n, axis=0)
            starts.append(np.stack([near, *others, far] if n == 0 else [*others, near, far]))
    after = [_rest_of(cut, precision, start, of) for start in starts]
    best = int(np.argmin([rest for _, rest in after]))
    share, rest = after[best]
    return starts[best] if rest < limits.strand_better * before and share.min() >= limits.strand_share else None


def _ways() -> FloatArray:
    """(4, 2) unit vectors that cover half a turn."""
    angles = np.arange(4) * np.pi / 4
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def is_alone(image: Image, cut: Cut, strand: Strand, limits: TraceLimits) -> bool:
    """Whether one tube runs through the middle of a cut, without another within reach of its blur or merged with it."""
    fitted = fit_strands(image, cut, (strand, np.zeros((1, 2))), limits)
    if fitted.share[0] > limits.strand_merged:
        return False
    return not (np.linalg.norm(fitted.offsets[1:] - fitted.offsets[0], axis=1) < limits.strand_near_mm).any()


def _rest_of(
    cut: Cut, precision: FloatArray, start: FloatArray, of: tuple[Strand, TraceLimits]
) -> tuple[FloatArray, float]:
    """Heights of tubes fitted from given places, and the squares that they leave."""
    strand, limits = of
    share, rest = _heights(cut, precision, _settled(cut, precision, (strand, start), limits), strand)
    return share, float((cut.seen(strand.contrast_hu)[1] * nearness(cut.offsets, np.zeros(2)) ** 2 * rest**2).sum())


def _settled(cut: Cut, precision: FloatArray, tubes: tuple[Strand, FloatArray], limits: TraceLimits) -> FloatArray:
    """(K, 2) places that fit best, held near where they are expected."""
    strand, expected = tubes
    shape = _shape(precision, limits.strand_hold)
    return np.asarray(settled(cut.seen(strand.contrast_hu), cut.offsets, shape, expected))


def _heights(cut: Cut, precision: FloatArray, offsets: FloatArray, strand: Strand) -> tuple[FloatArray, FloatArray]:
    """(K,) heights of tubes at given places, in the strand's own, and the (D,) rest that they leave."""
    share, rest = heights(cut.seen(strand.contrast_hu), cut.offsets, _shape(precision, 0.0), offsets)
    return np.asarray(share), np.asarray(rest)


def _shape(precision: FloatArray, hold: float) -> FloatArray:
    return np.array([precision[0, 0], precision[0, 1], precision[1, 1], hold])


def _left_over(
    cut: Cut, precision: FloatArray, found: tuple[FloatArray, FloatArray], limits: TraceLimits
) -> FloatArray | None:
    """The (2,) place of one more tube in what is left over; None where nothing like a tube is left."""
    offsets, rest = found
    places = cut.offsets[np.linalg.norm(cut.offsets, axis=1) <= limits.strand_near_mm]
    away = np.linalg.norm(places[:, None] - offsets[None], axis=2).min(axis=1)
    places = places[away >= limits.strand_apart_mm]
    bumps = _bumps(cut.offsets, precision, places)
    height = bumps @ rest / (bumps * bumps).sum(axis=1)
    best = int(np.argmax(height))
    return places[best] if height[best] >= limits.strand_share else None


def nearness(offsets: FloatArray, at: FloatArray) -> FloatArray:
    """(D,) how much each place matters to a tube at a (2,) place."""
    return np.asarray(np.exp(-0.5 * ((offsets - at) ** 2).sum(axis=1) / NEAR_MM**2))


def _bumps(offsets: FloatArray, precision: FloatArray, at: FloatArray) -> FloatArray:
    """(K, D) unit Gaussians at (K, 2) places."""
    first, second = (offsets[:, axis] - at[:, axis, None] for axis in (0, 1))
    far = precision[0, 0] * first * first + 2.0 * precision[0, 1] * first * second + precision[1, 1] * second * second
    return np.asarray(np.exp(-0.5 * far))


@lru_cache(maxsize=8)
def _disc(reach: float, step: float) -> FloatArray:
    """(D, 2) offsets in mm that fill the cut; not to be written to."""
    at = np.arange(-reach, reach + 1e-6, step)
    grid = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.asarray(grid[np.linalg.norm(grid, axis=1) <= reach + 1e-6])
