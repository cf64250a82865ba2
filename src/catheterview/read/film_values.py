"""From the stored values of a film to density and to what is shown: lookup tables and the values' own meaning.

Sources: DICOM PS3.3 C.8.11.3 (PixelIntensityRelationship and its sign, LUTs of digital X-ray), C.11.1 and C.11.2
(modality and VOI LUT), C.11.6 (PresentationLUTShape), C.8.7.1 (a modality LUT of XA and RF leads back to exposure).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray
from catheterview.model.film import Density
from catheterview.model.image import Voxels

_FLUOROSCOPES: Final = ("1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2")  # XA and XRF
_RELATIONS: Final = ("", "LIN", "LOG", "DISP")
_FAINTEST = 0.003  # of the open beam; below it the detector's own noise reigns
_OPEN_PERCENT = 99.5
_KNOTS = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meaning:
    """What each value of a film stands for.

    Parameters
    ----------
    first : int
        The value of the first entry.
    density : (K,) float32
        High where more of the beam was held back.
    linear : bool
        Whether the file holds the exposure itself, so that `density` is its natural logarithm.
    logarithmic : bool
        Whether `density` is a logarithm of the exposure, up to gain and offset.
    white : (K,) float64 or None
        How bright the file wants each value shown, 0 to 1; None where it does not say.
    """

    first: int
    density: NDArray[np.float32]
    linear: bool
    logarithmic: bool
    white: FloatArray | None = None

    def of(self, voxels: Voxels) -> Density:
        """The density (any shape) of values."""
        return np.take(self.density, voxels.astype(np.int32) - self.first)

    def tone(self, gain: float, offset: float) -> FloatArray | None:
        """How bright densities are to be shown: (2, K) of rising ``gain * density + offset`` and white, 0 to 1."""
        if self.white is None or float(np.ptp(self.white)) <= 0.0:
            return None
        order = np.argsort(self.density, kind="stable")
        some = order[np.unique(np.linspace(0, len(order) - 1, _KNOTS).astype(int))]
        return np.stack([gain * self.density[some].astype(np.float64) + offset, self.white[some]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chain:
    """Every value that a film can hold (K,), and through the file's transformations.

    `stored` in the file; `outcome` of the modality LUT; `bright` as shown, 0 to 1, and `plain` without a window;
    `seen`: entries of pixels of the first frame; `windowed`: whether the file says how it is to be shown.
    """

    first: int
    stored: NDArray[np.int64]
    outcome: FloatArray
    bright: FloatArray
    plain: FloatArray
    seen: NDArray[np.int64]
    windowed: bool


def meaning_of(voxels: Voxels, header: Dataset, *, halved: bool = False) -> Meaning:
    """Tell what the values of a film mean.

    Parameters
    ----------
    voxels : (F, R, C) int16
        As `catheterview.read.load` gives them: stored values, turned round where the file is MONOCHROME1.
    header : Dataset
    halved : bool
        Whether values of 16 bits were halved to fit.

    Returns
    -------
    Meaning

    Notes
    -----
    Where the header says how values hang together with the beam, stored values are taken at that. Else they are taken
    through the modality LUT, and what is shown bright after VOI and presentation LUT is dense, as on every radiograph.
    A window only cuts, so that density is never taken through one.

    Raises
    ------
    UnsuitableError
        For a relationship between values and beam that DICOM does not name.
    ValueError, KeyError, ...
        Whatever pydicom says of a lookup table that is broken.
    """
    relation = str(header.get("PixelIntensityRelationship", "") or "").strip().upper()
    if relation not in _RELATIONS:
        raise UnsuitableError(f"PixelIntensityRelationship {relation[:16]!r} is none that DICOM names")
    chain = _chain(voxels, header, halved=halved)
    exposure = _exposure(chain, header, relation)
    density = _dense(chain, header, relation) if exposure is None else _log(exposure, chain)
    return Meaning(
        first=chain.first,
        density=density.astype(np.float32),
        linear=exposure is not None,
        logarithmic=relation != "DISP" or exposure is not None,
        white=chain.bright if chain.windowed else None,
    )


def _chain(voxels: Voxels, header: Dataset, *, halved: bool) -> _Chain:
    """Take every value through the tables of the file."""
    bits, signed = int(header.BitsStored), int(header.get("PixelRepresentation", 0)) == 1
    turned, by = _is_monochrome1(header), 2 if halved else 1
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    first = min(int(voxels.min()), max(low // by, -(1 << 15)))
    shown = np.arange(first, max(int(voxels.max()), min(high // by, (1 << 15) - 1)) + 1, dtype=np.int64) * by
    stored = (-1 if signed else high) - shown if turned else shown
    plain = _with_plain_tables(header)
    outcome = np.asarray(apply_modality_lut(stored, plain))
    whole = outcome if outcome.dtype.kind in "iu" else np.rint(outcome).astype(np.int64)
    value = np.asarray(apply_voi_lut(whole, plain), dtype=np.float64)
    bright = (value - value.min()) / max(float(np.ptp(value)), 1e-9)
    windowed = bool(plain.get("VOILUTSequence")) or header.get("WindowCenter") is not None
    inverted = turned or str(header.get("PresentationLUTShape", "") or "").strip().upper() == "INVERSE"
    return _Chain(
        first=first,
        stored=stored,
        outcome=outcome.astype(np.float64),
        bright=1.0 - bright if inverted else bright,
        plain=(-1.0 if inverted else 1.0) * outcome,
        seen=voxels[0, ::8, ::8].astype(np.int64).ravel() - first,
        windowed=windowed and str(header.get("PresentationIntentType", "")).strip().upper() != "FOR PROCESSING",
    )


def _is_monochrome1(header: Dataset) -> bool:
    return str(header.get("PhotometricInterpretation", "")).strip().upper() == "MONOCHROME1"


def _with_plain_tables(header: Dataset) -> Dataset:
    """The header with lookup tables as pydicom takes them: 16 bits an entry, whatever they were packed in."""
    plain = Dataset()
    for name in (
        "PhotometricInterpretation", "BitsStored", "PixelRepresentation", "RescaleSlope", "RescaleIntercept",
        "WindowCenter", "WindowWidth", "VOILUTFunction",
    ):  # fmt: skip
        if header.get(name) not in (None, ""):
            setattr(plain, name, header.get(name))
    if (plain.get("WindowCenter") is None) != (plain.get("WindowWidth") is None):
        raise ValueError("half a window")
    little = bool(header.original_encoding[1]) if header.original_encoding[1] is not None else True
    for name in ("ModalityLUTSequence", "VOILUTSequence"):
        if header.get(name):
            setattr(plain, name, [_plain_table(header.get(name)[0], little=little)])
    return plain


def _plain_table(item: Dataset, *, little: bool) -> Dataset:
    """One lookup table with its entries as numbers (DICOM PS3.3 C.11.1.1: 8 or 16 bits, 65536 entries written as 0)."""
    out = copy.copy(item)
    count, start, bits = (int(v) for v in item.LUTDescriptor)
    data: Any = item.LUTData
    count = count or 1 << 16
    if isinstance(data, bytes):
        kind = "u1" if bits == 8 and len(data) < 2 * count else "<u2" if little else ">u2"
        data = np.frombuffer(data, dtype=kind)
    entries = np.atleast_1d(np.asarray(data, dtype=np.int64))[:count]
    if len(entries) != count or not 8 <= bits <= 16:
        raise ValueError("a lookup table that is not as long as it says")
    out.add_new("LUTDescriptor", "SS" if start < 0 else "US", [count % (1 << 16), start, 16])
    out.add_new("LUTData", "US", [int(v) for v in entries])
    return out


def _sign(header: Dataset) -> int | None:
    """1 where high stored values are more exposure, -1 where less, None where the header is silent."""
    value = header.get("PixelIntensityRelationshipSign")
    return int(value) if value is not None and int(value) in (1, -1) else None


def _exposure(chain: _Chain, header: Dataset, relation: str) -> FloatArray | None:
    """The exposure (K,) of each value, in any unit; None where the file holds no exposure."""
    if header.get("SOPClassUID", "") in _FLUOROSCOPES and header.get("ModalityLUTSequence"):
        return chain.outcome
    if relation != "LIN":
        return None
    sign = _sign(header) or -_shown_sign(chain, chain.stored.astype(np.float64))
    stored = chain.stored.astype(np.float64)
    return stored - min(float(stored.min()), 0.0) if sign == 1 else float(stored.max()) - stored


def _log(exposure: FloatArray, chain: _Chain) -> FloatArray:
    """The density of an exposure, over that of the open beam."""
    beam = max(float(np.percentile(exposure[chain.seen], _OPEN_PERCENT)), 1.0)
    return np.asarray(-np.log(np.maximum(exposure / beam, _FAINTEST)))


def _dense(chain: _Chain, header: Dataset, relation: str) -> FloatArray:
    """The density (K,) of values that are no exposure, in steps of the file's own."""
    stored, sign = chain.stored.astype(np.float64), _sign(header)
    if sign is not None and (relation == "LOG" or not header.get("ModalityLUTSequence")):
        return -sign * stored
    if _is_optical_density(header):
        return -chain.outcome
    if sign is not None:
        return -sign * _together(chain.outcome, stored, chain) * chain.outcome
    return _shown_sign(chain, chain.outcome) * chain.outcome


def _is_optical_density(header: Dataset) -> bool:
    """Whether the modality LUT yields the blackness of a film (C.11.1.1.2): thousandths of its logarithm."""
    table = header.get("ModalityLUTSequence")
    said = table[0].get("ModalityLUTType", "") if table else header.get("RescaleType", "")
    return str(said or "").strip().upper() == "OD"


def _shown_sign(chain: _Chain, values: FloatArray) -> int:
    """1 where high values (K,) are shown bright, -1 where dark; without its window where that shows one gray only."""
    sign = _together(chain.bright, values, chain)
    return sign or _together(chain.plain, values, chain) or 1


def _together(one: FloatArray, other: FloatArray, chain: _Chain) -> int:
    """1 where two columns (K,) rise together over the film, -1 where one falls, 0 where one stands still."""
    first, second = one[chain.seen], other[chain.seen]
    return int(np.sign(np.round(float(np.mean((first - first.mean()) * (second - second.mean()))), 9)))
