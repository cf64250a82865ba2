"""DICOM files, folders and archives dropped on napari, with the geometry that the scanner wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from catheterview.errors import CatheterviewError, UnreadableError
from catheterview.model import Image
from catheterview.read import Series, load, scan, site_key
from napari_catheterview.frame import hang
from napari_catheterview.hanging import side_by_side
from napari_catheterview.hanging.sheet_layers import film_layer
from napari_catheterview.layers import image_layer
from napari_catheterview.place import LayerData

PathOrPaths: TypeAlias = str | Sequence[str]

#: Where a DICOM file says that it is one (PS3.10, 7.1).
PREAMBLE_BYTES, PREFIX = 128, b"DICM"

#: What makes a folder the output of triage.
WORKLIST = "worklist.sqlite"

#: How many files of a folder are looked at before it is taken to hold no DICOM.
LOOK_AT = 50


def get_reader(path: PathOrPaths) -> Callable[[PathOrPaths], Sequence[LayerData | tuple[None]]] | None:
    """Return the reader where there is DICOM or a worklist, None where there is not: napari asks another plugin."""
    if isinstance(path, str) and (Path(path) / WORKLIST).is_file():
        return open_worklist
    return read if any(_has_dicom(one) for one in _paths(path)) else None


def _paths(path: PathOrPaths) -> list[Path]:
    return [Path(path)] if isinstance(path, str) else [Path(one) for one in path]


def _has_dicom(path: Path) -> bool:
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file())
        return any(_is_dicom(file) for file, _ in zip(files, range(LOOK_AT), strict=False))
    return path.suffix.lower() == ".zip" or (path.is_file() and _is_dicom(path))


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(PREAMBLE_BYTES)
        return file.read(len(PREFIX)) == PREFIX


def open_worklist(path: PathOrPaths) -> list[tuple[None]]:
    """Open the reading room on an output folder of triage that was dropped on napari; there is no layer to add.

    Raises
    ------
    InputError
        When its worklist cannot be read.
    """
    import napari  # noqa: PLC0415 - only a window reads a worklist

    from napari_catheterview.app import open_room  # noqa: PLC0415 - as above

    viewer = napari.current_viewer()
    if viewer is not None:
        open_room(viewer, _paths(path)[0])
    return [(None,)]


def read(path: PathOrPaths) -> list[LayerData]:
    """Read every series that makes an image.

    Raises
    ------
    UnreadableError
        When there is none; the reasons are named.
    """
    inventory = scan(_paths(path), key=site_key())
    reasons = [f"{problem.path_or_uid}: {problem.reason}" for problem in inventory.problems]
    found = [_layer(series, reasons) for series in inventory.series]
    layers = [layer for layer in found if layer is not None]
    if not layers:
        raise UnreadableError("; ".join(reasons) or "no image series", where=Path(_paths(path)[0]).name)
    return layers


def _layer(series: Series, reasons: list[str]) -> LayerData | None:
    """Return one series as a layer; add why not to `reasons` otherwise."""
    try:
        image = load(series)
    except CatheterviewError as error:
        reasons.append(str(error))
        return None
    return layer_of(image, series.spacing_mm)


def layer_of(image: Image, spacing_mm: tuple[float, float] | None) -> LayerData:
    """Return an image as a layer: in the patient's mm where it has a place, else in the detector's, else in pixels."""
    if image.grid is not None:
        return image_layer(hang(image), image)
    return film_layer(side_by_side([(image, spacing_mm)])[0])
