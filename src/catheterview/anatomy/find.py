"""What of the body is known in one image."""

from __future__ import annotations

import numpy as np

from catheterview.anatomy.axial import AxialView, axial_view
from catheterview.anatomy.body import find_body
from catheterview.anatomy.canal import canal_centreline
from catheterview.anatomy.chain import find_course
from catheterview.anatomy.enclosure import canal_scores
from catheterview.errors import UnsuitableError
from catheterview.limits import AnatomyLimits
from catheterview.model import Anatomy, Image, Region


def find_anatomy(image: Image, limits: AnatomyLimits) -> Anatomy:
    """Find the body and the spinal canal in a CT.

    Parameters
    ----------
    image : Image
        CT in the patient frame, HU; any orientation of the array, sheared or not.
    limits : AnatomyLimits

    Returns
    -------
    Anatomy
        LPS mm. What is not found is left out, and `why` says so.

    Raises
    ------
    GeometryError
        When the image has no place in the patient frame.
    UnsuitableError
        When it is not a CT.
    """
    if image.modality != "CT":
        raise UnsuitableError(f"anatomy is read from CT, not from {image.modality}", where=image.series_instance_uid)
    view = axial_view(image, limits)
    body = find_body(view, limits)
    if body is None:
        return Anatomy(series_instance_uid=image.series_instance_uid, why="no body in view")
    return _with_canal(image.series_instance_uid, view, body, limits)


def _with_canal(series_instance_uid: str, view: AxialView, body: Region, limits: AnatomyLimits) -> Anatomy:
    """Add the canal to a body that was found."""
    near, middle_column = _near_spine(view, body, limits)
    scores = canal_scores(near, middle_column, limits)
    course = find_course(scores, (near.level_mm, near.pixel_mm), limits)
    if not len(course.levels):
        why = f"no spine in view: nowhere is a canal enclosed by bone over {limits.canal_length_mm:g} mm"
        return Anatomy(series_instance_uid=series_instance_uid, body=body, why=why)
    points, radius_mm = canal_centreline(near, course, limits)
    why = "vertebral levels are not counted"
    return Anatomy(series_instance_uid=series_instance_uid, body=body, canal=points, canal_radius_mm=radius_mm, why=why)


def _near_spine(view: AxialView, body: Region, limits: AnatomyLimits) -> tuple[AxialView, float]:
    """Crop a view to the body, sideways to where a spine can be; say on which of its columns the middle lies."""
    _, rows, columns = np.nonzero(body.mask)
    pixels = view.grid.world_to_index(body.grid.index_to_world(np.column_stack([rows * 0, rows, columns])))[:, 1:]
    top, bottom = int(pixels[:, 0].min()), int(np.ceil(pixels[:, 0].max())) + 1
    middle = float(np.median(pixels[:, 1]))
    aside = 1.6 * limits.aside_mm / view.pixel_mm
    left, right = max(0, int(middle - aside)), min(view.grid.shape[2], int(middle + aside) + 1)
    top = max(0, top)
    voxels = view.voxels[:, top:bottom, left:right]
    grid = view.grid.cropped((0, top, left), (voxels.shape[0], voxels.shape[1], voxels.shape[2]))
    return AxialView(voxels=voxels, grid=grid), middle - left
