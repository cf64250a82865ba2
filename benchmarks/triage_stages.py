"""One CT folder walked by the public names of the rooms, up to its findings: what both benches run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from catheterview.anatomy import find_anatomy
from catheterview.detect import DETECTORS, map_contrast
from catheterview.device import find_devices
from catheterview.limits import Limits
from catheterview.model import Evidence, Examined, Finding
from catheterview.read import Case, Series, load, scan
from catheterview.trace import trace_catheter

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the stages made of one series."""

    case: Case
    series: Series
    evidence: Evidence
    findings: tuple[Finding, ...]
    examined: tuple[Examined, ...]


#: What is asked of the catheter itself. What a CT leaves unseen is asked with contrast: half of that is about contrast.
OF_THE_CATHETER = ("discontinuity", "kink")


def examine(
    folder: Path, times: dict[str, float], limits: Limits | None = None, *, contrast: bool = True
) -> Examination:
    """Read, find the pump, the anatomy and the catheter, and ask the detectors; stages' seconds go into `times`.

    Without `contrast` only those detectors are asked that look at the catheter alone.
    """
    limits = limits or Limits()

    def timed(name: str, work: Callable[[], Value]) -> Value:
        began = perf_counter()
        value = work()
        times[name] = times.get(name, 0.0) + perf_counter() - began
        return value

    inventory = timed("scan", lambda: scan([folder], limits=limits.read, key=b"bench"))
    case, series = next(
        (case, one)
        for case in inventory.cases
        for study in case.studies
        for one in study.series
        if one.modality == "CT" and one.stackable
    )
    image = timed("load", lambda: load(series, limits=limits.read))
    devices = timed("device", lambda: find_devices(image, limits.device))
    anatomy = timed("anatomy", lambda: find_anatomy(image, limits.anatomy))
    tracings = [
        timed("trace", lambda pump=pump: trace_catheter(image, pump=pump, anatomy=anatomy, limits=limits.trace))
        for pump in devices.pumps
    ]
    evidence = Evidence(
        image=image,
        rung=next(study.rung for study in case.studies),
        pumps=devices.pumps,
        anatomy=anatomy,
        catheters=tuple(one.catheter for one in tracings if one.catheter is not None),
        why_no_catheter="; ".join([devices.why, *(one.why for one in tracings)]),
    )
    if contrast and evidence.catheters:
        seen = timed("contrast", lambda: map_contrast(evidence, limits.detect))
        evidence = replace(evidence, contrast=seen, rung=seen.told or evidence.rung)
    wanted = [one for one in DETECTORS if contrast or one.name in OF_THE_CATHETER]
    detections = timed("detect", lambda: [one.examine(evidence, limits.detect) for one in wanted])
    return Examination(
        case=case,
        series=series,
        evidence=evidence,
        findings=tuple(finding for one in detections for finding in one.findings),
        examined=tuple(one.examined for one in detections),
    )
