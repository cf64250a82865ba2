"""Where the images were found is noted beside each report."""

from __future__ import annotations

import json

from catheterview.phantom import make_ct, small_recipe, write_phantom
from catheterview.read import scan
from catheterview.triage.sources import note_sources


def test_the_noted_files_lead_back_to_the_same_series(tmp_path):
    """Scanning only what was noted for a case finds its series again, whole."""
    phantom = make_ct(small_recipe(3))
    write_phantom(phantom, tmp_path / "in" / "study")
    (tmp_path / "in" / "readme.txt").write_text("not DICOM", encoding="utf-8")
    key = b"k" * 32
    (case,) = scan([tmp_path / "in"], key=key).cases
    note_sources([case], tmp_path / "out")
    told = json.loads((tmp_path / "out" / "cases" / case.case_id / "source.json").read_text(encoding="utf-8"))
    assert told["schema"] == "catheterview/source/1"
    again = scan([tmp_path.__class__(path) for path in told["inputs"]], key=key)
    assert [series.grid.shape for series in again.series if series.stackable] == [phantom.image.voxels.shape]
    assert not [path for path in told["inputs"] if path.endswith(".txt")]
