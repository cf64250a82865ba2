"""The law of the door: every file of every collection at hand ends in exactly one series or in a problem."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pydicom
import pytest
from synthetic_series import KEY

from catheterview.errors import CatheterviewError, UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.model import Problem
from catheterview.read import ROLES, Inventory, load, scan
from catheterview.read.fallback import library_fields
from catheterview.read.header import data_start, read_fields
from catheterview.read.instance import Headers, instance
from catheterview.read.sources import opened
from catheterview.read.tags import CHARACTER_SET
from catheterview.read.walk import sources

LIMITS = ReadLimits()


def package(name: str) -> Path:
    """The folder of an installed package."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def collections(real_data: Path) -> list[Path]:
    return [*(package(name) for name in ("pydicom", "highdicom")), *sorted(real_data.glob("*.zip"))]


def hold_the_law(folder: Path) -> Inventory:
    """Hold that files and owners correspond one to one; return what was found."""
    names = [item.path_or_uid if isinstance(item, Problem) else item.name for item in sources([folder], limits=LIMITS)]
    inventory = scan([folder], key=KEY)
    known = set(names)
    owners = sorted(
        [(name, (s.series_instance_uid, s.stack)) for s in inventory.series for name in s.files],
        key=lambda owner: owner[0],
    )
    refused = [problem.path_or_uid for problem in inventory.problems if problem.path_or_uid in known]
    assert sorted([name for name, _ in owners] + refused) == sorted(names)
    assert len(names) == inventory.files
    assert all(problem.reason and problem.stage == "read" for problem in inventory.problems)
    return inventory


@pytest.mark.parametrize("name", ["pydicom", "highdicom"])
def test_every_file_of_a_package_has_one_place(name: str) -> None:
    """Nothing that ships with the DICOM libraries is lost or counted twice, DICOM or not."""
    inventory = hold_the_law(package(name))
    assert inventory.files > 50  # compiled files come and go with the installer
    assert {series.role for series in inventory.series} <= set(ROLES)


@pytest.mark.real
def test_every_file_of_the_real_studies_has_one_place(real_data: Path) -> None:
    """Nothing of the real archives is lost or counted twice."""
    for archive in sorted(real_data.glob("*.zip")):
        hold_the_law(archive)


def test_every_series_of_pydicom_loads_or_says_why() -> None:
    """Loading anything gives an image or one of our errors with a reason, never another exception."""
    loaded, reasons = 0, []
    for series in scan([package("pydicom")], key=KEY).series:
        try:
            loaded += load(series).voxels.size > 0
        except CatheterviewError as error:
            reasons.append(error.reason)
    assert loaded >= 5
    assert all(reasons)


def test_refused_series_begin_with_the_name_of_a_rule() -> None:
    """Every refusal of a stack begins with one of the names that the documents list."""
    rules = ("missing slice", "doubled slice", "uneven spacing", "mixed orientation", "not a volume")
    refused = [series for series in scan([package("pydicom")], key=KEY).series if series.role == "slices"]
    assert refused
    assert all(series.why.partition(":")[0] in rules for series in refused)


@pytest.mark.slow
@pytest.mark.real
def test_the_fast_walker_equals_pydicom_on_every_file(real_data: Path) -> None:
    """Field for field and offset for offset, over every DICOM file at hand."""
    compared = 0
    for collection in collections(real_data):
        for item in sources([collection], limits=LIMITS):
            if isinstance(item, Problem):
                continue
            try:
                ours = read_fields(item, limits=LIMITS)
                theirs = library_fields(item, data_start(item.head(512)[0], name=item.name), limits=LIMITS)
            except UnreadableError:
                continue
            for fields in (ours, theirs):  # one pads it with a blank, which means nothing
                fields.values[CHARACTER_SET] = fields.values.get(CHARACTER_SET, b"").rstrip()
            assert ours == theirs, item.name
            compared += 1
    assert compared > 700


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::UserWarning")  # what pydicom thinks of the odd files that it ships
def test_instances_say_what_pydicom_parses(real_data: Path) -> None:
    """Geometry and pixel format are the values that pydicom's own parser gives, over every image at hand."""
    headers = Headers(key=KEY)
    compared = 0
    for collection in collections(real_data):
        for item in list(sources([collection], limits=LIMITS))[::5]:
            if isinstance(item, Problem):
                continue
            try:
                fields = read_fields(item, limits=LIMITS)
                one = instance(item, fields, headers.of(fields, name=item.name))
                with opened(item) as stream:
                    theirs = pydicom.dcmread(stream, stop_before_pixels=True, force=True)
            except UnreadableError:
                continue
            compared += _compared(one, theirs)
    assert compared > 100


def _compared(one, theirs: pydicom.Dataset) -> int:
    """Hold one instance against pydicom's data set."""
    header = one.header
    assert one.sop_instance_uid == str(theirs.get("SOPInstanceUID", ""))
    assert header.series_instance_uid == theirs.SeriesInstanceUID
    if "Rows" not in theirs or not theirs.Rows:
        return 0
    pixels = header.pixels
    assert (pixels.rows, pixels.columns) == (theirs.Rows, theirs.Columns)
    assert (pixels.bits_stored, pixels.signed) == (theirs.BitsStored, theirs.PixelRepresentation == 1)
    if theirs.get("ImagePositionPatient"):
        assert one.position == tuple(theirs.ImagePositionPatient)
        assert header.orientation == tuple(theirs.ImageOrientationPatient)
    if theirs.get("PixelSpacing"):
        assert header.spacing_mm == tuple(theirs.PixelSpacing)
    assert header.slope == float(theirs.get("RescaleSlope", 1))
    assert header.intercept == float(theirs.get("RescaleIntercept", 0))
    return 1
