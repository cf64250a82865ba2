"""The fixed words of a report: rungs of the ladder, segments of the system, kinds of finding."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["RAN", "SKIPPED", "FAILED"]
Priority: TypeAlias = Literal["emergent", "urgent", "soon", "routine", "cannot_tell"]
Verdict: TypeAlias = Literal["accepted", "rejected", "unsure", "missed", "corrected", "withdrawn", "signed"]


class Rung(StrEnum):
    """The kind of study, by its step on the imaging ladder."""

    RADIOGRAPH = "radiograph"
    FLUOROSCOPY = "fluoroscopy"
    CT = "ct"
    CAP_CT = "cap_ct"
    SPECT_CT = "spect_ct"
    LP_CT = "lp_ct"
    MRI = "mri"
    OTHER = "other"


class Segment(StrEnum):
    """Where along the system something is, from reservoir to tip."""

    RESERVOIR = "reservoir"
    PUMP = "pump"
    CONNECTOR = "connector"
    POCKET = "pocket"
    SUBCUTANEOUS_TRACT = "subcutaneous_tract"
    ANCHOR = "anchor"
    FASCIAL_ENTRY = "fascial_entry"
    PARASPINAL_TRACT = "paraspinal_tract"
    DURAL_ENTRY = "dural_entry"
    INTRATHECAL = "intrathecal"
    TIP = "tip"


class Kind(StrEnum):
    """What a finding is; meaning, signature and pitfalls are in the findings catalogue of the docs."""

    DISCONTINUITY = "discontinuity"
    KINK = "kink"
    MIGRATION = "migration"
    TIP_MALPOSITION = "tip_malposition"
    PUMP_ROTATION = "pump_rotation"
    PUMP_FLIP = "pump_flip"
    PUMP_MIGRATION = "pump_migration"
    ROTOR_NOT_TURNING = "rotor_not_turning"
    NOT_ASSESSABLE = "not_assessable"
    EXTRAVASATION = "extravasation"
    CONNECTOR_LEAK = "connector_leak"
    POCKET_POOLING = "pocket_pooling"
    RETROGRADE_TRACKING = "retrograde_tracking"
    TIP_LOCULATION = "tip_loculation"
    INADEQUATE_POOLING = "inadequate_pooling"
    FLOW_OBSTRUCTION = "flow_obstruction"
    SUBDURAL_PATTERN = "subdural_pattern"
    EPIDURAL_PATTERN = "epidural_pattern"
    ECTASIA = "ectasia"
    SEROMA = "seroma"
    FILLING_DEFECT = "filling_defect"
    TRACER_POSTERIOR_TO_PUMP = "tracer_posterior_to_pump"
    TRACER_CONFINED_TO_RESERVOIR = "tracer_confined_to_reservoir"
    TRACER_INTERRUPTION = "tracer_interruption"
    TRACER_POOLING = "tracer_pooling"
    TRACER_NOT_ARRIVED = "tracer_not_arrived"
    TRACER_CSF_BLOCK = "tracer_csf_block"
