"""Series that the fuzzer found to do harm, kept: each ends in a reason, and the process goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydicom.uid import JPEGLSLossless
from synthetic_series import oblique_grid, write_series

from catheterview.errors import UnreadableError
from catheterview.read import load, scan

SPOILT = sorted((Path(__file__).parent / "spoilt").glob("*.zip"))
_READ = """
import sys
from pathlib import Path
from catheterview.errors import CatheterviewError
from catheterview.read import load, scan
found = scan([Path(sys.argv[1])], key=b"spoilt")
for series in found.series:
    try:
        load(series)
    except CatheterviewError as error:
        print("refused:", error)
print("went on")
"""


@pytest.mark.parametrize("archive", SPOILT, ids=lambda path: path.stem)
def test_what_did_harm_once_is_refused_by_name(archive: Path) -> None:
    """In a process of its own, which a native decoder may end."""
    command = [sys.executable, "-c", _READ, str(archive)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "refused:" in ended.stdout
    assert "x.dcm" in ended.stdout
    assert ended.stdout.endswith("went on\n")


def test_a_transfer_syntax_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """One byte of its name is spoilt: the reason names the file, and nothing is raised that is no reason."""
    write_series(tmp_path, grid=oblique_grid((3, 40, 48)), syntax=JPEGLSLossless)
    first = min(tmp_path.rglob("*.dcm"))
    first.write_bytes(first.read_bytes().replace(b"10008.1.2.4.80", b"10008.1.2.4.8~", 1))
    (series,) = scan([tmp_path], key=b"spoilt").series
    with pytest.raises(UnreadableError, match="no decoder"):
        load(series)
