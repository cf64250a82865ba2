"""Dials that came after recipes had been written down: at its default such a dial is nowhere named.

A truth file, an identifier or a sample that was made before a dial came is the same to the byte after.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeAlias

from catheterview.phantom.dials import TrapDials

Kernel: TypeAlias = Literal["gauss", "soft", "bone", "lung"]
Triple: TypeAlias = tuple[float, float, float]

#: Marks a dial that is left out of records while it is at its default.
LATER = {"later": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterDials(TrapDials):
    """What can be asked for besides; all off by default.

    Parameters
    ----------
    move_mm : float
        Of a pump migration: how far the pump's middle has gone along the skin, down where there is room.
    move_turn_deg, move_flip : float, bool
        How far it has turned about its axis on the way, and whether it was turned over.
    pull_mm : float
        How far it has drawn the catheter's tip out of the canal.
    scan : int
        Which scan of the same patient: another table position and other noise.
    posture_deg, posture_mm : (x, y, z)
        How the patient lies: turned about the axes through the middle of the trunk, and moved; synthetic only.
    breath_mm : float
        How far the belly wall has carried pump and tract towards the feet.
    hardware_streaks : bool
        Whether metal besides the pump is projected and reconstructed too (with `physics`), so that it casts streaks;
        if not, it is painted.
    hip : bool
        A total hip, on the side without the pump, at the lower end of the scan.
    tilt_deg : float
        Tilt of the gantry, positive when its top leans towards the side where the table comes in (DICOM's sign, of a
        patient head first and supine); synthetic only.
    kernel : str
        Reconstruction kernel: ``soft``, ``bone`` or ``lung``; ``gauss`` takes `psf_mm`.
    """

    move_mm: float = field(default=40.0, metadata=LATER)
    move_turn_deg: float = field(default=0.0, metadata=LATER)
    move_flip: bool = field(default=False, metadata=LATER)
    pull_mm: float = field(default=0.0, metadata=LATER)
    scan: int = field(default=0, metadata=LATER)
    posture_deg: Triple = field(default=(0.0, 0.0, 0.0), metadata=LATER)
    posture_mm: Triple = field(default=(0.0, 0.0, 0.0), metadata=LATER)
    breath_mm: float = field(default=0.0, metadata=LATER)
    hardware_streaks: bool = field(default=False, metadata=LATER)
    hip: bool = field(default=False, metadata=LATER)
    tilt_deg: float = field(default=0.0, metadata=LATER)
    kernel: Kernel = field(default="gauss", metadata=LATER)


def told(recipe: Any) -> dict[str, Any]:
    """All dials of a recipe (any of the phantom's) as plain values, later ones at their defaults left out."""
    out = asdict(recipe)
    for one in fields(recipe):
        value = getattr(recipe, one.name)
        if one.metadata.get("later") and value == one.default:
            del out[one.name]
        elif is_dataclass(value):
            out[one.name] = told(value)
    return out


def named(recipe: Any) -> str:
    """The `repr` of a recipe without its later dials at their defaults: what identifiers are made from."""
    parts = []
    for one in fields(recipe):
        value = getattr(recipe, one.name)
        if not (one.metadata.get("later") and value == one.default):
            parts.append(f"{one.name}={named(value) if is_dataclass(value) else repr(value)}")
    return f"{type(recipe).__qualname__}({', '.join(parts)})"
