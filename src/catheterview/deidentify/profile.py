"""The profile applied to one object, at every depth."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from catheterview.deidentify.table import Action, action_of

METHOD = "PS3.15 E.1 Basic Profile 2024b, catheterview"
_STANDARD_UIDS = "1.2.840.10008."
_DUMMIES: dict[str, object] = {
    "PN": "REMOVED", "DA": "19000101", "TM": "000000", "DT": "19000101000000", "AS": "000Y", "IS": 0, "DS": 0.0,
    "UR": "urn:removed", "FD": 0.0, "FL": 0.0, "SL": 0, "SS": 0, "UL": 0, "US": 0, "SV": 0, "UV": 0,
    "OB": b"\0\0", "OW": b"\0\0", "UN": b"", "OF": b"\0\0\0\0", "OD": b"\0" * 8, "AT": 0,
}  # fmt: skip


def new_uid(uid: str, key: bytes) -> str:
    """The UID that stands for one, the same wherever and whenever it is met, and not to be undone without the key."""
    digest = hmac.new(key, b"uid:" + uid.encode(), hashlib.sha256).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def subject(issuer: str, patient_id: str, key: bytes) -> str:
    """The name that stands for a patient; no case id of the worklist can be found by it."""
    told = b"subject:" + b"\0".join(part.strip().encode() for part in (issuer, patient_id))
    return hmac.new(key, told, hashlib.sha256).hexdigest()[:16]


def apply_profile(dataset: Any, key: bytes) -> None:
    """De-identify an object in place.

    Parameters
    ----------
    dataset : pydicom Dataset
    key : bytes
        The site's secret.

    Raises
    ------
    RecursionError
        When sequences are nested beyond reason.
    """
    name = subject(str(dataset.get("IssuerOfPatientID") or ""), str(dataset.get("PatientID") or ""), key)
    _clean(dataset, key)
    dataset.PatientID = dataset.PatientName = name
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = METHOD
    dataset.DeidentificationMethodCodeSequence = Sequence([_profile_code()])
    dataset.LongitudinalTemporalInformationModified = "REMOVED"
    _clean_meta(dataset, key)


def _clean(dataset: Any, key: bytes) -> None:
    for tag in list(dataset.keys()):
        if tag.is_private or tag.group in (0x0000, 0x0004) or tag == 0xFFFCFFFC:
            del dataset[tag]
        else:
            _clean_element(dataset, dataset[tag], key)


def _clean_element(dataset: Any, element: DataElement, key: bytes) -> None:
    """Do with one attribute what the profile asks; UIDs and what lies below are seen to whatever it says."""
    action = action_of(int(element.tag))
    if action is Action.REMOVE or (element.VR == "UN" and action is None):
        del dataset[element.tag]
    elif element.VR == "SQ":
        if action is Action.EMPTY:
            element.value = Sequence()
        for item in element.value:
            _clean(item, key)
    elif element.VR == "UI":
        element.value = _new_uids(element.value, key)
    elif action is Action.EMPTY:
        element.clear()
    elif action is Action.DUMMY and not element.is_empty:
        element.value = _DUMMIES.get(element.VR, "REMOVED")


def _new_uids(value: Any, key: bytes) -> Any:
    """Replace every UID that is no UID of the standard itself."""
    if value is None or value == "":
        return value
    if isinstance(value, str):
        return value if value.startswith(_STANDARD_UIDS) else new_uid(value, key)
    return [_new_uids(one, key) for one in value]


def _clean_meta(dataset: Any, key: bytes) -> None:
    """The group before the data set: who sent it goes, what it is stays."""
    meta = dataset.file_meta
    kept = {name: meta[name].value for name in ("MediaStorageSOPClassUID", "TransferSyntaxUID") if name in meta}
    for tag in list(meta.keys()):
        del meta[tag]
    for name, value in kept.items():
        setattr(meta, name, value)
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.preamble = b"\0" * 128
    del key


def _profile_code() -> Dataset:
    """113100 DCM, PS3.16 CID 7050."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113100", "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    return code
