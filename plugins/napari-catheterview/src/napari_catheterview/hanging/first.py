"""The first picture of a large volume: the slices about what is read first, while the others are still being read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.errors import CatheterviewError
from catheterview.geometry import FloatArray, Frame, Grid
from catheterview.model import Report
from catheterview.read import Series, load
from napari_catheterview.case import LoadedCase
from napari_catheterview.frame import frame_on, hang, is_axial
from napari_catheterview.hanging.plan import Plan
from napari_catheterview.session import reading_order

#: A volume with fewer voxels is read whole in a tenth of a second, and needs no picture ahead of it.
WORTH_VOXELS = 2**24
#: Slices on either side of the first: what the wheel turns in the second until the others are there.
EITHER_SIDE = 4


def first_look(report: Report, plan: Plan) -> LoadedCase | None:
    """Read the slices about what is read first, and hang them alone.

    Returns
    -------
    LoadedCase or None
        `LoadedCase.partial`. None where it would show nothing sooner: for films, for volumes that are read at once or
        were acquired in another plane than they are first seen in, and where the first finding lies elsewhere. Also
        where the slices cannot be read: the whole volume will say why.
    """
    series = plan.series[0]
    grid = series.grid if plan.kind == "volume" and series.modality == "CT" else None
    if grid is None or np.prod(grid.shape) < WORTH_VOXELS or not is_axial(grid):
        return None
    point = _place(report, series, grid)
    if point is None:
        return None
    try:
        image = load(_slices_about(series, grid, point))
    except CatheterviewError:
        return None
    hung = hang(image)
    # A few slices can lie straight where the whole does not quite; the whole must not turn under the reader's eyes.
    if not np.array_equal(hung.frame.axes, frame_on(grid).axes):
        return None
    return LoadedCase(report=report, plan=plan, image=image, hung=hung, partial=True)


def _place(report: Report, series: Series, grid: Grid) -> FloatArray | None:
    """(3,) LPS mm of what is read first, None where it lies elsewhere; of the middle where nothing was found."""
    order = reading_order(report)
    if not order:
        return grid.index_to_world((np.array(grid.shape) - 1) / 2)
    here = order[0].frame is Frame.PATIENT and order[0].series_instance_uid == series.series_instance_uid
    return np.asarray(order[0].point, dtype=np.float64) if here else None


def _slices_about(series: Series, grid: Grid, point: FloatArray) -> Series:
    """Return a series of the few slices about (3,) LPS mm."""
    middle = round(float(np.clip(grid.world_to_index(point)[0], 0, grid.shape[0] - 1)))
    first, last = max(0, middle - EITHER_SIDE), min(grid.shape[0], middle + EITHER_SIDE + 1)
    few = grid.cropped((first, 0, 0), (last - first, *grid.shape[1:]))
    return replace(series, grid=few, instances=series.instances[first:last])
