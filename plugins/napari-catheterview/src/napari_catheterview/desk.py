"""The desk: one case's layers on one napari viewer model, and how to move among them. It knows napari, not Qt.

It works on a bare ``napari.components.ViewerModel`` as on a window, which is how its tests run without a display.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from napari.layers import Layer
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from catheterview.model import Finding
from napari_catheterview import layers
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import Viewer, adapted, refill, scale_bar
from napari_catheterview.eye import Eye
from napari_catheterview.hand.marks import HANDLES
from napari_catheterview.hanging import sheet_layers as sheets
from napari_catheterview.overlays import wrapped, write_on
from napari_catheterview.place import FOLDER, MINE, LayerData
from napari_catheterview.planes import Plane, letters
from napari_catheterview.windows import FIRST_WINDOW, Window
from napari_catheterview.words import RESEARCH

#: What the window may be dragged over: 12-bit CT, and as much again for an extended scale.
HU_RANGE = (-2048.0, 8192.0)

#: How strongly a map of activity shines over the anatomy, in turn.
OPACITIES = (0.6, 0.9, 0.0, 0.3)

#: Letters in a line of a note: a main canvas of 700 pixels, a side view of 480.
WIDE_LETTERS, NARROW_LETTERS = 80, 50

#: Screen pixels per mm when a view jumps to a finding: a catheter of 1.4 mm is then about 6 pixels wide.
CLOSE_ZOOM = 4.0


class Desk:
    """One viewer with one case on it.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
    plane : Plane
        The cut to begin with.
    words : str
        Always in sight on the canvas; empty only for a view beside one that has them.
    """

    def __init__(self, viewer: Viewer, *, plane: Plane = Plane.AXIAL, words: str = RESEARCH) -> None:
        self.viewer = viewer
        self._words = words
        self.case: LoadedCase | None = None
        self.plane = plane
        self.slab_mm = 0.0
        self.at: FloatArray = np.zeros(3)
        self.eye = Eye(viewer)
        self.beside = ""

    def show(self, case: LoadedCase, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Put a case on the desk in place of what lies there."""
        self.case, self.at = case, _middle(case)
        place = case.place
        pixels = [] if case.hung is None or case.image is None else [layers.image_layer(case.hung, case.image)]
        self.put(layers.IMAGE, pixels)
        self.put(sheets.FILM, [sheets.film_layer(film) for film in case.films])
        self.put(sheets.FUSED, [sheets.fused_layer(one) for one in case.fused])
        self.put(layers.PUMP, [layers.pump_layer(case.pumps, place)] if case.pumps else [])
        self.show_catheters(case)
        self.show_status(findings, status)
        self.put(layers.CURSOR, [self._cursor(case)])
        self._activate(layers.IMAGE if pixels else sheets.FILM)
        self.set_window(FIRST_WINDOW)
        self.set_plane(Plane.AXIAL if case.films else self.plane)
        self.eye.fit()
        self.set_slab(0.0)
        self.move_to(_middle(case))
        scale_bar(self.viewer).visible = not any(film.unit == "pixel" for film in case.films)

    def fill(self, case: LoadedCase) -> None:
        """Put the whole of a volume in place of the part that lies here; place, window, plane and slab stay."""
        self.case = case
        for layer in self.all(layers.IMAGE):
            if case.hung is not None:
                layer.data = case.hung.voxels
                layer.translate = case.hung.translate_mm
        self.put(sheets.FUSED, [sheets.fused_layer(one) for one in case.fused])
        self._solid(shown=self.plane is Plane.SOLID)
        self._letter()
        self.set_slab(self.slab_mm)
        self.move_to(self.at)

    def blank(self) -> None:
        """Show nothing for the time being; the layers stay, for they will be filled again."""
        self.case = None
        for layer in self.viewer.layers:
            layer.visible = layer.visible and MINE not in layer.metadata
        self._letter()

    def _cursor(self, case: LoadedCase) -> LayerData:
        if case.films:
            return sheets.film_cursor(case.films, _middle(case))
        return layers.cursor_layer(case.middle(), case.place, case.box)

    def show_catheters(self, case: LoadedCase) -> None:
        """Draw the catheters anew, as they are now."""
        self.case = case
        lines = [layers.catheter_layer(catheter, case.place) for catheter in case.catheters]
        self.put(layers.CATHETER, [*lines, *sheets.film_lines(case.film_lines)])

    def furnish(self) -> None:
        """Make the layers that nearly every case needs while there is none yet: making them is what takes the time."""
        for data in layers.spares():
            self.viewer.add_layer(Layer.create(*adapted(data)))
        self._letter(everything=True)
        scale_bar(self.viewer).visible = True

    def put(self, what: str, wanted: Sequence[LayerData]) -> None:
        """Have just the wanted layers of one kind; those that are there are filled anew, for removing one is slow."""
        for _, shown, _ in wanted:
            shown["metadata"] = {MINE: what, FOLDER: "" if self.case is None else str(self.case.folder or "")}
        there = [*self.all(what), *self._spare(what)]
        for layer, data in zip(there, wanted, strict=False):
            refill(layer, adapted(data))
        for data in wanted[len(there) :]:
            self.viewer.add_layer(Layer.create(*adapted(data)))
        for layer in there[len(wanted) :]:
            self._lay_aside(layer, what)

    def _lay_aside(self, layer: Layer, what: str) -> None:
        """Empty a layer that is not needed now, and hide it; only one of a kind is kept."""
        kept = self._spare(what)
        empty = next((data for data in layers.spares() if layers.is_spare(data, what)), None)
        if empty is None or (kept and layer not in kept):
            self.viewer.layers.remove(layer)
        elif layer not in kept:
            refill(layer, adapted(empty))
        layer.visible = False

    def _spare(self, what: str) -> list[Layer]:
        return self.all(layers.spare(what))

    def clear(self) -> None:
        """Take everything off the desk that this plugin put there; what the user added stays."""
        for layer in [layer for layer in self.viewer.layers if MINE in layer.metadata]:
            self.viewer.layers.remove(layer)
        self.case = None

    def layer(self, what: str) -> Layer | None:
        """Return the first layer that is of a kind (`layers.IMAGE`, `layers.CATHETER`, …), None where there is none."""
        return next(iter(self.all(what)), None)

    def all(self, what: str) -> list[Layer]:
        """Return every layer of a kind, lowest first."""
        return [layer for layer in self.viewer.layers if layer.metadata.get(MINE) == what]

    def _activate(self, what: str) -> None:
        layer = self.layer(what)
        if layer is not None:
            self.viewer.layers.selection.active = layer

    def set_plane(self, plane: Plane) -> None:
        """Cut the world in a plane, or look at it in 3-D from the front, head up."""
        self.eye.turn(self.plane, plane, self.at)
        self.plane = plane
        self._solid(shown=plane is Plane.SOLID)
        self._letter()

    def _solid(self, *, shown: bool) -> None:
        """Let CT and pump be seen through in 3-D, and the crosshair be seen from afar."""
        for layer in (*self.all(layers.IMAGE), *self.all(sheets.FUSED)):
            layer.rendering = "mip"
        for layer in self.all(layers.PUMP):
            layer.opacity = layers.PUMP_OPACITY[shown]
        for layer in self.all(layers.CURSOR):
            if self.case is not None and not self.case.films:
                layer.edge_width = self.case.place.size(layers.CURSOR_MM[shown])

    def _letter(self, *, everything: bool = False) -> None:
        """Write the orientation letters and the words that are always in sight; `everything` makes all overlays."""
        frame = None if self.case is None or self.case.hung is None else self.case.place.frame
        edge = None if frame is None else letters(frame, self.plane)
        note = "" if self.case is None else " ".join(part for part in (self.case.note, self.beside) if part)
        wide = WIDE_LETTERS if self._words else NARROW_LETTERS
        write_on(self.viewer, edge, words=self._words, note=wrapped(note, wide), everything=everything)

    def say_beside(self, words: str) -> None:
        """Say on the canvas what hangs beside."""
        self.beside = words
        self._letter()

    def move_to(self, world: ArrayLike) -> None:
        """Cut every axis at (3,) world mm, and put the crosshair there."""
        point = np.asarray(world, dtype=np.float64)
        self.at = point
        self.viewer.dims.set_point((0, 1, 2), tuple(point))
        cursor = self.layer(layers.CURSOR)
        if cursor is not None and self.case is not None:
            place, films = self.case.place, self.case.films
            voxel = point / place.voxel_mm
            cursor.data = sheets.film_cross(films, point) if films else layers.cursor_lines(voxel, place, self.case.box)

    def go_to(self, finding: Finding) -> None:
        """Jump to a finding: the cut goes through it, and it is in the middle, near; films in full view stay so."""
        world = None if self.case is None else self.case.world_of(finding)
        if self.case is None or world is None:
            return
        if self.case.films and self.eye.fitted:
            self.move_to(world)
        else:
            self.look_at(world, zoom=0.0 if self.case.films else CLOSE_ZOOM)

    def look_at(self, world: ArrayLike, *, zoom: float) -> None:
        """Cut every axis at (3,) world mm and have it in the middle, at least so near."""
        self.move_to(world)
        self.eye.center(world)
        self.eye.nearer(zoom)

    def set_window(self, window: Window) -> None:
        """Set black and white of the image; only HU have windows."""
        layer = self.layer(layers.IMAGE)
        image = None if self.case is None else self.case.image
        if layer is not None and image is not None and image.modality == "CT":
            layer.contrast_limits_range = HU_RANGE
            layer.contrast_limits = window.limits_hu

    def set_limits(self, limits: tuple[float, float]) -> None:
        """Set black and white of the study, in its own unit."""
        for layer in (*self.all(layers.IMAGE), *self.all(sheets.FILM)):
            low, high = layer.contrast_limits_range
            layer.contrast_limits_range = (min(low, limits[0]), max(high, limits[1]))
            layer.contrast_limits = limits

    def set_slab(self, slab_mm: float) -> None:
        """Show the maximum over a slab of so many mm about the cut; 0 shows the slice alone."""
        self.slab_mm = max(0.0, slab_mm)
        voxel = np.ones(3) if self.case is None else self.case.place.voxel_mm
        # Without a slab only the rings of findings are thick: they show near their slice too, smaller.
        near = np.maximum(layers.FINDING_RING_MM, 3 * voxel)
        self.viewer.dims.thickness = tuple(np.maximum(self.slab_mm, voxel) if self.slab_mm else near)
        for what, slab in (
            (layers.IMAGE, "max"),
            (sheets.FUSED, "max"),
            (layers.CATHETER, "all"),
            (layers.PUMP, "all"),
            (HANDLES, "all"),
        ):
            for layer in self.all(what):
                layer.projection_mode = slab if self.slab_mm else "none"

    def show_status(self, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Draw the findings anew, as their verdicts are now."""
        case = self.case
        if case is None:
            return
        shown = case.shown(findings)
        if case.films:
            placed = [(finding, world) for finding in shown if (world := case.world_of(finding)) is not None]
            self.put(layers.FINDINGS, [sheets.film_findings(case.films, placed, status)])
        else:
            self.put(layers.FINDINGS, [layers.findings_layer(shown, case.place, status)])

    def step_fused(self) -> None:
        """Let the map of activity shine more, then less, then not at all."""
        for layer in self.all(sheets.FUSED):
            now = min(range(len(OPACITIES)), key=lambda n: abs(OPACITIES[n] - layer.opacity))
            layer.opacity = OPACITIES[(now + 1) % len(OPACITIES)]


def _middle(case: LoadedCase) -> FloatArray:
    """(3,) world in the middle of what hangs."""
    if not case.films:
        return case.place.frame.from_patient(case.middle())
    film = case.films[0]
    return film.world((np.array(film.image.voxels.shape[1:]) - 1) / 2)
