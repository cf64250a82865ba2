"""Reports as JSON and HTML."""

from __future__ import annotations

from catheterview.export.report_json import REPORT_SCHEMA, read_report, write_report

__all__ = ["REPORT_SCHEMA", "read_report", "write_report"]
