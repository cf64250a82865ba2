"""A tracer study without a CT read as a whole: less can be said, and what cannot be told is said to be so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.detect.contract import Detection
from catheterview.detect.nuclear.flat.column import Column, find_column, outside
from catheterview.detect.nuclear.flat.views import pump_of, tomogram_flat
from catheterview.detect.nuclear.leak import Spot, behind_spots
from catheterview.detect.nuclear.measure import Measured, measure
from catheterview.detect.nuclear.passage import expected_csf
from catheterview.detect.nuclear.study import CSF, LEAK, PASSAGE
from catheterview.detect.nuclear.wording import of_lone_absence, of_lone_spot
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model import (
    Anatomy,
    Delivery,
    Evidence,
    Examined,
    Finding,
    FlatScan,
    Image,
    Kind,
    LoneEvidence,
    Outcome,
    Rung,
    Scintigram,
)

_NO_CT = "without a CT neither the catheter nor kidneys, bladder and bowel are known"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoneReading:
    """What came of a study without a CT.

    Parameters
    ----------
    detections : tuple of Detection
        One for each of ``tracer_leak``, ``tracer_passage`` and ``tracer_csf``.
    flats : tuple of FlatScan
        What was looked at, for the pictures: planar views and tomograms added up.
    refused : tuple of (series_instance_uid, reason)
    """

    detections: tuple[Detection, ...]
    flats: tuple[FlatScan, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all detectors."""
        return tuple(finding for one in self.detections for finding in one.findings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """One scan: its flat picture, its column, other places that hold tracer, and what was measured of a tomogram."""

    flat: FlatScan
    column: Column
    places: tuple[tuple[int, int], ...]
    measured: Measured | None = None


def read_lone(evidence: LoneEvidence, limits: Limits) -> LoneReading:
    """Read planar views and tomograms without a CT.

    Parameters
    ----------
    evidence : LoneEvidence
    limits : Limits

    Returns
    -------
    LoneReading
        A tomogram tells a pool behind the pump, whose place its reservoir shows. Any tells whether tracer is in the
        middle of the back, where the canal is. Other places are named, and not called leaks.
    """
    seen, refused = [], []
    for image, hours in evidence.tomograms:
        try:
            seen.append(_of_tomogram(image, hours, evidence.pump_mm, limits))
        except UnsuitableError as error:
            refused.append((image.series_instance_uid, error.reason))
    seen += [_of_flat(flat, limits) for flat in evidence.flats]
    seen.sort(key=lambda one: one.flat.hours or 0.0)
    if not seen:
        why = "; ".join(dict.fromkeys(reason for _, reason in refused)) or "nothing to read"
        empty = tuple(_said((), name, "SKIPPED", why) for name in (LEAK, PASSAGE, CSF))
        return LoneReading(detections=empty, refused=tuple(refused))
    detections = (_leak(seen, limits), _passage(seen, evidence, limits), _csf(seen))
    return LoneReading(detections=detections, flats=tuple(one.flat for one in seen), refused=tuple(refused))


def _of_tomogram(image: Image, hours: float | None, pump_mm: tuple[float, float], limits: Limits) -> _Seen:
    """Measure a tomogram on the pump that its reservoir shows."""
    anatomy = Anatomy(series_instance_uid=image.series_instance_uid, why=_NO_CT)
    evidence = Evidence(
        image=image, rung=Rung.SPECT_CT, pumps=(pump_of(image, pump_mm),), anatomy=anatomy, catheters=()
    )
    measured = measure(Scintigram(image=image, ct=evidence, hours=hours, placed="no CT"), limits.nuclear)
    return _of_flat(tomogram_flat(image, hours, measured.disc, limits.nuclear), limits, measured)


def _of_flat(flat: FlatScan, limits: Limits, measured: Measured | None = None) -> _Seen:
    column = find_column(flat, limits.nuclear)
    return _Seen(flat=flat, column=column, places=outside(flat, limits.nuclear), measured=measured)


def _leak(seen: list[_Seen], limits: Limits) -> Detection:
    """A pool behind the pump, of tomograms; elsewhere a leak is not told from what is excreted."""
    found: list[tuple[_Seen, Spot]] = []
    for one in seen:
        if one.measured is not None:
            found += [(one, spot) for spot in behind_spots(one.measured, limits.nuclear)]
    places = max((len(one.places) for one in seen), default=0)
    named = f"; {places} place(s) outside the reservoir hold tracer and were left to a person" if places else ""
    if not any(one.measured for one in seen):
        return _said(seen, LEAK, "SKIPPED", f"cannot tell: {_NO_CT}{named}")
    best = max(found, key=lambda pair: pair[1].share, default=None)
    findings = () if best is None or best[0].measured is None else (of_lone_spot(best[0].measured, best[1], limits),)
    return _said(seen, LEAK, "RAN", f"only behind the pump: {_NO_CT}{named}", findings)


def _passage(seen: list[_Seen], evidence: LoneEvidence, limits: Limits) -> Detection:
    """Whether tracer is in the middle of the back, once it has to be there."""
    columns = [one for one in seen if one.column.seen]
    more = [one for one in columns if _over_catheter(one, evidence.delivery, limits) > limits.nuclear.csf_share]
    if more:
        high = max(one.column.length_mm for one in more) / 10.0
        why = f"a column of tracer is seen in the middle of the back, {high:.0f} cm high, more than a catheter holds"
        return _said(seen, PASSAGE, "RAN", why)
    last = seen[-1]
    why, least = _not_told(last, evidence, limits)
    if columns or why:
        why = why or "a column in the middle of the back holds no more tracer than the catheter in the canal may"
        return _said(seen, PASSAGE, "SKIPPED", f"cannot tell: {why}")
    kind = Kind.TRACER_NOT_ARRIVED if last.places else Kind.TRACER_CONFINED_TO_RESERVOIR
    return _said(seen, PASSAGE, "RAN", "", (of_lone_absence(last.flat, kind, _reservoir_at(last.flat), least),))


def _over_catheter(one: _Seen, delivery: Delivery, limits: Limits) -> float:
    """The least share of the reservoir that a column holds beyond a filled catheter in the canal."""
    per_cm = (delivery.ml_per_cm or limits.nuclear.most_ml_per_cm) / limits.nuclear.mixed_ml
    return one.column.share / one.flat.canal_left[1] - per_cm * one.column.length_mm / 10.0


def _not_told(last: _Seen, evidence: LoneEvidence, limits: Limits) -> tuple[str, float]:
    """Why absence means nothing, empty when it does; and the least share that should be seen."""
    hours, delivery, tip_mm = last.flat.hours, evidence.delivery, evidence.tip_mm
    if hours is None:
        return "when the tracer was injected is not known", 0.0
    if not delivery.known or tip_mm is None:
        missing = (*delivery.missing, *(("cath.implanted_length_cm",) if tip_mm is None else ()))
        return f"whether tracer should have arrived is not known without {', '.join(missing)}", 0.0
    readable = delivery.readable_h(tip_mm)
    if hours < readable:
        return f"too early at {hours:.0f} h, look again at {np.ceil(readable):.0f} h after the injection", 0.0
    least = expected_csf(delivery, tip_mm, hours, limits.nuclear) * last.flat.canal_left[0]
    if last.column.share > limits.nuclear.csf_share * last.flat.canal_left[0]:
        return "some tracer lies in the middle of the back, but no column as of CSF", least
    if least < limits.nuclear.least_to_noise * last.column.detectable:
        return "what must have arrived by now would not be seen without a CT", least
    return "", least


def _csf(seen: list[_Seen]) -> Detection:
    return _said(seen, CSF, "SKIPPED", f"cannot tell: {_NO_CT}")


def _reservoir_at(flat: FlatScan) -> tuple[int, int]:
    """Row and column of the hottest pixel."""
    row, column = np.unravel_index(int(flat.counts.argmax()), flat.counts.shape)
    return int(row), int(column)


def _said(  # noqa: PLR0917 - a line of the report, in its own order
    seen: list[_Seen] | tuple[()], name: str, outcome: Outcome, why: str, findings: tuple[Finding, ...] = ()
) -> Detection:
    uids = tuple(dict.fromkeys(one.flat.image.series_instance_uid for one in seen))
    examined = Examined(detector=name, series_instance_uids=uids, outcome=outcome, why=why)
    return Detection(findings=findings, examined=examined)
