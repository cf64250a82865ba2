"""What the header of a nuclear medicine image says of its acquisition; what it does not say is named, never guessed.

DICOM PS3.3 C.8.4: image type and frame increments (C.8.4.9), isotope and energy windows (C.8.4.10), detectors
(C.8.4.11), rotation (C.8.4.12); PET series and isotope (C.8.9) for SPECT that was stored as PET.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydicom import Dataset

from catheterview.limits.read import ReadLimits
from catheterview.read.fallback import read_header
from catheterview.read.series import Series

#: Third value of ImageType, and what it means here.
_KINDS: Final = {
    "STATIC": "planar",
    "WHOLE BODY": "whole body",
    "DYNAMIC": "dynamic",
    "GATED": "gated",
    "TOMO": "projections",
    "GATED TOMO": "projections",
    "RECON TOMO": "tomogram",
    "RECON GATED TOMO": "gated tomogram",
}
#: Photons of In-111 in keV: a window that holds one of them fits (clinical reference E.1).
_INDIUM_KEV: Final = (171.28, 245.35)
_INDIUM: Final = re.compile(r"\b111\W*in\b|\bin(dium)?\W*111\b|\^111\^", re.I)
_MOMENT: Final = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An energy window in keV."""

    name: str
    low_kev: float
    high_kev: float

    @property
    def fits(self) -> bool:
        """Whether it holds a photon of In-111."""
        return any(self.low_kev <= kev <= self.high_kev for kev in _INDIUM_KEV)


@dataclass(frozen=True, slots=True, kw_only=True)
class NuclearHeader:
    """The acquisition of one series.

    Parameters
    ----------
    kind : str
        ``planar``, ``whole body``, ``dynamic``, ``gated``, ``projections``, ``tomogram``, ``gated tomogram``, ``pet``
        or ``unknown``.
    at, injected_at : str or None
        ISO 8601 local time of the acquisition and of the injection.
    injected_mbq : float or None
    tracer : str
        Radiopharmaceutical and nuclide as written; empty where they are not.
    windows : tuple of Window
    detectors : int
    views : tuple of str
        ``anterior``, ``posterior``, … of each frame of a planar image; empty where it is not said, and for a frame of
        an energy window without a photon of In-111.
    seconds : float or None
        Of one frame.
    corrections : tuple of str
        ``ATTN``, ``SCAT``, ``DECY``, …
    decay_corrected_to : str
        ``NONE``, ``START`` or ``ADMIN``; empty where it is not said.
    units : str
    lacking : tuple of str
        What has to be asked for, in words.
    """

    kind: str
    at: str | None
    injected_at: str | None
    injected_mbq: float | None
    tracer: str
    windows: tuple[Window, ...]
    detectors: int
    views: tuple[str, ...]
    seconds: float | None
    corrections: tuple[str, ...]
    decay_corrected_to: str
    units: str

    @property
    def lacking(self) -> tuple[str, ...]:
        """What has to be asked for, in words."""
        said = {
            "when it was acquired": self.at,
            "when the tracer was injected": self.injected_at,
            "how much was injected": self.injected_mbq,
        }
        return tuple(name for name, value in said.items() if value is None)

    @property
    def is_indium(self) -> bool | None:
        """Whether the windows hold a photon of In-111, or the nuclide is named; None where neither is said."""
        if self.windows:
            return any(window.fits for window in self.windows)
        return True if self.names_indium else None

    @property
    def names_indium(self) -> bool:
        """Whether tracer or nuclide are written as In-111."""
        return _INDIUM.search(self.tracer) is not None


def nuclear_header(series: Series, *, limits: ReadLimits = ReadLimits()) -> NuclearHeader:  # noqa: B008  (frozen)
    """Read the acquisition of a nuclear medicine series.

    Parameters
    ----------
    series : Series
        Of role ``nuclear``.
    limits : ReadLimits

    Raises
    ------
    UnreadableError
        When its first file cannot be read.
    """
    dataset = read_header(series.instances[0].source, limits=limits).dataset
    given = _first(dataset, "RadiopharmaceuticalInformationSequence")
    pet = series.modality == "PT"
    return NuclearHeader(
        kind="pet" if pet else _kind(dataset),
        at=_parsed(str(dataset.get("AcquisitionDateTime") or ""))
        or _moment(dataset, ("AcquisitionDate", "AcquisitionTime"), ("SeriesDate", "SeriesTime")),
        injected_at=_injection(dataset, given),
        injected_mbq=_mbq(given.get("RadionuclideTotalDose"), pet=pet),
        tracer=_tracer(given),
        windows=tuple(window for item in _windows(dataset) for window in item),
        detectors=int(dataset.get("NumberOfDetectors") or len(dataset.get("DetectorInformationSequence") or []) or 1),
        views=_views(dataset),
        seconds=_seconds(dataset),
        corrections=tuple(str(part) for part in _several(dataset.get("CorrectedImage"))),
        decay_corrected_to=str(dataset.get("DecayCorrection") or ""),
        units=str(dataset.get("Units") or ""),
    )


def _kind(dataset: Dataset) -> str:
    """What the third value of ImageType means."""
    parts = _several(dataset.get("ImageType"))
    return _KINDS.get(str(parts[2]).upper(), "unknown") if len(parts) > 2 else "unknown"


def _first(dataset: Dataset, keyword: str) -> Dataset:
    """The first item of a sequence, or an empty one."""
    items = dataset.get(keyword) or [Dataset()]
    return items[0]


def _several(value: Any) -> list[Any]:
    """A value that may be one, several or none, as a list."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)


def _moment(dataset: Dataset, *named: tuple[str, str]) -> str | None:
    """The first date and time that are both there, as ISO 8601; None without."""
    for date, time in named:
        day, clock = str(dataset.get(date) or ""), str(dataset.get(time) or "")
        found = _parsed(day + clock.partition(".")[0]) if day and clock else None
        if found:
            return found
    return None


def _parsed(text: str) -> str | None:
    """A DICOM date with time as ISO 8601; None when it is neither."""
    if len(text) < 10:  # no time of the day
        return None
    digits = text.partition(".")[0].partition("+")[0].partition("-")[0]
    try:
        return datetime.strptime(digits[:14].ljust(14, "0"), _MOMENT).isoformat()
    except ValueError:
        return None


def _injection(dataset: Dataset, given: Dataset) -> str | None:
    """When the tracer was given; a time without a date is not completed with one."""
    whole = str(given.get("RadiopharmaceuticalStartDateTime") or "")
    if len(whole) >= 12:
        return _parsed(whole)
    # PET may give a time of the day of the series alone (C.8.9.2); of NM, imaged days later, that would be a guess.
    clock, day = str(given.get("RadiopharmaceuticalStartTime") or ""), str(dataset.get("SeriesDate") or "")
    return _parsed(day + clock) if clock and day and dataset.get("Modality") == "PT" else None


def _mbq(value: Any, *, pet: bool) -> float | None:
    """Injected activity in MBq: NM states MBq (C.8.4.10), PET Bq (C.8.9.2)."""
    if value is None or value == "":
        return None
    return float(value) / 1e6 if pet else float(value)


def _tracer(given: Dataset) -> str:
    """Radiopharmaceutical and nuclide, as words."""
    named = (_first(given, key) for key in ("RadionuclideCodeSequence", "RadiopharmaceuticalCodeSequence"))
    words = (given.get("Radiopharmaceutical"), *(item.get("CodeMeaning") for item in named))
    return ", ".join(dict.fromkeys(str(word) for word in words if word))


def _windows(dataset: Dataset) -> tuple[tuple[Window, ...], ...]:
    """The ranges of each energy window."""
    return tuple(
        tuple(
            Window(
                name=str(window.get("EnergyWindowName") or ""),
                low_kev=float(span.get("EnergyWindowLowerLimit") or 0.0),
                high_kev=float(span.get("EnergyWindowUpperLimit") or 0.0),
            )
            for span in window.get("EnergyWindowRangeSequence") or []
        )
        for window in dataset.get("EnergyWindowInformationSequence") or []
    )


def _views(dataset: Dataset) -> tuple[str, ...]:
    """The view of each frame, by its detector; empty where detectors do not say it, and for frames of scatter."""
    detectors = [_view(item) for item in dataset.get("DetectorInformationSequence") or []]
    vector = [int(n) for n in _several(dataset.get("DetectorVector"))]
    if not vector and detectors:
        vector = [1] * int(dataset.get("NumberOfFrames") or 1) if len(detectors) == 1 else []
    if not all(detectors) or not vector or max(vector) > len(detectors):
        return ()
    fits = [any(window.fits for window in item) for item in _windows(dataset)]
    peaks = [int(n) for n in _several(dataset.get("EnergyWindowVector"))]
    if len(peaks) != len(vector) or max(peaks) > len(fits):
        return tuple(detectors[n - 1] for n in vector)
    return tuple(detectors[n - 1] if fits[peak - 1] else "" for n, peak in zip(vector, peaks, strict=True))


def _view(detector: Dataset) -> str:
    """What a detector's view code means; empty where there is none."""
    meaning = str(_first(detector, "ViewCodeSequence").get("CodeMeaning") or "").lower()
    for word, view in (
        ("postero", "posterior"),
        ("antero", "anterior"),
        ("poster", "posterior"),
        ("anter", "anterior"),
    ):
        if meaning.startswith(word):
            return view
    return meaning


def _seconds(dataset: Dataset) -> float | None:
    """Duration of one frame: of the rotation's stops, of a phase's frames, or of the image."""
    holders = (_first(dataset, "RotationInformationSequence"), _first(dataset, "PhaseInformationSequence"), dataset)
    for holder in holders:
        value = holder.get("ActualFrameDuration")
        if value not in (None, ""):
            return float(value) / 1000.0
    return None
