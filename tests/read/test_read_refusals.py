"""Files that lie, end early or claim the absurd are refused by name, before memory is taken for them."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless
from synthetic_series import COMPRESSED, KEY, oblique_grid, write_series

from catheterview.errors import CatheterviewError, GeometryError, UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read import Inventory, load, scan
from catheterview.read.walker import meta_end

MEGABYTE = 1 << 20


@contextmanager
def little_memory(megabytes: float) -> Iterator[None]:
    """Hold that what happens inside never takes more memory than this."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * MEGABYTE, f"{peak / MEGABYTE:.1f} MB"


def problems(inventory: Inventory) -> list[str]:
    return [problem.reason for problem in inventory.problems if problem.path_or_uid.endswith(".dcm")]


@pytest.mark.parametrize(
    ("field", "value"), [("Rows", 65535), ("Columns", 65535), ("NumberOfFrames", 2**31 - 1), ("Rows", 0)]
)
def test_absurd_sizes_are_refused(tmp_path: Path, field: str, value: int) -> None:
    """No header talks the reader into a gigabyte."""
    write_series(tmp_path, oblique_grid((1, 5, 7)), change=lambda one, _k: setattr(one, field, value))
    with little_memory(8):
        (reason,) = problems(scan([tmp_path], key=KEY))
    assert reason.startswith("absurd size: ")


def test_a_size_within_bounds_but_beyond_the_file_is_truncated(tmp_path: Path) -> None:
    """8000 x 8000 pixels are not in a file of a few hundred bytes."""

    def change(one, _k):
        one.Rows = one.Columns = 8000
        one.PixelData = bytes(70)

    write_series(tmp_path, oblique_grid(), change=change)
    with little_memory(8):
        inventory = scan([tmp_path], key=KEY)
    assert [reason.partition(":")[0] for reason in problems(inventory)] == ["truncated pixel data"] * 6


def test_truncated_slices_leave_a_missing_slice(tmp_path: Path) -> None:
    """A file cut off in its pixels is a problem, and its place in the stack is missing."""
    paths = write_series(tmp_path, oblique_grid())
    paths[2].write_bytes(paths[2].read_bytes()[:-10])
    inventory = scan([tmp_path], key=KEY)
    assert problems(inventory) == ["truncated pixel data: 60 of 70 bytes"]
    assert inventory.series[0].why.startswith("missing slice: ")


def test_a_file_that_shrinks_after_the_scan_is_an_error(tmp_path: Path) -> None:
    """What was whole when it was listed and is not when it is read is named."""
    paths = write_series(tmp_path, oblique_grid())
    (series,) = scan([tmp_path], key=KEY).series
    paths[1].write_bytes(paths[1].read_bytes()[:-10])
    with pytest.raises(UnreadableError, match="truncated pixel data"):
        load(series)


@pytest.mark.parametrize("syntax", COMPRESSED, ids=lambda syntax: syntax.keyword)
def test_truncated_codestreams_are_errors(tmp_path: Path, syntax: pydicom.uid.UID) -> None:
    """A compressed image that ends early is never shown as if it were whole."""
    paths = write_series(tmp_path, oblique_grid((4, 40, 51)), noise((4, 40, 51)), syntax=syntax)
    paths[1].write_bytes(paths[1].read_bytes()[:-400])
    (series,) = scan([tmp_path], key=KEY).series
    with pytest.raises(UnreadableError, match=paths[1].name):
        load(series)


@pytest.mark.parametrize("syntax", COMPRESSED[1:], ids=lambda syntax: syntax.keyword)
def test_a_codestream_of_another_size_is_a_lie(tmp_path: Path, syntax: pydicom.uid.UID) -> None:
    """The header's size and the codestream's own are held against each other before decoding."""
    paths = write_series(tmp_path, oblique_grid((4, 40, 51)), syntax=syntax)
    for path in paths:
        one = pydicom.dcmread(path)
        one.Rows = 4000
        one.save_as(path)
    (series,) = scan([tmp_path], key=KEY).series
    with pytest.raises(UnreadableError, match="lying pixel data: the codestream is 40 x 51"):
        load(series)


def test_a_few_bytes_do_not_hold_a_large_frame(tmp_path: Path) -> None:
    """A codec without a size of its own cannot claim more than it could ever pack."""
    write_series(
        tmp_path, oblique_grid((1, 40, 51)), syntax=RLELossless, change=lambda one, _k: setattr(one, "Modality", "CR")
    )
    path = next(tmp_path.iterdir())
    one = pydicom.dcmread(path)
    one.Rows = one.Columns = 10000
    one.Modality = "CR"
    one.save_as(path)
    (series,) = scan([tmp_path], key=KEY).series
    with pytest.raises(UnreadableError, match="lying pixel data: "):
        load(series)


def test_a_deflated_bomb_is_not_inflated(tmp_path: Path) -> None:
    """A deflated file is inflated as far as its header and pixels go, and no further."""
    paths = write_series(tmp_path, oblique_grid((3, 5, 7)), syntax=DeflatedExplicitVRLittleEndian)
    for path in paths:
        raw = path.read_bytes()
        _, at = meta_end(raw, start=132)
        plain = zlib.decompress(raw[at:], -15)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = packer.compress(plain) + packer.compress(bytes(200 * MEGABYTE)) + packer.flush()
        path.write_bytes(raw[:at] + bomb)
    limits = ReadLimits(max_header_bytes=4 * MEGABYTE)
    with little_memory(30):
        (series,) = scan([tmp_path], key=KEY, limits=limits).series
        image = load(series, limits=limits)
    assert image.voxels.shape == (3, 5, 7)


def test_half_a_number_costs_no_other_file(tmp_path: Path) -> None:
    """Found by `make fuzz`: pydicom has an error of its own kind for it; it is a problem, and the scan goes on."""
    first, *_ = write_series(tmp_path, oblique_grid())
    content = first.read_bytes()
    assert b"UL\4\0" in content
    first.write_bytes(content.replace(b"UL\4\0", b"UL\1\0", 1))
    found = scan([tmp_path], key=KEY)
    assert first.name in {problem.path_or_uid for problem in found.problems}
    assert found.series


def test_a_volume_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    """The whole is bounded too, not only its parts."""
    write_series(tmp_path, oblique_grid((6, 40, 50)))
    (series,) = scan([tmp_path], key=KEY).series
    with pytest.raises(CatheterviewError, match="absurd size"):
        load(series, limits=ReadLimits(max_image_bytes=20_000))


def test_refused_stacks_are_not_read(tmp_path: Path) -> None:
    """A refused series stays refused when it is loaded, and no pixel is touched."""
    paths = write_series(tmp_path, oblique_grid((6, 40, 50)), skip=(2,))
    (series,) = scan([tmp_path], key=KEY).series
    for path in paths:
        path.unlink()
    with pytest.raises(GeometryError, match="missing slice"):
        load(series)


@given(at=st.integers(0, 1200), value=st.integers(0, 255), cut=st.integers(0, 1300))
def test_any_damage_is_survived(tmp_path_factory: pytest.TempPathFactory, at: int, value: int, cut: int) -> None:
    """Whatever byte is wrong and wherever a file ends, it is in a series or in the problems, and nothing is raised."""
    folder = tmp_path_factory.mktemp("damaged")
    (path,) = write_series(folder, oblique_grid((1, 5, 7)))
    raw = bytearray(path.read_bytes())
    raw[at % len(raw)] = value
    path.write_bytes(raw[: max(1, len(raw) - cut)])
    inventory = scan([folder], key=KEY)
    owners = [name for series in inventory.series for name in series.files] + [
        problem.path_or_uid for problem in inventory.problems if problem.path_or_uid == path.name
    ]
    assert owners == [path.name]


def noise(shape: tuple[int, int, int]) -> np.ndarray:
    return np.random.default_rng(1).integers(-1000, 3000, shape).astype(np.int16)
