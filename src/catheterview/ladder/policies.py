"""Where the review leaves a choice, the choice is here: named, with its default and the reason for it.

The numbers are those of the list of ambiguities (``docs/ladder.md``); a letter marks a choice that this ladder adds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from catheterview.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is documented of a policy.

    Parameters
    ----------
    number : str
        ``A.7.n`` for an ambiguity of the review, ``P.x`` for a choice of this ladder.
    asks : str
        The question that the review leaves open.
    options : tuple of str
        The default first.
    reason : str
        Why the default is the default.
    source : str
        Sections of the review.
    """

    number: str
    asks: str
    options: tuple[str, ...]
    reason: str
    source: str


def _of(number: str, asks: str, options: str, *, reason: str, source: str) -> Any:
    values = tuple(options.split(" | "))
    chosen = Choice(number=number, asks=asks, options=values, reason=reason, source=source)
    return field(default=values[0], metadata={"choice": chosen})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The choices of one run; each field's metadata holds its `Choice`."""

    radiographs: Literal["before_cap", "optional"] = _of(
        "A.7.1",
        "Do radiographs come before CAP aspiration?",
        "before_cap | optional",
        reason="6.1 makes them first-line and 6.2 presumes them; a frank disconnection needs no contrast",
        source="6.1, 6.2, 7.5",
    )
    mri_before_contrast: Literal["warn", "require"] = _of(
        "A.7.2",
        "Is an MRI needed before contrast when CSF came easily?",
        "warn | require",
        reason="7.10 asks for it only where drug would be pushed; 7.5 for any bolus, hence the warning",
        source="7.5, 7.10",
    )
    recent_mri: Literal["dated_or_judged", "dated"] = _of(
        "A.7.3",
        "What makes an MRI recent?",
        "dated_or_judged | dated",
        reason="no limit is given: a recorded judgement counts, else the age against mri_recency_days",
        source="7.5, 7.10",
    )
    suspected_mass: Literal["mri_first", "as_listed"] = _of(
        "A.7.4",
        "Does a suspected granuloma defer the work-up in step 4?",
        "mri_first | as_listed",
        reason="7.1 makes the suspicion an emergency; medical optimisation must not swallow it",
        source="7.1, 7.4",
    )
    cap_success: Literal["clear_easy_volume", "easy_volume"] = _of(
        "A.7.5",
        "When has aspiration succeeded?",
        "clear_easy_volume | easy_volume",
        reason="all three texts together: clear, easy, and at least the larger of dead space and cap_success_ml",
        source="5.2, 6.1, 7.10",
    )
    other_sizes: Literal["extrapolate", "ask"] = _of(
        "A.7.6",
        "Which discrepancy counts in other sizes, and above what was expected?",
        "extrapolate | ask",
        reason="both published thresholds are 5 % of capacity; used for other sizes and for excess, and always marked",
        source="5.1, 7.3",
    )
    both_syndromes: Literal["both", "overdose_only"] = _of(
        "A.7.7",
        "Overdose and withdrawal together?",
        "both | overdose_only",
        reason="mixed patterns are described; respiratory depression kills first, so overdose leads",
        source="7.9",
    )
    withdrawal_low_volume: Literal["both", "as_written"] = _of(
        "A.7.8",
        "Withdrawal with a reservoir that is short?",
        "both | as_written",
        reason="7.9 looks outside the device, 5.1 and 7.3 at leak and pocket fill: both are shown",
        source="5.1, 7.3, 7.9",
    )
    low_volume: Literal["then_imaging", "monitor_only"] = _of(
        "A.7.9",
        "What follows a short reservoir once the patient is stable?",
        "then_imaging | monitor_only",
        reason="7.10 ends in monitoring, but the leak is still there and 7.8 asks for the catheter's patency",
        source="7.8, 7.10",
    )
    bolus_not_eligible: Literal["evaluate_catheter", "wait"] = _of(
        "A.7.10",
        "No noticeable response to a bolus expected?",
        "evaluate_catheter | wait",
        reason="no exit is written; catheter evaluation is what a bolus without response leads to",
        source="7.10",
    )
    loops: Literal["counted", "once"] = _of(
        "A.7.11",
        "How often is therapy reassessed before the ladder goes on?",
        "counted | once",
        reason="no number is given: loop_visits, after which what was treated counts as excluded",
        source="7.10",
    )
    temporary_stall: Literal["not_permanent", "ask_again"] = _of(
        "A.7.12",
        "A stall that recovered, as in an MRI?",
        "not_permanent | ask_again",
        reason="4.1 describes recovery after the magnet; interrogate again before any surgery",
        source="4.1, 7.10",
    )
    without_injection: Literal["ct_first", "no_ct"] = _of(
        "A.7.13",
        "In which order come CT, SPECT-CT and LP-CT?",
        "ct_first | no_ct",
        reason="by invasiveness and availability, as 6.2 and 6.3 rank them; 7.7 leaves plain CT out",
        source="6.2, 6.3, 7.7, 7.10",
    )
    partial_aspiration: Literal["failed", "try_again"] = _of(
        "A.7.14",
        "Some CSF, but not easily, not clear, or too little?",
        "failed | try_again",
        reason="drug may still be in the catheter: the gate decides, on the dead space that remains",
        source="6.1, 7.10",
    )
    bolus_judgement: Literal["recorded", "signed"] = _of(
        "A.7.15",
        "Who says that a bolus is tolerated?",
        "recorded | signed",
        reason="a person's recorded judgement, never computed; signed asks for its source in origins too",
        source="7.5, 7.10",
    )
    no_cap: Literal["ct", "spect_ct"] = _of(
        "A.7.16",
        "A pump without an access port?",
        "ct | spect_ct",
        reason="7.10 lists plain CT first among the studies that need no injection",
        source="5.2, 7.10",
    )
    serial_films: Literal["finding_decides", "confirm"] = _of(
        "A.7.17",
        "When has a pump moved on serial films?",
        "finding_decides | confirm",
        reason="no distance is given: what the reader or the detector calls moved has moved",
        source="6.1",
    )
    early_tracer: Literal["too_early", "as_read"] = _of(
        "A.7.18",
        "Tracer that has not arrived at low flow?",
        "too_early | as_read",
        reason="before transit_margin times the arrival time an absent tracer proves nothing",
        source="6.3",
    )
    leak_or_infection: Literal["specialist", "and_go_on"] = _of(
        "A.7.19",
        "A severe CSF leak or infection?",
        "specialist | and_go_on",
        reason="7.1 names them and gives no algorithm: supportive care and a specialist, nothing invented",
        source="7.1",
    )
    inadequate_pooling: Literal["abnormal", "inconclusive"] = _of(
        "A.7.20",
        "Contrast that does not fill as it should?",
        "abnormal | inconclusive",
        reason="five of five were revised in the series of 6.2; it has two causes and false positives, which is said",
        source="6.2",
    )
    operation: Literal["surgeon", "revision", "replacement"] = _of(
        "A.7.21",
        "Revision or replacement?",
        "surgeon | revision | replacement",
        reason="the text says revised or replaced throughout; the surgeon chooses",
        source="7.8, 7.10",
    )
    clearing_bolus: Literal["catheter", "catheter_and_port"] = _of(
        "A.7.22",
        "Which volume clears the contrast?",
        "catheter | catheter_and_port",
        reason="the smaller of the two cannot push drug behind the contrast into the patient; both are shown",
        source="6.1",
    )
    syndrome: Literal["governs", "steps_first"] = _of(
        "A.7.23",
        "Steps 1 to 6, or 7a and 7b?",
        "governs | steps_first",
        reason="the syndrome's own algorithm governs once it is named; the steps are the default path",
        source="7.2, 7.9, 7.10",
    )
    high_volume_patent: Literal["name_pump", "as_written"] = _of(
        "A.7.24",
        "Excess volume and a normal CAP study?",
        "name_pump | as_written",
        reason="7.8 calls it pump failure, 7.10 goes on imaging: named as the leading explanation, never chosen",
        source="7.8, 7.10",
    )
    bolus_high_volume: Literal["caution", "skip"] = _of(
        "A.7.25",
        "A diagnostic bolus with excess volume?",
        "caution | skip",
        reason="7.10 allows it; a bolus through a partly blocked system may arrive late, which is said",
        source="7.10",
    )
    unanswered: Literal["go_on", "stop"] = _of(
        "P.a",
        "An emergency that nobody has answered?",
        "go_on | stop",
        reason="asked first in any case; later steps on record show that the patient was seen, and must not be hidden",
        source="7.1",
    )
    filling_defect: Literal["suspicion", "finding"] = _of(
        "P.b",
        "A filling defect at the tip?",
        "suspicion | finding",
        reason="it is how a granuloma shows; step 1 makes the suspicion an emergency",
        source="6.4, 7.1",
    )
    unverified_values: Literal["closed", "open"] = _of(
        "P.c",
        "May a value without a source open the contrast gate?",
        "closed | open",
        reason="accurately calculated cannot rest on hearsay",
        source="7.5",
    )
    capacity_unknown: Literal["smallest", "ask"] = _of(
        "P.d",
        "Which discrepancy counts when the capacity is not known?",
        "smallest | ask",
        reason="the smaller threshold warns too early rather than too late",
        source="5.1",
    )
    interrogation: Literal["as_in_7b", "as_written"] = _of(
        "P.e",
        "A stall, an alarm or an error, with an expected volume?",
        "as_in_7b | as_written",
        reason="step 4 needs a clean interrogation and does not say what else; 7.10 does",
        source="7.4, 7.10",
    )
    mass_and_contrast: Literal["no_contrast", "warn"] = _of(
        "P.f",
        "A suspected mass, and CSF came easily?",
        "no_contrast | warn",
        reason="7.5: a mass is excluded before any contrast bolus",
        source="7.5, 7.10",
    )
    confined_tracer: Literal["catheter", "pump"] = _of(
        "P.g",
        "Tracer confined to the reservoir of a pump that runs?",
        "catheter | pump",
        reason="6.3 gives pump failure as one cause; without it the way out of the pump is blocked",
        source="6.3",
    )


def policies_from(written: Iterable[str]) -> Policies:
    """Read choices such as ``no_cap=spect_ct``; what is not named keeps its default.

    Raises
    ------
    InputError
        When there is no such policy or option, naming those that there are.
    """
    chosen: dict[str, str] = {}
    for each in written:
        name, _, option = each.partition("=")
        known = choices()
        if name not in known:
            raise InputError(f"is not a policy; known: {', '.join(known)}", where=name)
        if option not in known[name].options:
            raise InputError(f"{option!r} is not an option; known: {', '.join(known[name].options)}", where=name)
        chosen[name] = option
    return replace(Policies(), **chosen)  # type: ignore[arg-type]


def choices() -> dict[str, Choice]:
    """Name every policy with what is documented of it, in order."""
    return {each.name: each.metadata["choice"] for each in fields(Policies)}
