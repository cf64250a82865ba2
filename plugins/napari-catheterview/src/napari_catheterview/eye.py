"""The camera of a viewer: whether it has the whole in sight, and where it looks. It knows napari, not Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from napari_catheterview.compat import Viewer, camera, look_from_the_front
from napari_catheterview.planes import CUTS, Plane

#: How much nearer than napari's own fit, which leaves room to turn a cube: a trunk is no cube.
SOLID_ZOOM = 1.4


class Eye:
    """Looks at a cut or at the solid; a change of plane leaves it as near as it was.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._fit = np.zeros(3)
        self._near = 0.0

    def fit(self) -> None:
        """Have everything in sight."""
        self._viewer.reset_view()
        self._near, self._fit = 0.0, self._now()

    def _now(self) -> FloatArray:
        """(3,) zoom, and the middle of the view."""
        eye = camera(self._viewer)
        return np.array([eye.zoom, *eye.center[-2:]], dtype=np.float64)

    @property
    def fitted(self) -> bool:
        """Whether everything is in sight, as it was fitted."""
        return bool(np.allclose(self._now(), self._fit))

    def center(self, world: ArrayLike) -> None:
        """Put (3,) world mm in the middle of the canvas; a camera counts axes in the order in which they are shown."""
        order = list(self._viewer.dims.order)
        camera(self._viewer).center = tuple(np.asarray(world, dtype=np.float64)[order])

    def nearer(self, zoom: float) -> None:
        """Be at least so near."""
        eye = camera(self._viewer)
        eye.zoom = max(eye.zoom, zoom)

    def turn(self, came_from: Plane, plane: Plane, at: FloatArray) -> None:
        """Look at another plane through (3,) world mm, as near as before; at the whole where the whole was in sight."""
        if came_from is not Plane.SOLID:
            self._near = 0.0 if self.fitted else float(camera(self._viewer).zoom)
        near = self._near
        if plane is Plane.SOLID:
            self._stand_in_front()
        else:
            self._viewer.dims.ndisplay = 2
            self._viewer.dims.order = CUTS[plane].order
            camera(self._viewer).orientation2d = CUTS[plane].orientation2d
            self.fit()
            # Fitting and the way through 3-D leave slice, middle and zoom elsewhere.
            self._viewer.dims.set_point((0, 1, 2), tuple(at))
            if near:
                camera(self._viewer).zoom = near
                self.center(at)
        self._near = near

    def _stand_in_front(self) -> None:
        self._viewer.dims.order = (0, 1, 2)
        self._viewer.dims.ndisplay = 3
        self._viewer.reset_view()
        look_from_the_front(self._viewer)
        camera(self._viewer).zoom *= SOLID_ZOOM
