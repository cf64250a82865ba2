"""Reports as JSON and HTML."""

from __future__ import annotations

from catheterview.export.page import write_page, write_worklist
from catheterview.export.registry import EXPORTERS, Exporter
from catheterview.export.report_json import REPORT_SCHEMA, read_report, write_report

__all__ = [
    "EXPORTERS",
    "REPORT_SCHEMA",
    "Exporter",
    "read_report",
    "write_page",
    "write_report",
    "write_worklist",
]
