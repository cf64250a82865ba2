"""A report as layers: pure functions from what the library knows to napari's (data, attributes, type) tuples.

Every function takes where the image hangs and returns layers in its world mm, so that all layers agree. Each has the
image's voxel as its scale, so that a step of the slider is a step of the scanner and what napari calls "in the slice"
(within half a unit of data) is within half a voxel. Nothing here knows Qt or
napari; a layer's ``metadata[MINE]`` says what it is, and its ``features`` hold one row per thing shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray, Frame, moving_frame
from catheterview.model import Centreline, Finding, Image, Pump
from napari_catheterview.frame import HungImage
from napari_catheterview.place import MINE, LayerData, Place, place_of
from napari_catheterview.windows import FIRST_WINDOW

#: Names of the layers; the room looks them up by these.
IMAGE, CATHETER, PUMP, FINDINGS, CURSOR = "image", "catheter", "pump", "findings", "cursor"

#: Distance in mm between the dots that draw a pump: near enough to read as a line in every plane.
PUMP_DOTS_MM = 1.5
#: Opacity of a pump's dots in a cut and in 3-D, where many lie one behind another and the catheter runs among them.
PUMP_OPACITY = (0.7, 0.08)
PUMP_COLOR = "#64d2ff"
#: Diameter in mm of the ring around a finding: a vertebral body's third, wider than any catheter.
FINDING_RING_MM = 10.0

#: Where a line of the crosshair begins and ends, in mm from its middle: the middle stays free to be seen.
CROSSHAIR_MM = (8.0, 25.0)
#: How thick its lines are in a cut and in 3-D, where the whole patient is seen.
CURSOR_MM = (0.4, 1.5)

STATUS_COLORS = {
    "open": "#ffd60a",
    "accepted": "#ff453a",
    "corrected": "#ff453a",
    "missed": "#ff453a",
    "rejected": "#8e8e93",
    "unsure": "#bf5af2",
}


def spare(what: str) -> str:
    """Return what a layer of a kind is called while no case needs it."""
    return f"spare {what}"


def is_spare(data: LayerData, what: str) -> bool:
    """Say whether a layer is the spare one of a kind."""
    return data[1]["metadata"] == {MINE: spare(what)}


def spares() -> tuple[LayerData, ...]:
    """Return a layer of each kind that nearly every case needs, with one thing in it that cannot be seen.

    It is drawn all the same, so that what the graphics need for it is made before there is a case.
    """
    dot, step, place = np.zeros((1, 3)), np.array([[[0.0, 0, 0], [0, 0, 1]]]), Place()
    text = {"string": "{words}", "size": 10, "color": "white"}
    made: list[tuple[object, dict[str, object], str]] = [
        (np.zeros((1, 2, 2), dtype=np.int16), place.attributes("", IMAGE) | _plain_image(), "image"),
        (dot, place.attributes("", PUMP), "points"),
        (step, place.attributes("", CATHETER) | {"vector_style": "line"}, "vectors"),
        (dot, place.attributes("", FINDINGS) | {"features": {"words": ["discontinuity"]}, "text": text}, "points"),
        (step, place.attributes("", CURSOR) | {"vector_style": "line"}, "vectors"),
    ]
    kinds = (IMAGE, PUMP, CATHETER, FINDINGS, CURSOR)
    for what, (_, shown, _) in zip(kinds, made, strict=True):
        shown |= {"name": f"no {what}", "opacity": 0.0, "metadata": {MINE: spare(what)}}
    return tuple(made)


def _plain_image() -> dict[str, object]:
    limits = {"contrast_limits": FIRST_WINDOW.limits_hu, "projection_mode": "none"}
    # At the origin and one slice deep: what is laid aside must not widen a view, nor lengthen a slider.
    return limits | {"interpolation2d": "linear", "rgb": False, "multiscale": False, "translate": (0.0, 0.0, 0.0)}


def image_layer(hung: HungImage, image: Image) -> LayerData:
    """Return the voxels as an Image layer; a CT opens in the catheter window, anything else in its own range."""
    shown = place_of(hung).attributes(f"{image.modality} {image.series_instance_uid[-8:]}", IMAGE)
    shown |= {
        "translate": tuple(hung.translate_mm),
        "colormap": "gray",
        "contrast_limits": FIRST_WINDOW.limits_hu if image.modality == "CT" else grey_range(image),
        "rgb": False,
        "multiscale": False,
        "interpolation2d": "linear",
        "projection_mode": "none",
    }
    return hung.voxels, shown, "image"


def grey_range(image: Image) -> tuple[float, float]:
    """Return the 1st and 99th percentile of a sparse sample of the voxels."""
    step = max(1, round((image.voxels.size / 1e6) ** (1 / 3)))
    low, high = np.percentile(image.voxels[::step, ::step, ::step], (1, 99))
    return float(low), float(max(high, low + 1))


def catheter_layer(catheter: Centreline, place: Place) -> LayerData:
    """Return the catheter as a Vectors layer, one vector a step, coloured by confidence.

    Vectors, because a path of Shapes vanishes from a 2-D view that does not hold the whole of it, while vectors are cut
    slice by slice and still make a line in 3-D. Between two pieces there is no vector: a gap looks like one.
    """
    points = place.data(catheter.points)
    starts = np.concatenate([np.arange(first, last) for first, last in catheter.pieces]).astype(int)
    steps = np.stack([points[starts], points[starts + 1] - points[starts]], axis=1)
    piece = np.concatenate([np.full(last - first, n) for n, (first, last) in enumerate(catheter.pieces)])
    confidence = catheter.confidence[starts]
    shown = place.attributes("catheter", CATHETER)
    shown |= {
        "features": {"point": starts, "piece": piece, "confidence": confidence, "arc_mm": catheter.arc_mm[starts]},
        "edge_color": confidence_colors(confidence),
        "edge_width": place.size(max(1.0, float(2 * np.median(catheter.radius)))),
        "vector_style": "line",
        "projection_mode": "none",
        "opacity": 0.9,
    }
    return steps, shown, "vectors"


def confidence_colors(confidence: FloatArray) -> FloatArray:
    """Turn (N,) confidences, 0 to 1, into (N, 4) RGBA orange (doubtful) to cyan (sure).

    The two are told apart by colour-blind readers too.
    """
    share = np.clip(confidence, 0.0, 1.0)[:, None]
    doubtful, sure = np.array([[1.0, 0.45, 0.0, 1.0]]), np.array([[0.0, 0.9, 1.0, 1.0]])
    return np.asarray(doubtful + share * (sure - doubtful))


def pump_layer(pumps: Sequence[Pump], place: Place) -> LayerData:
    """Return the pumps' shells as small Points: they draw the outline in each slice and the disc in 3-D."""
    shells = [_disc(pump) for pump in pumps]
    points = place.data(np.concatenate([np.zeros((0, 3)), *shells]))
    shown = place.attributes("pump", PUMP)
    shown |= {
        "size": place.size(PUMP_DOTS_MM),
        "face_color": PUMP_COLOR,
        "border_color": PUMP_COLOR,  # of a dot this small the border is half, whatever its width
        "border_width": 0.0,
        "opacity": PUMP_OPACITY[False],
        "projection_mode": "none",
        "features": {"pump": np.repeat(np.arange(len(shells)), [len(shell) for shell in shells])},
    }
    return points, shown, "points"


def _disc(pump: Pump) -> FloatArray:
    """Dots in LPS mm, (N, 3), on the surface of a pump's cylinder."""
    normal = np.asarray(pump.normal, dtype=np.float64)
    across, along = (axis[0] for axis in moving_frame(np.stack([np.zeros(3), normal])))
    center, half = np.asarray(pump.center_mm), pump.thickness_mm / 2
    rings = [(r, h) for r in np.arange(PUMP_DOTS_MM / 2, pump.diameter_mm / 2, PUMP_DOTS_MM) for h in (-half, half)]
    levels = max(2, round(pump.thickness_mm / PUMP_DOTS_MM) + 1)
    rings += [(pump.diameter_mm / 2, h) for h in np.linspace(-half, half, levels)]
    dots = []
    for radius, height in rings:
        turn = np.linspace(0, 2 * np.pi, max(6, round(2 * np.pi * radius / PUMP_DOTS_MM)), endpoint=False)[:, None]
        dots.append(center + normal * height + radius * (np.cos(turn) * across + np.sin(turn) * along))
    return np.concatenate(dots)


def findings_layer(findings: Sequence[Finding], place: Place, status: Mapping[str, str]) -> LayerData:
    """Return the findings of frame PATIENT as rings with a word beside each, coloured by verdict.

    Parameters
    ----------
    status : mapping
        Finding id to ``open`` or the latest verdict.
    """
    placed = [finding for finding in findings if finding.frame is Frame.PATIENT]
    points = place.data(np.reshape([finding.point for finding in placed], (-1, 3)))
    state = [status.get(finding.id, "open") for finding in placed]
    # Half a ring to the right in every plane, and a little down, so that no word covers what it names.
    beside = tuple(np.array([0.0, 0.6, 0.6]) * FINDING_RING_MM / place.voxel_mm)
    shown = place.attributes("findings", FINDINGS)
    shown |= {
        "size": place.size(FINDING_RING_MM),
        "symbol": "disc",
        "face_color": "transparent",
        "border_color": [STATUS_COLORS[s] for s in state] or STATUS_COLORS["open"],
        "border_width": 0.08,
        "border_width_is_relative": True,
        "projection_mode": "rescale_linear",
        "features": finding_features(placed, state),
        "text": {"string": "{words}", "size": 10, "color": "white", "anchor": "upper_left", "translation": beside},
    }
    return points, shown, "points"


def finding_features(placed: Sequence[Finding], state: Sequence[str]) -> dict[str, object]:
    """Return one row per finding: what the layer shows, and what a table of it needs."""
    return {
        "id": [finding.id for finding in placed],
        "words": [finding.kind.replace("_", " ") for finding in placed],
        "state": list(state),
        "frame": [finding.frame.value for finding in placed],
        "point": [" ".join(f"{value:.2f}" for value in finding.point) for finding in placed],
        "series": [finding.series_instance_uid for finding in placed],
        "instance": [finding.sop_instance_uid for finding in placed],
    }


def cursor_layer(point: ArrayLike, place: Place, within: FloatArray | None = None) -> LayerData:
    """Return the crosshair as a Vectors layer: six lines away from a point, so that a cut shows the four in its plane.

    Parameters
    ----------
    point : (3,) LPS mm
    within : (2, 3) data coordinates, optional
        The corners of the volume: no line leaves it, which would make the sliders longer.
    """
    shown = place.attributes("crosshair", CURSOR)
    shown |= {
        "edge_color": "#30d158",
        "edge_width": place.size(CURSOR_MM[False]),
        "vector_style": "line",
        "projection_mode": "none",
        "opacity": 0.8,
    }
    return cursor_lines(place.data(point), place, within), shown, "vectors"


def cursor_lines(at: FloatArray, place: Place, within: FloatArray | None = None) -> FloatArray:
    """Return the (6, 2, 3) starts and steps of the crosshair's lines about a point in data coordinates."""
    lines = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            ends = np.repeat(at[None], 2, axis=0)
            ends[:, axis] += sign * np.array(CROSSHAIR_MM) / place.voxel_mm[axis]
            ends = ends if within is None else np.clip(ends, within[0], within[1])
            lines.append((ends[0], ends[1] - ends[0]))
    return np.array(lines)
