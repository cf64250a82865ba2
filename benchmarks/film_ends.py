"""Figures of `film_accuracy.py` on vertebral levels, the tip beside them, and the length of the course in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tally import Tally

from catheterview.detect.film import FilmEvidence
from catheterview.detect.film.tip import find_film_tip
from catheterview.geometry import arc_length
from catheterview.limits import Limits
from catheterview.model import Kind, VertebralLevel
from catheterview.model.film_levels import ImplantRecord
from catheterview.phantom.film import FilmPhantom
from catheterview.triage.film_study import StudyRead

LIMITS = Limits()
RECORD_OFF = 2  # levels by which a wrong record is off


def end_figures(
    phantoms: tuple[FilmPhantom, ...], levels: Sequence[VertebralLevel], read: StudyRead, tally: Tally
) -> None:
    """Levels, tip and length of one study."""
    for phantom, one in zip(phantoms, read.reads, strict=True):
        evidence = one.evidence
        if levels and evidence.pumps:
            _level_figures(phantom, levels, evidence, tally)
        if levels and phantom.catheters and evidence.catheters:
            _tip_figures(phantom, levels, evidence, tally)
    if read.course is not None and read.course.whole and phantoms[0].pieces:
        true = sum(float(arc_length(piece)[-1]) for piece in phantoms[0].pieces)
        tally.add("length seen by both views over the true one", read.course.length_mm / true)
        budget = LIMITS.film_detect.budget_mm + LIMITS.film_detect.budget_share * true
        tally.count("length of both views within the budget's slack", abs(read.course.length_mm - true) <= budget)


def _level_figures(
    phantom: FilmPhantom, levels: Sequence[VertebralLevel], evidence: FilmEvidence, tally: Tally
) -> None:
    """Whether the vertebrae were named, and by their names."""
    view = phantom.view.kind
    tally.count(f"vertebrae named ({view})", evidence.levels.named)
    if not evidence.levels.named:
        return
    true = {level.name: phantom.camera.project(np.array(level.point)[None])[0] for level in levels}
    for level in evidence.levels.levels:
        near = min(true, key=lambda name: abs(float(true[name][0]) - level.point[0]))
        tally.count(f"vertebra's name right, of those named ({view})", near == level.name)


def _tip_figures(phantom: FilmPhantom, levels: Sequence[VertebralLevel], evidence: FilmEvidence, tally: Tally) -> None:
    """Whether the tip is beside the vertebra that it is said to be beside, and what a right and a wrong record say."""
    (catheter,), tip = evidence.catheters, phantom.pieces[-1][-1]
    heights = np.array([level.point[2] for level in levels])
    at = int(np.argmin(np.abs(heights - tip[2])))
    known = evidence.levels.named and catheter.landmarks.dural_entry is not None and catheter.landmarks.tip is not None
    if not known or phantom.recipe.patient.fault == "tip_malposition":
        return
    here = evidence.levels.at(tuple(catheter.points[-1]))
    names = [level.name for level in levels]
    if here is not None:
        off = abs(names.index(here) - at) if here in names else len(names)
        tally.count("tip's vertebra right", off == 0)
        tally.count("tip's vertebra right or the next one", off <= 1)
    for shift, name in ((0, "specificity, migration against a right record"),
                        (RECORD_OFF, "sensitivity, migration against a record two levels higher")):  # fmt: skip
        if at + shift < len(names):
            held = replace(evidence, implant=ImplantRecord(tip_level=names[at + shift]))
            said = any(one.kind is Kind.MIGRATION for one in find_film_tip(held, LIMITS.film_detect))
            tally.count(name, said == bool(shift))
