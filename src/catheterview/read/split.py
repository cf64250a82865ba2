"""Slices under one SeriesInstanceUID, taken apart into the stacks that they really are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from catheterview.limits.read import ReadLimits
from catheterview.read.instance import Instance
from catheterview.read.stack import MIXED, NO_VOLUME, SEPARABLE, TWO, Stack, judge, likeness

Label: TypeAlias = Callable[[Sequence[Instance]], list[str]]


def stacks_of(instances: Sequence[Instance], *, limits: ReadLimits) -> tuple[Stack, ...]:
    """Return the stacks that slices of one series and role make.

    Parameters
    ----------
    instances : sequence of Instance
        At least one.
    limits : ReadLimits

    Returns
    -------
    tuple of Stack
        One that is good or refused; or several, when acquisitions lie over each other or strays lie among the slices.
    """
    whole = judge(instances, limits=limits)
    if whole.grid is not None:
        return _interleaved(whole, limits=limits) or (whole,)
    if whole.rule in SEPARABLE:
        return _taken_apart(whole, limits=limits) or (whole,)
    if whole.rule in (MIXED, NO_VOLUME):
        return _without_strays(instances, limits=limits) or (whole,)
    return (whole,)


def _by_acquisition(instances: Sequence[Instance]) -> list[str]:
    return [one.acquisition for one in instances]


def _by_time(instances: Sequence[Instance]) -> list[str]:
    return [one.time for one in instances]


def _by_phase(instances: Sequence[Instance]) -> list[str]:
    return [one.temporal for one in instances]


def _by_kernel(instances: Sequence[Instance]) -> list[str]:
    return [one.header.kernel for one in instances]


def _by_run(instances: Sequence[Instance]) -> list[str]:
    """Label runs of InstanceNumber in which the position goes one way: each pass over the patient is one."""
    if any(one.number is None for one in instances):
        return [""] * len(instances)
    order = sorted(range(len(instances)), key=lambda n: instances[n].number or 0)
    rank = np.empty(len(instances), dtype=int)
    steps = np.diff(order)  # `instances` are sorted by position: their index stands for it
    turns = np.concatenate([[False], np.sign(steps) != np.sign(np.median(steps) or 1)])
    rank[order] = np.cumsum(turns)
    return [str(label) for label in rank]


#: What may tell two acquisitions apart, most telling first.
_LABELS: Final[tuple[tuple[str, Label], ...]] = (
    ("AcquisitionNumber", _by_acquisition),
    ("AcquisitionTime", _by_time),
    ("TemporalPositionIdentifier", _by_phase),
    ("ConvolutionKernel", _by_kernel),
    ("the order of InstanceNumber", _by_run),
)


def _taken_apart(whole: Stack, *, limits: ReadLimits) -> tuple[Stack, ...]:
    """Split a stack that broke a rule; nothing when no label makes good stacks of most slices."""
    for name, label in _LABELS:
        parts = _parts(whole.instances, label(whole.instances), limits=limits)
        good = sum(len(part.instances) for part in parts if part.grid is not None)
        if good >= limits.split_share * len(whole.instances):
            return _named(parts, name)
    return ()


def _interleaved(whole: Stack, *, limits: ReadLimits) -> tuple[Stack, ...]:
    """Split a stack that is regular only because two acquisitions lie exactly between each other."""
    labels = _by_acquisition(whole.instances)
    parts = _parts(whole.instances, labels, limits=limits)
    if not parts or any(part.grid is None for part in parts):
        return ()
    changes = sum(a != b for a, b in pairwise(labels))
    return _named(parts, "AcquisitionNumber") if changes > 2 * (len(parts) - 1) else ()


def _parts(instances: Sequence[Instance], labels: Sequence[str], *, limits: ReadLimits) -> tuple[Stack, ...]:
    """Judge the slices of each label; nothing when there is one label, or more than a few."""
    groups: dict[str, list[Instance]] = {}
    for one, label in zip(instances, labels, strict=True):
        groups.setdefault(label, []).append(one)
    if not 1 < len(groups) <= limits.split_parts:
        return ()
    return tuple(judge(group, limits=limits) for group in groups.values())


def _named(parts: Sequence[Stack], name: str) -> tuple[Stack, ...]:
    """Order parts, largest first, and write in each why it was split."""
    ordered = sorted(parts, key=lambda part: (-len(part.instances), part.instances[0].sop_instance_uid))
    note = f"{TWO}: split by {name} into {len(parts)} stacks"
    return tuple(replace(part, why=_joined(part, note)) for part in ordered)


def _joined(part: Stack, note: str) -> str:
    """Put the note first in a good stack, and after its own rule in a refused one."""
    words = (note, part.why) if part.grid is not None else (part.why, note)
    return "; ".join(word for word in words if word)


def _without_strays(instances: Sequence[Instance], *, limits: ReadLimits) -> tuple[Stack, ...]:
    """Part a few slices of another orientation or matrix from the stack that nearly all others make."""
    groups: dict[tuple[object, ...], list[Instance]] = {}
    for one in instances:
        groups.setdefault((one.position is None, *likeness(one, limits=limits)), []).append(one)
    main = max(groups.values(), key=len)
    if len(groups) == 1 or len(main) < limits.majority_share * len(instances):
        return ()
    kept = set(map(id, main))
    rest = tuple(one for one in instances if id(one) not in kept)
    reason = f"{MIXED}: {len(rest)} of {len(instances)} slices differ in orientation, matrix or spacing from the others"
    return *stacks_of(main, limits=limits), Stack(instances=rest, grid=None, why=reason)
