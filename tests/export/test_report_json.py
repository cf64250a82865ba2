"""report.json: its shape, its bytes, and reading it back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catheterview.errors import InputError
from catheterview.export import REPORT_SCHEMA, read_report, write_page, write_report
from catheterview.export.report_json import as_json
from catheterview.export.settle import settled
from catheterview.model import Finding, Kind, Outcome, Priority, Problem, Report, Rung, Segment
from strategies import findings, reports

SCHEMA = json.loads(REPORT_SCHEMA.read_text())


def difference(first: Any, second: Any) -> float:
    """The largest difference between numbers of two values of one shape; asserts that all else is equal."""
    if dataclasses.is_dataclass(first):
        names = [field.name for field in dataclasses.fields(first)]
        return max([difference(getattr(first, name), getattr(second, name)) for name in names], default=0.0)
    if isinstance(first, np.ndarray):
        return float(np.abs(first - second).max(initial=0.0))
    if isinstance(first, Mapping):
        assert list(first) == list(second)
        return max([difference(first[name], second[name]) for name in first], default=0.0)
    if isinstance(first, tuple):
        assert len(first) == len(second)
        return max([difference(*pair) for pair in zip(first, second, strict=True)], default=0.0)
    if isinstance(first, float):
        return abs(first - second)
    assert first == second
    return 0.0


@given(reports())
def test_what_is_read_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, report: Report) -> None:
    """Reading is the exact inverse of writing, and rounding moves nothing by more than its last decimal."""
    read = read_report(write_report(report, tmp_path_factory.mktemp("case")))
    assert difference(settled(report), read) == 0.0
    assert difference(report, read) <= 0.05 + 1e-9
    assert difference(replace(report, catheters=()), replace(read, catheters=())) <= 0.0005 + 1e-9


@given(reports())
def test_the_same_report_makes_the_same_bytes_and_so_does_its_copy(report: Report) -> None:
    """Writing what was read changes nothing: a report can pass through any number of hands."""
    first = as_json(report)
    assert as_json(report) == first
    assert as_json(settled(report)) == first


@given(reports())
def test_every_report_keeps_to_the_published_schema(report: Report) -> None:
    """Tools outside can rely on the shape."""
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(as_json(report)))


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object in a JSON Schema that fixes its properties."""
    if isinstance(schema, list):
        return [found for entry in schema for found in objects(entry)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" and "properties" in schema else []
    return own + [found for entry in schema.values() for found in objects(entry)]


def test_the_schema_is_valid_and_closed() -> None:
    """The schema is itself well formed, and a key that nobody declared is refused."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert len(objects(SCHEMA)) >= 12
    assert all(found["additionalProperties"] is False for found in objects(SCHEMA))


def test_the_schema_knows_every_word_of_the_vocabulary() -> None:
    """A kind, segment, rung, outcome or priority that is added to the model is added to the schema."""
    defs = SCHEMA["$defs"]
    assert set(defs["finding"]["properties"]["kind"]["enum"]) == {kind.value for kind in Kind}
    assert set(defs["finding"]["properties"]["segment"]["enum"]) == {segment.value for segment in Segment} | {None}
    assert set(defs["study"]["properties"]["rung"]["enum"]) == {rung.value for rung in Rung}
    assert set(defs["examined"]["properties"]["outcome"]["enum"]) == set(Outcome.__args__)
    assert set(defs["priority"]["enum"]) == set(Priority.__args__)


@given(reports())
def test_times_stand_apart_at_the_end(report: Report) -> None:
    """Two runs differ in their last line only."""
    slower = replace(report, seconds={"read": 99.0, "trace": 1.0})
    first, second = as_json(report).splitlines(), as_json(slower).splitlines()
    assert first[:-2] == second[:-2]
    assert first[-2] != second[-2]


@given(findings())
def test_a_finding_keeps_its_id(finding: Finding) -> None:
    """A verdict or a decision that names a finding still finds it after writing and reading."""
    # 0.0499999 rounds to 0.05 at three decimals and to 0.1 at one, but to 0.0 in one step: rounding may not be doubled.
    awkward = replace(finding, point=(0.0499999, *finding.point[1:]), measures={"gap_mm": 3.0049999})
    assert _only_finding_of(awkward).id == awkward.id


def _only_finding_of(finding: Finding) -> Finding:
    """The finding after rounding."""
    from catheterview.export.settle import _finding

    return _finding(finding)


def _written(report: Report, folder: Path, **changes: Any) -> Path:
    """A report's file with some of its top-level keys changed by hand."""
    path = write_report(report, folder)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_another_schema_is_refused_by_name(tmp_path: Path, report: Report) -> None:
    """A file of another shape is never half understood."""
    path = _written(report, tmp_path, schema="catheterview/report/2")
    with pytest.raises(InputError, match="catheterview/report/2"):
        read_report(path)


def test_a_key_that_was_added_since_is_passed_over(tmp_path: Path, report: Report) -> None:
    """Older readers read newer reports."""
    path = _written(report, tmp_path, regions=[{"volume_ml": 3}])
    assert difference(settled(report), read_report(path)) == 0.0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b'{"schema": "catheterview/report/1"}', b"\xff\xfe"])
def test_what_is_no_report_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    """Bad input is one clear error, whatever it is."""
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(InputError, match=r"report\.json"):
        read_report(tmp_path)


def test_a_missing_report_is_refused(tmp_path: Path) -> None:
    """So is a folder without one."""
    with pytest.raises(InputError, match=r"report\.json"):
        read_report(tmp_path)


def test_a_finding_that_was_altered_is_noticed(tmp_path: Path, report: Report) -> None:
    """A finding whose place was changed by hand no longer answers to the verdicts given on it."""
    path = write_report(report, tmp_path)
    plain = json.loads(path.read_text())
    plain["findings"][0]["point"][0] += 25.0
    path.write_text(json.dumps(plain))
    with pytest.raises(InputError, match=report.findings[0].id):
        read_report(path)


def test_a_file_name_that_is_no_text_is_still_written(tmp_path: Path, report: Report) -> None:
    """One strangely named input file does not cost the report."""
    odd = replace(report, problems=(Problem(path_or_uid="scan\udcff.dcm", stage="read", reason="not DICOM"),))
    read = read_report(write_report(odd, tmp_path))
    assert read.problems == odd.problems


def test_nothing_but_the_report_is_left_behind(tmp_path: Path, report: Report) -> None:
    """The report is written beside its place and renamed, over an older one if there is one."""
    folder = tmp_path / "new"
    write_report(report, folder)
    write_report(report, folder)
    assert [path.name for path in folder.iterdir()] == ["report.json"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, report: Report) -> None:
    """A file where the folder should be is a clear error, not a traceback."""
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(InputError, match=r"report\.json"):
        write_report(report, blocked)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a JSON value, the first three of each list."""
    if not isinstance(value, list | dict):
        return [path]
    entries = value.items() if isinstance(value, dict) else enumerate(value[:3])
    return [path, *(found for name, inner in entries for found in places(inner, (*path, name)))]


@given(st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_report_that_was_damaged_is_read_whole_or_refused(tmp_path_factory, report: Report, data) -> None:
    """Whatever stands where a value should be, reading ends in a report that can be written, or in one clear error."""
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    plain = json.loads(as_json(report))
    *way, last = data.draw(st.sampled_from(places(plain)[1:]))
    holder = plain
    for name in way:
        holder = holder[name]
    holder[last] = data.draw(json_values)
    path.write_text(json.dumps(plain))
    refused = ""
    try:
        read = read_report(path)
    except InputError as error:
        refused = str(error)
    if refused:
        assert refused.startswith("damaged.json: ")
    else:
        as_json(read)
        write_page(read, [], path.parent / "damaged")
