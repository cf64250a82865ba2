"""Real studies: the reader puts every voxel where SimpleITK has it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from napari.layers import Layer

from napari_catheterview.reader import get_reader

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module", params=["cbct-catphan-wires", "ct-chest-port-2p5mm"])
def folder(request, tmp_path_factory):
    """Return a real study, unpacked: one whose axes are not exactly the patient's, one of a patient with an implant."""
    named = os.environ.get("CATHETERVIEW_REAL_DATA")
    archive = (Path(named) if named else ROOT.parent / "shared" / "data") / f"{request.param}.zip"
    if not archive.is_file():
        pytest.skip("no real DICOM studies: set CATHETERVIEW_REAL_DATA")
    unpacked = tmp_path_factory.mktemp("real")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(unpacked)
    return unpacked


@pytest.mark.real
def test_the_reader_agrees_with_simpleitk(folder):
    """At places all over the volume, layer and SimpleITK have the same HU at the same LPS mm, within 0.01 voxel."""
    named = max(
        (SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(f)) for f in {p.parent for p in folder.rglob("*")}),
        key=len,
    )
    judge = SimpleITK.ReadImage(named)
    hu = SimpleITK.GetArrayViewFromImage(judge)
    layers = [Layer.create(*data) for data in get_reader(str(folder))(str(folder))]
    shown = next(layer for layer in layers if sorted(layer.data.shape) == sorted(hu.shape))
    frame = frame_of(judge)
    rng = np.random.default_rng(7)
    for _ in range(300):
        k, j, i = (int(rng.integers(0, n)) for n in hu.shape)
        place = np.array(judge.TransformIndexToPhysicalPoint((i, j, k)))
        index = np.asarray(shown.world_to_data(frame @ place))
        np.testing.assert_allclose(index, np.rint(index), atol=0.01)
        value = shown.data[tuple(np.rint(index).astype(int))]
        assert value == hu[k, j, i] or hu[k, j, i] <= -1024


def frame_of(judge):
    """Return the rows of the reading frame, from SimpleITK's own direction cosines: nearest to S, P and L."""
    axes = np.array(judge.GetDirection()).reshape(3, 3).T
    frame = []
    for patient in ((0, 0, 1), (0, 1, 0), (1, 0, 0)):
        along = axes @ np.array(patient)
        nearest = int(np.argmax(np.abs(along)))
        frame.append(axes[nearest] * np.sign(along[nearest]))
    straight = np.abs(np.array(frame) - np.eye(3)[::-1]).max() * max(judge.GetSize()) < 0.01
    return np.eye(3)[::-1] if straight else np.array(frame)
