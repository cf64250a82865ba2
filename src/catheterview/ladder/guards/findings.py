"""Single kinds of finding that call for a caution or lead to MRI (review 6 and 7.6)."""

from __future__ import annotations

from catheterview.ladder.fields import Tri
from catheterview.ladder.guards.studies import mri_negative, shows
from catheterview.ladder.reservoir import VolumeClass
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.view import View
from catheterview.model import Kind, Rung


def _seen(name: str, text: str, *kinds: Kind) -> Guard:
    def test(view: View, _: Here) -> Tri:
        return any(view.studies[rung].kinds & set(kinds) for rung in view.studies)

    return Guard(name=name, text=text, test=test)


def _pocket_only(view: View, _: Here) -> Tri:
    kinds = view.studies[Rung.CAP_CT].kinds | view.studies[Rung.FLUOROSCOPY].kinds
    return Kind.POCKET_POOLING in kinds and Kind.RETROGRADE_TRACKING not in kinds


POCKET_CONTRAST = Guard(name="contrast around the pump", text="contrast lies around the pump", test=_pocket_only)
RETROGRADE = _seen("retrograde tracking", "contrast tracks back along the catheter", Kind.RETROGRADE_TRACKING)
POOLING_POOR = _seen("inadequate pooling", "contrast does not pool as it should", Kind.INADEQUATE_POOLING)
TRACER_NOT_ARRIVED = _seen("tracer not arrived", "tracer has not arrived", Kind.TRACER_NOT_ARRIVED)


def _pump_suspected(view: View, _: Here) -> Tri:
    high = view.volumes.verdict is VolumeClass.HIGH
    return high and view.studies[Rung.CAP_CT].result == "normal" and view.policies.high_volume_patent == "name_pump"


VOLUME_HIGH = Guard(
    name="excess volume, patent catheter",
    text="the reservoir held too much though the catheter is patent",
    test=_pump_suspected,
)


def _filling(rung: Rung) -> Guard:
    shown = shows(rung, frozenset({Kind.FILLING_DEFECT}), "filling_defect", f"{rung.value} shows a filling defect")

    def test(view: View, here: Here) -> Tri:
        return False if mri_negative(view) else shown.test(view, here)

    return Guard(name="filling_defect", text=shown.text, test=test, needs=shown.needs, why=shown.why, ids=shown.ids)


FILLING_CT, FILLING_CAP_CT, FILLING_LP = _filling(Rung.CT), _filling(Rung.CAP_CT), _filling(Rung.LP_CT)
