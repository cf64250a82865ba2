"""Series that the fuzzer found to do harm, kept: each ends in a reason, and the process goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
