"""Looked at twice: that nothing of the original is left, and whether a name may stand in the pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydicom.datadict import keyword_for_tag

_STANDARD_UIDS = "1.2.840.10008."
#: Attributes that tell who somebody is, whatever else they stand in.
_OF_PERSONS = (
    "PatientID", "PatientBirthDate", "AccessionNumber", "OtherPatientIDs", "PatientTelephoneNumbers", "PatientAddress",
    "InstitutionName", "InstitutionAddress", "DeviceSerialNumber", "StudyID", "StationName", "RequestedProcedureID",
)  # fmt: skip
#: Shorter words stand everywhere by chance.
_SHORTEST = 4
#: Sequences, whose elements are looked at one by one, and numbers in binary, in which digits stand by chance.
_NO_TEXT = frozenset(
    ("SQ", "OB", "OW", "OF", "OD", "OL", "OV", "FL", "FD", "SS", "US", "SL", "UL", "SV", "UV", "AT", "US or SS")
)
#: A UID may be the beginning of another, and the digits of a short number stand within coordinates.
_AS_A_WHOLE = ("UI", "DS", "IS")
_NO_IMAGES = ("1.2.840.10008.5.1.4.1.1.104.",)  # encapsulated documents
_CAPTURES = ("1.2.840.10008.5.1.4.1.1.7",)
_MAY_BE_BURNT_IN = ("US", "XA", "RF", "CR", "DX", "NM", "OT", "ES", "XC", "IVUS")


def identifiers(dataset: Any) -> frozenset[str]:
    """Every text of an original by which it, or a person in it, could be found again: UIDs, names, numbers."""
    return frozenset(_identifiers(dataset))


def _identifiers(dataset: Any) -> Iterator[str]:
    for element in dataset.iterall():
        if element.VR == "UI":
            values = element.value if isinstance(element.value, list) else [element.value]
            yield from (str(uid) for uid in values if uid and not str(uid).startswith(_STANDARD_UIDS))
        elif element.VR == "PN" or keyword_for_tag(element.tag) in _OF_PERSONS:
            words = re.split(r"[\^=\\\s,]+", str(element.value or ""))
            yield from (word for word in words if len(word) >= _SHORTEST)


def left_over(dataset: Any, known: frozenset[str]) -> tuple[str, ...]:
    """Attributes of a de-identified object, at any depth, in which something of the original still stands."""
    found = []
    for element in (*dataset.file_meta, *dataset.iterall()):
        if _hit(element, known) or element.tag.is_private:
            found.append(keyword_for_tag(element.tag) or str(element.tag))
    return tuple(dict.fromkeys(found))


def _hit(element: Any, known: frozenset[str]) -> bool:
    """Whether something of the original stands in an element."""
    if element.VR in _NO_TEXT:
        return False
    if element.VR in _AS_A_WHOLE:
        values = element.value if element.VM > 1 else [element.value]
        return any(str(value) in known for value in values)
    return any(one in str(element.value) for one in known)


def burnt_in(dataset: Any) -> str:
    """Why an object may hold a name in its pixels, for certain: it is not written."""
    sop_class = str(dataset.get("SOPClassUID") or "")
    if sop_class.startswith(_NO_IMAGES):
        return "an encapsulated document: it cannot be looked into"
    if str(dataset.get("BurnedInAnnotation") or "").upper() == "YES":
        return "burnt-in text: the object says so"
    if sop_class.startswith(_CAPTURES) and str(dataset.get("BurnedInAnnotation") or "").upper() != "NO":
        return "burnt-in text is likely: a secondary capture that does not say that it has none"
    return ""


def doubtful(dataset: Any) -> str:
    """Why somebody should look at the pixels before the object leaves."""
    said = str(dataset.get("BurnedInAnnotation") or "").upper()
    if said != "NO" and str(dataset.get("Modality") or "") in _MAY_BE_BURNT_IN:
        return f"burnt-in text is possible in {dataset.Modality}: look at it"
    if str(dataset.get("RecognizableVisualFeatures") or "").upper() == "YES":
        return "the face can be recognised: the object says so"
    return ""
