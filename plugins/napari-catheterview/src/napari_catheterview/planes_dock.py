"""The other two planes beside the main canvas: two small viewers, each with a desk of its own."""

from __future__ import annotations

from napari.components import ViewerModel
from napari.qt import QtViewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QSplitter, QVBoxLayout, QWidget

from napari_catheterview.desk import Desk
from napari_catheterview.planes import Plane

#: A fifth of a usual screen, which leaves the main canvas the half of it.
HEIGHT_PX = 230
#: What the main canvas does not show at first.
SIDE_PLANES = (Plane.CORONAL, Plane.SAGITTAL)


class PlanesDock(QWidget):  # type: ignore[misc]  # Qt has no types here
    """Coronal and sagittal views that share their voxels with the main canvas."""

    def __init__(self) -> None:
        super().__init__()
        self.desks = [Desk(ViewerModel(title=plane.value), plane=plane, words="") for plane in SIDE_PLANES]
        self._views: list[QtViewer] = []
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self.setMinimumHeight(HEIGHT_PX)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._split)

    def build(self) -> None:
        """Make the canvases, if there are none yet; the first picture of the first case does not wait for them.

        Layers come after them: napari 0.8 makes no canvas for a model that has some.
        """
        if not self._views:
            self._views = [QtViewer(desk.viewer) for desk in self.desks]
            for view, desk in zip(self._views, self.desks, strict=True):
                self._split.addWidget(view)
                desk.furnish()

    def reset(self) -> None:
        """Give every view its own plane back."""
        for desk, plane in zip(self.desks, SIDE_PLANES, strict=True):
            desk.plane = plane

    def shut(self) -> None:
        """Close the views; napari keeps count of those that are not."""
        for view in self._views:
            view.close()
            view.deleteLater()
        self._views.clear()
