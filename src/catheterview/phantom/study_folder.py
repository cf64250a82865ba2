"""The folder that a simulated study is written to: DICOM files, and what is true of them beside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from catheterview.errors import InputError

#: Who wrote the files, in the header of each (PS3.10 7.1).
IMPLEMENTATION_UID = "2.25.302934092130985613475938461092837465123"


def new_study(folder: Path) -> Path:
    """Make the folder ``dicom`` of a new study.

    Returns
    -------
    Path
        Of that folder; empty.

    Raises
    ------
    InputError
        When `folder` already holds a study.
    """
    place = folder / "dicom"
    if place.exists() and any(place.iterdir()):
        raise InputError("the folder already holds a study", where=str(place))
    place.mkdir(parents=True, exist_ok=True)
    return place


def save_truth(truth: Mapping[str, object], folder: Path) -> None:
    """Write `truth.json` beside a study; equal truth gives equal bytes."""
    text = json.dumps(truth, indent=1, sort_keys=True, allow_nan=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
