"""Films, runs and maps of activity as layers: pure functions to napari's (data, attributes, type) tuples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Finding
from napari_catheterview.hanging.film import Film
from napari_catheterview.hanging.fused import Fused
from napari_catheterview.layers import (
    CATHETER,
    CURSOR,
    FINDINGS,
    STATUS_COLORS,
    confidence_colors,
    finding_features,
    grey_range,
)
from napari_catheterview.place import LayerData, Place, place_of

#: Kinds of layer; see `napari_catheterview.layers`.
FILM, FUSED = "film", "fused"

#: Opacity of a map to begin with: anatomy shows through.
FUSED_OPACITY = 0.6
#: Percentile of the counts that is brightest, and how much the faint ones are lifted: a reservoir is thousands of times
#: hotter than the tracer that has left it, and must not darken it.
HOTTEST, LIFT = 99.5, 0.7

#: Size of a ring and of the crosshair on a film, as a share of its height.
RING_SHARE, CROSS_SHARE = 0.03, (0.02, 0.06)


def fused_layer(fused: Fused) -> LayerData:
    """Return a map of activity as a coloured Image layer over the anatomy."""
    place = place_of(fused.hung)
    shown = place.attributes(f"{fused.image.modality} {fused.image.series_instance_uid[-8:]}", FUSED)
    hottest = float(np.percentile(fused.hung.voxels[::2, ::2, ::2], HOTTEST))
    shown |= {
        "translate": tuple(fused.hung.translate_mm),
        "colormap": "inferno",
        "blending": "additive",
        "opacity": FUSED_OPACITY,
        "contrast_limits": (0.0, max(hottest, 1.0)),
        "gamma": LIFT,
        "rgb": False,
        "multiscale": False,
        "interpolation2d": "linear",
        "projection_mode": "none",
    }
    return fused.hung.voxels, shown, "image"


def film_layer(film: Film) -> LayerData:
    """Return a film or a run as an Image layer at its place beside the others."""
    shown = Place().attributes(f"{film.image.modality} {film.image.series_instance_uid[-8:]}", FILM)
    shown |= {
        "scale": (1.0, *(float(v) for v in film.scale)),
        "translate": (0.0, 0.0, film.left),
        "colormap": "gray",
        "blending": "additive",
        "contrast_limits": grey_range(film.image),
        "rgb": False,
        "multiscale": False,
        "interpolation2d": "linear",
        "projection_mode": "none",
    }
    return film.image.voxels, shown, "image"


def film_lines(lines: Sequence[tuple[Film, Centreline]]) -> list[LayerData]:
    """Return the catheters of films as Vectors layers; a gap has no vector."""
    made: list[LayerData] = []
    for film, catheter in lines:
        points = film.world(catheter.points)
        starts = np.concatenate([np.arange(first, last) for first, last in catheter.pieces]).astype(int)
        shown = Place().attributes("catheter", CATHETER)
        shown |= {
            "edge_color": confidence_colors(catheter.confidence[starts]),
            "edge_width": float(film.size[0]) / 400,
            "vector_style": "line",
            "opacity": 0.7,
        }
        made.append((np.stack([points[starts], points[starts + 1] - points[starts]], axis=1), shown, "vectors"))
    return made


def film_findings(
    films: Sequence[Film],
    placed: Sequence[tuple[Finding, FloatArray]],
    status: Mapping[str, str],
) -> LayerData:
    """Return findings on films as rings with a word beside each, coloured by verdict.

    Parameters
    ----------
    placed : sequence of (Finding, (3,) world)
    """
    ring = RING_SHARE * _height(films)
    state = [status.get(finding.id, "open") for finding, _ in placed]
    shown = Place().attributes("findings", FINDINGS)
    shown |= {
        "size": ring,
        "symbol": "disc",
        "face_color": "transparent",
        "border_color": [STATUS_COLORS[s] for s in state] or STATUS_COLORS["open"],
        "border_width": 0.08,
        "border_width_is_relative": True,
        "features": finding_features([finding for finding, _ in placed], state),
        "text": {
            "string": "{words}",
            "size": 10,
            "color": "white",
            "anchor": "upper_left",
            "translation": (0.0, 0.6 * ring, 0.6 * ring),
        },
    }
    return np.reshape([world for _, world in placed], (-1, 3)), shown, "points"


def film_cursor(films: Sequence[Film], world: ArrayLike) -> LayerData:
    """Return the crosshair in the plane of the films."""
    shown = Place().attributes("crosshair", CURSOR)
    shown |= {"edge_color": "#30d158", "edge_width": _height(films) / 400, "vector_style": "line", "opacity": 0.8}
    return film_cross(films, world), shown, "vectors"


def film_cross(films: Sequence[Film], world: ArrayLike) -> FloatArray:
    """Return the (4, 2, 3) starts and steps of the crosshair's lines about a point of a film."""
    near, far = (share * _height(films) for share in CROSS_SHARE)
    at = np.asarray(world, dtype=np.float64)
    lines = []
    for axis in (1, 2):
        for sign in (-1.0, 1.0):
            way = np.eye(3)[axis] * sign
            lines.append((at + near * way, (far - near) * way))
    return np.array(lines)


def _height(films: Sequence[Film]) -> float:
    return max((float(film.size[0]) for film in films), default=1.0)
