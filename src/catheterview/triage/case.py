"""One case, from files to report: the only room that walks the whole staircase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from time import perf_counter

from catheterview import __version__
from catheterview.detect import DETECTORS
from catheterview.export import write_page, write_report
from catheterview.ladder import Facts, Reading, decide
from catheterview.ladder.imaging import NEUTRAL_KINDS
from catheterview.limits import LadderLimits, Limits, as_dict
from catheterview.model import Deposit, Examined, Report, Rung
from catheterview.model.film_levels import ImplantRecord
from catheterview.read import Case, Series, Study
from catheterview.triage.cine_walk import cine_series, walk_cines
from catheterview.triage.facts import keep_facts
from catheterview.triage.film_walk import film_series, walk_films
from catheterview.triage.journal import Journal
from catheterview.triage.masks import masks_of
from catheterview.triage.nuclear_walk import WalkedCt, nuclear_series, walk_nuclear
from catheterview.triage.results import write_dicom
from catheterview.triage.series import ct_to_walk, met_in_reading, passed_over, records
from catheterview.triage.staircase import Climb, Walked, walk_ct
from catheterview.triage.summing import distinct, one_each, priority_of, undecided


def triage_case(
    case: Case, *, out: Path, limits: Limits | None = None, facts: Facts | None = None, dicom: bool = False
) -> Report:
    """Examine one case and write its report and its page.

    Parameters
    ----------
    case : Case
        From `catheterview.read.scan`.
    out : Path
        ``report.json`` and ``report.html`` go to the folder ``cases/<case_id>`` in it.
    limits : Limits, optional
    facts : Facts, optional
        What is known of the patient besides the images.
    dicom : bool
        Whether DICOM results go beside the report.

    Returns
    -------
    Report
        As it was written. Whatever went wrong with a series or in a stage is a problem in it.

    Raises
    ------
    InputError
        When the report itself cannot be written.
    """
    started_s = perf_counter()
    journal, limits = Journal(), limits or Limits()
    for where, reason, usable in met_in_reading(case):
        journal.note("read", where, reason, blocks=not usable)
    walked = _walk(case, facts or Facts(), limits, journal)
    report = _reported(case, walked, facts or Facts(), journal, limits=limits.ladder)
    images = distinct(image for one in walked for image in one.images)
    folder = out / "cases" / case.case_id
    if facts is not None:
        journal.attempt("ladder", case.case_id, lambda: keep_facts(facts, folder))
    report = _with_notes(replace(report, limits=as_dict(limits)), journal)
    if dicom:
        drawn = _deposits(walked)
        journal.attempt("export", case.case_id, lambda: write_dicom(case, report, images, folder, deposits=drawn))
    journal.attempt("export", case.case_id, lambda: write_page(_with_notes(report, journal), images, folder))
    journal.seconds["total"] = perf_counter() - started_s
    report = _with_notes(report, journal)
    write_report(report, folder)
    return report


def _deposits(walked: Sequence[Walked]) -> dict[str, tuple[Deposit, ...]]:
    """All contrast and tracer that is drawn in each CT: a CT and the SPECT that lies on it are walked apart."""
    uids = dict.fromkeys(uid for one in walked for uid in one.deposits)
    return {uid: tuple(chain.from_iterable(one.deposits.get(uid, ()) for one in walked)) for uid in uids}


def _walk(case: Case, facts: Facts, limits: Limits, journal: Journal) -> tuple[Walked, ...]:
    """Walk the best CT of every study, the next where that shows no pump, and say why others were passed over."""
    taken: list[Series] = []
    walked: list[Walked] = []
    for study in case.studies:
        for series in ct_to_walk(study):
            first = 1 + sum(len(one.findings) for one in walked)
            rung = Rung.CT if study.rung is Rung.SPECT_CT else study.rung  # the CT of a SPECT-CT is read as a CT
            climb = Climb(
                rung=rung,
                limits=limits,
                journal=journal,
                first_finding=first,
                implant_tip_level=facts.implant.tip_level,
                masks=masks_of(case),
                earlier=next((one.prior for one in reversed(walked) if one.prior is not None), None),
            )
            taken.append(series)
            walked.append(_as_study(walk_ct(series, climb), study, series, limits))
            if walked[-1].pumps:
                break
    if not taken:
        names = ("device", "anatomy", "trace", "contrast", *(detector.name for detector in DETECTORS))
        walked = [Walked(examined=tuple(_skipped(name, "the case holds no CT volume") for name in names))]
    first = 1 + sum(len(one.findings) for one in walked)
    climb = Climb(rung=Rung.SPECT_CT, limits=limits, journal=journal, first_finding=first)
    cts = [WalkedCt(series=one, walked=each) for one, each in zip(taken, walked, strict=False)]
    nuclear = walk_nuclear(case, cts, facts, climb)
    first += sum(len(one.findings) for one in nuclear)
    films = walk_films(case, limits, journal, first_finding=first, implant=_implant(facts))
    before = (*walked, *nuclear, *films)
    first = 1 + sum(len(one.findings) for one in before)
    cines = walk_cines(case, limits, journal, first_finding=first)
    walked_series = (*taken, *nuclear_series(case), *film_series(case), *cine_series(case))
    return (*before, *cines, Walked(examined=passed_over(case, walked_series)))


def _implant(facts: Facts) -> ImplantRecord:
    """What the implant's record says that a film can be held against."""
    length_cm = facts.cath.implanted_length_cm
    return ImplantRecord(tip_level=facts.implant.tip_level, length_mm=None if length_cm is None else 10.0 * length_cm)


def _as_study(walked: Walked, study: Study, series: Series, limits: Limits) -> Walked:
    """What a CT counts as: the thick low-dose CT of a SPECT-CT is no normal thin CT, but a defect on it is one."""
    thick = series.grid is not None and float(series.grid.spacing_mm[0]) > limits.nuclear.diagnostic_ct_mm
    if study.rung is not Rung.SPECT_CT or walked.rung is not Rung.CT or not thick:
        return walked
    defect = any(finding.kind not in NEUTRAL_KINDS for finding in walked.findings)
    return walked if defect else replace(walked, rung=Rung.OTHER)


def _skipped(name: str, why: str) -> Examined:
    return Examined(detector=name, series_instance_uids=(), outcome="SKIPPED", why=why)


def _reported(case: Case, walked: Sequence[Walked], facts: Facts, journal: Journal, *, limits: LadderLimits) -> Report:
    """Put together what was found and ask the ladder; notes, times and limits are added by the caller."""
    report = Report(
        version=__version__,
        case_id=case.case_id,
        priority="cannot_tell",
        studies=records(case),
        pumps=tuple(pump for one in walked for pump in one.pumps),
        catheters=tuple(catheter for one in walked for catheter in one.catheters),
        findings=tuple(finding for one in walked for finding in one.findings),
        examined=one_each(line for one in walked for line in one.examined),
        decision=undecided(),
        implants=tuple(implant for one in walked for implant in one.implants),
    )
    reading = _reading(walked, report)
    decision = journal.attempt("ladder", case.case_id, lambda: decide(facts, reading=reading, limits=limits))
    return replace(report, decision=decision or undecided())


def _reading(walked: Sequence[Walked], report: Report) -> Reading:
    """What the ladder is told of the images: only what was walked to the end was read."""
    read = [one for one in walked if one.rung is not None]
    rung_of = {uid: one.rung for one in read for line in one.examined for uid in line.series_instance_uids if one.rung}
    return Reading(
        findings=report.findings,
        examined=report.examined,
        rungs=tuple(dict.fromkeys(rung_of.values())),
        rung_of=rung_of,
        pump_found=any(one.pumps or one.film_pumps for one in read) if read else None,
    )


def _with_notes(report: Report, journal: Journal) -> Report:
    """Add what went wrong so far and how long it took."""
    failed = any(line.outcome == "FAILED" for line in report.examined)
    return replace(
        report,
        priority=priority_of(report.decision, whole=not failed and not journal.blocked),
        problems=tuple(journal.problems),
        seconds=dict(sorted(journal.seconds.items())),
    )
