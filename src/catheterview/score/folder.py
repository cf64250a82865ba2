"""A folder of triage results against a folder of truth files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catheterview.errors import InputError
from catheterview.limits.score import ScoreLimits
from catheterview.score.case import CaseScore, score_case
from catheterview.score.cohort import Summary, summarise
from catheterview.score.page import as_page
from catheterview.score.table import as_csv, as_json, as_markdown


def score_folder(out: Path, truth: Path, report: Path | None = None, *, limits: ScoreLimits | None = None) -> Summary:
    """Score every report under `out` against the truth files under `truth`, matched by StudyInstanceUID.

    Parameters
    ----------
    out : Path
        What triage wrote: holds ``cases/<case_id>/report.json``.
    truth : Path
        Holds ``truth.json`` files at any depth.
    report : Path, optional
        A folder, made when absent, for ``score.json``, ``score.csv``, ``score.md`` and ``score.html``.
    limits : ScoreLimits, optional

    Returns
    -------
    Summary
        A study with truth and without a report counts as missed and is named in `unreported`.

    Raises
    ------
    InputError
        When there is no truth file, two truth files or two reports speak of one study, or a file cannot be read.
    """
    limits = limits or ScoreLimits()
    reports, truths = _reports(out), _truths(truth)
    cases = [_scored(reports.get(uid), known, limits) for uid, known in truths.items()]
    summary = summarise(cases, limits=limits, untold=sorted(set(reports) - set(truths)))
    if report is not None:
        write_summary(summary, report)
    return summary


def write_summary(summary: Summary, folder: Path) -> tuple[Path, ...]:
    """Write a summary as JSON, CSV, Markdown and HTML into a folder, which is made when absent."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "score.json": as_json(summary),
        "score.csv": as_csv(summary),
        "score.md": as_markdown(summary.measures),
        "score.html": as_page(summary),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in texts)


def _scored(report: Mapping[str, Any] | None, truth: Mapping[str, Any], limits: ScoreLimits) -> CaseScore:
    """Score one case; an error names its study."""
    try:
        return score_case(report, truth, limits=limits)
    except InputError as error:
        uid = truth.get("study_instance_uid", "")
        raise InputError(error.reason, where=f"study {uid}, {error.where}") from error


def _truths(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Read every truth file under a folder, by study."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.rglob("truth.json")):
        known = _read(path)
        uid = known.get("study_instance_uid")
        if not isinstance(uid, str) or not uid:
            raise InputError("a truth file needs study_instance_uid", where=str(path))
        if uid in found:
            raise InputError(f"a second truth file for study {uid}", where=str(path))
        found[uid] = known
    if not found:
        raise InputError("no truth.json in it or below it", where=str(folder))
    return found


def _reports(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Read every report under a folder, by each study that it speaks of."""
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder))
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.rglob("report.json")):
        report = _read(path)
        for study in report.get("studies") or []:
            uid = str(study.get("study_instance_uid"))
            if uid in found:
                raise InputError(f"a second report on study {uid}", where=str(path))
            found[uid] = _of_study(report, study)
    return found


def _of_study(report: Mapping[str, Any], study: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a report says of one of its studies: the entries in that study's series."""
    if len(report["studies"]) == 1:
        return report
    own = {series["series_instance_uid"] for series in study.get("series") or []}
    parts = {
        name: [entry for entry in report.get(name) or [] if entry.get("series_instance_uid") in own]
        for name in ("pumps", "catheters", "findings")
    }
    return {**report, **parts}


def _read(path: Path) -> Mapping[str, Any]:
    """Read one JSON object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise InputError(f"cannot be read as JSON: {cause}", where=str(path)) from cause
    if not isinstance(value, dict):
        raise InputError("holds no JSON object", where=str(path))
    return value
