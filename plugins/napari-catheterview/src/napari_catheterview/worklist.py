"""The worklist of a triage output folder: its store, opened, and where each case's images are. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from catheterview.model import CaseRow, Review
from catheterview.store import Store, open_store
from napari_catheterview.opening import sources_of


def matching(rows: Sequence[CaseRow], words: str, latest: Mapping[str, Review]) -> tuple[CaseRow, ...]:
    """Return the cases of which every word is said: in priority, name, findings, kinds of study, next step or status.

    Parameters
    ----------
    rows : sequence of CaseRow
    words : str
        Separated by blanks; a word after a minus sign must not be said, as in ``kink -signed``.
    latest : mapping of case id to Review
        The last verdict on each case.
    """
    return tuple(row for row in rows if all(_says(row, word, latest) for word in words.lower().split()))


def _says(row: CaseRow, word: str, latest: Mapping[str, Review]) -> bool:
    said = " ".join([row.priority, row.case_id, row.step, row.action, *row.kinds, *row.rungs, status_of(row, latest)])
    sought = word.removeprefix("-").replace("-", "_")
    return not sought or (sought in said.lower().replace("-", "_")) is not word.startswith("-")


def status_of(row: CaseRow, latest: Mapping[str, Review]) -> str:
    """Say how far a case is: unread, being read or signed, by whom and when."""
    last = latest.get(row.case_id)
    if last is None:
        return "unread"
    return f"{'signed' if last.verdict == 'signed' else 'begun'} {last.reader} {last.at[5:16].replace('T', ' ')}"


class Worklist:
    """A triage output folder, opened for reading cases.

    Parameters
    ----------
    out : Path
        What ``catheterview triage --out`` wrote.
    inputs : sequence of Path
        Where to look for the images of every case; empty: where the store or ``source.json`` says.

    Raises
    ------
    InputError
        When the folder holds no worklist.
    """

    def __init__(self, out: Path, inputs: Sequence[Path] = ()) -> None:
        self.out = Path(out)
        self._inputs = tuple(Path(one) for one in inputs)
        self.store: Store = open_store(self.out / "worklist.sqlite", create=False)

    def rows(self) -> tuple[CaseRow, ...]:
        """Return the cases, most urgent first."""
        return tuple(self.store.cases())

    def latest(self) -> dict[str, Review]:
        """Return the last verdict on every case that has one."""
        return self.store.latest_reviews()

    def after(self, case_id: str) -> str:
        """Return the case that is read after another, empty after the last."""
        ids = [row.case_id for row in self.rows()]
        place = ids.index(case_id) + 1 if case_id in ids else len(ids)
        return ids[place] if place < len(ids) else ""

    def inputs(self, case_id: str) -> tuple[Path, ...]:
        """Return where a case's images are."""
        if self._inputs:
            return self._inputs
        ask = getattr(self.store, "sources", None)
        noted = tuple(Path(one) for one in ask(case_id)) if ask is not None else ()
        return noted or sources_of(self.out, case_id)

    def close(self) -> None:
        """Close the store."""
        self.store.close()
