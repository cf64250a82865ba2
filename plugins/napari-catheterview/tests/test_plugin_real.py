"""Real studies: the reader puts every voxel where SimpleITK and highdicom have it."""

from __future__ import annotations

import os
import warnings
import zipfile
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK
from napari.layers import Layer

from catheterview.errors import CatheterviewError, UnreadableError
from catheterview.read import load, scan, site_key
from napari_catheterview.frame import SHEAR_IS_ROUNDING_DEG, reading_frame
from napari_catheterview.reader import get_reader, layer_of

ROOT = Path(__file__).resolve().parents[3]
STUDIES = (
    "cbct-catphan-wires",
    "ct-chest-port-2p5mm",
    "ct-head-gantry-tilt",
    "ct-lumbar-pelvis-5mm",
    "ct-thorax-1mm",
    "ct-two-acquisitions-one-series",
    "nema-samples",
    "stack-traps",
)
#: Of these no series is a stack at right angles that the two judges could place.
NO_STACK = ("ct-head-gantry-tilt", "nema-samples", "stack-traps")
#: What cannot be shown at all, and the reason that is told.
REFUSED = {"ct-head-gantry-tilt": "gantry tilt"}
#: Voxels that are compared in each series: chosen at random, they are spread over all of it.
PLACES = 150


@pytest.fixture(scope="module", params=STUDIES)
def study(request, tmp_path_factory):
    """Return (name, folder) of a real study, unpacked."""
    named = os.environ.get("CATHETERVIEW_REAL_DATA")
    archive = (Path(named) if named else ROOT.parent / "shared" / "data") / f"{request.param}.zip"
    if not archive.is_file():
        pytest.skip("no real DICOM studies: set CATHETERVIEW_REAL_DATA")
    unpacked = tmp_path_factory.mktemp("real")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(unpacked)
    return request.param, unpacked


@pytest.mark.real
def test_the_reader_agrees_with_simpleitk_and_highdicom(study):
    """Of every stack, layer and both judges have the same value at the same LPS mm, within 0.01 voxel.

    Other series are shown as films in their own pixels, or refused with a reason.
    """
    name, folder = study
    series = scan([folder], key=site_key()).series
    stacks = [one for one in series if one.stackable and one.grid.shear_deg <= SHEAR_IS_ROUNDING_DEG]
    for one in stacks:
        image = load(one)
        layer, frame = Layer.create(*layer_of(image, None)), reading_frame(image)
        files = [instance.source.path for instance in one.instances]
        compare(layer, frame, by_simpleitk(files))
        compare(layer, frame, by_highdicom(files))
    for one in (one for one in series if one not in stacks):
        assert one.role == "film" or one.why or shown_or_refused(one)
    assert bool(stacks) is (name not in NO_STACK)


def shown_or_refused(series) -> bool:
    """Whether a series that is no stack is drawn pixel by pixel, or refused in words."""
    try:
        layer = Layer.create(*layer_of(load(series), series.spacing_mm))
    except CatheterviewError as error:
        return bool(str(error))
    return layer.ndim == 3


def by_simpleitk(files):
    """Return (array, index kji to LPS mm) as SimpleITK has a stack."""
    judge = SimpleITK.ReadImage(files)
    array = SimpleITK.GetArrayFromImage(judge)
    return array, lambda kji: np.array(judge.TransformIndexToPhysicalPoint([int(v) for v in kji[::-1]]))


def by_highdicom(files):
    """Return (array, index to LPS mm) as highdicom has a stack."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slices = [pydicom.dcmread(file) for file in files]
        for one in slices:  # of one published series each slice was given a frame of reference of its own
            one.FrameOfReferenceUID = slices[0].FrameOfReferenceUID
        judge = highdicom.get_volume_from_series(slices)
    return judge.array, lambda kji: np.asarray(judge.affine @ np.array([*kji, 1.0]))[:3]


def compare(layer, frame, judge):
    """Compare values at places all over a judge's array; padding outside the scanner's circle is ours to set."""
    array, place = judge
    rng = np.random.default_rng(7)
    for _ in range(PLACES):
        kji = tuple(int(rng.integers(0, n)) for n in array.shape)
        index = np.asarray(layer.world_to_data(frame.from_patient(place(kji))))
        np.testing.assert_allclose(index, np.rint(index), atol=0.01)
        value = layer.data[tuple(np.rint(index).astype(int))]
        assert value == array[kji] or array[kji] <= -1024


@pytest.mark.real
def test_a_dropped_study_opens_or_says_why(study):
    """What is dropped on napari becomes layers in mm, or the reason why not is told."""
    name, folder = study
    read = get_reader(str(folder))
    if name in REFUSED:
        with pytest.raises(UnreadableError, match=REFUSED[name]):
            read(str(folder))
        return
    layers = [Layer.create(*data) for data in read(str(folder))]
    assert layers
    assert {str(layer.units[-1]) for layer in layers} == {"millimeter"}
