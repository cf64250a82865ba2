"""Names and codes of segmentation tools."""

from __future__ import annotations

import pytest
from pydicom.sr.codedict import codes

from catheterview.masks import Structure, structure_of

NAMES = (*(f"C{n}" for n in range(1, 8)), *(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)), "S1")


@pytest.mark.parametrize("form", ["vertebrae_{}", "{} vertebra", "Vertebra {}", "vertebral_body_{}"])
def test_every_vertebra_is_known_by_every_form_of_its_name(form: str) -> None:
    """File names of TotalSegmentator, meanings of codes and plain labels all give the level."""
    for name in NAMES:
        assert structure_of(form.format(name)) == Structure(part="vertebra", level=name)


def test_meanings_of_standard_codes_are_known() -> None:
    """What the standard's dictionary calls vertebrae, canal, cord, kidneys and bladder is understood."""
    for name in NAMES[:-1]:
        assert structure_of(getattr(codes.SCT, f"{name}Vertebra").meaning) == Structure(part="vertebra", level=name)
    for keyword, part in (
        ("SpinalCanalStructure", "canal"), ("SpinalCord", "course"), ("Kidney", "elsewhere"), ("Aorta", "elsewhere"),
        ("Sacrum", "unused"), ("Bladder", "elsewhere"),
    ):  # fmt: skip
        assert structure_of(getattr(codes.SCT, keyword).meaning) == Structure(part=part)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("spinal_cord", "course"), ("spinal_canal", "canal"), ("body", "body"), ("body_trunc", "body"),
        ("kidney_left", "elsewhere"), ("urinary_bladder", "elsewhere"), ("small_bowel", "elsewhere"),
        ("portal_vein_and_splenic_vein", "elsewhere"), ("iliac_vena_right", "elsewhere"),
        ("heart_atrium_left", "elsewhere"),
        ("rib_left_11", "unused"), ("sacrum", "unused"), ("gluteus_medius_right", "unused"),
        ("lung_upper_lobe_left", "unused"),
    ],
)  # fmt: skip
def test_names_of_totalsegmentator_are_known(name: str, part: str) -> None:
    """Each class is used for what it is, or known and left."""
    assert structure_of(name) == Structure(part=part)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "L6", "T13", "vertebrae_L0", "catheter", "tumour", "my spine", "disc L4", "S2"])
def test_what_is_not_known_is_none(name: str) -> None:
    """No level is made up, and no name is guessed."""
    assert structure_of(name) is None


def test_a_disc_is_no_vertebra() -> None:
    """A code that names the disc of a vertebra does not give the vertebra."""
    assert structure_of("Intervertebral disc structure of first lumbar vertebra") is None
    assert structure_of("Structure of first lumbar vertebra") == Structure(part="vertebra", level="L1")
