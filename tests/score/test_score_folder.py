"""A folder of reports against a folder of truth files, and what is written of it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from score_builders import STUDY, finding, report_of, straight, truth_of

from catheterview.errors import InputError
from catheterview.score import as_csv, as_json, as_markdown, as_page, score_folder, subgroup_markdown


def laid_out(folder, truths, reports):
    """Write files where triage and the phantom put them."""
    for n, truth in enumerate(truths):
        path = folder / "truth" / f"study-{n}" / "truth.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(truth))
    for n, report in enumerate(reports):
        path = folder / "out" / "cases" / f"case-{n}" / "report.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(report))
    (folder / "out").mkdir(exist_ok=True)
    return folder / "out", folder / "truth"


def cohort():
    gap = finding("discontinuity", straight()[50], measures={"gap_mm": 8.0})
    return [
        truth_of(uid=f"{STUDY}.{n}", findings=[gap] if n % 2 else [], tags={"background": "ab"[n % 2]})
        for n in range(4)
    ]


def test_reports_and_truth_meet_by_study(tmp_path):
    """A study without a report counts as missed and is named; a report without truth is named and left out."""
    truths = cohort()
    reports = [report_of(truth) for truth in (*truths[:3], truth_of(uid="1.2.3"))]
    summary = score_folder(*laid_out(tmp_path, truths, reports), tmp_path / "score")
    assert summary.unreported == (f"{STUDY}.3",)
    assert summary.untold == ("1.2.3",)
    assert summary.measure("centreline", "catheters traced").value == 0.75
    assert sorted(path.name for path in (tmp_path / "score").iterdir()) == [
        "score.csv",
        "score.html",
        "score.json",
        "score.md",
    ]


def test_what_is_written_holds_every_figure(tmp_path):
    """JSON, CSV, Markdown and HTML say the same, and undefined figures say why in each."""
    truths = cohort()
    summary = score_folder(*laid_out(tmp_path, truths, [report_of(truth) for truth in truths[::2]]))
    plain = json.loads(as_json(summary))
    assert plain["schema"] == "catheterview/score/1"
    assert [one["name"] for one in plain["measures"]] == [one.name for one in summary.measures]
    rows = list(csv.DictReader(io.StringIO(as_csv(summary))))
    assert len(rows) == len(summary.measures) + sum(len(part.measures) for part in summary.subgroups)
    assert [row["name"] for row in rows if not row["tag"]] == [one.name for one in summary.measures]
    unfound = summary.measure("discontinuity", "localisation error").why
    for text in (as_markdown(summary.measures), as_page(summary), as_csv(summary), as_json(summary)):
        assert unfound in text
    assert "background: a" in subgroup_markdown(summary, [("centreline", "overlap OV")])


def test_the_same_files_give_the_same_bytes(tmp_path):
    """Scoring twice writes the same four files."""
    truths = cohort()
    where = laid_out(tmp_path, truths, [report_of(truth) for truth in truths])
    texts = []
    for name in ("one", "two"):
        score_folder(*where, tmp_path / name)
        texts.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert texts[0] == texts[1]


def test_the_page_is_one_file_and_names_what_failed(tmp_path):
    """No link to anything outside; the missed study is in the failure analysis; it says research only."""
    truths = cohort()
    page = as_page(score_folder(*laid_out(tmp_path, truths, [report_of(truth) for truth in truths[:3]])))
    assert "http" not in page
    assert "missed discontinuity" in page
    assert "Research use only" in page
    assert "2 studies with discontinuity, 2 without" in page


def test_one_report_of_two_studies_is_split_by_series(tmp_path):
    """A case with two studies answers each of them with what lies in its own series."""
    first, second = cohort()[1], truth_of(uid=f"{STUDY}.7")
    report = report_of(first)
    other = {"study_instance_uid": f"{STUDY}.7", "date": "", "rung": "ct", "series": []}
    report = {**report, "studies": [*report["studies"], other]}
    summary = score_folder(*laid_out(tmp_path, [first, second], [report]))
    assert [case.courses[0].traced for case in summary.cases] == [True, False]
    assert summary.measure("discontinuity", "false alarms").value == 0.0


def test_files_that_make_no_sense_are_named(tmp_path):
    """No truth at all, a study twice, broken JSON, a broken entry: each is refused with its place."""
    with pytest.raises(InputError, match=r"no truth\.json"):
        score_folder(tmp_path, tmp_path)
    twice = tmp_path / "twice"
    where = laid_out(twice, [truth_of(), truth_of()], [])
    with pytest.raises(InputError, match="second truth"):
        score_folder(*where)
    where = laid_out(tmp_path / "again", [truth_of()], [report_of(truth_of())] * 2)
    with pytest.raises(InputError, match="second report"):
        score_folder(*where)
    broken = tmp_path / "broken"
    where = laid_out(broken, [truth_of(catheters=[{"points": "no"}])], [])
    with pytest.raises(InputError, match=f"study {STUDY}, catheters"):
        score_folder(*where)
    (broken / "truth" / "study-0" / "truth.json").write_text("{")
    with pytest.raises(InputError, match="JSON"):
        score_folder(*where)
    (broken / "truth" / "study-0" / "truth.json").write_text("[]")
    with pytest.raises(InputError, match="object"):
        score_folder(*where)
    with pytest.raises(InputError, match="folder"):
        score_folder(broken / "nowhere", where[1])
