"""The length that two views show against the length that was implanted."""

from __future__ import annotations

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Examined, Finding, Kind
from catheterview.model.film_course import FilmCourse

#: Name in a report's `examined`.
LENGTH_BUDGET = "length_budget"


def find_length_budget(
    front: FilmEvidence, course: FilmCourse | None, limits: FilmDetectLimits
) -> tuple[tuple[Finding, ...], Examined]:
    """Hold the length of the course in space against the implanted one.

    Parameters
    ----------
    front : FilmEvidence
        Of the frontal film, with the implant's record.
    course : FilmCourse or None
    limits : FilmDetectLimits

    Returns
    -------
    findings : tuple of Finding
        ``not_assessable`` where more is missing than the course's own error: measures ``missing_mm``, ``seen_mm`` and
        ``implanted_mm``.
    examined : Examined
    """
    uid = (front.film.image.series_instance_uid,)
    implanted = front.implant.length_mm
    if implanted is None or course is None:
        why = "the implant's record gives no length" if implanted is None else "the two views give no course in space"
        return (), Examined(detector=LENGTH_BUDGET, series_instance_uids=uid, outcome="SKIPPED", why=why)
    seen, slack = course.length_mm, limits.budget_mm + limits.budget_share * implanted
    missing = implanted - seen
    told = f"{seen / 10.0:.0f} cm of the {implanted / 10.0:.0f} cm implanted are seen, give or take {slack / 10.0:.0f}"
    if missing < -slack:
        told += ": more than was implanted; the record or the way that was followed is wrong"
    ran = Examined(detector=LENGTH_BUDGET, series_instance_uids=uid, outcome="RAN", why=told)
    if missing <= slack:
        return (), ran
    sight = Sight(
        kind=Kind.NOT_ASSESSABLE,
        point=front.catheters[0].points[-1],
        score=1.0,
        message=f"{missing / 10.0:.0f} cm of the implanted catheter are not accounted for by both views together",
        measures={"missing_mm": round(missing, 0), "seen_mm": round(seen, 0), "implanted_mm": round(implanted, 0)},
        cautions=(
            "Loops behind the pump are seen by neither view; else a part was cut off, came away, or was not followed.",
        ),
    )
    return (finding_on(front, sight),), ran
