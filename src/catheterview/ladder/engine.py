"""From facts and findings to the next step of the ladder."""

from __future__ import annotations

from catheterview.ladder.facts import Facts
from catheterview.ladder.fields import specs
from catheterview.ladder.reading import Reading
from catheterview.model import Decision, Kind, Step

_DEFECTS = (Kind.DISCONTINUITY, Kind.KINK, Kind.MIGRATION, Kind.TIP_MALPOSITION)


def decide(facts: Facts, *, reading: Reading) -> Decision:
    """Say where the case stands on the ladder (first version: what a CT alone allows)."""
    unknown = tuple(f"pres.{n}" for n in list(specs(type(facts.pres)))[:6] if getattr(facts.pres, n) is None)
    seen = tuple(finding for finding in reading.findings if finding.kind in _DEFECTS)
    if seen:
        step = Step(node="I6", answer="correctable cause", why=seen[0].message, source="7.10")
        action = "plan a targeted revision or replacement of the catheter"
        return Decision(
            step="M3",
            action=action,
            urgency="urgent",
            because=tuple(f.id for f in seen),
            ask=unknown,
            trail=(step,),
        )
    if any(each.outcome == "RAN" for each in reading.examined) and reading.rungs:
        step = Step(node="I6", answer="no correctable cause seen", why="what was examined shows none", source="7.10")
        action = "In-111 SPECT-CT if nuclear medicine is available, lumbar puncture CT myelography if not"
        ask = (*unknown, "avail.nuclear_medicine")
        return Decision(step="I6", action=action, urgency="soon", ask=ask, trail=(step,))
    return Decision(step="N1", action="look for emergencies first", urgency="cannot_tell", ask=unknown)
