"""From a plan to what hangs: pixels read, laid out, the catheter straightened."""

from __future__ import annotations

from catheterview.errors import CatheterviewError
from catheterview.model import Report
from catheterview.read import Series, load
from napari_catheterview.case import LoadedCase
from napari_catheterview.frame import ReadingFrame, hang
from napari_catheterview.hanging.film import side_by_side
from napari_catheterview.hanging.fused import Fused, fused_on
from napari_catheterview.hanging.plan import Plan
from napari_catheterview.straight import straightened


def load_sheet(report: Report, plan: Plan) -> LoadedCase:
    """Read what a plan hangs.

    Raises
    ------
    CatheterviewError
        When its volume, or every film of it, cannot be read.
    """
    if plan.kind != "volume":
        return _films(report, plan)
    image = load(plan.series[0])
    hung = hang(image)
    fused, reasons = _maps(plan, hung.frame)
    case = LoadedCase(report=report, plan=plan, image=image, hung=hung, fused=fused, missing=reasons)
    return case.with_straight(straightened(image, case.catheters[0])) if case.catheters else case


def _maps(plan: Plan, frame: ReadingFrame) -> tuple[tuple[Fused, ...], tuple[str, ...]]:
    """Read what is fused; what cannot be read is named, and the rest hangs."""
    fused: list[Fused] = []
    reasons: list[str] = []
    for series in plan.fused:
        try:
            fused.append(fused_on(load(series), frame))
        except CatheterviewError as error:
            reasons.append(f"{series.modality}: {error}")
    return tuple(fused), tuple(reasons)


def _films(report: Report, plan: Plan) -> LoadedCase:
    read = []
    reasons: list[str] = []
    failed: CatheterviewError | None = None
    for series in plan.series:
        try:
            read.append((load(series), _spacing(series)))
        except CatheterviewError as error:
            failed = error
            reasons.append(f"{series.modality}: {error}")
    if failed is not None and not read:
        raise failed
    return LoadedCase(report=report, plan=plan, films=side_by_side(read), missing=tuple(reasons))


def _spacing(series: Series) -> tuple[float, float] | None:
    return series.spacing_mm
