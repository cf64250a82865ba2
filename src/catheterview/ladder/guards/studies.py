"""What each study of the imaging ladder shows, and what counts as passed (review 6 and 7.6 to 7.8)."""

from __future__ import annotations

from collections.abc import Callable

from catheterview.ladder.fields import Tri
from catheterview.ladder.guards.asking import yes
from catheterview.ladder.guards.catheter import contrast_permitted
from catheterview.ladder.imaging import DEFECT_KINDS, MASS_KINDS, PUMP_KINDS, Seen, shows_mass
from catheterview.ladder.logic import all3, not3
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.transit import is_too_early
from catheterview.ladder.view import View
from catheterview.model import Kind, Rung

#: Studies whose abnormal result has one exit only, so that it need not be said what was found.
_ONE_EXIT = (Rung.FLUOROSCOPY, Rung.CT, Rung.CAP_CT, Rung.LP_CT)
#: Studies that show the course of the catheter at least as well as films do.
_BEYOND_FILMS = (Rung.FLUOROSCOPY, Rung.CT, Rung.CAP_CT, Rung.SPECT_CT, Rung.LP_CT)
_TRACER_TIMED = frozenset({Kind.TRACER_NOT_ARRIVED, Kind.TRACER_CONFINED_TO_RESERVOIR, Kind.TRACER_INTERRUPTION})
#: Findings for which a study has an exit of its own; whatever else it shows is told, and the ladder goes on.
_LEADS_OUT = DEFECT_KINDS | PUMP_KINDS
_LEADS_OUT_OF_SPECT = _LEADS_OUT | {Kind.TRACER_CONFINED_TO_RESERVOIR, Kind.TRACER_CSF_BLOCK}


def told(seen: Seen) -> str:
    """What is known of a study, in words."""
    kinds = ", ".join(sorted(str(kind) for kind in seen.kinds))
    name = seen.rung.value.replace("_", "-")
    result = {None: "not on record", "not_done": "not done"}.get(seen.result, str(seen.result).replace("_", " "))
    return f"{name}: {result}{f' ({kinds})' if kinds else ''}{f'; {seen.note}' if seen.note else ''}"


def telling(rung: Rung) -> Callable[[View], str]:
    """Word the reason by what is known of one study."""
    return lambda view: told(view.studies[rung])


def _counted(view: View, rung: Rung) -> frozenset[str]:
    """The kinds of finding that count: too early a tracer and inconclusive pooling do not."""
    kinds = view.studies[rung].kinds
    if view.policies.inadequate_pooling == "inconclusive":
        kinds -= {Kind.INADEQUATE_POOLING}
    if rung is Rung.SPECT_CT and view.policies.early_tracer == "too_early" and is_too_early(view.facts, view.limits):
        kinds -= _TRACER_TIMED
    return kinds


def _unnamed(seen: Seen) -> bool:
    """Whether a study is abnormal without a word what was found."""
    return seen.result == "abnormal" and not seen.kinds


def shows(rung: Rung, kinds: frozenset[str], name: str, text: str) -> Guard:
    """Ask whether a study shows one of some kinds of finding; None where it is abnormal and not said how."""

    def test(view: View, _: Here) -> Tri:
        seen = view.studies[rung]
        if _unnamed(seen):
            return True if kinds is DEFECT_KINDS and rung in _ONE_EXIT else (None if rung not in _ONE_EXIT else False)
        return bool(_counted(view, rung) & kinds)

    return Guard(
        name=name,
        text=text,
        test=test,
        needs=(f"img.{rung.value}.findings",),
        why=telling(rung),
        ids=lambda view: view.studies[rung].ids(kinds),
    )


def defect(rung: Rung, name: str) -> Guard:
    """Ask whether a study shows a defect of the catheter."""
    return shows(rung, DEFECT_KINDS, name, f"{rung.value} shows a defect of the catheter")


def pump_defect(rung: Rung, name: str) -> Guard:
    """Ask whether a study shows that the pump has turned, moved or stopped."""
    return shows(rung, PUMP_KINDS, name, f"{rung.value} shows that the pump has turned, moved or stopped")


def clean(view: View, rung: Rung) -> Tri:
    """Whether a study was made and shows nothing that leads out of the ladder; None where it is not known if made."""
    seen = view.studies[rung]
    if seen.result is None:
        return None
    if not seen.done or _unnamed(seen):
        return False
    return not (_counted(view, rung) & (_LEADS_OUT_OF_SPECT if rung is Rung.SPECT_CT else _LEADS_OUT))


def any_done(view: View, rungs: tuple[Rung, ...]) -> bool:
    """Whether one of some studies is on record."""
    return any(view.studies[rung].done for rung in rungs)


def films_passed(view: View) -> Tri:
    """Whether radiographs keep the ladder no longer: nothing on them, or better studies on record."""
    passed = clean(view, Rung.RADIOGRAPH)
    waived = any_done(view, _BEYOND_FILMS) or view.policies.radiographs == "optional"
    return True if waived and not view.studies[Rung.RADIOGRAPH].done else passed


def _to_port(view: View, _: Here) -> Tri:
    has = True if view.has_cap is None and any_done(view, _BEYOND_FILMS) else view.has_cap
    return all3(films_passed(view), has)


TO_PORT = Guard(
    name="normal_or_nondiagnostic and has_cap",
    text="the films show no reason, and the pump has an access port",
    test=_to_port,
    needs=("img.radiograph.result", "device.has_cap"),
    why=telling(Rung.RADIOGRAPH),
)


def _without_port(policy: str) -> Guard:
    def test(view: View, _: Here) -> Tri:
        return view.policies.no_cap == policy and all3(films_passed(view), not3(view.has_cap))

    return Guard(
        name="normal_or_nondiagnostic and not has_cap",
        text="the films show no reason, and the pump has no access port",
        test=test,
        needs=TO_PORT.needs,
        why=telling(Rung.RADIOGRAPH),
    )


NO_PORT_CT, NO_PORT_SPECT = _without_port("ct"), _without_port("spect_ct")


def _anchoring(view: View, _: Here) -> Tri:
    return all3(films_passed(view), view.facts.pres.anchoring_concern)


ANCHORING = Guard(
    name="anchoring_question",
    text="the pump may no longer be anchored",
    test=_anchoring,
    needs=("pres.anchoring_concern",),
)

_SERIAL = (Rung.FLUOROSCOPY, Rung.CT, Rung.CAP_CT, Rung.SPECT_CT, Rung.LP_CT)


def _serial_done(view: View, _: Here) -> Tri:
    known = clean(view, Rung.FLUOROSCOPY)
    return True if known is not True and (any_done(view, _SERIAL) or view.climbed >= 8) else known


SERIAL_DONE = Guard(
    name="otherwise",
    text="serial films or fluoroscopy show no movement, or later studies are on record",
    test=_serial_done,
    needs=("img.fluoroscopy.result",),
    why=telling(Rung.FLUOROSCOPY),
)
SERIAL_MIGRATION = shows(
    Rung.FLUOROSCOPY, frozenset({Kind.MIGRATION}), "catheter_migration", "the catheter has migrated"
)


def _pump_moved(view: View, here: Here) -> Tri:
    confirm = view.policies.serial_films == "confirm"
    return False if confirm else _PUMP_ON_SERIAL.test(view, here)


_PUMP_ON_SERIAL = pump_defect(Rung.FLUOROSCOPY, "pump_migration_or_rotation")
PUMP_MOVED = Guard(
    name="pump_migration_or_rotation",
    text="the pump has moved or turned",
    test=_pump_moved,
    needs=_PUMP_ON_SERIAL.needs,
    why=telling(Rung.FLUOROSCOPY),
    ids=_PUMP_ON_SERIAL.ids,
)


def _fluoro_then_cap_ct(view: View, _: Here) -> Tri:
    again = clean(view, Rung.CAP_CT) is not True and view.facts.avail.ct is not False
    allowed = contrast_permitted(view) or view.studies[Rung.CAP_CT].done
    return clean(view, Rung.FLUOROSCOPY) is True and again and allowed


FLUORO_THEN_CAP_CT = Guard(
    name="normal_or_nondiagnostic and ct_not_done",
    text="fluoroscopy misses half of what is wrong, and CAP-CT was not done",
    test=_fluoro_then_cap_ct,
    why=telling(Rung.FLUOROSCOPY),
)


def passed(rung: Rung, name: str, text: str) -> Guard:
    """Ask whether a study was made and shows nothing that leads out of the ladder."""
    return Guard(
        name=name,
        text=text,
        test=lambda view, _: clean(view, rung),
        needs=(f"img.{rung.value}.result",),
        why=telling(rung),
    )


_AFTER_CT = (Rung.SPECT_CT, Rung.LP_CT)


def ct_passed(view: View) -> Tri:
    """Whether plain CT keeps the ladder no longer: no cause on it, not to be had, or later studies on record."""
    skipped = view.facts.avail.ct is False or any_done(view, _AFTER_CT) or view.policies.without_injection == "no_ct"
    return True if skipped and not view.studies[Rung.CT].done else clean(view, Rung.CT)


CT_DONE = Guard(
    name="CT on record", text="a CT is on record and shows no cause", test=lambda view, _: clean(view, Rung.CT)
)


def _nuclear(view: View) -> Tri:
    return True if view.studies[Rung.SPECT_CT].done else view.facts.avail.nuclear_medicine


_CT_NEEDS = ("img.ct.result", "avail.nuclear_medicine")
CT_THEN_SPECT = Guard(
    name="no_cause and nuclear_available",
    text="CT shows no cause, and nuclear medicine is available",
    test=lambda view, _: all3(ct_passed(view), _nuclear(view)),
    needs=_CT_NEEDS,
    why=telling(Rung.CT),
)


def _ct_then_lp(view: View, _: Here) -> Tri:
    without = True if _nuclear(view) is None and view.studies[Rung.LP_CT].done else not3(_nuclear(view))
    return all3(ct_passed(view), without)


CT_THEN_LP = Guard(
    name="no_cause and not nuclear_available",
    text="CT shows no cause, and nuclear medicine is not available",
    test=_ct_then_lp,
    needs=_CT_NEEDS,
    why=telling(Rung.CT),
)
MASS_SHOWN = Guard(
    name="mass_or_compression",
    text="the MRI shows a mass or a compressing lesion",
    test=lambda view, _: shows_mass(view.studies[Rung.MRI]),
    why=telling(Rung.MRI),
    ids=lambda view: view.studies[Rung.MRI].ids(MASS_KINDS),
)


def mri_negative(view: View) -> bool:
    """Whether an MRI is on record that shows no mass and no compression."""
    mri = view.studies[Rung.MRI]
    return mri.result in ("normal", "abnormal") and not shows_mass(mri)


def negative_back_to(callers: tuple[str, ...], name: str) -> Guard:
    """Ask whether the MRI is negative, and the ladder goes back to where it came from."""
    return Guard(
        name=name,
        text="the MRI shows no mass and no compression",
        test=lambda view, here: mri_negative(view) and here.caller in callers,
        why=telling(Rung.MRI),
    )


LUMBAR_PUNCTURE = yes("avail.lumbar_puncture", "a lumbar puncture is feasible")
