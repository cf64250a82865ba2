"""A tracer study without a CT read as a whole: less can be said, and what cannot be told is said to be so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.detect.contract import Detection
from catheterview.detect.nuclear.block import block_of
from catheterview.detect.nuclear.flat.column import Column, find_column, outside
from catheterview.detect.nuclear.flat.places import PlanarPool, not_looked_at, planar_pool
from catheterview.detect.nuclear.flat.tomogram import NO_CT, TomogramSeen, see_tomogram
from catheterview.detect.nuclear.leak import Spot, behind_spots
from catheterview.detect.nuclear.passage import expected_csf
from catheterview.detect.nuclear.study import CSF, LEAK, PASSAGE
from catheterview.detect.nuclear.wording import (
    of_lone_absence,
    of_lone_block,
    of_lone_spot,
    of_planar_block,
    of_planar_pool,
)
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model import (
    Delivery,
    Examined,
    Finding,
    FlatScan,
    Image,
    Kind,
    LoneEvidence,
    Outcome,
)


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
    tomogram: TomogramSeen | None = None
    pool: PlanarPool | None = None


def read_lone(evidence: LoneEvidence, limits: Limits) -> LoneReading:
    """Read planar views and tomograms without a CT.

    Parameters
    ----------
    evidence : LoneEvidence
    limits : Limits

    Returns
    -------
    LoneReading
        A tomogram tells a pool behind the pump, whose place its reservoir shows; views of two detectors a large pool
        beside the middle. Any tells whether tracer is in the middle of the back, where the canal is. Other places are
        named, and not called leaks.
    """
    seen, refused = [], []
    for scan in evidence.tomograms:
        try:
            seen.append(_of_tomogram(scan, evidence, limits))
        except UnsuitableError as error:
            refused.append((scan[0].series_instance_uid, error.reason))
    seen += [_of_flat(flat, evidence.delivery, limits) for flat in evidence.flats]
    seen.sort(key=lambda one: one.flat.hours or 0.0)
    if not seen:
        why = "; ".join(dict.fromkeys(reason for _, reason in refused)) or "nothing to read"
        empty = tuple(_said((), name, "SKIPPED", why) for name in (LEAK, PASSAGE, CSF))
        return LoneReading(detections=empty, refused=tuple(refused))
    passage = _passage(seen, evidence, limits)
    passes = passage.examined.outcome == "RAN" and not passage.findings
    detections = (_leak(seen, evidence.delivery, limits), passage, _csf(seen, evidence, limits, passes=passes))
    return LoneReading(detections=detections, flats=tuple(one.flat for one in seen), refused=tuple(refused))


def _of_tomogram(scan: tuple[Image, float | None], evidence: LoneEvidence, limits: Limits) -> _Seen:
    """Look at a tomogram on the pump and the canal that it shows itself."""
    seen = see_tomogram(scan, evidence.pump_mm, evidence.delivery, limits.nuclear)
    places = outside(seen.flat, limits.nuclear)
    return _Seen(flat=seen.flat, column=seen.column, places=places, tomogram=seen)


def _of_flat(flat: FlatScan, delivery: Delivery, limits: Limits) -> _Seen:
    """Look at planar views."""
    return _Seen(
        flat=flat,
        column=find_column(flat, limits.nuclear),
        places=outside(flat, limits.nuclear),
        pool=planar_pool(flat, delivery, limits.nuclear),
    )


def _leak(seen: list[_Seen], delivery: Delivery, limits: Limits) -> Detection:
    """Pools of tomograms: behind the pump, and where they hold more than is excreted; elsewhere they are not told."""
    found = [(one.tomogram, spot) for one in seen if one.tomogram for spot in _spots(one.tomogram, limits)]
    places = max((len(one.places) for one in seen), default=0)
    named = f"; {places} place(s) outside the reservoir hold tracer and were left to a person" if places else ""
    if not any(one.tomogram for one in seen):
        return _planar_leak(seen, f"{not_looked_at(seen[-1].flat, delivery, limits.nuclear)}; {NO_CT}{named}")
    best = max(found, key=lambda pair: pair[1].share, default=None)
    findings = () if best is None else (of_lone_spot(best[0].measured, best[1], limits),)
    where = "only behind the pump, and what holds more than kidneys or a coil of catheter can"
    return _said(seen, LEAK, "RAN", f"{where}: {NO_CT}{named}", findings)


def _planar_leak(seen: list[_Seen], why: str) -> Detection:
    """A pool of planar views, at the time that shows it best; that none is seen does not say that there is none."""
    shown = [(one.flat, one.pool) for one in seen if one.pool]
    if not shown:
        return _said(seen, LEAK, "SKIPPED", f"cannot tell: {why}")
    flat, pool = max(shown, key=lambda pair: pair[1].share)
    finding = of_planar_pool(flat, pool.at, pool.share, pool.sigmas)
    return _said(seen, LEAK, "RAN", f"only what holds far more than kidneys or a catheter can: {why}", (finding,))


def _spots(tomogram: TomogramSeen, limits: Limits) -> list[Spot]:
    """Every pool that one tomogram shows."""
    pools = [
        Spot(
            kind=Kind.TRACER_POOLING,
            point=pool.point,
            on_line=pool.point,
            arc_mm=0.0,
            share=pool.share,
            sigmas=pool.sigmas,
            hours=tomogram.flat.hours,
        )
        for pool in tomogram.pools
    ]
    return [*behind_spots(tomogram.measured, limits.nuclear), *pools]


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
    if why:
        return _said(seen, PASSAGE, "SKIPPED", f"cannot tell: {why}")
    kind = Kind.TRACER_NOT_ARRIVED if columns or last.places else Kind.TRACER_CONFINED_TO_RESERVOIR
    return _said(seen, PASSAGE, "RAN", "", (of_lone_absence(last.flat, kind, _reservoir_at(last.flat), least),))


def _over_catheter(one: _Seen, delivery: Delivery, limits: Limits) -> float:
    """The least share of the reservoir that a column holds beyond a filled catheter in the canal."""
    return one.column.share / one.flat.canal_left[1] - _per_cm(delivery, limits) * one.column.length_mm / 10.0


def _per_cm(delivery: Delivery, limits: Limits) -> float:
    """The most of the reservoir's activity that a filled centimetre of catheter holds."""
    return (delivery.ml_per_cm or limits.nuclear.most_ml_per_cm) / limits.nuclear.mixed_ml


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
    small = limits.nuclear.csf_share * last.flat.canal_left[0]
    if _over_catheter(last, delivery, limits) > max(small, limits.nuclear.there_share * least):
        held = "hardly more than the catheter in the canal may hold" if last.column.seen else "but no column as of CSF"
        return f"some tracer lies in the middle of the back, {held}", least
    if last.tomogram is None and last.column.seen and last.column.share > least:
        return "the column in the middle of the back holds what the catheter, or the CSF, may hold by now", least
    if least < limits.nuclear.least_to_noise * max(
        last.column.detectable, limits.nuclear.csf_share * last.flat.canal_left[0]
    ):
        return "what must have arrived by now would not be seen without a CT", least
    return "", least


def _csf(seen: list[_Seen], evidence: LoneEvidence, limits: Limits, *, passes: bool) -> Detection:
    """A block of CSF, where the canal is seen for long enough after arrival."""
    due = evidence.delivery.arrival_h(evidence.tip_mm or np.inf) + limits.nuclear.csf_spread_h
    ended = [one for one in seen if one.column.drop and one.flat.hours is not None and one.flat.hours >= due]
    if ended and ended[-1].column.drop:
        last, drop = ended[-1], ended[-1].column.drop
        return _said(seen, CSF, "RAN", "", (of_planar_block(last.flat, drop.at, drop.times),))
    shown = [one for one in seen if one.tomogram and one.column.seen]
    if not passes or not shown:
        why = "no tracer is seen in the CSF" if any(one.tomogram for one in seen) else NO_CT
        return _said(seen, CSF, "SKIPPED", f"cannot tell: {why}")
    last, delivery = shown[-1], evidence.delivery
    tomogram, hours = last.tomogram, last.flat.hours
    if tomogram is None or tomogram.pools or hours is None or hours < due:
        return _said(seen, CSF, "SKIPPED", "cannot tell: whether tracer has had time to spread in the CSF is not known")
    block = block_of(tomogram.measured, None, _per_cm(delivery, limits), limits.nuclear)
    return _said(seen, CSF, "RAN", "", () if block is None else (of_lone_block(tomogram.measured, block),))


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
