"""What is asked for: one study of any modality; and dials of a file as a recipe has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from catheterview.errors import InputError
from catheterview.phantom.dicom import POSITIONS, Writing
from catheterview.phantom.film import FilmView

#: When the earlier study of a pair was made; the later one has the phantom's own date.
PRIOR_DATE = "19990601"
_VIEW = re.compile(r"(AP|PA|LATERAL)(?:@([+-]?\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What to simulate; equal values give equal bytes.

    Parameters
    ----------
    modality : str
        A name of `catheterview.phantom.cohort.MODALITIES`.
    fault : str
        One that the modality can show.
    seed : int
    size : str
        ``full``, ``small`` or ``tiny``.
    traps : bool
        Whether to draw what looks wrong and is not; CT only.
    dials : mapping
        Dials of the modality's recipe to set instead of draw.
    views : tuple of str
        ``AP``, ``PA`` or ``LATERAL``, turned by degrees where wanted (``AP@30``); what is drawn when empty.
    prior : bool
        An earlier study of the same patient, healthy, in another posture and breath, in ``prior``: of radiographs a
        pair, of any CT a plain one.
    writing : mapping
        Of CT: how it is written, by the names of `catheterview.phantom.Writing`; what vendors do.
    """

    modality: str = "CT"
    fault: str = "healthy"
    seed: int = 0
    size: str = "full"
    traps: bool = False
    dials: Mapping[str, object] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    prior: bool = False
    writing: Mapping[str, object] = field(default_factory=dict)


def views_of(study: Study) -> tuple[FilmView, ...]:
    """The views that a study names.

    Raises
    ------
    InputError
        For what is no view.
    """
    out = []
    for name in study.views:
        found = _VIEW.fullmatch(name.strip().upper())
        if found is None:
            raise InputError(f"no view {name!r}; AP, PA or LATERAL, turned by degrees as in AP@30")
        out.append(FilmView(kind=found[1], oblique_deg=float(found[2] or 0.0)))  # type: ignore[arg-type]
    return tuple(out)


def dials_for(recipe: type, study: Study, what: str) -> dict[str, object]:
    """The dials of a study for a kind of recipe, lists as tuples.

    Raises
    ------
    InputError
        For a name that is none of its dials.
    """
    known = {one.name for one in fields(recipe)}
    if unknown := sorted(set(study.dials) - known):
        raise InputError(f"no dial of {what} is called {', '.join(unknown)}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in study.dials.items()}


def writing_of(study: Study) -> Writing:
    """How a CT study is to be written.

    Raises
    ------
    InputError
        For a name or a value that is none of `Writing`.
    """
    known = {one.name: one.default for one in fields(Writing)}
    for name, value in study.writing.items():
        if name not in known or type(value) is not type(known[name]):
            raise InputError(f"a CT cannot be written with {name}={value!r}; there are: {', '.join(known)}")
    how = Writing(**study.writing)  # type: ignore[arg-type]
    if how.position not in POSITIONS:
        raise InputError(f"no patient position {how.position!r}; known: {', '.join(POSITIONS)}")
    return how
