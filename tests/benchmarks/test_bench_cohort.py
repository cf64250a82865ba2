"""The cohort that accuracy is quoted from: paired, balanced, and its test split out of reach of train."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import cohort
import document

from catheterview.phantom import split_of


def seeds(split: str, count: int, *, thick: bool = False) -> set[int]:
    chosen = cohort.members(split, count, thick=thick)
    return {seed for member in chosen for seed in (member.recipe.seed, *member.spare_seeds)}


def test_train_and_test_share_no_seed():
    """Neither split can reach a seed of the other, spares and thick slices included, and the phantom agrees."""
    train = seeds("train", 200) | seeds("train", 100, thick=True)
    test = seeds("test", 200) | seeds("test", 100, thick=True)
    assert not train & test
    assert {split_of(seed) for seed in train} == {"train"}
    assert {split_of(seed) for seed in test} == {"test"}


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_cohort_is_what_the_bars_ask_for(split):
    """48 cases: half real, a healthy control for each fault, as many gaps as kinks, the whole range of contrast."""
    chosen = cohort.members(split, 48, thick=False)
    assert Counter(member.tags["background"] for member in chosen) == {"real": 24, "synthetic": 24}
    assert Counter(member.recipe.fault for member in chosen) == {"healthy": 24, "discontinuity": 12, "kink": 12}
    both = Counter((member.tags["background"], member.recipe.fault) for member in chosen)
    assert both["real", "discontinuity"] == both["synthetic", "kink"] == 6
    walls = sorted(member.recipe.wall_hu for member in chosen)
    assert 250 <= walls[0] < 300
    assert 1700 < walls[-1] <= 2000
    assert max(member.recipe.spacing_mm[0] for member in chosen) <= 1.25
    for member in chosen:
        if member.recipe.fault == "discontinuity":
            assert member.recipe.gap_mm >= 3.0
        if member.recipe.fault == "kink":
            assert member.recipe.kink_radius_mm < 4.0
            assert member.recipe.kink_turn_deg > 60.0


def test_a_control_differs_from_its_fault_in_the_fault_alone():
    """Patient, device, route, scan and noise are the same."""
    chosen = cohort.members("train", 20, thick=False)
    for fault, control in zip(chosen[::2], chosen[1::2], strict=True):
        assert replace(fault.recipe, fault="healthy") == control.recipe


def test_a_short_cohort_is_the_beginning_of_a_long_one():
    """Cases made for a quick look are used again."""
    assert cohort.members("train", 48, thick=False)[:10] == cohort.members("train", 10, thick=False)


def test_a_table_replaces_the_table_and_nothing_else(tmp_path):
    """What people wrote around the markers stays."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n", encoding="utf-8")
    document.put_table(page, "| new |\n")
    document.put_table(page, "| newer |\n")
    assert page.read_text(encoding="utf-8") == f"before\n{document.BEGIN}\n| newer |\n{document.END}\nafter\n"
