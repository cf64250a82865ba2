"""What the walks of a case's series come to: one line for each detector, and how urgent the case is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from catheterview.model import Decision, Examined, KeyImage, Outcome, Priority

#: Urgencies that say that a case can wait.
_CAN_WAIT: tuple[Priority, ...] = ("routine",)


def one_each(examined: Iterable[Examined]) -> tuple[Examined, ...]:
    """Join what each detector left for several series into one line: FAILED over RAN over SKIPPED."""
    named: dict[str, list[Examined]] = {}
    for one in examined:
        named.setdefault(one.detector, []).append(one)
    return tuple(_joined(group) for group in named.values())


def _joined(group: Sequence[Examined]) -> Examined:
    outcomes = {one.outcome for one in group}
    outcome: Outcome = "FAILED" if "FAILED" in outcomes else "RAN" if "RAN" in outcomes else "SKIPPED"
    deciding = [one for one in group if one.outcome == outcome]
    whys = [one.why for one in deciding if one.why]
    whys += [f"{one.outcome} in another series: {one.why}" for one in group if one.outcome != outcome and one.why]
    return Examined(
        detector=group[0].detector,
        series_instance_uids=tuple(dict.fromkeys(uid for one in deciding for uid in one.series_instance_uids)),
        outcome=outcome,
        why="; ".join(dict.fromkeys(whys)),
    )


def undecided() -> Decision:
    """What is said when the ladder itself failed."""
    return Decision(step="", action="read the problems of this case: the ladder failed", urgency="cannot_tell")


def priority_of(decision: Decision, *, whole: bool) -> Priority:
    """How soon a person should look: what the ladder says, but a case that was not examined whole cannot wait."""
    return "cannot_tell" if decision.urgency in _CAN_WAIT and not whole else decision.urgency


def distinct(images: Iterable[KeyImage]) -> tuple[KeyImage, ...]:
    """Give images of several series names of their own: the second of a name gets ``-2``, and so on."""
    seen: dict[str, int] = {}
    named: list[KeyImage] = []
    for image in images:
        seen[image.name] = count = seen.get(image.name, 0) + 1
        named.append(image if count == 1 else replace(image, name=f"{image.name}-{count}"))
    return tuple(named)
