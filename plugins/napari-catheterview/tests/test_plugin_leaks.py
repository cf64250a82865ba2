"""Many cases in one window leave nothing behind: no canvas, layer, thread or file handle."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import psutil
import pytest
from napari.layers import Layer
from napari.qt import QtViewer
from qtpy.QtCore import QThreadPool
from review_cases import image, report
from written import write_ct, write_out

GRIDS = ("feet first", "oblique")
#: How many cases are read: a dozen whenever tests are run, and what the bar asks for.
CASES = [12, pytest.param(50, marks=pytest.mark.slow)]
#: Cases after which everything that is made once has been made.
WARM = 6
#: A volume of these cases is a twentieth of a MB; caches of fonts and shaders may still grow.
GROWTH_MB = 40


@pytest.fixture(params=CASES)
def out(request, tmp_path):
    """Return a triage output of many cases on two sets of images, beginning with the one that is opened first."""
    names = ["case-a", *(f"case-b{n:02d}" for n in range(1, request.param))]
    made = write_out(tmp_path / "out", [report(GRIDS[n % 2], case_id=name) for n, name in enumerate(names)], [])
    folders = [write_ct(image(grid), tmp_path / grid.replace(" ", "-")) for grid in GRIDS]
    for n, name in enumerate(names):
        (made / "cases" / name / "source.json").write_text(f'{{"inputs": ["{folders[n % 2]}"]}}', encoding="utf-8")
    return made


def alive() -> dict[str, int]:
    """Count what could leak, once what is still being read has been: its threads and files are no leak."""
    QThreadPool.globalInstance().waitForDone(60_000)
    gc.collect()
    found = gc.get_objects()
    return {
        "canvases": sum(isinstance(one, QtViewer) for one in found),
        "layers": sum(isinstance(one, Layer) for one in found),
        "threads": threading.active_count(),
        "handles": len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0,
    }


def test_many_cases_leave_nothing_behind(room, qtbot):
    """What is alive after six cases is what is alive after twelve, or fifty, and the memory is what it was."""
    process = psutil.Process()
    names = [row.case_id for row in room.cases.model.rows]
    assert len(names) > 2 * WARM - 1
    before, used_mb = {}, 0.0
    for n, name in enumerate(names):
        room.open(name)
        qtbot.waitUntil(lambda name=name: room.session.report.case_id == name, timeout=60_000)
        if n == WARM:
            before, used_mb = alive(), process.memory_info().rss / 2**20
    room.cancel()
    qtbot.wait(200)
    after = alive()
    # A pool keeps its threads; on a busy machine more of them have been needed at once by the end.
    before["threads"] += QThreadPool.globalInstance().maxThreadCount()
    assert all(after[what] <= before[what] for what in before), (before, after)
    assert process.memory_info().rss / 2**20 - used_mb < GROWTH_MB
