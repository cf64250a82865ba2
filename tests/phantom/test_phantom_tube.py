"""Tubes through the point spread: contrast as the physics table says, nothing lost, the same on any grid."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.phantom.tube import Layer, Scanner, render

AXIS = np.stack([np.full(81, 0.31), np.full(81, -0.17), np.linspace(-20.0, 20.0, 81)], axis=1)
FINE = grid_from_axes((5, 91, 81), origin=(-4.0, 4.4, -2.5), axes_mm=[[0, 0, 1.1], [0, -0.1, 0], [0.09, 0, 0]])
OBLIQUE = np.linalg.qr(np.array([[1.0, 0.3, -0.2], [-0.1, 0.9, 0.4], [0.35, -0.3, 1.1]]))[0]


def _drawn(grid: Grid, axis: FloatArray, inner_outer_mm: tuple[float, float], scanner: Scanner) -> FloatArray:
    layer = Layer(
        axis=axis, inner_mm=inner_outer_mm[0], outer_mm=inner_outer_mm[1], excess_hu=np.full(len(axis), 1000.0)
    )
    patch = render((layer,), grid, scanner)
    out = np.zeros(int(np.prod(grid.shape)))
    out[patch.voxels] = patch.hu
    return out.reshape(grid.shape)


@pytest.mark.parametrize(("fwhm_mm", "wall", "lumen"), [(0.7, 0.57, 0.30), (1.0, 0.47, 0.16), (1.3, 0.35, 0.10)])
def test_a_thin_tube_keeps_the_published_share_of_its_contrast(fwhm_mm: float, wall: float, lumen: float) -> None:
    """Outer 1.2 and inner 0.5 mm: the shares of wall and lumen of the physics table (clinical reference E.3)."""
    scanner = Scanner(psf_mm=fwhm_mm, slice_mm=1.0)
    assert _drawn(FINE, AXIS, (0.5, 1.2), scanner).max() / 1000.0 == pytest.approx(wall, abs=0.012)
    assert _drawn(FINE, AXIS, (0.0, 0.5), scanner).max() / 1000.0 == pytest.approx(lumen, abs=0.012)


@pytest.mark.parametrize("slice_mm", [0.8, 3.0])
def test_nothing_of_the_tube_is_lost(slice_mm: float) -> None:
    """The sum over the voxels is the tube's volume times its contrast, on an oblique grid of long voxels."""
    grid = grid_from_axes((60, 70, 75), origin=OBLIQUE.T @ (-20.0, 22.0, -24.0), axes_mm=_steps((0.8, -0.65, 0.6)))
    axis = np.linspace((-5.0, -4.0, -6.0), (6.0, 3.0, 7.0), 40)
    total = _drawn(grid, axis, (0.53, 1.3), Scanner(psf_mm=1.0, slice_mm=slice_mm)).sum() * grid.voxel_volume_mm3
    length = float(np.linalg.norm(axis[-1] - axis[0]))
    assert total == pytest.approx(1000.0 * length * np.pi / 4.0 * (1.3**2 - 0.53**2), rel=0.01)


@pytest.mark.parametrize("fwhm_mm", [0.7, 1.1])
def test_a_wire_shows_the_point_spread_and_its_mtf(fwhm_mm: float) -> None:
    """Its width at half height is the dial's within 3 percent, its transfer function a Gaussian's within 0.01."""
    line = _drawn(FINE, AXIS, (0.0, 0.12), Scanner(psf_mm=fwhm_mm, slice_mm=1.0))[2].sum(axis=0)
    x = -4.0 + 0.09 * np.arange(len(line))
    above = x[line > 0.5 * line.max()]
    assert np.ptp(above) + 0.09 == pytest.approx(fwhm_mm, abs=0.03 * fwhm_mm + 0.09)
    for per_mm in (0.2, 0.4, 0.6):
        seen = abs((line * np.exp(-2j * np.pi * per_mm * x)).sum()) / line.sum()
        assert seen == pytest.approx(np.exp(-2.0 * (np.pi * per_mm * fwhm_mm / 2.354820045) ** 2), abs=0.01)


def _steps(spacing_mm: tuple[float, float, float]) -> FloatArray:
    return np.asarray(OBLIQUE.T * np.array(spacing_mm)[:, None])


def test_the_tube_lies_where_its_axis_is() -> None:
    """The centre of mass of what was drawn is the middle of the axis, to a hundredth of a millimetre."""
    grid = grid_from_axes((60, 70, 75), origin=OBLIQUE.T @ (-20.0, 22.0, -24.0), axes_mm=_steps((0.8, -0.65, 0.6)))
    axis = np.linspace((-5.0, -4.0, -6.0), (6.0, 3.0, 7.0), 40)
    drawn = _drawn(grid, axis, (0.53, 1.3), Scanner(psf_mm=1.1, slice_mm=1.0))
    index = np.argwhere(drawn > 0.0)
    weight = drawn[drawn > 0.0]
    assert grid.index_to_world((index * weight[:, None]).sum(axis=0) / weight.sum()) == pytest.approx(
        axis.mean(axis=0), abs=0.01
    )


@pytest.mark.parametrize("slice_mm", [1.0, 2.5, 5.0])
def test_the_slice_profile_is_as_thick_as_the_slice(slice_mm: float) -> None:
    """A thin tube across the slices is seen half as bright at half a slice thickness from it."""
    grid = grid_from_axes((200, 9, 9), origin=(4.0, -4.0, -10.0), axes_mm=[[0, 0, 0.1], [0, 1.1, 0], [-1.0, 0, 0]])
    axis = np.stack([np.linspace(-30.0, 30.0, 121), np.zeros(121), np.zeros(121)], axis=1)
    profile = _drawn(grid, axis, (0.0, 0.2), Scanner(psf_mm=0.9, slice_mm=slice_mm)).max(axis=(1, 2))
    assert (profile > profile.max() / 2.0).sum() * 0.1 == pytest.approx(slice_mm, abs=0.15)


@pytest.mark.parametrize("tilt_deg", [-17.0, 24.0])
def test_a_tilted_gantry_shows_the_same_tube(tilt_deg: float) -> None:
    """On a sheared grid nothing is lost, and the middle of the tube lies on its axis."""
    down = np.array([0.0, np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))])
    steps = [[0.0, 0.0, 1.3], -0.2 * down, [0.21, 0.0, 0.0]]
    grid = grid_from_axes((14, 141, 75), origin=np.array([-8.0, 0.0, -8.0]) + 14.0 * down, axes_mm=steps)
    axis = np.linspace((-3.0, -2.0, -4.0), (4.0, 2.5, 5.0), 40)
    scanner = Scanner(psf_mm=1.0, slice_mm=1.25)
    drawn = _drawn(grid, axis, (0.0, 1.3), scanner)
    length = float(np.linalg.norm(axis[-1] - axis[0]))
    assert drawn.sum() * grid.voxel_volume_mm3 == pytest.approx(1000.0 * length * np.pi / 4.0 * 1.3**2, rel=0.01)
    points = grid.index_to_world(np.argwhere(drawn > 1.0))
    weights = drawn[drawn > 1.0]
    assert np.abs(np.average(points, axis=0, weights=weights) - axis.mean(axis=0)).max() < 0.05
    along = (axis[-1] - axis[0]) / length
    aside = (points - axis[0]) - np.outer((points - axis[0]) @ along, along)
    inner = np.abs((points - axis.mean(axis=0)) @ along) < 0.3 * length
    off = np.average(aside[inner], axis=0, weights=weights[inner])
    assert np.abs(off).max() < 0.05  # its middle is on the axis, not drawn along the slice axis
