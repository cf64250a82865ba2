"""A furnished window and a triage output for the tests in real windows."""

from __future__ import annotations

import napari
import pytest
from review_cases import image, report
from written import write_ct, write_out

from napari_catheterview.app import open_room
from napari_catheterview.planes import Plane

CASES = {"case-a": "feet first", "case-b": "oblique"}


@pytest.fixture
def out(tmp_path):
    """Return a triage output with two cases on their images, and one whose report is broken."""
    reports = [report(name, case_id=case_id) for case_id, name in CASES.items()]
    made = write_out(tmp_path / "out", [*reports, report("prone", case_id="case-c")], [])
    for case_id, name in CASES.items():
        folder = write_ct(image(name), tmp_path / case_id)
        (made / "cases" / case_id / "source.json").write_text(f'{{"inputs": ["{folder}"]}}', encoding="utf-8")
    (made / "cases" / "case-c" / "report.json").write_text("{", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def furnished(qapp):
    """Keep one furnished window for all tests here, for it costs seconds; each test enters it with its own worklist."""
    window = napari.Viewer()
    window.window.resize(1100, 700)
    rooms = []
    yield window, rooms
    for one in rooms:
        one.close()
    window.close()


@pytest.fixture
def room(out, furnished, qtbot, monkeypatch):
    monkeypatch.setenv("CATHETERVIEW_READER", "reader-1")
    window, rooms = furnished
    opened = open_room(window, out, "case-a", room=rooms[0] if rooms else None)
    rooms[:] = [opened]
    qtbot.waitUntil(lambda: opened.session is not None, timeout=60_000)
    yield opened
    opened.cancel()
    opened.findings.drop_reason()
    opened.desk.set_plane(Plane.AXIAL)
    for layer in opened.viewer.layers:
        layer.visible = True
