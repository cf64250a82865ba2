"""Which structure a name or a code of a segmentation tool means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

#: What a mask is used for; ``unused``: known, but nothing here is read from it.
Part: TypeAlias = Literal["canal", "course", "body", "vertebra", "elsewhere", "unused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What a mask shows; `level` is the name of a vertebra."""

    part: Part
    level: str = ""


_MOST = {"C": 7, "T": 12, "L": 5, "S": 1}
_REGIONS = {"cervical": "C", "thoracic": "T", "lumbar": "L", "sacral": "S"}
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_SHORT = re.compile(
    r"(?:(?:(?:cervical|thoracic|lumbar|sacral) )?(?:vertebrae?|vertebral body|vert) )?"
    r"(c|th?|l|s) ?(\d{1,2})(?: vertebrae?)?"
)
_LONG = re.compile(rf"({'|'.join(_ORDINALS)}) ({'|'.join(_REGIONS)}) vertebra")
_FILLING = re.compile(r"\b(bone|entire|structure|of|the|left|right|segmentation|mask|seg)\b")

_CANAL = ("spinal canal", "vertebral canal", "canal spinal")
_COURSE = ("spinal cord", "thecal sac", "dural sac", "cord")
_BODY = ("body", "body trunc", "body trunk", "whole body")
#: Organs and vessels that contrast by mouth or by vein fills; TotalSegmentator's names, and what others call them.
_ELSEWHERE = frozenset({
    "kidney", "kidney cyst", "renal pelvis", "ureter", "urinary bladder", "bladder", "gallbladder", "stomach",
    "duodenum", "small bowel", "small intestine", "colon", "large intestine", "bowel", "intestine", "rectum",
    "esophagus", "oesophagus", "liver", "spleen", "pancreas", "prostate", "heart", "heart myocardium", "heart atrium",
    "heart ventricle", "atrial appendage", "pulmonary vein", "pulmonary artery", "aorta", "inferior vena cava",
    "superior vena cava", "portal vein and splenic vein", "portal vein", "splenic vein", "iliac artery", "iliac vena",
    "iliac vein", "subclavian artery", "common carotid artery", "brachiocephalic vein", "brachiocephalic trunk",
    "adrenal gland", "thyroid gland",
})  # fmt: skip
#: What else TotalSegmentator and its like give.
_UNUSED = re.compile(
    r"rib( \d+)?|sternum|costal cartilages?|sacrum|hip|femur|humerus|scapula|clavicula|clavicle|skull|brain|face"
    r"|gluteus (maximus|medius|minimus)|autochthon|iliopsoas|lung.*|trachea|body extremities|extremities|skin"
    r"|subcutaneous fat|torso fat|skeletal muscle|intervertebral discs?"
)


def structure_of(name: str) -> Structure | None:
    """Tell what a name means: of a file, a label, or the meaning of a code.

    Parameters
    ----------
    name : str
        Such as ``vertebrae_L1``, ``L1 vertebra``, ``Structure of first lumbar vertebra``, ``kidney_left``.

    Returns
    -------
    Structure or None
        None for what is not known.
    """
    bare = re.sub(r"\((body structure|structure)\)", " ", name.lower())
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())
    level = _level(words)
    if level:
        return Structure(part="vertebra", level=level)
    plain = " ".join(_FILLING.sub(" ", words).split())
    for part, names in (("canal", _CANAL), ("course", _COURSE), ("body", _BODY), ("elsewhere", _ELSEWHERE)):
        if plain in names:
            return Structure(part=part)  # type: ignore[arg-type]  # the literals above
    return Structure(part="unused") if _UNUSED.fullmatch(plain) else None


def _level(words: str) -> str:
    """Name of the vertebra that words mean; empty when they mean none."""
    short = _SHORT.fullmatch(words)
    if short:
        letter, number = short[1][0].upper(), int(short[2])
        return f"{letter}{number}" if 1 <= number <= _MOST[letter] else ""
    long = _LONG.search(words)
    if not long or "disc" in words:
        return ""
    letter, number = _REGIONS[long[2]], _ORDINALS.index(long[1]) + 1
    return f"{letter}{number}" if number <= _MOST[letter] else ""
