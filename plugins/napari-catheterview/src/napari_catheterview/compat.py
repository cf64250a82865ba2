"""The few places where napari 0.8 and 0.9 differ: 0.9 moved camera, grid and overlays to ``scene`` and ``canvas``."""

from __future__ import annotations

from typing import Any

from napari.layers import Points

from napari_catheterview.place import LayerData

# napari ships no type information, so a viewer is `Any` here and everywhere in the plugin.
Viewer = Any


def camera(viewer: Viewer) -> Any:
    """Return the camera of a viewer's main canvas."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def look_from_the_front(viewer: Viewer) -> None:
    """Turn the camera in 3-D to the front of a patient whose axes are (head, back, left), head up, and no mirror.

    z growing away from the eye is what makes these axes no mirror. Before 0.9 napari reckons the direction of view as
    if z grew towards the eye, whatever it was told, and would look from behind.
    """
    eye = camera(viewer)
    eye.orientation = ("away", "down", "right")
    eye.set_view_direction((0, 1 if hasattr(viewer, "scene") else -1, 0), (1, 0, 0))


def canvas_overlays(viewer: Viewer) -> Any | None:
    """Return the overlays of the canvas by name, None where napari does not offer them (before 0.9)."""
    return viewer.canvas.overlays if hasattr(viewer, "canvas") else None


def one_line(viewer: Viewer, text: str) -> None:
    """Write one line on the canvas of a napari that has no overlays by name (before 0.9)."""
    viewer.text_overlay.text, viewer.text_overlay.visible = text, bool(text)


def scale_bar(viewer: Viewer) -> Any:
    """Return the scale bar."""
    return viewer.canvas.overlays.scale_bar if hasattr(viewer, "canvas") else viewer.scale_bar


def adapted(data: LayerData) -> LayerData:
    """Say "also near the slice, but smaller" in the words of the napari at hand; 0.9 renamed it for points."""
    values, shown, kind = data
    if shown.get("projection_mode") == "rescale_linear" and not _KNOWS_RESCALE:
        shown = {name: value for name, value in shown.items() if name != "projection_mode"}
        shown["out_of_slice_display"] = True
    return values, shown, kind


#: What a layer cannot be told again, or what its data decide.
_MADE_WITH = frozenset({"rgb", "multiscale", "units", "axis_labels"})


def refill(layer: Any, data: LayerData) -> None:
    """Make a layer show what `Layer.create` would make a new one show, faster; of the same kind of layer only.

    napari collects garbage whenever a layer is removed, which takes a third of a second.
    """
    values, shown, _ = data
    layer.data = values
    for name, value in shown.items():
        if name not in _MADE_WITH and not _is_already(layer, name, value):
            setattr(layer, name, value)


def _is_already(layer: Any, name: str, value: object) -> bool:
    """Say whether a plain attribute has its value, which to set again would cut and draw the layer anew."""
    return isinstance(value, str | bool | float) and str(getattr(layer, name, None)) == str(value)


def _knows_rescale() -> bool:
    try:
        Points(ndim=3, projection_mode="rescale_linear")
    except ValueError:
        return False
    return True


_KNOWS_RESCALE = _knows_rescale()
