"""However a radiograph is written, the same exposure is read as the same density, and what cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from catheterview.errors import UnreadableError, UnsuitableError
from catheterview.model.film import Film
from catheterview.read import scan
from catheterview.read.film import load_film

CR, DX_SHOWN, DX_RAW = (f"1.2.840.10008.5.1.4.1.1.1{end}" for end in ("", ".1", ".1.1"))
XRF = "1.2.840.10008.5.1.4.1.1.12.2"
#: What the patient holds back (natural logarithm): rises to the right, with a dense spot.
HELD = np.tile(np.linspace(0.2, 4.2, 60), (44, 1))
HELD[20:26, 10:16] += 1.5
LOG = np.rint(300.0 + 600.0 * HELD).astype(np.int64)  # 420 to 3720, high is dense
LINEAR = np.rint(4000.0 * np.exp(-HELD)).astype(np.int64)


def lut(
    entries: np.ndarray, *, first: int = 0, bits: int = 16, kind: str = "OW", vr: str = "US", **more: str
) -> Dataset:
    """An item of a lookup table; `kind` US for numbers, OW for words, OB for bytes packed one an entry."""
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [len(entries) % 65536, first, bits])
    packed = entries.astype("u1" if kind == "OB" else "<u2").tobytes()
    item.add_new("LUTData", "US" if kind == "US" else "OW", [int(v) for v in entries] if kind == "US" else packed)
    for name, value in more.items():
        setattr(item, name, value)
    return item


def read(folder: Path, values: np.ndarray, *, syntax: str = ExplicitVRLittleEndian, **tags: object) -> Film:
    """Write one film and read it."""
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = syntax
    one.SOPClassUID = tags.pop("SOPClassUID", DX_SHOWN)
    one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID = "1.2.3.4"
    one.StudyInstanceUID, one.SeriesInstanceUID, one.PatientID, one.StudyDate = "1.2", "1.2.3", "x", "20260302"
    one.Modality, one.SamplesPerPixel, one.ViewPosition = "RF" if one.SOPClassUID == XRF else "DX", 1, "AP"
    one.PhotometricInterpretation, (one.Rows, one.Columns) = "MONOCHROME2", values.shape
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 12, 11, 0
    for name, value in tags.items():
        setattr(one, name, value)
    kind = ">u2" if syntax == ExplicitVRBigEndian else "<u2"
    one.PixelData = values.astype(kind).tobytes()
    one["PixelData"].VR = "OW"
    little, implicit = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
    one.save_as(folder / "film.dcm", enforce_file_format=True, little_endian=little, implicit_vr=implicit)
    (series,) = scan([folder], key=b"key").series
    return load_film(series)


def likeness(film: Film, truth: np.ndarray = HELD) -> float:
    """Correlation of density with what was held back; 1 where one is the other times a number."""
    return float(np.corrcoef(film.density.ravel(), truth.ravel())[0, 1])


RISING = np.arange(4096)
FALLING = RISING[::-1]
WAYS = {
    "for presentation, no word on it": (LOG, {}),
    "MONOCHROME1": (4095 - LOG, {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}),
    "INVERSE alone": (4095 - LOG, {"PresentationLUTShape": "INVERSE"}),
    "a falling VOI LUT": (4095 - LOG, {"VOILUTSequence": [lut(FALLING, bits=12)]}),
    "a falling VOI LUT and MONOCHROME1": (
        LOG, {"PhotometricInterpretation": "MONOCHROME1", "VOILUTSequence": [lut(FALLING, bits=12)]},
    ),
    "VOI LUT of bytes": (LOG, {"VOILUTSequence": [lut(RISING // 16, bits=8, kind="OB")]}),
    "VOI LUT of bytes in words": (LOG, {"VOILUTSequence": [lut(RISING // 16, bits=8)]}),
    "a narrow window": (LOG, {"WindowCenter": "2000", "WindowWidth": "300"}),
    "a window beside everything": (LOG, {"WindowCenter": "60000", "WindowWidth": "10"}),
    "sigmoid": (LOG, {"WindowCenter": "2000", "WindowWidth": "900", "VOILUTFunction": "SIGMOID"}),
    "linear exact": (LOG, {"WindowCenter": "2000", "WindowWidth": "0.5", "VOILUTFunction": "LINEAR_EXACT"}),
    "two windows": (LOG, {"WindowCenter": ["2000", "100"], "WindowWidth": ["900", "10"]}),
    "for processing, logarithm of the exposure": (
        4095 - LOG,
        {"SOPClassUID": DX_RAW, "PresentationIntentType": "FOR PROCESSING", "PixelIntensityRelationship": "LOG",
         "PixelIntensityRelationshipSign": 1, "WindowCenter": "2000", "WindowWidth": "900"},
    ),
    "the sign against a wrong MONOCHROME1": (
        LOG, {"PhotometricInterpretation": "MONOCHROME1", "PixelIntensityRelationshipSign": -1},
    ),
    "for processing, exposure": (
        LINEAR,
        {"SOPClassUID": DX_RAW, "PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1},
    ),
    "exposure turned round": (
        4095 - LINEAR, {"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": -1},
    ),
    "exposure, only shown dark": (
        LINEAR, {"PhotometricInterpretation": "MONOCHROME1", "PixelIntensityRelationship": "LIN"},
    ),
    "rescaled with a negative slope": (
        4095 - LOG, {"SOPClassUID": CR, "RescaleSlope": "-0.5", "RescaleIntercept": "2000"},
    ),
    "a modality LUT that straightens": (
        np.rint(LOG**2 / 4096.0).astype(int),
        {"SOPClassUID": CR,
         "ModalityLUTSequence": [lut(np.rint(64.0 * np.sqrt(RISING)), bits=12, ModalityLUTType="US")]},
    ),
    "a modality LUT to the blackness of a film": (
        LOG,
        {"SOPClassUID": CR,
         "ModalityLUTSequence": [lut(np.rint(0.9 * FALLING), first=0, kind="US", ModalityLUTType="OD")]},
    ),
    "a fluoroscope's modality LUT back to exposure": (
        LOG,
        {"SOPClassUID": XRF, "PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": -1,
         "ModalityLUTSequence": [lut(np.rint(30000.0 * np.exp(-(RISING - 300.0) / 600.0)), ModalityLUTType="US")]},
    ),
    "sixteen bits": (LOG * 16, {"BitsStored": 16, "HighBit": 15}),
    "sixteen bits, MONOCHROME1": (
        65535 - LOG * 16, {"BitsStored": 16, "HighBit": 15, "PhotometricInterpretation": "MONOCHROME1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_one_exposure_is_one_density_however_it_is_written(tmp_path: Path, way: str) -> None:
    """Lookup tables, windows, presentation and intensity relationship are all taken into account."""
    values, tags = WAYS[way]
    assert likeness(read(tmp_path, values, **tags)) > 0.999  # type: ignore[arg-type]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_lookup_tables_are_read_in_every_byte_order(tmp_path: Path, syntax: str) -> None:
    """Where the file's encoding leaves the kind of the entries open, they are read all the same."""
    entries = FALLING.astype(">u2").view("<u2") if syntax == ExplicitVRBigEndian else FALLING
    film = read(tmp_path, 4095 - LOG, syntax=syntax, VOILUTSequence=[lut(entries, bits=12)])
    assert likeness(film) > 0.999


def test_what_the_file_wants_bright_is_told(tmp_path: Path) -> None:
    """The window is kept for pictures: half white at its middle, and rising with density."""
    film = read(tmp_path, LOG, WindowCenter="2000", WindowWidth="800", VOILUTFunction="SIGMOID")
    assert film.tone is not None
    middle = film.density[2000 + np.abs(LOG - 2000).min() == LOG]
    assert np.interp(middle, *film.tone) == pytest.approx(0.5, abs=0.02)
    assert (np.diff(film.tone[1]) >= 0.0).all()


def test_a_film_that_says_nothing_has_no_tone(tmp_path: Path) -> None:
    """Without a window, or for processing, pictures choose their own."""
    assert read(tmp_path, LOG).tone is None


@pytest.mark.parametrize(
    ("tags", "error", "told"),
    [
        ({"VOILUTSequence": [lut(RISING[:5], bits=12)]}, None, ""),
        ({"VOILUTSequence": [lut(np.zeros(0), bits=12)]}, UnreadableError, "lookup tables"),
        ({"VOILUTFunction": "CUBIC", "WindowCenter": "1", "WindowWidth": "2"}, UnreadableError, "lookup tables"),
        ({"WindowCenter": "1"}, UnreadableError, "lookup tables"),
        ({"ModalityLUTSequence": [lut(RISING, bits=3)]}, UnreadableError, "lookup tables"),
        ({"PixelIntensityRelationship": "SQRT"}, UnsuitableError, "SQRT"),
        ({"PixelAspectRatio": ["3", "2"]}, UnsuitableError, "squares"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    tmp_path: Path, tags: dict[str, object], error: type[Exception] | None, told: str
) -> None:
    """A table shorter than the values holds its last entry; a broken one is refused."""
    if error is None:
        assert read(tmp_path, LOG, **tags).density.max() > 0.0
        return
    with pytest.raises(error, match=told):
        read(tmp_path, LOG, **tags)


@pytest.mark.parametrize(
    ("tags", "spacing"),
    [
        ({"PixelSpacing": ["0.16", "0.16"]}, (0.16, 0.16)),
        ({"PixelSpacing": ["0.16", "0.16"], "PixelSpacingCalibrationType": "FIDUCIAL"}, None),
        (
            {"PixelSpacing": ["0.16", "0.16"], "PixelSpacingCalibrationType": "GEOMETRY",
             "EstimatedRadiographicMagnificationFactor": "1.25"},
            (0.2, 0.2),
        ),
    ],
)  # fmt: skip
def test_a_spacing_at_another_depth_is_not_the_detectors(
    tmp_path: Path, tags: dict[str, object], spacing: tuple[float, float] | None
) -> None:
    """A calibrated spacing leads back to the detector by the magnification that the file tells, else it is unknown."""
    found = read(tmp_path, LOG, **tags).spacing_mm
    assert found is None if spacing is None else found == pytest.approx(spacing)


@pytest.mark.parametrize(
    ("along", "left_at"), [(["L", "F"], "right"), (["RP", "FR"], "left"), (["P", "F"], ""), (None, "")]
)
def test_the_patients_left_is_where_the_header_says(tmp_path: Path, along: list[str] | None, left_at: str) -> None:
    """PatientOrientation names what rows run towards; else the side is not known."""
    tags = {} if along is None else {"PatientOrientation": along}
    assert read(tmp_path, LOG, **tags).left_at == left_at


def test_a_stitched_film_is_brought_to_one_level(tmp_path: Path) -> None:
    """Read from its file, a film of two exposures has one seam and no step; its spacing is the detector's."""
    rng = np.random.default_rng(5)
    plane = 1500.0 + 8.0 * np.arange(90)[None] + rng.normal(0.0, 6.0, (240, 90))
    plane[130:] += 300.0
    said = {"ImageType": ["DERIVED", "PRIMARY", "", "STITCHED"], "ImagerPixelSpacing": ["0.15", "0.15"]}
    film = read(tmp_path, np.rint(plane).astype(int), **said)
    assert [abs(row - 130) <= 1 for row in film.seam_rows] == [True]
    above, below = film.density[120:128].mean(), film.density[133:141].mean()
    assert abs(above - below) < 0.02 * float(np.ptp(film.density))
    assert film.spacing_mm == (0.15, 0.15)
