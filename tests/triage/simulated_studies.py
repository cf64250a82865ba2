"""Small simulated studies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catheterview.phantom import CtRecipe, make_ct, write_phantom


@dataclass(frozen=True, kw_only=True)
class Studies:
    """Folders of DICOM, of two patients."""

    device: Path
    bare: Path


def write_studies(folder: Path) -> Studies:
    """Write a patient with a catheter in one piece and without streaks, and one without any device."""
    fine = {"shape": (150, 290, 305), "spacing_mm": (1.5, 1.1, 1.1), "slice_thickness_mm": 1.5}
    coarse = {"shape": (86, 230, 240), "spacing_mm": (2.5, 1.4, 1.4), "slice_thickness_mm": 2.5}
    device = CtRecipe(seed=1, wall_hu=1500.0, psf_mm=1.0, loops=0, physics=False, **fine)  # type: ignore[arg-type]
    bare = CtRecipe(seed=2, fault="no_device", physics=False, **coarse)  # type: ignore[arg-type]
    for recipe, name in ((device, "device"), (bare, "bare")):
        write_phantom(make_ct(recipe), folder / name)
    return Studies(device=folder / "device" / "dicom", bare=folder / "bare" / "dicom")
