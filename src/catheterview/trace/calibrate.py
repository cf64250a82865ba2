"""What one tube looks like across its way, measured where it runs alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, resample_polyline, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.strand import Cut, Strand, cuts_across, nearness


def calibrated(image: Image, lines: Sequence[FloatArray], limits: TraceLimits) -> Strand | None:
    """Measure the cross-section of a tube where it runs alone.

    Parameters
    ----------
    lines : sequence of (N, 3) float64, LPS mm
        Clear stretches of the tube.

    Returns
    -------
    Strand or None
        None where there is too little of it to measure.
    """
    cuts = [cut for line in lines for cut in _cuts_along(image, line, limits)][: limits.strand_cuts]
    if len(cuts) < limits.strand_fewest_cuts:
        return None
    widths = limits.strand_widths_mm
    fits = _Fits.of(image, cuts)
    tried = [fits.tried(in_plane_mm, through_mm) for in_plane_mm in widths for through_mm in widths]
    return min(tried, key=lambda each: each[0])[1]


def _cuts_along(image: Image, line: FloatArray, limits: TraceLimits) -> list[Cut]:
    """Cuts every few millimetres of a line, away from its ends."""
    even = resample_polyline(line, step=1.0)
    at = np.arange(3, len(even) - 3, 3)
    return cuts_across(image, even[at], unit(even[at + 2] - even[at - 2]), limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fits:
    """Cuts that all widths are fitted to: a Gaussian on a slope, nearer places counting more.

    Parameters
    ----------
    offsets : (D, 2) float64, mm
    near : (D,) float64
        How much each place matters.
    plane : (D, 3) float64, orthonormal
        Slopes, weighted; what is fitted lies beside them.
    target : (C, D) float64, HU, weighted
    tilt : (C, 2) float64
        The slice's normal in each cut's plane.
    """

    offsets: FloatArray
    near: FloatArray
    plane: FloatArray
    target: FloatArray
    tilt: FloatArray

    @classmethod
    def of(cls, image: Image, cuts: Sequence[Cut]) -> _Fits:
        """Prepare cuts of one image."""
        offsets = cuts[0].offsets
        near = nearness(offsets, np.zeros(2))
        plane = np.linalg.qr(np.column_stack([np.ones(len(near)), offsets]) * near[:, None])[0]
        target = np.array([cut.values for cut in cuts]) * near
        normal = unit(image.placed.affine[:3, 0])
        tilt = np.array([cut.across @ normal for cut in cuts])
        return cls(offsets=offsets, near=near, plane=plane, target=_beside(target, plane), tilt=tilt)

    def tried(self, in_plane_mm: float, through_mm: float) -> tuple[float, Strand]:
        """How badly a width fits the cuts, and the strand with the contrast that fits best."""
        spread = in_plane_mm**2 * np.eye(2) + (through_mm**2 - in_plane_mm**2) * np.einsum(
            "ca,cb->cab", self.tilt, self.tilt
        )
        far = np.einsum("da,cab,db->cd", self.offsets, np.linalg.inv(spread), self.offsets, optimize=True)
        bump = _beside(np.exp(-0.5 * far) * self.near, self.plane)
        power = (bump * bump).sum(axis=1)
        height = (bump * self.target).sum(axis=1) / power
        rest = ((self.target**2).sum(axis=1) - height**2 * power) / np.maximum(height, 1.0) ** 2
        best = Strand(in_plane_mm=in_plane_mm, through_mm=through_mm, contrast_hu=float(np.median(height)))
        return float(np.median(rest)), best


def _beside(rows: FloatArray, plane: FloatArray) -> FloatArray:
    """(C, D) rows without what lies in an orthonormal (D, 3) plane."""
    return np.asarray(rows - (rows @ plane) @ plane.T)
