"""The body mask: what belongs to the patient and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from anatomy_drawings import axial_grid, patient

from catheterview.anatomy import find_anatomy
from catheterview.anatomy.axial import axial_view
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits
from catheterview.model import Region

LIMITS = AnatomyLimits()


def holds(body: Region, point: FloatArray | tuple[float, float, float]) -> bool:
    k, j, i = np.rint(body.grid.world_to_index(point)).astype(int)
    return bool(body.mask[k, j, i])


@pytest.mark.parametrize("turn", ["head first", "prone", "oblique"])
def test_body_has_its_lungs_and_not_its_table(turn: str) -> None:
    """Lungs are filled in, the table under the patient is left out, wherever the array starts."""
    body = find_anatomy(patient(axial_grid(turn=turn)), LIMITS).body
    assert body is not None
    assert holds(body, (58.0, 0.0, 0.0))
    assert holds(body, (-58.0, 10.0, 10.0))
    assert not holds(body, (0.0, 118.0, 0.0))
    assert not holds(body, (110.0, -80.0, 0.0))


def test_body_has_the_drawn_volume() -> None:
    """The volume is that of the drawn ellipse over the scan, within a twentieth."""
    grid = axial_grid()
    body = find_anatomy(patient(grid), LIMITS).body
    assert body is not None
    drawn_ml = np.pi * 120.0 * 95.0 * grid.shape[0] * grid.spacing_mm[0] / 1000.0
    assert body.volume_ml == pytest.approx(drawn_ml, rel=0.05)


@pytest.mark.parametrize("turn", ["head first", "feet first", "prone", "coronal", "oblique", "sheared"])
def test_view_runs_to_head_back_and_left(turn: str) -> None:
    """Whatever the array, the working view's axes run to the head, to the back and to the left."""
    view = axial_view(patient(axial_grid(turn=turn)), LIMITS)
    directions = view.grid.directions
    assert min(directions[2, 0], directions[1, 1], directions[0, 2]) > np.cos(np.radians(LIMITS.oblique_deg))


@pytest.mark.parametrize("turn", ["feet first", "coronal", "oblique"])
def test_view_keeps_every_place(turn: str) -> None:
    """A lung seen in the view lies where it was drawn."""
    view = axial_view(patient(axial_grid(turn=turn)), LIMITS)
    for point, lung in (((58.0, 0.0, 0.0), True), ((0.0, -40.0, 0.0), False)):
        k, j, i = np.rint(view.grid.world_to_index(point)).astype(int)
        assert (view.voxels[k, j, i] < -500) == lung
