"""The cohort that the reading of contrast is measured on, and how a case is held against its truth."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import contrast_cohort
import contrast_table

from catheterview.geometry import Frame
from catheterview.model import Finding, Kind, Segment
from catheterview.phantom import split_of

CASES = list(contrast_cohort.cases("train", 4 * len(contrast_cohort.FAULTS)))


def test_contrast_splits_share_no_seed() -> None:
    """Neither split reaches a seed of the other, spares included."""
    for split in ("train", "test"):
        seeds = {seed for one in contrast_cohort.cases(split, 60) for seed in (one.recipe.seed, *one.spare_seeds)}
        assert {split_of(seed) for seed in seeds} == {split}


def test_half_of_the_contrast_cohort_is_healthy_and_every_fault_meets_both_backgrounds() -> None:
    """Balanced, whether the number of faults is even or odd."""
    assert sum(one.recipe.fault == "healthy" for one in CASES) == len(CASES) / 2
    for fault in contrast_cohort.FAULTS:
        backgrounds = {one.recipe.background for one in CASES if one.recipe.fault == fault}
        assert backgrounds == {"synthetic", "given"}


def test_a_shorter_contrast_cohort_is_the_beginning_of_a_longer_one() -> None:
    """So that cases that were made are used again."""
    assert list(islice(contrast_cohort.cases("train", 80), 6)) == CASES[:6]


def leak(point: tuple[float, float, float], kind: Kind = Kind.EXTRAVASATION) -> Finding:
    return Finding(
        kind=kind,
        score=0.9,
        frame=Frame.PATIENT,
        point=point,
        series_instance_uid="1.2",
        message="contrast",
        segment=Segment.ANCHOR,
    )


def truth() -> dict[str, Any]:
    extent = np.stack([np.zeros(5), np.arange(5.0) * 4.0, np.zeros(5)], axis=1).tolist()
    entry = {"kind": "extravasation", "point": [0.0, 0.0, 0.0], "extent": extent, "segment": "anchor", "measures": {}}
    return {"findings": [{**entry, "series_instance_uid": "1.2"}]}


def test_a_contrast_case_is_right_by_kind_segment_and_distance_from_what_is_there() -> None:
    """A finding at the far end of a pool lies on it; a second one elsewhere is a false alarm."""
    case = replace(CASES[0], name="x")
    found = (leak((0.0, 18.0, 0.0)), leak((90.0, 0.0, 0.0), Kind.POCKET_POOLING))
    row = contrast_table.row_of(case, truth(), found, seconds=1.0)
    assert (row.hits, row.extras) == (("extravasation",), ("pocket_pooling",))
    assert (row.segments, row.away_mm) == ((True,), (2.0,))


def test_the_contrast_bars_carry_intervals() -> None:
    """One case found of one: a share of 1 whose interval begins far below."""
    row = contrast_table.row_of(CASES[0], truth(), (leak((0.0, 2.0, 0.0)),), seconds=1.0)
    text = contrast_table.document([row], split="train", course="given")
    assert "| right kind, of studies with a fault | 1/1 | 1.00 (0.21 to 1.00) |" in text
    assert "undefined: no such case" in text
