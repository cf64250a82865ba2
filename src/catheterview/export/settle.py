"""Numbers at the precision that a report carries, so that reading is the exact inverse of writing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Finding, Implant, Pump, Report

_POINT_DIGITS = 3
_DIRECTION_DIGITS = 6
_SCORE_DIGITS = 4
_INTENSITY_DIGITS = 1


def settled(report: Report) -> Report:
    """Round every number of a report to what is written; a report that was read is settled already.

    Points, lengths and radii keep 3 decimals (a micrometre), directions 6, scores 4, intensities 1.
    """
    return replace(
        report,
        pumps=tuple(_pump(pump) for pump in report.pumps),
        catheters=tuple(_catheter(catheter) for catheter in report.catheters),
        findings=tuple(_finding(finding) for finding in report.findings),
        implants=tuple(_implant(implant) for implant in report.implants),
        seconds={stage: round(float(spent), 3) for stage, spent in report.seconds.items()},
    )


def _pump(pump: Pump) -> Pump:
    """Round one pump."""
    return replace(
        pump,
        center_mm=_triple(pump.center_mm, _POINT_DIGITS),
        normal=_triple(pump.normal, _DIRECTION_DIGITS),
        diameter_mm=round(float(pump.diameter_mm), _POINT_DIGITS),
        thickness_mm=round(float(pump.thickness_mm), _POINT_DIGITS),
        score=round(float(pump.score), _SCORE_DIGITS),
    )


def _implant(implant: Implant) -> Implant:
    """Round one implant."""
    return replace(
        implant,
        center_mm=_triple(implant.center_mm, _POINT_DIGITS),
        extent_mm=_triple(implant.extent_mm, _POINT_DIGITS),
    )


def _catheter(catheter: Centreline) -> Centreline:
    """Round one catheter."""
    return replace(
        catheter,
        points=_rounded(catheter.points, _POINT_DIGITS),
        radius=_rounded(catheter.radius, _POINT_DIGITS),
        confidence=_rounded(catheter.confidence, _SCORE_DIGITS),
        contrast=_rounded(catheter.contrast, _INTENSITY_DIGITS),
        noise=_rounded(catheter.noise, _INTENSITY_DIGITS),
    )


def _finding(finding: Finding) -> Finding:
    """Round one finding, unless that changed its id: then its numbers are kept in full.

    The id is a hash of rounded numbers, and a number that was rounded before may round the other way. Verdicts and the
    decision name a finding by its id, so the id must survive being written and read.
    """
    rounded = replace(
        finding,
        score=round(float(finding.score), _SCORE_DIGITS),
        point=_numbers(finding.point, _POINT_DIGITS),
        measures={name: round(value, _POINT_DIGITS) for name, value in finding.measures.items()},
        ends=tuple(_numbers(end, _POINT_DIGITS) for end in finding.ends),
    )
    return rounded if rounded.id == finding.id else finding


def _rounded(values: FloatArray, digits: int) -> FloatArray:
    """Round an array of any shape."""
    return np.asarray(np.round(values, digits))


def _numbers(values: Iterable[float], digits: int) -> tuple[float, ...]:
    """Round plain numbers."""
    return tuple(round(float(value), digits) for value in values)


def _triple(values: tuple[float, float, float], digits: int) -> tuple[float, float, float]:
    """Round three plain numbers."""
    x, y, z = _numbers(values, digits)
    return x, y, z
