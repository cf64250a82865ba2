"""``report.json``: written the same way from the same report, and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from catheterview.errors import GeometryError, InputError
from catheterview.export.parse import from_plain
from catheterview.export.plain import as_plain
from catheterview.export.settle import settled
from catheterview.export.write import write_whole
from catheterview.model import Report

#: The JSON Schema that every ``report.json`` keeps to.
REPORT_SCHEMA = Path(__file__).with_name("report-1.schema.json")


def write_report(report: Report, folder: Path) -> Path:
    """Write ``report.json`` into a folder.

    The same report makes the same bytes; times stand apart in `seconds`, the last key.

    Parameters
    ----------
    report : Report
    folder : Path
        Made when it is missing.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    return write_whole(folder / "report.json", as_json(report))


def as_json(report: Report) -> bytes:
    """Return the bytes of ``report.json``: one line per key, and one per entry of a list."""
    lines = [f'"{key}": {_block(value)}' for key, value in as_plain(settled(report)).items()]
    # A file name that is no UTF-8 arrives with lone surrogates; what replaces them is their escape in JSON as well.
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", errors="backslashreplace")


def _block(value: Any) -> str:
    """One value of the top level, its entries on lines of their own when it is a list."""
    if isinstance(value, list) and value:
        return "[\n  " + ",\n  ".join(_line(entry) for entry in value) + "\n]"
    return _line(value)


def _line(value: Any) -> str:
    """Any value on one line; a number that JSON does not have is a programmer's error."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read_report(path: Path) -> Report:
    """Read what `write_report` wrote.

    Parameters
    ----------
    path : Path
        Of the file, or of the folder that it is in.

    Raises
    ------
    InputError
        When it cannot be read, or is no report of this schema; says where and why.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        return from_plain(json.loads(file.read_bytes()))
    except OSError as error:
        raise InputError(f"cannot read the report: {error.strerror or error}", where=file.name) from error
    except KeyError as error:
        raise InputError(f"not a report: key {error} is missing", where=file.name) from error
    except (AttributeError, TypeError, ValueError, RecursionError, GeometryError) as error:
        raise InputError(f"not a report: {error}", where=file.name) from error
