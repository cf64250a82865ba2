"""Studies of a DICOM node: asked for by C-FIND, sent to us by C-MOVE."""

from __future__ import annotations

import warnings
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind as Find
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as Move

from catheterview.archive.carriers import Refused, Unreachable
from catheterview.archive.destination import Destination
from catheterview.archive.node_carrier import association
from catheterview.archive.wanted import Offered, Wanted, distinct

_PENDING = (0xFF00, 0xFF01)
_MOVE_DESTINATION_UNKNOWN = 0xA801
#: Some sub-operations failed (PS3.4 C.4.2.1.5): the numbers say how many.
_SOME_FAILED = 0xB000


def find_on_node(source: Destination, wanted: Wanted) -> tuple[Offered, ...]:
    """Ask which studies there are.

    Raises
    ------
    Unreachable, Refused
    """
    found: list[Offered] = []
    with association(source, (str(Find),)) as opened:
        for matching in wanted.matching():
            asked = _query(**{"StudyInstanceUID": "", "NumberOfStudyRelatedInstances": None} | matching)
            for status, answer in _quietly(opened.send_c_find(asked, Find)):
                if _code(status) in _PENDING and answer is not None and answer.get("StudyInstanceUID"):
                    found.append(_offered(answer))
                elif _code(status) not in (0, *_PENDING):
                    raise Refused(f"the query was refused with status {_code(status):04X}")
    return distinct(found)


def take_from_node(source: Destination, study_instance_uid: str) -> int:
    """Have every object of a study sent to us, where somebody must listen; return how many could not be sent.

    Raises
    ------
    Unreachable, Refused
    """
    with association(source, (str(Move),)) as opened:
        asked, last = _query(StudyInstanceUID=study_instance_uid), Dataset()
        for last, _ in _quietly(opened.send_c_move(asked, source.calling, Move)):  # noqa: B007 - the last one tells
            pass
    code = _code(last)
    if code == _MOVE_DESTINATION_UNKNOWN:
        raise Refused(f"the node does not know where {source.calling} is: it needs our title, address and port")
    if code not in (0, _SOME_FAILED):
        raise Refused(f"the move was refused with status {code:04X}")
    return int(last.get("NumberOfFailedSuboperations") or 0)


def _query(**attributes: Any) -> Dataset:
    asked = Dataset()
    asked.QueryRetrieveLevel = "STUDY"
    for name, value in attributes.items():
        setattr(asked, name, value)
    return asked


def _quietly(answers: Any) -> Any:
    """Answers, without the warnings that quote a patient's name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from answers


def _code(status: Any) -> int:
    if "Status" not in status:
        raise Unreachable("no answer: the connection was lost or timed out")
    return int(status.Status)


def _offered(answer: Any) -> Offered:
    count = answer.get("NumberOfStudyRelatedInstances")
    return Offered(
        study_instance_uid=str(answer.StudyInstanceUID), instances=None if count in (None, "") else int(count)
    )
