"""What napari's *Save selected layers* writes of a case's layers: a table, a structured report, a segmentation."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from catheterview.errors import UnsuitableError
from napari_catheterview.finish import as_read
from napari_catheterview.layers import CATHETER, FINDINGS
from napari_catheterview.opening import case_folder, find_plans, report_of
from napari_catheterview.place import FOLDER, MINE
from napari_catheterview.sending import write_objects
from napari_catheterview.session import ReviewSession
from napari_catheterview.talk import LadderTalk, given_facts
from napari_catheterview.worklist import Worklist

#: Columns of the table; `point` is LPS mm, or row and column of the image, as `frame` says.
COLUMNS = ("id", "kind", "verdict", "frame", "point", "series_instance_uid", "sop_instance_uid")
#: What a findings layer's features call them.
_FEATURES = ("id", "words", "state", "frame", "point", "series", "instance")
#: Which DICOM object a layer is written as: findings as structured report, a catheter as segmentation.
_OBJECTS = {FINDINGS: "sr-*.dcm", CATHETER: "seg-*.dcm"}


def write_findings(path: str, _data: object, attributes: Mapping[str, Any]) -> list[str]:
    """Write a findings layer as comma-separated values.

    Parameters
    ----------
    path : str
    attributes : mapping
        The layer's, as napari hands them to a writer.

    Returns
    -------
    list of str
        The path; empty for a layer that holds no findings of this plugin, so that napari asks another writer.
    """
    if attributes.get("metadata", {}).get(MINE) != FINDINGS:
        return []
    features = attributes["features"]
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        if all(name in features for name in _FEATURES):
            table.writerows(zip(*(features[name] for name in _FEATURES), strict=True))
    return [path]


def write_dicom(path: str, _data: object, attributes: Mapping[str, Any]) -> list[str]:
    """Write the case of a layer as its readers left it: findings as structured report, a catheter as segmentation.

    Parameters
    ----------
    path, attributes
        As of `write_findings`.

    Returns
    -------
    list of str
        The path; empty for a layer of another kind, or of no case.

    Raises
    ------
    CatheterviewError
        When the case cannot be read, or has nothing of this kind to write.
    """
    known = attributes.get("metadata", {})
    pattern, folder = _OBJECTS.get(known.get(MINE, "")), known.get(FOLDER, "")
    if pattern is None or not folder:
        return []
    with TemporaryDirectory() as scratch:
        made = sorted(_objects(Path(folder), Path(scratch)).glob(pattern))
        if not made:
            raise UnsuitableError("nothing of this case can be written so", where=Path(folder).name)
        Path(path).write_bytes(made[-1].read_bytes())
    return [path]


def _objects(folder: Path, scratch: Path) -> Path:
    """Write all objects of a case from what lies on the disk: the report, every verdict and every answer."""
    out, case_id = folder.parent.parent, folder.name
    with closing(Worklist(out)) as worklist:
        report = report_of(out, case_id)
        session = ReviewSession(report, ledger=worklist.store, reader="")
        facts, _ = given_facts(case_folder(out, case_id))
        talk = LadderTalk(report, facts, ledger=worklist.store, reader="")
        read = as_read(session, talk.say(session.standing_findings).decision)
        write_objects(read, (), find_plans(worklist.inputs(case_id), report), scratch)
    return scratch
