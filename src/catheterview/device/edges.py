"""The edges of a disc, measured at half maximum in the image: neither blooming nor a catheter moves them far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.device.disc import Disc, circle_through
from catheterview.device.solid import sample_hu
from catheterview.geometry import FloatArray, moving_frame
from catheterview.limits import DeviceLimits
from catheterview.model import Image

_RAYS = 96


def refined_disc(image: Image, disc: Disc, limits: DeviceLimits) -> Disc:
    """Move a disc's rim and faces to where the image falls to half.

    Parameters
    ----------
    image : Image
    disc : Disc
        From `fit_disc`.
    limits : DeviceLimits

    Returns
    -------
    Disc
        The same disc where too little of its edge is in the image.
    """
    across, up = (axis[0] for axis in moving_frame(np.stack([disc.center, disc.center + disc.normal])))
    thick = _with_measured_faces(image, disc, (across, up), limits)
    return _with_measured_rim(image, thick, (across, up), limits)


def _edge_mm(image: Image, starts: FloatArray, inward: FloatArray, limits: DeviceLimits) -> FloatArray:
    """(N,) how far inward of each start the first half-maximum edge lies; NaN outside the image or without metal."""
    steps = np.arange(0.0, 2 * limits.ray_margin_mm, limits.ray_step_mm)
    points = starts[:, None, :] + inward[:, None, :] * steps[:, None]
    values = np.maximum(sample_hu(image, points), 0.0)
    half = values.max(axis=1) / 2
    over = values >= half[:, None]
    hit = over.argmax(axis=1)
    rows = np.arange(len(values))
    low, high = values[rows, np.maximum(hit - 1, 0)], values[rows, hit]
    part = (half - low) / np.maximum(high - low, 1.0)
    edge = np.asarray((np.maximum(hit - 1, 0) + part) * limits.ray_step_mm)
    usable = (half >= limits.metal_hu * limits.shell_share / 2) & (hit > 0) & image.placed.contains(points).all(axis=1)
    return np.where(usable, edge, np.nan)


def _with_measured_faces(image: Image, disc: Disc, plane: tuple[FloatArray, FloatArray], limits: DeviceLimits) -> Disc:
    """Measure thickness and middle along the normal; the catheter behind a face is outvoted."""
    spread = np.array([(r, a) for r in (0.15, 0.3, 0.45, 0.6, 0.75) for a in np.arange(16) * np.pi / 8])
    flat = disc.radius_mm * spread[:, :1] * np.column_stack([np.cos(spread[:, 1]), np.sin(spread[:, 1])])
    on_disc = disc.center + flat @ np.stack(plane)
    start = disc.thickness_mm / 2 + limits.ray_margin_mm
    faces = []
    for side in (1.0, -1.0):
        out = side * disc.normal
        edges = _edge_mm(image, on_disc + start * out, np.broadcast_to(-out, on_disc.shape), limits)
        if np.isfinite(edges).mean() < limits.rim_share_min:
            return disc
        faces.append(start - float(np.nanmedian(edges)))
    shift = (faces[0] - faces[1]) / 2
    return replace(disc, center=disc.center + shift * disc.normal, thickness_mm=faces[0] + faces[1])


def _with_measured_rim(image: Image, disc: Disc, plane: tuple[FloatArray, FloatArray], limits: DeviceLimits) -> Disc:
    """Measure radius and middle within the disc's plane."""
    angles = np.arange(_RAYS) * (2 * np.pi / _RAYS)
    out = np.column_stack([np.cos(angles), np.sin(angles)]) @ np.stack(plane)
    start = disc.radius_mm + limits.ray_margin_mm
    edges = np.stack(
        [
            _edge_mm(image, disc.center + height * disc.thickness_mm * disc.normal + start * out, -out, limits)
            for height in (-0.2, 0.0, 0.2)
        ]
    )
    seen = np.isfinite(edges).any(axis=0)
    if seen.mean() < limits.rim_share_min:
        return disc
    distance = start - np.array([np.nanmedian(column) for column in edges.T[seen]])
    flat = distance[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])[seen]
    at, radius, residual = circle_through(flat)
    center = disc.center + at @ np.stack(plane)
    return replace(disc, center=center, radius_mm=radius, rim_residual=residual, rim_share=float(seen.mean()))
