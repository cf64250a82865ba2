"""Which studies are asked of an archive, and what it says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from catheterview.errors import InputError

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; what is empty does not matter.

    Parameters
    ----------
    studies : tuple of str
        Study Instance UIDs.
    patient_id : str
    since, until : datetime.date or None
        Of the study's date, both included.
    modalities : tuple of str
        A study with at least one of them.
    """

    studies: tuple[str, ...] = ()
    patient_id: str = ""
    since: date | None = None
    until: date | None = None
    modalities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.studies or self.patient_id or self.since or self.until or self.modalities):
            raise InputError("a whole archive is not fetched by mistake: name studies, a patient, dates or modalities")
        for uid in self.studies:
            if not _UID.fullmatch(uid) or len(uid) > 64:
                raise InputError(f"{uid!r} is no UID", where="--study")
        if any(mark in self.patient_id for mark in "*?\\"):
            raise InputError("a patient is named whole, without wildcards", where="--patient")

    def matching(self) -> tuple[dict[str, str], ...]:
        """Attributes to match, by keyword; one query for each modality, as not every archive takes lists."""
        asked = {"StudyDate": self._dates(), "PatientID": self.patient_id}
        uids: list[dict[str, str]] = [{"StudyInstanceUID": uid} for uid in self.studies] or [{}]
        kinds: list[dict[str, str]] = [{"ModalitiesInStudy": one} for one in self.modalities] or [{}]
        given = {name: value for name, value in asked.items() if value}
        return tuple(given | uid | kind for uid in uids for kind in kinds)

    def _dates(self) -> str:
        """A range of dates as DICOM writes it (PS3.4 C.2.2.2.5)."""
        if self.since is None and self.until is None:
            return ""
        return "-".join("" if day is None else day.strftime("%Y%m%d") for day in (self.since, self.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A study that an archive has; `instances` is None where it does not say how many."""

    study_instance_uid: str
    instances: int | None = None


def distinct(offered: list[Offered]) -> tuple[Offered, ...]:
    """Each study once, in order."""
    return tuple({one.study_instance_uid: one for one in offered}.values())
