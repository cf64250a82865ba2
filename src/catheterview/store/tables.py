"""Findings and reviews as tables for other programs: CSV for a spreadsheet, Parquet for an analysis."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Literal, TypeAlias

from catheterview.errors import InputError, UnsuitableError
from catheterview.store.rows import FINDING_COLUMNS, REVIEW_COLUMNS
from catheterview.store.worklist import Store

Table: TypeAlias = Literal["findings", "reviews"]

_COLUMNS: Mapping[Table, tuple[str, ...]] = {
    "findings": ("case_id", "priority", "studied", "version", *FINDING_COLUMNS),
    "reviews": REVIEW_COLUMNS,
}
#: What a spreadsheet takes for a formula when a text begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(store: Store, table: Table, path: Path) -> int:
    """Write every finding, or every review, of a worklist as a table.

    Parameters
    ----------
    store : Store
    table : str
        ``findings`` (one row each, with its case's priority, date and version) or ``reviews`` (every verdict, oldest
        first within a case).
    path : Path
        Ends in ``.csv`` or ``.parquet``. Lists and maps are JSON in CSV, where a text that a spreadsheet would take for
        a formula gets an apostrophe in front; in Parquet measures are a map, points and indices are lists.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    InputError
        When the name ends otherwise, or the file cannot be written.
    UnsuitableError
        When Parquet is asked for and pyarrow is not installed.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise InputError("the name of a table ends in .csv or .parquet", where=path.name)
    rows = list(_findings(store) if table == "findings" else _reviews(store))
    content = _csv(table, rows) if path.suffix == ".csv" else _parquet(table, rows)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", where=path.name) from error
    return len(rows)


def _findings(store: Store) -> Iterator[dict[str, Any]]:
    """One row for each finding, most urgent case first."""
    for case in store.cases():
        of_case = {name: getattr(case, name) for name in ("case_id", "priority", "studied", "version")}
        for finding in store.findings(case.case_id):
            plain = {name: getattr(finding, name) for name in FINDING_COLUMNS}
            yield of_case | plain | {"measures": dict(finding.measures)}


def _reviews(store: Store) -> Iterator[dict[str, Any]]:
    """One row for each verdict."""
    for case in store.cases():
        for review in store.reviews(case.case_id):
            yield asdict(review)


def _csv(table: Table, rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS[table])
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8", errors="backslashreplace")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else str(value)
    return json.dumps(value) if isinstance(value, tuple | list | dict) else value


def _parquet(table: Table, rows: Sequence[Mapping[str, Any]]) -> bytes:
    try:
        import pyarrow as pa  # noqa: PLC0415 - the extra department, and heavy
        from pyarrow import parquet  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise UnsuitableError(f"{error.name} is not installed: pip install 'catheterview[department]'") from error
    kinds = {
        "score": pa.float64(),
        "point": pa.list_(pa.float64()),
        "index_kji": pa.list_(pa.int64()),
        "measures": pa.map_(pa.string(), pa.float64()),
        "cautions": pa.list_(pa.string()),
        "ends": pa.list_(pa.list_(pa.float64())),
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _COLUMNS[table]])
    columns = {name: [_value(row[name]) for row in rows] for name in schema.names}
    stream = BytesIO()
    parquet.write_table(pa.table(columns, schema=schema), stream)
    return stream.getvalue()


def _value(value: Any) -> Any:
    """A value as pyarrow takes it; a mark, which is of many kinds, is JSON."""
    if isinstance(value, dict):
        return json.dumps(value) if "series_instance_uid" in value else list(value.items())
    return str(value) if isinstance(value, str) else value
