"""What the profile asks for each attribute (PS3.15 table E.1-1, edition 2024b, as dicom-anonymizer carries it)."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector

_EDITION = "dicomfields_2024b"


class Action(StrEnum):
    """What is done with an attribute; of a choice that depends on its type in the object, the one that always fits."""

    DUMMY = "D"
    EMPTY = "Z"
    REMOVE = "X"
    NEW_UID = "U"


#: The library's lists, strictest first: where the profile leaves a choice (Z/D, X/Z, …) the object stays conformant.
_OF_LIST = {
    "X_TAGS": Action.REMOVE,
    "Z_TAGS": Action.EMPTY,
    "X_Z_TAGS": Action.EMPTY,
    "D_TAGS": Action.DUMMY,
    "Z_D_TAGS": Action.DUMMY,
    "X_D_TAGS": Action.DUMMY,
    "X_Z_D_TAGS": Action.DUMMY,
    "U_TAGS": Action.NEW_UID,
    "X_Z_U_STAR_TAGS": Action.NEW_UID,
}
#: Free text below sequences that are replaced as a whole: the profile names only the sequence.
_BELOW = {0x0040A160: Action.DUMMY, 0x00700006: Action.DUMMY, 0x00081195: Action.NEW_UID}


@cache
def _table() -> tuple[dict[int, Action], tuple[tuple[int, int, Action], ...]]:
    """Actions by tag, and those of repeating groups as (mask, value, action)."""
    lists = dicom_anonymization_database_selector(_EDITION)
    single, repeating = dict(_BELOW), []
    for name, action in _OF_LIST.items():
        for tag in lists[name]:
            if len(tag) == 2:
                single[(tag[0] << 16) | tag[1]] = action
            else:
                repeating.append(((tag[2] << 16) | tag[3], (tag[0] << 16) | tag[1], action))
    return single, tuple(repeating)


def action_of(tag: int) -> Action | None:
    """What is done with an attribute; None where the profile leaves it."""
    single, repeating = _table()
    if tag in single:
        return single[tag]
    return next((action for mask, value, action in repeating if tag & mask == value), None)
