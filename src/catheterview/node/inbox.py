"""What has been received and not yet triaged, on disk: a node that is killed goes on where it was.

Every object lies at ``incoming/<case>/<hash>.dcm``, whole or not at all; no name that a peer sends becomes part of a
path. A case with something new in it has a file ``pending`` beside its objects.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from threading import Lock
from time import monotonic

from catheterview.errors import InputError
from catheterview.export.write import write_whole
from catheterview.read import pseudonym
from catheterview.read.identity import study_pseudonym

_PENDING = "pending"
#: The lock of whoever writes into the inbox: one node, or one fetch.
RECEIVING = ".receiving.lock"


class NoRoom(Exception):  # noqa: N818  (not an error of ours: the peer is told to come again)
    """The disk is full, or more cases wait than the queue holds."""


class Inbox:
    """What a node has received; used by the threads of its associations and by the one that triages.

    Parameters
    ----------
    out : Path
        The output folder; objects go to ``incoming`` in it.
    key : bytes
        The site's secret, by which a PatientID becomes a case id.
    most_waiting : int
        Cases that may wait; beyond, peers are told to come again.
    least_free_bytes : int
        Of the disk, beyond the object itself.
    """

    def __init__(self, out: Path, *, key: bytes, most_waiting: int, least_free_bytes: int) -> None:
        self._folder = out / "incoming"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._key, self._most_waiting, self._least_free_bytes = key, most_waiting, least_free_bytes
        self._lock = Lock()
        #: When something last arrived for a case; what was there before counts as long ago.
        self._arrived_s: dict[str, float] = {path.parent.name: 0.0 for path in self._folder.glob(f"*/{_PENDING}")}
        for part in self._folder.glob("*/*.part"):
            part.unlink(missing_ok=True)

    def case_of(self, *, issuer: str, patient_id: str, study_instance_uid: str) -> str:
        """Which case an object belongs to."""
        if patient_id.strip():
            return pseudonym(issuer=issuer, patient_id=patient_id, key=self._key)
        return study_pseudonym(study_instance_uid, key=self._key)

    def put(self, case_id: str, sop_instance_uid: str, content: bytes) -> Path:
        """Keep an object; when this returns, it is on the disk.

        Raises
        ------
        NoRoom
            When it cannot be kept now.
        """
        with self._lock:
            if case_id not in self._arrived_s and len(self._arrived_s) >= self._most_waiting:
                raise NoRoom("too many cases wait")
            if shutil.disk_usage(self._folder).free < self._least_free_bytes + len(content):
                raise NoRoom("the disk is full")
            new = case_id not in self._arrived_s
            # Before the mark is looked for: `done` takes none away from a case that something arrives for.
            self._arrived_s[case_id] = monotonic()
        folder = self._folder / case_id
        name = hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:32]
        try:
            if not (folder / _PENDING).exists():
                write_whole(folder / _PENDING, b"")
            path = write_whole(folder / f"{name}.dcm", content)
        except InputError as error:
            with self._lock:
                if new:
                    self._arrived_s.pop(case_id, None)
            raise NoRoom(error.reason) from error
        with self._lock:
            self._arrived_s[case_id] = monotonic()
        return path

    def due(self, *, quiet_s: float) -> tuple[str, ...]:
        """Cases for which nothing has arrived for so long, oldest first."""
        before_s = monotonic() - quiet_s
        with self._lock:
            waiting = sorted(self._arrived_s.items(), key=lambda item: item[1])
        return tuple(case_id for case_id, arrived_s in waiting if arrived_s <= before_s)

    @property
    def waiting(self) -> int:
        """How many cases have something new."""
        with self._lock:
            return len(self._arrived_s)

    def folder(self, case_id: str) -> Path:
        """Where the objects of a case lie."""
        return self._folder / case_id

    def seen(self, case_id: str) -> float:
        """A mark to be given to `done`: what arrives after it is not taken for triaged."""
        with self._lock:
            return self._arrived_s.get(case_id, 0.0)

    def postpone(self, case_id: str) -> None:
        """Let a case wait for another quiet time."""
        with self._lock:
            self._arrived_s[case_id] = monotonic()

    def done(self, case_id: str, mark: float) -> None:
        """Enter that everything of a case up to a mark was triaged."""
        with self._lock:
            if self._arrived_s.get(case_id) != mark:
                return
            del self._arrived_s[case_id]
            (self._folder / case_id / _PENDING).unlink(missing_ok=True)
            _sync(self._folder / case_id)


def _sync(folder: Path) -> None:
    """Make sure that a removal lasts, where the system can say so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
