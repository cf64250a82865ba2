"""The dials of what can be wrong, beyond a gap or a kink, and of what only looks as if it were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from catheterview.errors import InputError
from catheterview.model import Segment

Study: TypeAlias = Literal["non_contrast", "cap_ct", "lp_ct"]
Fault: TypeAlias = Literal[
    "healthy",
    "discontinuity",
    "kink",
    "no_device",
    "extravasation",
    "connector_leak",
    "pocket_pooling",
    "retrograde_tracking",
    "tip_loculation",
    "inadequate_pooling",
    "flow_obstruction",
    "subdural_pattern",
    "epidural_pattern",
    "tip_malposition",
    "migration",
    "ectasia",
    "seroma",
    "filling_defect",
    "pump_flip",
    "pump_rotation",
    "pump_migration",
]
TipPlace: TypeAlias = Literal["epidural", "foraminal", "paraspinal", "pocket"]

FAULTS: tuple[Fault, ...] = get_args(Fault)
STUDIES: tuple[Study, ...] = get_args(Study)
#: Faults that only contrast through the catheter can show.
CAP_FAULTS: tuple[Fault, ...] = ("tip_loculation", "inadequate_pooling", "subdural_pattern")
#: Faults that contrast in the sac can show, whichever way it came.
DYE_FAULTS: tuple[Fault, ...] = (*CAP_FAULTS, "flow_obstruction", "epidural_pattern", "filling_defect")
#: Faults through which contrast leaves the catheter; that of a lumbar puncture never comes there.
LEAK_FAULTS: tuple[Fault, ...] = (
    "extravasation",
    "connector_leak",
    "pocket_pooling",
    "retrograde_tracking",
    "ectasia",
)

#: Where each fault can be put; a kink needs room to bend, so it is never put inside the canal.
GAP_PLACES = (
    Segment.CONNECTOR,
    Segment.SUBCUTANEOUS_TRACT,
    Segment.ANCHOR,
    Segment.PARASPINAL_TRACT,
    Segment.INTRATHECAL,
)
KINK_PLACES = (Segment.CONNECTOR, Segment.SUBCUTANEOUS_TRACT, Segment.ANCHOR)
LEAK_PLACES = (Segment.SUBCUTANEOUS_TRACT, Segment.ANCHOR, Segment.FASCIAL_ENTRY, Segment.PARASPINAL_TRACT)
PLACES: dict[Fault, tuple[Segment, ...]] = {
    "discontinuity": GAP_PLACES,
    "kink": KINK_PLACES,
    "extravasation": LEAK_PLACES,
    "ectasia": (Segment.SUBCUTANEOUS_TRACT,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DyeDials:
    """Contrast, and the faults that it or the tip's place shows.

    Parameters
    ----------
    study : str
        ``non_contrast``; ``cap_ct``, after contrast through the access port; ``lp_ct``, after a lumbar puncture.
    injected_ml, iodine_mg_per_ml : float
        1 to 2 ml of 180 to 300 mg/ml (clinical reference E.3).
    mixing_ml : float
        CSF that the contrast has mixed with when the scan is made: 20 to 120 (clinical reference E.3).
    leak_ml, leak_hu : float
        Volume of a pool of contrast, and HU that it adds to the tissue: from 0.2 ml at 100 HU. Without contrast in
        this study, what an earlier one has left: a faint blush of 25 to 130 HU (clinical reference E.3).
    track_share : float
        How far contrast runs back from the dura towards the pump, as a share of the way.
    tip_place : str
        Where the tip of a malposed catheter lies.
    shift_mm : float
        How far the tip of a migrated catheter has come back.
    turn_deg : float
        How far a turned pump has turned about its axis.
    wide_ratio, wide_mm : float
        Outer diameter of an ectatic stretch over the nominal, and its length.
    defect_mm : float
        Diameter of a mass at the tip.
    seroma_ml : float
    spread_mm : float
        Length of sac that contrast fills when it pools inadequately.
    block_mm : float
        How far above the tip a block of the CSF lies.
    """

    study: Study = "non_contrast"
    injected_ml: float = 2.0
    iodine_mg_per_ml: float = 240.0
    mixing_ml: float = 50.0
    leak_ml: float = 1.0
    leak_hu: float = 200.0
    track_share: float = 0.7
    tip_place: TipPlace = "epidural"
    shift_mm: float = 50.0
    turn_deg: float = 100.0
    wide_ratio: float = 2.0
    wide_mm: float = 30.0
    defect_mm: float = 8.0
    seroma_ml: float = 20.0
    spread_mm: float = 25.0
    block_mm: float = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapDials(DyeDials):
    """What looks wrong and is not; all off by default.

    Parameters
    ----------
    radiolucent_mm : float
        Length of the tract in which the tube has no contrast of its own: not seen, yet whole.
    needle_spill_ml : float
        Contrast spilt where the needle went in, over the access port.
    renal_iodine : bool
        Kidneys and bladder full of iodine.
    stimulator : bool
        A pulse generator under the skin of the back, besides the lead that `second_lead` gives.
    port : bool
        A vascular access port under the skin, far from the pump, with the beginning of its line.
    pedicle_screws : bool
        Two pairs of screws with their rods.
    abandoned_mm : float
        Length of a piece of an old catheter left in the flank.
    old_fluid_ml : float
        Fluid without contrast at the anchor, as after an operation.
    cover : (float, float)
        The part of the recipe's height that is scanned; synthetic background only.
    sacrum : bool
        Whether the synthetic spine ends in a sacrum between ilia and bears its ribs, so that levels can be counted.
    """

    radiolucent_mm: float = 0.0
    needle_spill_ml: float = 0.0
    renal_iodine: bool = False
    stimulator: bool = False
    port: bool = False
    pedicle_screws: bool = False
    abandoned_mm: float = 0.0
    old_fluid_ml: float = 0.0
    cover: tuple[float, float] = (0.0, 1.0)
    sacrum: bool = False


def check_fault(fault: Fault, place: Segment, study: Study) -> None:
    """Refuse a fault that cannot be where it is asked for, or that the study could not show.

    Raises
    ------
    InputError
        Naming what would do.
    """
    if fault not in FAULTS:
        raise InputError(f"no fault {fault!r}; known: {', '.join(FAULTS)}")
    if study not in STUDIES:
        raise InputError(f"no study {study!r}; known: {', '.join(STUDIES)}")
    if fault in PLACES and place not in PLACES[fault]:
        raise InputError(f"a {fault} cannot be put at {place}")
    if fault in CAP_FAULTS and study != "cap_ct":
        raise InputError(f"a {fault} shows only with contrast through the access port: study='cap_ct'")
    if fault in DYE_FAULTS and study == "non_contrast":
        raise InputError(f"a {fault} shows only with contrast: study='cap_ct' or 'lp_ct'")
    if fault in LEAK_FAULTS and study == "lp_ct":
        raise InputError(f"a {fault} shows with contrast through the catheter: study='cap_ct'")
