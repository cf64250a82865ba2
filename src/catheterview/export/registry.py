"""All exporters, so that a law over one runs over each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catheterview.export.page import write_page
from catheterview.export.report_json import write_report
from catheterview.model import KeyImage, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One form that a report leaves in.

    Parameters
    ----------
    name : str
    writes : str
        Name of the file that it leaves in the case's folder.
    run : callable (report, images, folder) -> Path
    """

    name: str
    writes: str
    run: Callable[[Report, Sequence[KeyImage], Path], Path]


def _as_json(report: Report, images: Sequence[KeyImage], folder: Path) -> Path:
    """Write the report alone: pictures have no place in it."""
    del images
    return write_report(report, folder)


EXPORTERS: tuple[Exporter, ...] = (
    Exporter(name="json", writes="report.json", run=_as_json),
    Exporter(name="html", writes="report.html", run=write_page),
)
