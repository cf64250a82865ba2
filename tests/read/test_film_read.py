"""A radiograph's header is taken at its word, and what it does not say stays unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic_series import KEY, oblique_grid, write_series

from catheterview.geometry import Frame
from catheterview.model.film import Film, View
from catheterview.read import scan
from catheterview.read.film import load_film


def read(folder: Path, **tags: object) -> Film:
    """A film of 24 x 30 that gets denser to the right, unless the tags say otherwise."""

    def change(one, _k):
        for name in ("ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept"):
            delattr(one, name)
        del one.PixelSpacing
        one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
        one.Modality, one.ImageType, one.PhotometricInterpretation = "DX", ["ORIGINAL", "PRIMARY"], "MONOCHROME2"
        one.PixelRepresentation, one.BitsStored, one.HighBit = 0, 12, 11
        one.PixelData = (np.tile(np.arange(30), (24, 1)) * 130 + 10).astype("<u2").tobytes()
        for name, value in tags.items():
            setattr(one, name, value)

    write_series(folder, oblique_grid((1, 24, 30)), change=change)
    (series,) = scan([folder], key=KEY).series
    return load_film(series)


def rises(film: Film) -> bool:
    return bool(film.density[3, 25] > film.density[3, 4])


@pytest.mark.parametrize(
    ("tags", "denser_right"),
    [
        ({}, True),
        ({"PhotometricInterpretation": "MONOCHROME1"}, False),
        ({"PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": 1}, False),
        ({"PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": -1}, True),
        (
            {
                "PhotometricInterpretation": "MONOCHROME1",
                "PixelIntensityRelationship": "LIN",
                "PixelIntensityRelationshipSign": 1,
            },
            False,
        ),
    ],
)
def test_dense_is_high_whatever_is_stored(tmp_path: Path, tags: dict[str, object], denser_right: bool) -> None:
    """Photometric interpretation and pixel intensity relationship are taken into account."""
    assert rises(read(tmp_path, **tags)) is denser_right


def test_exposure_becomes_its_logarithm(tmp_path: Path) -> None:
    """Of a linear file equal ratios of exposure are equal steps of density."""
    film = read(
        tmp_path, PhotometricInterpretation="MONOCHROME1", PixelIntensityRelationship="LIN",
        PixelIntensityRelationshipSign=1,
    )  # fmt: skip
    row = film.density[3]
    assert row[4] - row[8] == pytest.approx(row[8] - row[16], rel=0.02)


@pytest.mark.parametrize(
    ("tags", "spacing", "frame"),
    [
        ({}, None, Frame.PIXEL),
        ({"ImagerPixelSpacing": ["0", "0"]}, None, Frame.PIXEL),
        ({"ImagerPixelSpacing": ["0.2", "0.21"]}, (0.2, 0.21), Frame.DETECTOR),
        ({"ImagerPixelSpacing": ["0.2", "0.2"], "PixelSpacing": ["0.17", "0.17"]}, (0.2, 0.2), Frame.DETECTOR),
        ({"NominalScannedPixelSpacing": ["0.15", "0.15"]}, (0.15, 0.15), Frame.DETECTOR),
    ],
)
def test_an_unknown_spacing_stays_unknown(
    tmp_path: Path, tags: dict[str, object], spacing: tuple[float, float] | None, frame: Frame
) -> None:
    """Zero is not a spacing, and the detector's own is preferred to a calibrated one."""
    film = read(tmp_path, **tags)
    assert (film.spacing_mm, film.frame) == (spacing, frame)


@pytest.mark.parametrize(
    ("tags", "view"),
    [
        ({}, View.UNKNOWN),
        ({"ViewPosition": "AP"}, View.AP),
        ({"ViewPosition": "LL"}, View.LATERAL),
        ({"SeriesDescription": "L-spine lateral"}, View.LATERAL),
        ({"PositionerPrimaryAngle": "92"}, View.LATERAL),
        ({"PositionerPrimaryAngle": "45"}, View.OBLIQUE),
    ],
)
def test_the_view_is_what_the_header_says(tmp_path: Path, tags: dict[str, object], view: View) -> None:
    """ViewPosition, a description, or the positioner's angle; else unknown."""
    assert read(tmp_path, **tags).view is view


def test_shutters_are_not_exposed(tmp_path: Path) -> None:
    """What lies beyond the shutters that the header names is not looked at."""
    film = read(tmp_path, ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge="5", ShutterLowerHorizontalEdge="20")
    assert not film.exposed[:, :5].any()
    assert not film.exposed[20:].any()
    assert film.exposed[10, 10]
