"""Opening a case and reading DICOM: real files, real folders, no display."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari.layers import Layer
from review_cases import GRIDS, grid, image, report
from written import write_ct, write_out

from catheterview.errors import InputError, UnreadableError
from napari_catheterview.frame import reading_frame
from napari_catheterview.opening import case_folder, find_plans, open_case, sources_of
from napari_catheterview.reader import get_reader
from napari_catheterview.samples import oblique_catheter
from napari_catheterview.session import ReviewSession
from napari_catheterview.worklist import Worklist, matching


def run(generator):
    """Return what a generator says on its way and what it returns."""
    said = []
    while True:
        try:
            said.append(next(generator))
        except StopIteration as stop:
            return said, stop.value


@pytest.mark.parametrize("name", [name for name in GRIDS if name != "gantry tilt"])
def test_the_reader_puts_every_voxel_where_the_scanner_had_it(name, tmp_path):
    """A folder in any orientation comes back with each bright voxel at its own LPS mm, in mm, with axis labels."""
    original = image(name)
    folder = write_ct(original, tmp_path / "ct")
    read = get_reader(str(folder))
    (layer,) = (Layer.create(*data) for data in read(str(folder)))
    frame = reading_frame(original)
    shown = frame.to_patient([layer.data_to_world(at) for at in np.argwhere(layer.data == 1500)])
    truth = original.placed.index_to_world(np.argwhere(original.voxels == 1500))
    np.testing.assert_allclose(shown[np.lexsort(shown.T.round(3))], truth[np.lexsort(truth.T.round(3))], atol=1e-3)
    assert [str(unit) for unit in layer.units] == ["millimeter"] * 3


def test_the_reader_leaves_what_is_not_dicom(tmp_path):
    """Where there is no DICOM, napari may ask another plugin."""
    (tmp_path / "notes.txt").write_text("nothing here", encoding="utf-8")
    assert get_reader(str(tmp_path)) is None
    assert get_reader(str(tmp_path / "notes.txt")) is None


def test_the_reader_says_why(tmp_path):
    """A DICOM file that makes no image is refused with the reason, not with an empty viewer."""
    (tmp_path / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    read = get_reader(str(tmp_path))
    with pytest.raises(UnreadableError, match=r"broken\.dcm"):
        read(str(tmp_path))


def test_a_case_opens_from_where_triage_found_it(tmp_path):
    """Report and volume come back, step by step, from the output folder and the noted input."""
    folder = write_ct(image("feet first"), tmp_path / "ct")
    out = write_out(tmp_path / "out", [report("feet first")], [folder])
    worklist = Worklist(out)
    said, case = run(open_case(out, "case-a", worklist.inputs("case-a")))
    worklist.close()
    assert "reading the pixels" in said
    assert case.why_no_image == ""
    assert case.hung.voxels.max() == 1500
    assert [finding.kind for finding in case.report.findings] == ["kink", "discontinuity"]


def test_images_that_moved_leave_the_report(tmp_path):
    """Where the images are no longer, the case still opens, and says why it has none."""
    out = write_out(tmp_path / "out", [report("prone")], [tmp_path / "gone"])
    _, case = run(open_case(out, "case-a", sources_of(out, "case-a")))
    assert case.image is None
    assert case.why_no_image


def test_a_case_without_report_is_refused(tmp_path):
    """A case whose report is missing or broken raises with the case's name and the reason."""
    out = write_out(tmp_path / "out", [report("prone")], [])
    with pytest.raises(InputError, match=r"case-z/report\.json"):
        run(open_case(out, "case-z", ()))
    (out / "cases" / "case-a" / "report.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"case-a/report\.json"):
        run(open_case(out, "case-a", ()))


@pytest.mark.parametrize("name", ["../x", "", "a/b", "/etc"])
def test_the_name_of_a_case_is_never_a_path(name):
    """A case id that would lead out of the output folder is refused."""
    with pytest.raises(InputError):
        case_folder(Path("out"), name)


def test_a_series_that_is_not_there_is_named(tmp_path):
    """Looking for a series among other images names what was looked for."""
    folder = write_ct(image("prone"), tmp_path / "ct")
    known = report("prone")
    elsewhere = replace(known, catheters=(), pumps=(replace(known.pumps[0], series_instance_uid="1.2.3"),))
    with pytest.raises(InputError, match=r"1\.2\.3"):
        find_plans([folder], elsewhere)
    (plan,) = find_plans([folder], known)
    assert (plan.kind, plan.name) == ("volume", "ct CT 2026-03-02")
    assert plan.series[0].grid.shape == grid("prone").shape


def test_a_folder_without_worklist_is_refused(tmp_path):
    """Review of a folder that triage never wrote says so, and makes no file there."""
    with pytest.raises(InputError, match="no worklist"):
        Worklist(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_sample_is_oblique_and_in_mm():
    """The sample opens in its own planes, in mm, with a tube brighter than tissue."""
    (data,) = oblique_catheter()
    layer = Layer.create(*data)
    assert 100 < (layer.data > 500).sum() < 3000
    assert [str(unit) for unit in layer.units] == ["millimeter"] * 3


def test_the_worklist_is_narrowed_down_by_words(tmp_path):
    """Every word must be said of a case, or after a minus sign must not; whoever signed it is part of that."""
    out = write_out(tmp_path / "out", [report("prone", case_id=name) for name in ("case-a", "case-b")], [])
    worklist = Worklist(out)
    ReviewSession(report("prone", case_id="case-b"), ledger=worklist.store, reader="reader-1").sign()
    rows, latest = worklist.rows(), worklist.latest()

    def found(words):
        return [row.case_id for row in matching(rows, words, latest)]

    assert found("") == found("urgent KINK") == ["case-a", "case-b"]
    assert found("signed") == found("reader-1") == ["case-b"]
    assert found("kink -signed") == found("unread") == ["case-a"]
    assert found("dragon") == []
    worklist.close()
