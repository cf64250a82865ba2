"""A long film made of several exposures is read as one, and nothing is left at its seams to be taken for an edge."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.limits.read import ReadLimits
from catheterview.read.film_seams import is_stitched, joined
from film_scenes import as_film, frontal

LIMITS = ReadLimits()


def patched(*, step: float, line: float, tilt: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A simulated film, the same with a seam two thirds down (a step, a line of two rows), and what is exposed."""
    film = as_film(frontal())
    whole = film.density
    rows = np.arange(whole.shape[0])[:, None]
    made = whole + np.float32(step) * (rows >= 560) + np.float32(line) * ((rows == 560) | (rows == 561))
    made = made + np.float32(tilt) * (rows >= 562) * (rows - 562)
    return whole, made.astype(np.float32), film.exposed


@pytest.mark.parametrize(("step", "line"), [(0.2, 0.0), (-0.4, 0.0), (0.0, 0.15), (0.1, -0.2)])
def test_a_seam_leaves_neither_step_nor_line(step: float, line: float) -> None:
    """What all columns share at a seam is taken out, and what lies there of the patient stays, to a hundredth."""
    whole, made, exposed = patched(step=step, line=line)
    mended, seams = joined(made, exposed, LIMITS)
    assert [abs(row - 560) <= 3 for row in seams] == [True]
    inside = exposed[540:590]
    left = (mended - whole)[540:590][inside]
    assert np.abs(left - np.median(left)).max() < 0.02


def test_a_film_of_one_exposure_has_no_seam() -> None:
    """Vertebrae, a pump and shutters are no seams: the film is given back as it is."""
    film = as_film(frontal())
    mended, seams = joined(film.density, film.exposed, LIMITS)
    assert seams == ()
    assert mended is film.density


@pytest.mark.parametrize(
    ("header", "shape", "spacing", "expected"),
    [
        ({"ImageType": ["DERIVED", "PRIMARY", "", "STITCHED"]}, (2000, 900), None, True),
        ({"ImageType": ["ORIGINAL", "PRIMARY"], "DerivationDescription": "Composed of 3"}, (2000, 900), None, True),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, (6000, 2500), (0.143, 0.143), True),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, (3000, 2500), (0.143, 0.143), False),
        ({"ImageType": None}, (6000, 2500), None, False),
    ],
)
def test_a_stitched_film_is_told_by_its_name_or_its_length(
    header: dict[str, object], shape: tuple[int, int], spacing: tuple[float, float] | None, expected: bool
) -> None:
    """Makers name it in ImageType or DerivationDescription; longer than any detector is joined as well."""
    assert is_stitched(header, shape, spacing, LIMITS) is expected
