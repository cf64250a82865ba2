"""What is not a slice of the CT is kept, typed and never stacked into it; studies know their rung."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic_series import KEY, SERIES, feet_first_grid, oblique_grid, ramp, write_series

from catheterview.model import Rung
from catheterview.read import Series, load, scan
from catheterview.read.roles import Said, role_of, rung_of


def said(**changes: str) -> Said:
    asked = {
        "sop_class": "1.2.840.10008.5.1.4.1.1.2",
        "modality": "CT",
        "image_type": "ORIGINAL\\PRIMARY\\AXIAL",
        "route": "",
        "descriptions": "",
    }
    return Said.of(**{**asked, **changes})


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, "volume"),
        ({"image_type": "ORIGINAL\\SECONDARY\\AXIAL"}, "volume"),
        ({"image_type": "DERIVED\\PRIMARY\\AXIAL"}, "volume"),
        ({"image_type": "DERIVED\\SECONDARY\\AXIAL"}, "volume"),
        ({"image_type": "ORIGINAL\\PRIMARY\\LOCALIZER\\CT_SOM5 TOP"}, "localiser"),
        ({"image_type": "DERIVED\\SECONDARY\\AXIAL\\CT_SOM5 MPR"}, "reformat"),
        ({"image_type": "DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE"}, "reformat"),
        ({"image_type": "DERIVED\\SECONDARY\\PROJECTION IMAGE\\MIP"}, "reformat"),
        ({"image_type": "DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT", "descriptions": "Patient Protocol"}, "dose_report"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.7"}, "secondary_capture"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.7", "descriptions": "CT Dose Report"}, "dose_report"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.7", "modality": "XA"}, "film"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.88.67", "modality": "SR"}, "dose_report"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.88.33", "modality": "SR"}, "other"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.11.1", "modality": "PR"}, "presentation"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.4", "modality": "MR", "image_type": "ORIGINAL\\PRIMARY\\M"}, "volume"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.1.1", "modality": "DX", "image_type": "ORIGINAL\\PRIMARY"}, "film"),
        (
            {"sop_class": "1.2.840.10008.5.1.4.1.1.20", "modality": "NM", "image_type": "ORIGINAL\\PRIMARY\\STATIC"},
            "nuclear",
        ),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.481.3", "modality": "RTSTRUCT"}, "other"),
    ],
)
def test_each_kind_of_object_has_its_role(changes: dict[str, str], role: str) -> None:
    """Roles follow from class, modality and image type, as vendors write them."""
    assert role_of(said(**changes), frames=1, gray=True) == role


@pytest.mark.parametrize(
    ("changes", "rung"),
    [
        ({}, Rung.CT),
        ({"descriptions": "CT abdomen with contrast", "route": "IV"}, Rung.CT),
        ({"route": "INTRATHECAL", "descriptions": "CT lumbar spine"}, Rung.CT),
        ({"route": "INTRATHECAL", "descriptions": "CAP myelogram"}, Rung.CAP_CT),
        ({"descriptions": "CT myelography via pump catheter"}, Rung.CAP_CT),
        ({"descriptions": "CT myelogram after lumbar puncture"}, Rung.LP_CT),
        ({"descriptions": "CT myelogram"}, Rung.CT),
        ({"descriptions": "capsule CT"}, Rung.CT),
        ({"modality": "MR"}, Rung.MRI),
        ({"modality": "DX"}, Rung.RADIOGRAPH),
        ({"modality": "RF"}, Rung.FLUOROSCOPY),
        ({"modality": "NM"}, Rung.SPECT_CT),
        ({"modality": "US"}, Rung.OTHER),
    ],
)
def test_the_rung_is_only_as_high_as_the_header_says(changes: dict[str, str], rung: Rung) -> None:
    """Contrast counts as given through the catheter only where the header says so."""
    assert rung_of(said(**changes)) is rung


def kind(image_type: list[str], first: int, **fields: str):
    """A change that makes slices another kind of image in the same series."""

    def change(one, k):
        one.ImageType = image_type
        one.SOPInstanceUID, one.InstanceNumber = f"{SERIES}.{first + k}", first + k
        for name, value in fields.items():
            setattr(one, name, value)

    return change


def test_everything_else_in_the_series_of_a_ct_is_kept_apart(tmp_path: Path) -> None:
    """A CT series with scout, dose page, reformats, MR and captures under one UID gives the CT alone as its volume."""
    grid = oblique_grid((5, 6, 7))
    small = oblique_grid((3, 4, 5))
    write_series(tmp_path / "ct", grid)
    write_series(tmp_path / "scout", small, change=kind(["ORIGINAL", "PRIMARY", "LOCALIZER"], 100))
    write_series(tmp_path / "mpr", feet_first_grid((4, 5, 6)), change=kind(["DERIVED", "SECONDARY", "MPR"], 200))
    write_series(tmp_path / "mr", small, change=kind(["ORIGINAL", "PRIMARY", "M"], 300, Modality="MR"))
    capture = kind(["DERIVED", "SECONDARY"], 400, SOPClassUID="1.2.840.10008.5.1.4.1.1.7", Modality="OT")
    write_series(tmp_path / "capture", small, change=capture)
    page = kind(["DERIVED", "SECONDARY", "OTHER"], 500, SeriesDescription="Dose Report for Secret^Name")
    write_series(tmp_path / "dose", small, change=page)
    inventory = scan([tmp_path], key=KEY)
    roles: dict[str, list[Series]] = {}
    for series in inventory.series:
        roles.setdefault(f"{series.modality} {series.role}", []).append(series)
    assert {name: len(group) for name, group in roles.items()} == {
        "CT volume": 1,
        "CT localiser": 3,
        "CT reformat": 1,
        "MR volume": 1,
        "OT secondary_capture": 3,
        "CT dose_report": 1,
    }
    assert inventory.problems == ()
    assert [series.stack for series in inventory.series] == list(range(1, 11))
    image = load(roles["CT volume"][0])
    assert image.voxels.shape == grid.shape
    assert set(np.unique(image.voxels)) == set(np.unique(ramp(grid.shape)))


def test_the_study_stands_on_its_foremost_rung(tmp_path: Path) -> None:
    """A study with radiograph and CT is a CT study, dated by its header."""

    def change(one, k):
        one.Modality, one.SOPClassUID = "DX", "1.2.840.10008.5.1.4.1.1.1.1"
        one.SeriesInstanceUID, one.SOPInstanceUID = f"{SERIES}.8", f"{SERIES}.8.{k}"

    write_series(tmp_path / "ct", oblique_grid())
    write_series(tmp_path / "film", oblique_grid((2, 5, 7)), change=change)
    ((study,),) = [case.studies for case in scan([tmp_path], key=KEY).cases]
    assert (study.rung, study.date) == (Rung.CT, "2026-03-02")
    assert [(series.role, series.rung) for series in study.series] == [
        ("volume", Rung.CT),
        ("film", Rung.RADIOGRAPH),
        ("film", Rung.RADIOGRAPH),
    ]


def test_mr_volumes_keep_their_stored_values(tmp_path: Path) -> None:
    """MR values are not HU: no floor, no intercept."""
    write_series(tmp_path, oblique_grid(), change=kind(["ORIGINAL", "PRIMARY", "M"], 1, Modality="MR"))
    (series,) = scan([tmp_path], key=KEY).series
    image = load(series)
    assert (image.modality, image.saturated_hu) == ("MR", None)
    assert int(image.voxels.min()) == 24  # stored, with the intercept of the header left alone
