"""The command that makes the pictures of the docs makes one of everything that hangs, and none is empty."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from sheet_cases import full_report, write_all
from written import write_out

from napari_catheterview import shots

NAMES = {
    "axial", "coronal", "sagittal", "3d", "slab", "worklist", "ruler", "edit", "prior",
    "ladder-ask", "ladder-why", "ladder-mind", "ladder-gate", "sheet-2-run", "sheet-3-films", "sheet-4-volume",
}  # fmt: skip


@pytest.mark.slow
def test_there_is_a_picture_of_everything_that_hangs(qapp, tmp_path, monkeypatch):
    """Every plane, tab, tool and sheet has its picture of the window, with an image in the middle of it."""
    monkeypatch.setattr(shots, "SETTLE_TURNS", 2)
    monkeypatch.setattr(shots, "WINDOW_PX", (1000, 700))
    folder = write_all(tmp_path / "case", "feet first")
    out = write_out(tmp_path / "out", [full_report("feet first")], [folder])
    made = shots.take(out, tmp_path / "pictures")
    assert {path.stem for path in made} == NAMES
    pictures = {path.stem: np.asarray(Image.open(path).convert("L"), dtype=float) for path in made}
    for name, picture in pictures.items():
        height, width = picture.shape
        assert picture[height // 4 : height // 2, width // 3 : 2 * width // 3].std() > 2.0, name
    assert np.abs(pictures["axial"] - pictures["coronal"]).mean() > 0.1
