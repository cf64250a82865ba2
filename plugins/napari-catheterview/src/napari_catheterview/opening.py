"""Opening a case: its report from the output folder, its images from where triage found them. No Qt, no napari."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from catheterview.errors import CatheterviewError, InputError
from catheterview.export import read_report
from catheterview.geometry import FloatArray, Frame
from catheterview.model import Report
from catheterview.read import Series, scan, site_key
from napari_catheterview.case import LoadedCase
from napari_catheterview.hanging import Plan, plans
from napari_catheterview.hanging.first import first_look
from napari_catheterview.hanging.load import load_sheet


def report_of(out: Path, case_id: str) -> Report:
    """Read a case's report from a triage output folder.

    Raises
    ------
    InputError
        When there is none, or it cannot be read.
    """
    try:
        return read_report(case_folder(out, case_id) / "report.json")
    except InputError as error:
        raise InputError(error.reason, where=f"{case_id}/report.json") from error


def case_folder(out: Path, case_id: str) -> Path:
    """Return the folder of a case.

    Raises
    ------
    InputError
        When the name of the case is not a name but a path.
    """
    if not case_id or Path(case_id).name != case_id:
        raise InputError("not the name of a case", where=case_id)
    return out / "cases" / case_id


def sources_of(out: Path, case_id: str) -> tuple[Path, ...]:
    """Return where triage found a case's images, from ``source.json`` beside its report; empty when not noted."""
    path = case_folder(out, case_id) / "source.json"
    if not path.is_file():
        return ()
    noted = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Path(one) for one in noted["inputs"])


def main_series(report: Report) -> str:
    """Return the SeriesInstanceUID to read on: a catheter's, else a pump's, a finding's, any volume's; the newest."""
    newest = sorted(report.studies, key=lambda study: study.date, reverse=True)
    volumes = [s.series_instance_uid for study in newest for s in study.series if s.role == "volume"]
    order = {uid: n for n, uid in enumerate(volumes)}
    for known in (report.catheters, report.pumps, report.findings):
        uids = [one.series_instance_uid for one in known if one.series_instance_uid]
        if uids:
            return min(uids, key=lambda uid: order.get(uid, len(order)))
    return next(iter(volumes), "")


def open_case(out: Path, case_id: str, inputs: Sequence[Path]) -> Generator[str | LoadedCase, None, LoadedCase]:
    """Read a case, saying what is being done; a generator, so that a thread can show progress and stop between steps.

    Of a large volume it yields the first picture before it reads the rest.

    A case whose images cannot be had is opened without them, and says why.

    Raises
    ------
    CatheterviewError
        When there is no report.
    """
    yield "reading the report"
    report = report_of(out, case_id)
    try:
        yield "looking for the images"
        hung = find_plans(inputs, report)
        first = first_look(report, hung[0])
        if first is not None:
            yield replace(first, plans=hung, folder=case_folder(out, case_id))
        yield "reading the pixels"
        return replace(load_sheet(report, hung[0]), plans=hung, folder=case_folder(out, case_id))
    except CatheterviewError as error:
        return LoadedCase(report=report, why_no_image=str(error), folder=case_folder(out, case_id))


def open_sheet(case: LoadedCase, plan: Plan) -> Generator[str, None, LoadedCase]:
    """Read another sheet of a case that is open.

    Raises
    ------
    CatheterviewError
        When it cannot be read.
    """
    yield f"reading {plan.name}"
    return replace(load_sheet(case.report, plan), plans=case.plans, drawn=case.drawn, folder=case.folder)


def find_plans(inputs: Sequence[Path], report: Report) -> tuple[Plan, ...]:
    """Find what of a case hangs together among files, folders and archives; what it is read on comes first.

    Raises
    ------
    InputError
        When no place to look was given, nothing of the case is there, or not what the report speaks of.
    """
    if not inputs:
        raise InputError("the report does not say where the images are; give the folder with --input")
    main, points = main_series(report), points_of(report)
    hung = plans(scan(inputs, key=site_key()).series, report, main)
    if main and not any(main in plan.uids for plan in hung):
        raise InputError("the series is not among the images given", where=main)
    if not hung:
        raise InputError("none of the case's images is among those given", where=report.case_id)
    stacks = sorted((plan for plan in hung if main in plan.uids), key=lambda plan: _missed(plan.series[0], points))
    return (*stacks, *(plan for plan in hung if main not in plan.uids))


def _missed(series: Series, points: FloatArray) -> tuple[int, int]:
    """How many of the (N, 3) LPS mm points lie outside a stack, then how small it is: two stacks may share one UID."""
    if series.grid is None:
        return len(points), 0
    return int((~series.grid.contains(points)).sum()), -int(np.prod(series.grid.shape))


def points_of(report: Report) -> FloatArray:
    """Return (N, 3) LPS mm of all catheters, pumps and findings, to tell in which stack they were found."""
    known = [c.points for c in report.catheters if c.frame is Frame.PATIENT]
    known += [np.array([pump.center_mm]) for pump in report.pumps]
    known += [np.array([finding.point]) for finding in report.findings if finding.frame is Frame.PATIENT]
    return np.concatenate([np.zeros((0, 3)), *known])
