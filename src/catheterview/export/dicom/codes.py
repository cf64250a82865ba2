"""The coded words of the DICOM results: the standard's where it has one, else the private scheme 99CATHV.

PS3.16 and the concepts of SNOMED CT that DICOM may use have no code for most faults of an intrathecal catheter, and
inventing a number of another scheme would be worse than a private one. The scheme is published in
``docs/dicom-results.md``; a test holds that table equal to this one.
"""

from __future__ import annotations

import hashlib

from highdicom.sr import CodedConcept
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from catheterview.model import Kind, Rung, Segment

SCHEME = "99CATHV"
SCHEME_NAME = "catheterview findings of intrathecal drug delivery systems"

#: Kinds that PS3.16 has a code for.
_STANDARD_KINDS = {
    Kind.MIGRATION: Code("370512004", "SCT", "Migration of implant or internal device"),
    Kind.EXTRAVASATION: Code("113568", "DCM", "Extravasation visible in image"),
}

#: Numbers are never used again for something else; a new word goes to the end of its enumeration.
_KIND_CODES = {kind: f"K{number:02d}" for number, kind in enumerate(Kind, 1)}
_SEGMENT_CODES = {segment: f"S{number:02d}" for number, segment in enumerate(Segment, 1)}

#: Words of the report itself.
_OWN = {
    "segment": ("C01", "Segment of the drug delivery system"),
    "score": ("C02", "Score of the finding, 0 to 1"),
    "pump": ("C03", "Implanted intrathecal drug pump"),
    "assessment": ("C04", "Assessment of the case"),
    "priority": ("C05", "Priority of reading"),
    "step": ("C06", "Step of the imaging ladder"),
    "verdict": ("C07", "Verdict of the reader"),
    "thickness": ("C08", "Thickness of the pump"),
    "traced": ("C09", "Length traced"),
    "missed": ("C10", "Finding added by the reader"),
    "region": ("C11", "Contrast or tracer outside the catheter"),
}
_STANDARD_MEASURES = {"radius_mm": codes.SCT.Radius, "length_mm": codes.SCT.Length, "volume_ml": codes.SCT.Volume}
_UNITS = {
    "mm": ("mm", "millimeter"),
    "cm": ("cm", "centimeter"),
    "mm2": ("mm2", "square millimeter"),
    "mm3": ("mm3", "cubic millimeter"),
    "ml": ("ml", "milliliter"),
    "deg": ("deg", "degree"),
    "hu": ("[hnsf'U]", "Hounsfield unit"),
    "s": ("s", "second"),
    "h": ("h", "hour"),
    "px": ("{pixels}", "pixels"),
}
_PROCEDURES = {
    Rung.CT: codes.LN.CTUnspecifiedBodyRegion,
    Rung.CAP_CT: codes.LN.CTUnspecifiedBodyRegion,
    Rung.LP_CT: codes.LN.CTUnspecifiedBodyRegion,
    Rung.SPECT_CT: codes.LN.NMUnspecifiedBodyRegion,
    Rung.RADIOGRAPH: codes.LN.XRUnspecifiedBodyRegion,
    Rung.FLUOROSCOPY: codes.LN.XRUnspecifiedBodyRegion,
    Rung.MRI: codes.LN.MRIUnspecifiedBodyRegion,
}


def private(value: str, meaning: str) -> CodedConcept:
    """Make a concept of the private scheme; a meaning is cut to the 64 characters that LO allows."""
    return CodedConcept(value=value, scheme_designator=SCHEME, meaning=meaning[:64])


def own(name: str) -> CodedConcept:
    """A word of the report itself."""
    return private(*_OWN[name])


def kind_code(kind: Kind) -> CodedConcept:
    """What a finding is."""
    standard = _STANDARD_KINDS.get(kind)
    return private(_KIND_CODES[kind], words(kind)) if standard is None else CodedConcept.from_code(standard)


def kind_of(code: Code | CodedConcept) -> Kind:
    """The kind that a code stands for.

    Raises
    ------
    KeyError
        When it stands for none.
    """
    return {(one.value, one.scheme_designator): kind for kind in Kind if (one := kind_code(kind))}[
        (code.value, code.scheme_designator)
    ]


def segment_code(segment: Segment) -> CodedConcept:
    """Where along the delivery system something is."""
    return private(_SEGMENT_CODES[segment], words(segment))


def segment_of(value: str) -> Segment:
    """The segment that a code value stands for."""
    return {number: segment for segment, number in _SEGMENT_CODES.items()}[value]


def word_code(group: str, word: str) -> CodedConcept:
    """A word of an open list (detectors, outcomes, verdicts, ladder steps).

    Its value is the group's letter and the first ten hexadecimal digits of the SHA-256 of the word, so that a new
    detector needs no new table.
    """
    return private(f"{group}-{hashlib.sha256(word.encode()).hexdigest()[:10]}", words(word))


def measure_code(name: str) -> CodedConcept:
    """What a measure is, by its name in the report (``gap_mm``)."""
    standard = _STANDARD_MEASURES.get(name)
    return word_code("M", name) if standard is None else CodedConcept.from_code(standard)


def unit_of(name: str) -> CodedConcept:
    """The UCUM unit that a measure's name ends in; the unity where it has none."""
    value, meaning = _UNITS.get(name.rpartition("_")[2], ("1", "no units"))
    return CodedConcept(value=value, scheme_designator="UCUM", meaning=meaning)


def level_code(level: str) -> CodedConcept | None:
    """The vertebra of a level such as ``L3`` or ``L3/L4``, whose upper one is taken; None where there is no code."""
    found = getattr(codes.SCT, f"{level.partition('/')[0].partition('-')[0]}Vertebra", None)
    return None if found is None else CodedConcept.from_code(found)


def procedure_code(rung: Rung) -> CodedConcept:
    """The procedure reported, from CID 100."""
    return CodedConcept.from_code(_PROCEDURES.get(rung, codes.SCT.ImagingProcedure))


def words(name: str) -> str:
    """A name as a person reads it."""
    return str(name).replace("_", " ")


def published() -> tuple[tuple[str, str], ...]:
    """Every numbered code of the private scheme with its meaning, as ``docs/dicom-results.md`` lists it."""
    kinds = [(value, words(kind)) for kind, value in _KIND_CODES.items() if kind not in _STANDARD_KINDS]
    segments = [(value, words(segment)) for segment, value in _SEGMENT_CODES.items()]
    return (*kinds, *segments, *_OWN.values())
