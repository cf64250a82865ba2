"""Findings as a table: what napari's *Save selected layers* writes of the findings layer."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_catheterview.layers import FINDINGS
from napari_catheterview.place import MINE

#: Columns of the table; `point` is LPS mm, or row and column of the image, as `frame` says.
COLUMNS = ("id", "kind", "verdict", "frame", "point", "series_instance_uid", "sop_instance_uid")
#: What a findings layer's features call them.
_FEATURES = ("id", "words", "state", "frame", "point", "series", "instance")


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
