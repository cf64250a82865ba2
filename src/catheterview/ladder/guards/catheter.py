"""Steps 5 and 6: access port, contrast gate, and what each study shows (review 6 and 7.5 to 7.7)."""

from __future__ import annotations

from catheterview.ladder.amounts import Amount
from catheterview.ladder.deadspace import dead_space
from catheterview.ladder.fields import Tri
from catheterview.ladder.gate import is_mri_recent
from catheterview.ladder.logic import all3, not3
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.view import View
from catheterview.model import Rung

#: Stages from which imaging stands in for what came before it.
_CONTRAST_STUDIES = (Rung.FLUOROSCOPY, Rung.CAP_CT)
_WITHOUT_INJECTION = (Rung.CT, Rung.SPECT_CT, Rung.LP_CT)


def needed_csf_ml(view: View) -> float:
    """How much CSF must come for the catheter to be cleared: the larger of dead space and the usual volume."""
    space = dead_space(view.facts, view.limits)
    return max(space.value if isinstance(space, Amount) else 0.0, view.limits.cap_success_ml)


def aspirated_well(view: View) -> Tri:
    """Whether CSF came easily, clear and in volume; None while one of the three is not known."""
    cap = view.facts.cap
    if cap.access_ok is False:
        return False
    enough = None if cap.csf_aspirated_ml is None else cap.csf_aspirated_ml >= needed_csf_ml(view)
    clear = cap.clear if view.policies.cap_success == "clear_easy_volume" else True
    return all3(cap.easy, enough, clear)


def _why_aspiration(view: View) -> str:
    cap = view.facts.cap
    told = {True: "yes", False: "no", None: "not known"}
    volume = "not known" if cap.csf_aspirated_ml is None else f"{cap.csf_aspirated_ml:g} ml"
    return (
        f"CSF {volume} of at least {needed_csf_ml(view):g} ml, easily: {told[cap.easy]}, clear: {told[cap.clear]}"
        f"{'' if cap.access_ok is not False else '; the port could not be reached'}"
    )


def _success(view: View, _: Here) -> Tri:
    return aspirated_well(view)


CAP_SUCCESS = Guard(
    name="csf_easy and csf_mL >= max(dead_space, criterion)",
    text="CSF came easily, clear, and enough of it",
    test=_success,
    needs=("cap.csf_aspirated_ml", "cap.easy", "cap.clear"),
    why=_why_aspiration,
)


def _failure(view: View, _: Here) -> Tri:
    retry = view.policies.partial_aspiration == "try_again" and bool(view.facts.cap.csf_aspirated_ml)
    return False if retry else not3(aspirated_well(view))


CAP_FAILED = Guard(
    name="aspiration failed",
    text="CSF did not come easily, clear, and in volume",
    test=_failure,
    needs=CAP_SUCCESS.needs,
    why=_why_aspiration,
)


def _not_reached(view: View, _: Here) -> Tri:
    return view.has_cap is False or view.facts.cap.access_ok is False


NO_ACCESS = Guard(
    name="CAP not accessible", text="there is no access port, or it could not be reached", test=_not_reached
)


def _on_record(rungs: tuple[Rung, ...], text: str) -> Guard:
    def test(view: View, _: Here) -> Tri:
        return aspirated_well(view) is None and any(view.studies[rung].done for rung in rungs)

    return Guard(name=f"{' or '.join(rungs)} on record", text=text, test=test)


FLUORO_ON_RECORD = _on_record((Rung.FLUOROSCOPY,), "a contrast study through the port is on record")
CAP_CT_ON_RECORD = _on_record((Rung.CAP_CT,), "a CAP-CT myelography is on record")
PLAIN_ON_RECORD = _on_record(
    _WITHOUT_INJECTION, "no aspiration is on record, but a study without injection is: it is read first"
)


def mass_holds_contrast(view: View) -> bool:
    """Whether contrast is held back on the branch where CSF came, because a mass is suspected."""
    return view.policies.mass_and_contrast == "no_contrast" and view.mass_suspected is True


def _mri_lacks(view: View) -> bool:
    recent = is_mri_recent(view.facts, view.policies, view.limits)
    return not (recent is True and view.facts.gate.mri_excludes_granuloma_or_compression is True)


def _held(view: View, _: Here) -> Tri:
    return mass_holds_contrast(view) or (view.policies.mri_before_contrast == "require" and _mri_lacks(view))


CONTRAST_HELD = Guard(
    name="contrast held",
    text="a mass is suspected, or the MRI that is asked for before contrast is not on record",
    test=_held,
)
NO_RECENT_MRI = Guard(name="no recent MRI", text="no recent MRI on record", test=lambda view, _: _mri_lacks(view))


def contrast_permitted(view: View) -> bool:
    """Whether contrast may go through the catheter: CSF came and nothing holds it, or the gate is open."""
    held = mass_holds_contrast(view) or (view.policies.mri_before_contrast == "require" and _mri_lacks(view))
    return (aspirated_well(view) is True and not held) or view.gate.is_open


def _screen(view: View, _: Here) -> Tri:
    done = view.studies[Rung.FLUOROSCOPY].done
    return done or (view.facts.avail.ct is False and view.facts.avail.fluoroscopy is not False)


SCREEN = Guard(
    name="fluoroscopic_screen",
    text="a fluoroscopic study is on record, or CT is not available",
    test=_screen,
)


def _why_gate(view: View) -> str:
    return f"gate {'open' if view.gate.is_open else 'closed'}: {view.gate.why}"


def _open(view: View, _: Here) -> Tri:
    return view.gate.is_open


def _open_screen(view: View, here: Here) -> Tri:
    return view.gate.is_open and _screen(view, here) is True


GATE_OPEN = Guard(name="open", text="the contrast gate is open", test=_open, why=_why_gate)
GATE_OPEN_SCREEN = Guard(
    name="open and fluoroscopic_screen", text="the contrast gate is open", test=_open_screen, why=_why_gate
)
GATE_CLOSED = Guard(
    name="closed", text="the contrast gate is closed", test=lambda view, _: not view.gate.is_open, why=_why_gate
)


def _done_though(rung: Rung) -> Guard:
    def test(view: View, _: Here) -> Tri:
        return view.studies[rung].done and not view.gate.is_open

    def why(view: View) -> str:
        return f"{_why_gate(view)}; but the study is already on record and is read"

    return Guard(name=f"{rung} on record", text="the study is already on record", test=test, why=why)


FLUORO_DONE_THOUGH, CAP_CT_DONE_THOUGH = (_done_though(rung) for rung in _CONTRAST_STUDIES)
