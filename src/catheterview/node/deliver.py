"""Results of all cases to an archive: the reviewed reports are written, all is entered, what waits is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from catheterview.archive import Destination, Entry, Patience, open_outbox, post
from catheterview.errors import InputError
from catheterview.export.dicom import uid_of, write_reviewed
from catheterview.store import open_store

#: Told of how many objects have been tried, how many there are, and what is being done.
Tell = Callable[[int, int, str], None]


def deliver(
    out: Path, to: Destination, *, patience: Patience | None = None, tell: Tell = lambda *_: None
) -> tuple[int, tuple[Entry, ...]]:
    """Send every DICOM result that has not arrived yet.

    Parameters
    ----------
    out : Path
        What triage wrote, with ``--dicom``.
    to : Destination
    patience : Patience, optional
    tell : callable, optional

    Returns
    -------
    delivered : int
        How many objects have arrived there in all, in this run and before.
    waiting : tuple of Entry
        What still waits in ``outbox.sqlite``, each with the reason.

    Raises
    ------
    InputError
        When there is no worklist, or no DICOM result at all.
    """
    with open_store(out / "worklist.sqlite", create=False) as store:
        for row in store.cases():
            write_reviewed(out / "cases" / row.case_id, store.reviews(row.case_id))
        paths = _results(out, (row.case_id for row in store.cases()))
    if not paths:
        raise InputError("no DICOM results here: run catheterview triage with --dicom", where=out.name)
    with open_outbox(out / "outbox.sqlite") as outbox:
        for path in paths:
            outbox.put(uid_of(path), path.relative_to(out).as_posix(), to=to.name)
        waiting = post(outbox, to, out=out, patience=patience, tell=tell)
        return outbox.delivered(to=to.name), waiting


def _results(out: Path, case_ids: Iterable[str]) -> list[Path]:
    return [path for case_id in case_ids for path in sorted((out / "cases" / case_id).glob("*.dcm"))]
