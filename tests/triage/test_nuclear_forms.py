"""One tracer study in every form that archives keep it in: read alike, or named with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.tag import Tag
from pydicom.uid import (
    EnhancedPETImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)

from catheterview.ladder import Facts
from catheterview.limits import Limits
from catheterview.model import Examined, Kind, Rung
from catheterview.phantom.nuclear import NuclearWriting, make_planar, planar_dataset, write_nuclear
from catheterview.read import Series, load, scan
from catheterview.read.nuclear import nuclear_header
from catheterview.triage.journal import Journal
from catheterview.triage.nuclear_walk import walk_nuclear
from catheterview.triage.staircase import Climb, Walked
from nuclear_studies import small_study


@pytest.fixture(scope="module")
def tomogram(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RECON TOMO whose slices run from head to feet: tracer behind the pump, 48 h."""
    phantom = replace(small_study("posterior"), ct=small_study("pooling", with_ct=True).ct)
    home = tmp_path_factory.mktemp("forms") / "study"
    write_nuclear(phantom, home, how=NuclearWriting(ct=False, head_first=True))
    return home / "t048h" / "spect.dcm"


@pytest.fixture(scope="module")
def planar() -> Dataset:
    """Front and back views in two windows, of a study whose tracer does not leave the reservoir."""
    phantom = replace(small_study("confined"), ct=small_study("pooling", with_ct=True).ct)
    return planar_dataset(phantom, make_planar(phantom.recipe, hours=48.0, seconds=1200.0))


def _facts() -> Facts:
    known = Facts()
    return replace(
        known,
        drug=replace(known.drug, flow_ml_per_day=0.5),
        cath=replace(known.cath, volume_ml_per_cm=0.0022, implanted_length_cm=55.0),
        device=replace(known.device, model="8637-20"),
    )


def _walk(home: Path) -> tuple[Walked, ...]:
    (case,) = scan([home], key=b"k").cases
    return walk_nuclear(case, (), _facts(), Climb(rung=Rung.SPECT_CT, limits=Limits(), journal=Journal()))


def _line(walked: tuple[Walked, ...], detector: str) -> Examined:
    (one,) = [line for each in walked for line in each.examined if line.detector == detector]
    return one


def _places(dataset: Dataset) -> list[tuple[float, float, float]]:
    """Where each frame of a RECON TOMO lies."""
    x, y, z = (float(v) for v in dataset.DetectorInformationSequence[0].ImagePositionPatient)
    step = float(dataset.SpacingBetweenSlices)
    return [(x, y, z + step * n) for n in range(int(dataset.NumberOfFrames))]


def _slices(path: Path, home: Path, sop_class: str) -> None:
    """Write a tomogram as files of one slice each, in no order."""
    whole = dcmread(path)
    frames = whole.pixel_array
    for n, place in enumerate(_places(whole)):
        one = dcmread(path)
        for name in (
            "NumberOfFrames",
            "SliceVector",
            "FrameIncrementPointer",
            "NumberOfSlices",
            "SpacingBetweenSlices",
        ):
            delattr(one, name)
        one.ImagePositionPatient, one.ImageOrientationPatient = list(place), [1, 0, 0, 0, 1, 0]
        one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID = sop_class
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID = generate_uid(entropy_srcs=[str(n)])
        one.InstanceNumber = (n * 7) % len(frames) + 1
        if sop_class == PositronEmissionTomographyImageStorage:
            one.Modality, one.Units, one.DecayCorrection = "PT", "CNTS", "NONE"
            one.RescaleSlope, one.RescaleIntercept = "1", "0"
        one.PixelData = frames[n].tobytes()
        one["PixelData"].VR = "OW"
        one.save_as(home / f"{(n * 5) % len(frames):03d}.dcm")


def _nuclear_slices(path: Path, home: Path) -> None:
    _slices(path, home, NuclearMedicineImageStorage)


def _pet_slices(path: Path, home: Path) -> None:
    _slices(path, home, PositronEmissionTomographyImageStorage)


def _enhanced(path: Path, home: Path) -> None:
    """Write it as one Enhanced PET object: places and spacing in functional groups, one moment for date and time."""
    one = dcmread(path)
    frames = []
    for place in _places(one):
        position, group = Dataset(), Dataset()
        position.ImagePositionPatient = list(place)
        group.PlanePositionSequence = [position]
        frames.append(group)
    measures, plane, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = one.PixelSpacing, one.SliceThickness
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    one.PerFrameFunctionalGroupsSequence, one.SharedFunctionalGroupsSequence = frames, [shared]
    one.AcquisitionDateTime = f"{one.AcquisitionDate}{one.AcquisitionTime}"
    for name in (
        "SliceVector", "FrameIncrementPointer", "NumberOfSlices", "SpacingBetweenSlices", "DetectorInformationSequence",
        "AcquisitionDate", "AcquisitionTime", "PixelSpacing", "SliceThickness",
    ):  # fmt: skip
        delattr(one, name)
    one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID = EnhancedPETImageStorage
    one.Modality = "PT"
    one.save_as(home / "enhanced.dcm")


@pytest.mark.parametrize("put", [_nuclear_slices, _pet_slices, _enhanced])
def test_every_form_lies_where_the_tomogram_lies_and_is_measured(
    tomogram: Path, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    """Single slices, slices stored as PET, one Enhanced object: the same counts, places and finding."""
    put(tomogram, tmp_path)
    (series,) = [one for one in scan([tmp_path], key=b"k").series if one.role == "nuclear"]
    image = load(series)
    (original,) = scan([tomogram], key=b"k").series
    wanted = load(original)
    points = wanted.placed.index_to_world(np.argwhere(wanted.voxels > 100)[::97])
    index = np.rint(image.placed.world_to_index(points)).astype(int)
    before = np.rint(wanted.placed.world_to_index(points)).astype(int)
    np.testing.assert_array_equal(image.voxels[tuple(index.T)], wanted.voxels[tuple(before.T)])
    header = nuclear_header(series)
    assert (header.at, header.names_indium) == ("2000-01-03T08:00:00", True)
    (found,) = [one for walked in _walk(tmp_path) for one in walked.findings]
    assert found.kind is Kind.TRACER_POSTERIOR_TO_PUMP
    assert found.measures["hours"] == 48.0


def test_time_slots_of_a_gated_tomogram_do_not_mix(tomogram: Path, tmp_path: Path) -> None:
    """Two gates at the same places: two volumes, neither interleaved with the other."""
    one = dcmread(tomogram)
    frames = one.pixel_array
    one.ImageType = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
    one.TimeSlotVector, one.SliceVector = [1] * len(frames) + [2] * len(frames), [*range(1, len(frames) + 1)] * 2
    one.NumberOfFrames = 2 * len(frames)
    one.PixelData = np.concatenate([frames, frames // 2]).tobytes()
    one.save_as(tmp_path / "gated.dcm")
    series: list[Series] = list(scan([tmp_path], key=b"k").series)
    assert [each.stackable for each in series] == [True, True]
    first, second = (load(each) for each in series)
    np.testing.assert_array_equal(first.voxels // 2, second.voxels)


def _as_whole_body(one: Dataset) -> None:
    one.ImageType = ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]


def _as_dynamic(one: Dataset) -> None:
    """The same counts in two phases."""
    frames = one.pixel_array
    halves = np.concatenate([frames - frames // 2, frames // 2])
    one.ImageType = ["ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"]
    one.FrameIncrementPointer = [Tag("EnergyWindowVector"), Tag("DetectorVector"), Tag("PhaseVector")]
    one.EnergyWindowVector, one.DetectorVector = [1, 1, 2, 2] * 2, [1, 2, 1, 2] * 2
    one.PhaseVector, one.NumberOfFrames, one.PixelData = [1] * 4 + [2] * 4, 8, halves.tobytes()


def _with_a_window_of_scatter(one: Dataset) -> None:
    """A third window, from 120 to 145 keV, whose counts are no photons of In-111."""
    frames, span, window = one.pixel_array, Dataset(), Dataset()
    span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = "120", "145"
    window.EnergyWindowName, window.EnergyWindowRangeSequence = "scatter", [span]
    one.EnergyWindowInformationSequence.append(window)
    even = np.full_like(frames[:2], 5000)
    one.EnergyWindowVector, one.DetectorVector = [1, 1, 2, 2, 3, 3], [1, 2] * 3
    one.NumberOfEnergyWindows, one.NumberOfFrames = 3, 6
    one.PixelData = np.concatenate([frames, even]).tobytes()


def _without_windows(one: Dataset) -> None:
    """No windows, and a nuclide that is named by its code."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "C-145A4", "SRT", "^111^Indium"
    one.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence = [code]
    del one.EnergyWindowInformationSequence


@pytest.mark.parametrize(
    "change",
    [_as_whole_body, _as_dynamic, _with_a_window_of_scatter, _without_windows],
    ids=["whole body", "dynamic", "a window of scatter", "a named nuclide"],
)
def test_every_kind_of_view_is_read(planar: Dataset, tmp_path: Path, change: Callable[[Dataset], None]) -> None:
    """What was confined to the reservoir is confined to it in each."""
    one = Dataset.from_json(planar.to_json())
    one.file_meta = planar.file_meta
    one["PixelData"].VR = "OW"
    change(one)
    one["PixelData"].VR = "OW"
    one.save_as(tmp_path / "view.dcm", enforce_file_format=True)
    assert [found.kind for walked in _walk(tmp_path) for found in walked.findings] == [
        Kind.TRACER_CONFINED_TO_RESERVOIR
    ]


def test_raw_projections_are_left_to_a_person(tomogram: Path, tmp_path: Path) -> None:
    """TOMO without its reconstruction: nothing is made up, and the line says what is missing."""
    one = dcmread(tomogram)
    one.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    one.save_as(tmp_path / "raw.dcm")
    walked = _walk(tmp_path)
    assert not any(each.findings for each in walked)
    assert "its reconstruction was not found" in _line(walked, "other_series").why
