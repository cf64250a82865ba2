"""Thresholds of taking masks of another segmentation tool."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskLimits:
    """Thresholds of taking masks of another segmentation tool; each field has its unit and source."""

    inside_share: float = limit(0.5, unit="1", source="a scan may cut a structure; mostly outside it is none of it")
    organ_share: float = limit(0.5, unit="1", source="a leak beside an organ overlaps its rim only")
    step_mm: float = limit(1.0, unit="mm", source="finer than the grid of any segmentation tool, 1.5 mm")
    coarse_mm: float = limit(2.0, unit="mm", source="a vertebral body is 15 mm high and more")
    body_mm: float = limit(4.0, unit="mm", source="skin distance is needed to a few mm, as in the anatomy")
    level_mm: float = limit(3.0, unit="mm", source="the step of our own canal")
    gap_mm: float = limit(36.0, unit="mm", source="a lumbar vertebra with its disc: a longer gap is the mask's end")
    course_least_mm: float = limit(30.0, unit="mm", source="shorter than a vertebra and its disc says no course")
    thick_share: float = limit(0.6, unit="1", source="the body is the thickest part of a vertebra, arches are thin")
    shift_mm: float = limit(20.0, unit="mm", source="half of a vertebral body's width, beyond which bone ends")
    bone_most_hu: float = limit(150.0, unit="HU", source="spongy bone has 100 to 200; arches behind a body are denser")
    bone_least_hu: float = limit(-100.0, unit="HU", source="fat; lung beside a vertebra must not decide")
