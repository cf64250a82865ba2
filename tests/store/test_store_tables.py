"""Findings and reviews as tables: every value comes back, and no text is run as a formula."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from test_store import bare, review

from catheterview.errors import InputError
from catheterview.geometry import Frame
from catheterview.model import Kind, Mark, Report
from catheterview.store import Store, open_store, write_table
from strategies import reports


@pytest.fixture
def store(tmp_path: Path):
    """An empty worklist."""
    with open_store(tmp_path / "worklist.sqlite") as opened:
        yield opened


@settings(max_examples=15)
@given(reports())
def test_findings_come_back_from_both_kinds(tmp_path_factory: pytest.TempPathFactory, report: Report) -> None:
    """Parquet keeps every number to the last bit; CSV holds the same, lists as JSON."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra department is not installed")
    folder = tmp_path_factory.mktemp("tables")
    with open_store(folder / "worklist.sqlite") as store:
        store.save_report(report)
        for name in ("f.csv", "f.parquet"):
            assert write_table(store, "findings", folder / name) == len(report.findings)
    back = parquet.read_table(folder / "f.parquet").to_pylist()
    with (folder / "f.csv").open(newline="", encoding="utf-8") as file:
        plain = list(csv.DictReader(file))
    for finding, row, cells in zip(report.findings, back, plain, strict=True):
        assert row["id"] == cells["id"] == finding.id
        assert tuple(row["point"]) == tuple(json.loads(cells["point"])) == finding.point
        assert dict(row["measures"]) == json.loads(cells["measures"]) == dict(finding.measures)
        assert row["score"] == float(cells["score"]) == finding.score
        assert (row["kind"], row["case_id"]) == (cells["kind"], cells["case_id"]) == (finding.kind, report.case_id)


def test_every_verdict_is_in_the_table(store: Store, tmp_path: Path) -> None:
    """Also one that was followed by another; what was drawn is JSON; a formula is text."""
    place = Mark(series_instance_uid="1.2", frame=Frame.PATIENT, points=((0.1, -40.0, 871.5),), kind=Kind.KINK)
    store.save_report(bare("a"))
    for one in (review(1), replace(review(2), reason="=HYPERLINK(1)", mark=place)):
        store.add_review(one)
    assert write_table(store, "reviews", tmp_path / "r.csv") == 2
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["reason"] == "remark 1"
    assert second["reason"] == "'=HYPERLINK(1)"
    assert json.loads(second["mark"])["points"] == [[0.1, -40.0, 871.5]]


def test_a_table_of_another_kind_is_misuse(store: Store, tmp_path: Path) -> None:
    """The name says what is written; what is not known, or cannot be written, is said."""
    for wrong in (tmp_path / "f.xlsx", tmp_path / "nowhere" / "f.csv"):
        with pytest.raises(InputError, match=r"f\."):
            write_table(store, "findings", wrong)
