"""The clinical side of a case, as `catheterview/facts/1` fixes it: typed, frozen, and unknown wherever nothing is said.

Groups and names are those of the facts file (``docs/ladder.md``). A name that ends in a unit carries that unit.
"""

# ruff: noqa: RUF009 - the calls in the class bodies declare dataclass fields, as `dataclasses.field` does

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from catheterview.ladder.fields import Tri, choice, count, moment, number, rows, text, texts, yes_no
from catheterview.model import Kind

SCHEMA = "catheterview/facts/1"

Result: TypeAlias = Literal["not_done", "normal", "abnormal", "nondiagnostic"]

#: What only an MRI report can name; the other findings are those of `catheterview.model.Kind`.
MASS_FINDINGS = (
    "granuloma", "mass", "tip_mass", "inflammatory_mass", "compression", "cord_compression", "compressive_lesion",
    "syrinx", "arachnoiditis",
)  # fmt: skip
FINDING_NAMES = (*(kind.value for kind in Kind), *MASS_FINDINGS, "intramedullary_tip")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKey:
    """Whose facts these are; never written into a report."""

    patient_id: str | None = text("PatientID, as in the images")
    issuer: str | None = text("issuer of the PatientID")
    study_instance_uids: tuple[str, ...] = texts("StudyInstanceUIDs of the case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The pump."""

    has_idds: Tri = yes_no("Does the patient have an implanted intrathecal drug pump?")
    manufacturer: Literal["Medtronic", "Flowonix", "other"] | None = choice(
        "Who made the pump?", "Medtronic", "Flowonix", "other"
    )
    model: str | None = text("Which model is the pump?")
    reservoir_capacity_ml: float | None = number("How much does the reservoir hold?", unit="ml", low=1.0, high=100.0)
    has_cap: Tri = yes_no("Does the pump have a catheter access port (CAP)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One drug in the pump; give its concentration in one of the two units, never without."""

    name: str | None = text("Which drug?")
    concentration_mg_per_ml: float | None = number("At which concentration?", unit="mg/ml", high=500.0)
    concentration_mcg_per_ml: float | None = number("At which concentration?", unit="mcg/ml", high=500_000.0)
    daily_dose_mg: float | None = number("Which programmed daily dose?", unit="mg", high=5_000.0)
    daily_dose_mcg: float | None = number("Which programmed daily dose?", unit="mcg", high=5_000_000.0)

    @property
    def mg_per_ml(self) -> float | None:
        """The concentration in mg/ml, whichever unit it was given in; None when unknown."""
        if self.concentration_mg_per_ml is not None:
            return self.concentration_mg_per_ml
        return None if self.concentration_mcg_per_ml is None else self.concentration_mcg_per_ml / 1000.0

    @property
    def mg_per_day(self) -> float | None:
        """The programmed daily dose in mg, whichever unit it was given in; None when unknown."""
        if self.daily_dose_mg is not None:
            return self.daily_dose_mg
        return None if self.daily_dose_mcg is None else self.daily_dose_mcg / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """What the pump delivers."""

    agents: tuple[Agent, ...] = rows("Which drugs are in the pump, at which concentrations?", Agent)
    flow_ml_per_day: float | None = number("At which flow does the pump run?", unit="ml/day", high=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """How the patient presents; the first six are the emergencies of step 1."""

    overdose_signs: Tri = yes_no(
        "Are there signs of overdose (sedation, somnolence, respiratory depression, bradycardia, hypotension)?"
    )
    withdrawal_signs: Tri = yes_no(
        "Are there signs of withdrawal (sweating, agitation, tachycardia, hypertension, diarrhoea, restlessness)?"
    )
    new_or_progressive_neuro_deficit: Tri = yes_no("Is there a new or progressive neurologic deficit?")
    suspect_tip_mass: Tri = yes_no("Is an inflammatory mass (granuloma) at the catheter tip suspected?")
    severe_csf_leak: Tri = yes_no("Is there a severe leak of cerebrospinal fluid?")
    infection: Tri = yes_no("Is there an infection of the system, or meningitis?")
    loss_of_therapy: Tri = yes_no("Has the therapy lost its effect?")
    non_device_cause: Tri = yes_no(
        "Is there a cause outside the device (tolerance, disease progression, hyperalgesia, psychosocial, new injury)?"
    )
    diagnostic_uncertainty: Tri = yes_no("Is the cause still uncertain?")
    mechanical_concern: Tri = yes_no("Does the presentation remain concerning for mechanical failure?")
    anchoring_concern: Tri = yes_no("Is it suspected that the pump is no longer anchored (migrated or rotated)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened to the pump before."""

    post_mri: Tri = yes_no("Is this after an MRI?")
    mri: Tri = yes_no("Was there a recent MRI?")
    mri_at: str | None = moment("When was the MRI?")
    recent_refill: Tri = yes_no("Was the pump refilled recently?")
    refill_at: str | None = moment("When was the last refill?")
    recent_program_change: Tri = yes_no("Was the programme changed recently?")
    program_change_at: str | None = moment("When was the programme changed?")
    recent_alarm: Tri = yes_no("Was there a recent alarm?")
    alarm_at: str | None = moment("When was the alarm?")
    eswl: Tri = yes_no("Was there shock wave lithotripsy?")
    radiotherapy: Tri = yes_no("Was there radiation therapy?")
    scuba: Tri = yes_no("Has the patient been SCUBA diving?")
    hbo: Tri = yes_no("Was there hyperbaric oxygen therapy?")
    contrast_at: str | None = moment("When was contrast last injected?")
    tracer_injected_at: str | None = moment("When was the tracer injected into the reservoir?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrogation:
    """What the clinician programmer says."""

    motor_stall: Literal["none", "temporary", "permanent"] | None = choice(
        "Does the log show a motor stall?", "none", "temporary", "permanent"
    )
    programming_error: Tri = yes_no("Is there a programming error?")
    alarm: Tri = yes_no("Is there an alarm, or one in the event log?")
    alarm_type: Literal["none", "low_reservoir", "non_critical", "critical"] | None = choice(
        "Which alarm?", "none", "low_reservoir", "non_critical", "critical"
    )
    errors: tuple[str, ...] = texts("Which errors are in the log?")
    battery: Literal["ok", "lbr", "eri", "eos"] | None = choice(
        "What does the battery indicator say?", "ok", "lbr", "eri", "eos"
    )
    recommended_replacement_date: str | None = moment("When is replacement recommended?", ahead=True)
    expected_residual_ml: float | None = number("Which residual volume is calculated?", unit="ml", high=100.0)
    pcia_events: int | None = count("How many patient-controlled doses are logged?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What the reservoir held."""

    aspirated_ml: float | None = number("How much was aspirated from the reservoir?", unit="ml", high=150.0)
    expected_ml: float | None = number("How much was expected in the reservoir?", unit="ml", high=100.0)
    fluid: Literal["drug", "clear", "csf"] | None = choice("What is the fluid?", "drug", "clear", "csf")
    low_or_empty: Tri = yes_no("Is the reservoir low or empty?")
    restoration_possible: Tri = yes_no("Can the therapy be restored by a refill?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bolus:
    """The diagnostic bolus that the pump gives."""

    expected_noticeable_response: Tri = yes_no("Would a bolus of these drugs be noticed by the patient?")
    given: Tri = yes_no("Was a diagnostic bolus given?")
    response: Tri = yes_no("Was the response to the bolus appropriate?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CapAspiration:
    """What came from the catheter access port."""

    access_ok: Tri = yes_no("Could the catheter access port be reached with the needle?")
    csf_aspirated_ml: float | None = number("How much cerebrospinal fluid was aspirated?", unit="ml", high=50.0)
    easy: Tri = yes_no("Did it come easily?")
    clear: Tri = yes_no("Was it clear?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatheterRecord:
    """The implanted catheter, from the implant record."""

    model: str | None = text("Which model is the catheter?")
    total_length_cm: float | None = number("How long was the catheter before trimming?", unit="cm", high=250.0)
    trimmed_cm: float | None = number("How much was trimmed off?", unit="cm", high=250.0)
    implanted_length_cm: float | None = number("How much of the catheter is implanted?", unit="cm", high=250.0)
    volume_ml_per_cm: float | None = number("What does the catheter hold?", unit="ml/cm", high=0.05)
    cap_internal_volume_ml: float | None = number("What do port and pump hold before it?", unit="ml", high=2.0)
    dead_space_ml: float | None = number("What is the dead space from port to tip?", unit="ml", high=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must be known before contrast may push the drug in the catheter into the patient."""

    mri_recent: Tri = yes_no("Is the last MRI recent enough, in the clinician's judgement?")
    mri_date: str | None = moment("When was the spine last imaged by MRI?")
    mri_excludes_granuloma_or_compression: Tri = yes_no("Does that MRI exclude a granuloma and a compressing lesion?")
    tolerates_bolus: Tri = yes_no("In a clinician's judgement, is the bolus in the dead space tolerated?")
    monitoring_available: Tri = yes_no("Are monitoring and supportive care prepared?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What can be had here."""

    ct: Tri = yes_no("Is CT available?")
    nuclear_medicine: Tri = yes_no("Is nuclear medicine (In-111 SPECT-CT) available?")
    fluoroscopy: Tri = yes_no("Is fluoroscopy available?")
    mri_conditions_met: Tri = yes_no("Are the MRI conditions of this device met?")
    lumbar_puncture: Tri = yes_no("Is a lumbar puncture feasible?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Implant:
    """The implant record."""

    tip_level: str | None = text("At which level was the tip placed?")
    date: str | None = moment("When was it implanted?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagingResult:
    """What is known of one kind of study that was not read by triage."""

    result: Result | None = choice("What did it show?", "not_done", "normal", "abnormal", "nondiagnostic")
    findings: tuple[str, ...] = texts("Which findings?", *FINDING_NAMES)
    at: str | None = moment("When was it done?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imaging:
    """What is known of imaging that triage has not read itself, by rung."""

    radiograph: ImagingResult = field(default_factory=ImagingResult)
    fluoroscopy: ImagingResult = field(default_factory=ImagingResult)
    ct: ImagingResult = field(default_factory=ImagingResult)
    cap_ct: ImagingResult = field(default_factory=ImagingResult)
    spect_ct: ImagingResult = field(default_factory=ImagingResult)
    lp_ct: ImagingResult = field(default_factory=ImagingResult)
    mri: ImagingResult = field(default_factory=ImagingResult)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What has been done since it was asked for, so that the ladder can go on."""

    non_device_cause_treated: Tri = yes_no("Has the cause outside the device been treated?")
    program_or_alarm_addressed: Tri = yes_no("Has the programme been corrected, or the alarm dealt with?")
    refilled: Tri = yes_no("Has the reservoir been refilled?")
    overdose_source_treated: Tri = yes_no("Has the programme been corrected, or the other source of drug treated?")
    dose_or_mode_changed: Tri = yes_no("Have the dose or the delivery mode been changed?")
    supportive_care_completed: Tri = yes_no("Is the supportive care completed?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """When and from where a fact is known."""

    at: str | None = moment("When was this established?")
    source: str | None = text("Where does it come from?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of a case besides what triage reads in its images; `Facts()` knows nothing.

    Parameters
    ----------
    as_of : str or None
        ISO 8601 date on which this was true; the age of an MRI is counted to it. No clock is ever read.
    origins : mapping of ``group.name`` to Origin
        Date and source of single facts.
    """

    as_of: str | None = None
    case: CaseKey = field(default_factory=CaseKey)
    device: Device = field(default_factory=Device)
    drug: Drug = field(default_factory=Drug)
    pres: Presentation = field(default_factory=Presentation)
    hist: History = field(default_factory=History)
    intr: Interrogation = field(default_factory=Interrogation)
    vol: Volume = field(default_factory=Volume)
    bolus: Bolus = field(default_factory=Bolus)
    cap: CapAspiration = field(default_factory=CapAspiration)
    cath: CatheterRecord = field(default_factory=CatheterRecord)
    gate: Gate = field(default_factory=Gate)
    avail: Availability = field(default_factory=Availability)
    implant: Implant = field(default_factory=Implant)
    img: Imaging = field(default_factory=Imaging)
    done: Done = field(default_factory=Done)
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))
