"""Where the images of a case were found, so that a reader can open them beside the report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from catheterview.export.write import write_whole
from catheterview.read import Case


def note_sources(cases: Iterable[Case], out: Path) -> None:
    """Write ``cases/<case_id>/source.json`` for every case: ``{"schema", "inputs": [absolute path, ...]}``.

    Paths are of files and archives on this machine, each once, in order. They may hold what the site names its folders
    by, so the file stays beside the report and is no part of anything that is sent.

    Raises
    ------
    InputError
        When the output cannot be written.
    """
    for case in cases:
        series = [one for study in case.studies for one in study.series]
        paths = {str(Path(instance.source.path).resolve()) for one in series for instance in one.instances}
        told = {"schema": "catheterview/source/1", "inputs": sorted(paths)}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        write_whole(out / "cases" / case.case_id / "source.json", text.encode(errors="surrogateescape"))
