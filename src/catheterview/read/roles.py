"""What a series is for, and on which rung of the ladder its study stands, from what its header says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from catheterview.model import Rung

#: Every role that a series can have.
ROLES: Final = (
    "volume", "slices", "localiser", "dose_report", "reformat", "secondary_capture", "film", "cine", "nuclear",
    "presentation", "other",
)  # fmt: skip

_SR: Final = "1.2.840.10008.5.1.4.1.1.88."
_DOSE_SR: Final = (f"{_SR}67", f"{_SR}68", f"{_SR}76", "1.2.840.10008.5.1.4.1.1.88.74")
_SECONDARY: Final = "1.2.840.10008.5.1.4.1.1.7"
_ENHANCED: Final = (
    "1.2.840.10008.5.1.4.1.1.2.1",  # Enhanced CT
    "1.2.840.10008.5.1.4.1.1.2.2",  # Legacy Converted Enhanced CT
    "1.2.840.10008.5.1.4.1.1.4.1",  # Enhanced MR
    "1.2.840.10008.5.1.4.1.1.4.4",  # Legacy Converted Enhanced MR
    "1.2.840.10008.5.1.4.1.1.130",  # Enhanced PET
    "1.2.840.10008.5.1.4.1.1.128.1",  # Legacy Converted Enhanced PET
)
NUCLEAR_SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.20"
_PRESENTATION: Final = "1.2.840.10008.5.1.4.1.1.11."
_FILMS: Final = frozenset({"CR", "DX", "RF", "XA", "RG", "PX", "MG", "DR"})
_SLICED: Final = frozenset({"CT", "MR"})
_NUCLEAR: Final = frozenset({"NM", "PT"})
_LOCALISER: Final = frozenset({"LOCALIZER", "LOCALISER", "SCOUT", "TOPOGRAM", "SURVIEW"})
_DOSE_WORDS: Final = re.compile(r"dose.?(report|info|page|summary|record)|patient.?protocol|\bdose\b", re.I)
_REFORMAT: Final = frozenset({
    "MPR", "CSAMPR", "REFORMATTED", "REFORMAT", "MIP", "MINIP", "AVERAGE_MPR", "CURVED", "PROJECTION IMAGE", "MAX_IP",
    "MIN_IP", "VRT", "SSD", "VOLUME_RENDERED", "RENDERED", "CPR", "3D",
})  # fmt: skip
_INTRATHECAL: Final = re.compile(r"thecal|subarach|myelo|cistern", re.I)
_BY_PORT: Final = re.compile(r"\bcap\b|catheter|access.?port|side.?port|pump", re.I)
_BY_LUMBAR: Final = re.compile(r"lumbar punct|\blp\b|spinal tap", re.I)
_RUNG_OF: Final = {"CT": Rung.CT, "MR": Rung.MRI, "NM": Rung.SPECT_CT, "PT": Rung.OTHER, "XA": Rung.FLUOROSCOPY,
                   "RF": Rung.FLUOROSCOPY}  # fmt: skip
#: A study with several kinds of series stands on the first of these that it holds.
_FOREMOST: Final = (
    Rung.SPECT_CT, Rung.CAP_CT, Rung.LP_CT, Rung.CT, Rung.FLUOROSCOPY, Rung.RADIOGRAPH, Rung.MRI, Rung.OTHER,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What decides role and rung: descriptions only as the answers to three questions, for they may name people."""

    sop_class: str
    modality: str
    image_type: tuple[str, ...]
    dose: bool
    contrast: str

    @classmethod
    def of(cls, *, sop_class: str, modality: str, image_type: str, route: str, descriptions: str) -> Said:
        """Reduce descriptions to whether they name a dose page, and how contrast came into the thecal sac."""
        return cls(
            sop_class=sop_class,
            modality=modality,
            image_type=tuple(part.strip() for part in image_type.split("\\")),
            dose=bool(_DOSE_WORDS.search(descriptions)),
            contrast=_contrast(f"{route} {descriptions}"),
        )


def _contrast(words: str) -> str:
    """Return ``port``, ``lumbar`` or nothing: a myelogram by an unnamed way is not assumed to be through the pump."""
    if not _INTRATHECAL.search(words) and not re.search(r"\bcap.?ct\b", words, re.I):
        return ""
    if _BY_LUMBAR.search(words):
        return "lumbar"
    return "port" if _BY_PORT.search(words) or re.search(r"\bcap.?ct\b", words, re.I) else ""


def role_of(said: Said, *, frames: int, gray: bool) -> str:
    """Return the role that the header alone gives; a ``volume`` has yet to prove its geometry.

    Parameters
    ----------
    said : Said
    frames : int
        NumberOfFrames.
    gray : bool
        Whether a pixel is one sample.
    """
    by_class = _by_class(said)
    if by_class:
        return by_class
    if said.modality in _FILMS and gray:
        return "cine" if frames > 1 else "film"
    if said.modality in _NUCLEAR and gray:
        return "nuclear"
    if said.sop_class.startswith(_SECONDARY) or not gray:
        return "dose_report" if said.dose else "secondary_capture"
    return _sliced(said) if said.modality in _SLICED else "other"


def _by_class(said: Said) -> str:
    """Return the role of objects that are no images."""
    if said.sop_class in _DOSE_SR:
        return "dose_report"
    if said.sop_class.startswith(_PRESENTATION) or said.modality == "PR":
        return "presentation"
    return "other" if said.sop_class.startswith(_SR) or said.modality in ("SR", "KO", "SEG", "REG", "DOC") else ""


def _sliced(said: Said) -> str:
    """Return the role of a CT or MR image."""
    kinds = set(said.image_type) | {word for part in said.image_type for word in part.split()}
    if kinds & _LOCALISER:
        return "localiser"
    if said.dose and "ORIGINAL" not in kinds:
        return "dose_report"
    derived = {"DERIVED", "SECONDARY"} <= kinds
    if kinds & _REFORMAT and "DERIVED" in kinds:
        return "reformat"
    if derived and not kinds & {"AXIAL", "VOLUME", "M"}:
        return "reformat" if said.modality == "MR" or len(said.image_type) > 2 else "secondary_capture"
    return "volume"


def is_multiframe(said: Said) -> bool:
    """Say whether the frames of a file may be slices with places of their own."""
    return said.sop_class in _ENHANCED or (said.sop_class == NUCLEAR_SOP_CLASS and said.modality in _NUCLEAR)


def is_reconstructed(said: Said) -> bool:
    """Say whether nuclear images are slices, not views."""
    return any(part.startswith("RECON") for part in said.image_type)


def rung_of(said: Said) -> Rung:
    """Return the rung that one series alone stands on."""
    if said.modality == "CT" and said.contrast:
        return Rung.CAP_CT if said.contrast == "port" else Rung.LP_CT
    if said.modality in ("XA", "RF", "CT", "MR", "NM", "PT"):
        return _RUNG_OF[said.modality]
    return Rung.RADIOGRAPH if said.modality in _FILMS else Rung.OTHER


def foremost(rungs: set[Rung]) -> Rung:
    """Return the rung of a study that holds series of these rungs."""
    return next((rung for rung in _FOREMOST if rung in rungs), Rung.OTHER)
