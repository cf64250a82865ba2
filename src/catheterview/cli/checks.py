"""What works on this machine and what is missing; each check is one function without side effects."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Parameters
    ----------
    what : str
    works : bool
    needed_for : str
        ``triage`` for what every run needs; otherwise the part that does without it until it is installed.
    detail : str
        The version or place where it works, what to do where it does not.
    """

    what: str
    works: bool
    needed_for: str
    detail: str


def _python() -> Iterator[Check]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Check(what="Python", works=sys.version_info >= (3, 11), needed_for="triage", detail=found)


def _packages() -> Iterator[Check]:
    """Every package that catheterview itself declares."""
    for requirement in requires("catheterview") or ():
        if ";" in requirement:  # an extra
            continue
        name = requirement.split(">")[0].split("=")[0].strip()
        try:
            yield Check(what=name, works=True, needed_for="triage", detail=version(name))
        except PackageNotFoundError:
            yield Check(what=name, works=False, needed_for="triage", detail=f"pip install '{requirement}'")


#: Name and transfer syntax UID of everything lossless that a study may be written in, PS3.5 section 10.
_COMPRESSED = (
    ("RLE lossless", "1.2.840.10008.1.2.5"),
    ("JPEG lossless (process 14)", "1.2.840.10008.1.2.4.57"),
    ("JPEG lossless (first-order)", "1.2.840.10008.1.2.4.70"),
    ("JPEG-LS lossless", "1.2.840.10008.1.2.4.80"),
    ("JPEG 2000 lossless", "1.2.840.10008.1.2.4.90"),
    ("HTJ2K lossless", "1.2.840.10008.1.2.4.201"),
    ("HTJ2K lossless RPCL", "1.2.840.10008.1.2.4.202"),
)


def _decoders() -> Iterator[Check]:
    """Whether pixels of each lossless transfer syntax can be decoded."""
    from pydicom.pixels import get_decoder  # noqa: PLC0415 - a second to import, only doctor asks
    from pydicom.uid import UID  # noqa: PLC0415 - as above

    for name, uid in _COMPRESSED:
        decoder = get_decoder(UID(uid))
        plugins = ", ".join(decoder.available_plugins) if decoder.is_available else "no decoder is installed"
        yield Check(what=f"decoder: {name}", works=decoder.is_available, needed_for="triage", detail=plugins)


def _site_key() -> Iterator[Check]:
    """Whether the secret of the pseudonyms can be read, is closed to others, or could be made."""
    from catheterview.errors import InputError  # noqa: PLC0415 - beside the room it speaks for
    from catheterview.read import site_key  # noqa: PLC0415 - loads the reading room

    detail = "from CATHETERVIEW_KEY" if os.environ.get("CATHETERVIEW_KEY") else "the site's own file"
    try:
        site_key()
    except (InputError, OSError) as error:
        yield Check(what="site key", works=False, needed_for="triage", detail=str(error))
    else:
        yield Check(what="site key", works=True, needed_for="triage", detail=detail)


def _reading_room() -> Iterator[Check]:
    """Napari, the plugin, a Qt binding, OpenGL and somewhere to show a window."""
    binding = next((name for name in ("PySide6", "PyQt6", "PyQt5") if find_spec(name)), "")
    shown = sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    opengl = sys.platform != "linux" or bool(ctypes.util.find_library("GL"))
    found = (
        ("napari", bool(find_spec("napari")), "", "pip install napari"),
        ("napari plugin", bool(find_spec("napari_catheterview")), "", "pip install napari-catheterview"),
        ("Qt binding", bool(binding), binding, "pip install PySide6_Essentials"),
        ("OpenGL library", opengl, "", "install libgl1"),
        ("display", shown, os.environ.get("DISPLAY", ""), "none: a window needs a display, or run under xvfb-run"),
    )
    for what, works, detail, advice in found:
        yield Check(what=what, works=works, needed_for="review", detail=detail if works else advice)


#: Extra, package, the name that it is imported by, and what does without it.
_EXTRAS = (
    ("archive", "highdicom", "highdicom", "triage --dicom"),
    ("archive", "pynetdicom", "pynetdicom", "serve, fetch, send"),
    ("archive", "dicomweb-client", "dicomweb_client", "fetch, send"),
    ("archive", "dicom-anonymizer", "dicomanonymizer", "deidentify"),
    ("masks", "SimpleITK", "SimpleITK", "triage --masks"),
    ("cluster", "distributed", "distributed", "triage --scheduler"),
    ("cluster", "dask-jobqueue", "dask_jobqueue", "triage --slurm"),
    ("department", "sqlalchemy", "sqlalchemy", "triage --store"),
    ("department", "alembic", "alembic", "triage --store"),
    ("department", "pg8000", "pg8000", "triage --store"),
    ("department", "pyarrow", "pyarrow", "worklist --findings *.parquet"),
)


def _extras() -> Iterator[Check]:
    """What the extras bring."""
    for extra, package, module, needed_for in _EXTRAS:
        works = find_spec(module) is not None
        detail = version(package) if works else f"pip install 'catheterview[{extra}]'"
        yield Check(what=package, works=works, needed_for=needed_for, detail=detail)


def _tools() -> Iterator[Check]:
    """Programs beside us that a few things use."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    for program, needed_for in (("dcm2niix", "bench"), ("Xvfb", "tests")):
        path = shutil.which(program, path=places)
        yield Check(what=program, works=path is not None, needed_for=needed_for, detail=path or "not on the PATH")


CHECKS: tuple[Callable[[], Iterator[Check]], ...] = (
    _python,
    _packages,
    _decoders,
    _site_key,
    _extras,
    _reading_room,
    _tools,
)


def examine() -> tuple[Check, ...]:
    """Run every check, in order."""
    return tuple(check for group in CHECKS for check in group())
