"""The pictures of the docs: every hanging and tool in a real window, none blank, each with what it is to show."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from sheet_cases import full_report, write_all
from written import write_out

from napari_catheterview import layers, shots
from napari_catheterview.hanging import sheet_layers as sheets

PAGE = Path(__file__).parents[3] / "docs" / "reading-room.md"
ON_CT = frozenset({layers.IMAGE, layers.CATHETER, layers.PUMP, layers.FINDINGS, layers.CURSOR})
FUSED = ON_CT | {sheets.FUSED}
ON_FILMS = frozenset({sheets.FILM, layers.CATHETER, layers.FINDINGS})
#: What each picture is to show in its main view.
ASKED = {
    "axial": FUSED,
    "coronal": FUSED,
    "sagittal": FUSED,
    "3d": FUSED,
    "slab": FUSED,
    "ct": ON_CT,
    "ladder-ask": FUSED,
    "ladder-why": FUSED,
    "ladder-mind": FUSED,
    "ladder-gate": FUSED,
    "worklist": FUSED,
    "ruler": FUSED | {"measures", "measure lines"},
    "edit": FUSED | {"handles"},
    "prior": FUSED,
    "films": ON_FILMS,
    "run": frozenset({sheets.FILM}),
}
#: Where the main canvas lies in a picture, as shares of its height and width.
CANVAS = (slice(25, 58), slice(25, 70))


@pytest.fixture(scope="module")
def taken(qapp, tmp_path_factory):
    """Return the pictures, by name, of a case with everything that hangs."""
    scratch = tmp_path_factory.mktemp("shots")
    out = write_out(scratch / "out", [full_report("oblique")], [write_all(scratch / "case", "oblique", turned_deg=9)])
    return {shot.path.stem: shot for shot in shots.take(out, scratch / "pictures")}


def pixels(shot):
    """(R, C) grey levels of the main canvas."""
    whole = np.asarray(Picture.open(shot.path).convert("L"))
    rows, columns = (
        slice(part.start * size // 100, part.stop * size // 100) for part, size in zip(CANVAS, whole.shape, strict=True)
    )
    return whole[rows, columns].astype(float)


def test_every_hanging_has_its_picture_with_its_layers(taken):
    """CT in every plane and in 3-D, with the map and without, films, run, prior, tools and ladder: all are there."""
    assert taken.keys() == ASKED.keys()
    assert {name: shot.layers & ASKED[name] for name, shot in taken.items()} == ASKED
    assert sheets.FUSED not in taken["ct"].layers
    assert layers.IMAGE not in taken["films"].layers | taken["run"].layers
    assert "PRIOR ct CT 2025-06-01" in taken["prior"].beside


def test_no_picture_is_blank_and_no_hanging_looks_like_another(taken):
    """The canvas of each has many greys, and that of each hanging differs from every other."""
    canvases = {name: pixels(shot) for name, shot in taken.items()}
    for name, canvas in canvases.items():
        assert len(np.unique(canvas)) > 20, name
        assert canvas.std() > 5, name
    for one, other in combinations(("axial", "coronal", "sagittal", "3d", "ct", "films", "run"), 2):
        assert np.abs(canvases[one] - canvases[other]).mean() > 1, (one, other)


def test_the_page_shows_pictures_that_are_taken():
    """Every picture of the page is one that the command takes, and lies beside it."""
    shown = re.findall(r"\(reading-room/([\w-]+)\.png\)", PAGE.read_text(encoding="utf-8"))
    assert set(shown) <= ASKED.keys()
    assert {path.stem for path in (PAGE.parent / "reading-room").glob("*.png")} == set(shown)
