"""Thin tubes and wires seen by a cone beam: walls, lumens and metal as volume elements dropped on the detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, arc_length, moving_frame, resample_polyline
from catheterview.phantom.film.camera import Camera

_STEP_MM = 0.06
_SPACING_MM = 0.11  # of the elements of a cross-section


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wire:
    """A hollow or solid cylinder.

    Parameters
    ----------
    axis : (N, 3) LPS mm
    inner_mm, outer_mm : float
        Diameters.
    per_mm : (N,) float64
        Linear attenuation above what lies there without it.
    """

    axis: FloatArray
    inner_mm: float
    outer_mm: float
    per_mm: FloatArray


def wires_seen(wires: tuple[Wire, ...], camera: Camera) -> NDArray[np.float32]:
    """How much the wires attenuate the ray to each pixel.

    Parameters
    ----------
    wires : tuple of Wire
    camera : Camera

    Returns
    -------
    (R, C) float32
        Attenuation, without unit.

    Notes
    -----
    Each element adds its volume times its attenuation over the area that a pixel has at its depth: foreshortening,
    crossings and the two bright rails of a tube's edges come out by themselves.
    """
    out = np.zeros(camera.shape, dtype=np.float64)
    for wire in wires:
        for points, weights in _elements(wire):
            _drop(out, camera, points, weights)
    return out.astype(np.float32)


def _elements(wire: Wire) -> list[tuple[FloatArray, FloatArray]]:
    """Cut a wire into volume elements: positions (M, 3) and attenuation times volume (M,), stretch by stretch."""
    axis = resample_polyline(wire.axis, step=_STEP_MM)
    if len(axis) < 3:
        return []
    length = arc_length(wire.axis)
    per_mm = np.interp(np.linspace(0.0, length[-1], len(axis)), length, wire.per_mm)
    first, second = moving_frame(resample_polyline(wire.axis, step=0.5))
    coarse = np.linspace(0.0, len(first) - 1, len(axis)).round().astype(int)
    ring, area = _cross_section(wire.inner_mm, wire.outer_mm)
    step = float(length[-1]) / (len(axis) - 1)
    out = []
    for start in range(0, len(axis), 4000):
        part = slice(start, start + 4000)
        a, b = first[coarse[part]], second[coarse[part]]
        points = axis[part, None] + ring[None, :, :1] * a[:, None] + ring[None, :, 1:] * b[:, None]
        out.append((points.reshape(-1, 3), np.repeat(per_mm[part] * step * area, len(ring))))
    return out


def _cross_section(inner_mm: float, outer_mm: float) -> tuple[FloatArray, float]:
    """Points (M, 2) that each stand for the same area (second value, mm2) of a ring, along a sunflower's spiral."""
    whole = np.pi / 4.0 * (outer_mm**2 - inner_mm**2)
    count = max(8, int(np.ceil(whole / _SPACING_MM**2)))
    n = np.arange(count) + 0.5
    radius = 0.5 * np.sqrt(inner_mm**2 + (outer_mm**2 - inner_mm**2) * n / count)
    angle = np.pi * (1.0 + 5.0**0.5) * n
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), float(whole / count)


def _drop(out: NDArray[np.float64], camera: Camera, points: FloatArray, weights: FloatArray) -> None:
    """Share the elements among the four pixels round each, in place."""
    at = camera.project(points)
    weights = weights * camera.magnification(points) ** 2 / camera.pitch_mm**2
    low = np.floor(at).astype(np.int64)
    inside = (low >= 0).all(axis=1) & (low[:, 0] < out.shape[0] - 1) & (low[:, 1] < out.shape[1] - 1)
    low, part, weights = low[inside], (at - low)[inside], weights[inside]
    flat = low[:, 0] * out.shape[1] + low[:, 1]
    for row in (0, 1):
        for column in (0, 1):
            share = (part[:, 0] if row else 1.0 - part[:, 0]) * (part[:, 1] if column else 1.0 - part[:, 1])
            np.add.at(out.reshape(-1), flat + row * out.shape[1] + column, share * weights)
