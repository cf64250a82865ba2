"""Spoilt DICOM files by the thousand through the reading room: nothing may crash, hang or take over 2 GB.

    python benchmarks/fuzz.py --seconds 600 --out build/fuzz

Valid files in every encoding are spoilt by hypothesis: bytes turned, cut, doubled, dropped, lengths overwritten,
sequences nested. Each batch is read in a process of its own that is held to 2 GB; when it dies or hangs, the file that
it was reading is kept in OUT, and so is one that raises anything but an error of catheterview's own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import struct
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "read"))
from document import put_table

ROOT = Path(__file__).resolve().parents[1]
MEMORY_BYTES = 2 << 30
HANGS_AFTER_S = 60.0
BATCH = 300
#: How a spoilt series may end.
ENDS = ("scanned", "refused by load", "loaded", "panicked in a decoder", "raised")
#: Lengths and counts that break readers.
LENGTHS = (0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Spoil a file in one to six places; most of them in its header, where the decisions are."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        header = min(len(data) - 1, 1500)
        at = draw(st.one_of(st.integers(128, max(128, header)), st.integers(0, len(data) - 1)))
        count = draw(st.sampled_from((1, 2, 4, 8, 64, 1000)))
        what = draw(st.sampled_from(("flip", "cut", "double", "drop", "length", "long", "zero", "nest")))
        at = min(at, len(data) - 1)
        if what == "flip":
            data[at] = data[at] ^ (1 << draw(st.integers(0, 7)))
        elif what == "cut" and at > 200:
            del data[at:]
        elif what == "double":
            data[at:at] = data[at : at + count]
        elif what == "drop":
            del data[at : at + count]
        elif what in ("length", "long"):
            form = "<H" if what == "length" else "<I"
            value = struct.pack(form, draw(st.sampled_from(LENGTHS)) & (0xFFFF if what == "length" else 0xFFFFFFFF))
            data[at : at + len(value)] = value
        elif what == "zero":
            data[at : at + count] = bytes(count)
        else:
            item = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
            data[at:at] = item * draw(st.sampled_from((1, 20, 3000)))
        data = data or bytearray(b"\0")
    return bytes(data)


def seeds() -> list[list[bytes]]:
    """The slices of a valid series, in every encoding."""
    from synthetic_series import COMPRESSED, NATIVE, oblique_grid, write_series

    found = []
    with TemporaryDirectory() as folder:
        for number, syntax in enumerate((*NATIVE, *COMPRESSED)):
            one = Path(folder) / str(number)
            write_series(one, grid=oblique_grid((3, 40, 48)), syntax=syntax)
            found.append([path.read_bytes() for path in sorted(one.rglob("*.dcm"))])
    return found


def batch(number: int, out: Path) -> None:
    """Read one batch, in a process of its own."""
    from catheterview.errors import CatheterviewError
    from catheterview.read import load, scan
    from catheterview.triage.apart import hold_to

    hold_to(MEMORY_BYTES)
    warnings.simplefilter("ignore")
    files, current, ends = seeds(), out / "current", Counter[str]()

    @seed(number)
    @settings(max_examples=BATCH, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.data())
    def read_one(data: st.DataObject) -> None:
        whole, *others = data.draw(st.sampled_from(files))
        content = data.draw(st.composite(lambda draw: spoilt(draw, whole))())
        (current / "x.dcm").write_bytes(content)
        for place, other in enumerate(others):
            (current / f"{place}.dcm").write_bytes(other)
        try:
            for series in scan([current], key=b"fuzz").series:
                try:
                    load(series)
                    ends["loaded"] += 1
                except CatheterviewError:
                    ends["refused by load"] += 1
            ends["scanned"] += 1
        except BaseException as error:
            if type(error).__module__ == "pyo3_runtime":  # a problem of its series, see triage/journal.py
                ends["panicked in a decoder"] += 1
                return
            if not isinstance(error, Exception) or type(error).__module__.startswith("hypothesis"):
                raise
            ends["raised"] += 1
            keep(out, content, traceback.format_exc())

    read_one()
    (out / f"batch-{number}.json").write_text(json.dumps(ends))


def keep(out: Path, content: bytes, why: str) -> None:
    """Keep a file that did harm, one for each place that it did it in."""
    name = f"{abs(hash(why.splitlines()[-1] + ''.join(why.splitlines()[-3:-2]))) % 10**8:08d}"
    (out / f"{name}.dcm").write_bytes(content)
    (out / f"{name}.txt").write_text(why)


def main() -> int:
    """Read batches until the time is over; the exit status says whether something did harm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--first", type=int, default=0, help="number of the first batch")
    parser.add_argument("--write", action="store_true", help="put the table into docs/operations.md")
    given_ = parser.parse_args()
    out: Path = given_.out
    (out / "current").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PYTHONHASHSEED", "0")
    ends_s, number, total, dead = time.monotonic() + given_.seconds, given_.first, Counter[str](), 0
    while time.monotonic() < ends_s:
        process = multiprocessing.get_context("spawn").Process(target=batch, args=(number, out))
        process.start()
        process.join(HANGS_AFTER_S + 2.0 * BATCH)
        if process.exitcode != 0:
            dead += 1
            why = "hung" if process.is_alive() else f"ended with {process.exitcode}"
            process.kill()
            keep(out, (out / "current" / "x.dcm").read_bytes(), f"{why} in batch {number}\n\n")
        else:
            total.update(json.loads((out / f"batch-{number}.json").read_text()))
            (out / f"batch-{number}.json").unlink()
        number += 1
    cells = (*(total[name] for name in ENDS), dead, "**not met**" if dead or total["raised"] else "met")
    batches = f"{number - given_.first} batches of {BATCH} from batch {given_.first} on"
    table = f"""{given_.seconds / 60.0:.0f} minutes, {batches}.

| {" | ".join(ENDS)} | died, hung or over 2 GB | |
|{"--:|" * (len(ENDS) + 1)}---|
| {" | ".join(map(str, cells))} |"""
    print(table)
    if given_.write:
        put_table(ROOT / "docs" / "operations.md", table, name="fuzz")
    return 1 if dead or total["raised"] else 0


if __name__ == "__main__":
    sys.exit(main())
