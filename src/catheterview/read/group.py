"""From files to cases: every file ends in exactly one series, or in a problem with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.model import Problem
from catheterview.read.header import read_fields
from catheterview.read.instance import Headers, Instance, instance
from catheterview.read.pixels import check_pixels
from catheterview.read.roles import foremost, is_multiframe, is_reconstructed
from catheterview.read.series import Case, Inventory, Series, Study
from catheterview.read.sources import Source
from catheterview.read.split import stacks_of
from catheterview.read.stack import Stack
from catheterview.read.walk import refused, sources

_STACKED: Final = ("volume", "reformat")
_ALONE: Final = ("film", "cine", "localiser", "secondary_capture")


def scan(inputs: Sequence[Path], *, limits: ReadLimits = ReadLimits(), key: bytes) -> Inventory:  # noqa: B008  (frozen)
    """Read the headers of everything given and sort them into cases, studies, series and stacks.

    Parameters
    ----------
    inputs : sequence of Path
        Files, folders (walked) and zips (read in place).
    limits : ReadLimits
    key : bytes
        The site's secret for pseudonyms (`catheterview.read.site_key`).

    Returns
    -------
    Inventory
        Deterministic: the same input in another order of files gives the same.
    """
    headers = Headers(key=key)
    found: list[Instance] = []
    problems: list[Problem] = []
    files = 0
    for item in sources(inputs, limits=limits):
        files += 1
        if isinstance(item, Problem):
            problems.append(item)
            continue
        try:
            found.extend(_instances(item, headers, limits=limits))
        except UnreadableError as error:
            problems.append(refused(item.name, error.reason))
    cases, more = _cases(_without_doubles(found, problems), limits=limits)
    return Inventory(cases=cases, problems=(*problems, *more), files=files)


def _instances(source: Source, headers: Headers, *, limits: ReadLimits) -> Iterable[Instance]:
    """Read one file: one image, or one per frame."""
    fields = read_fields(source, limits=limits)
    header = headers.of(fields, name=source.name)
    one = instance(source, fields, header)
    if not one.sop_instance_uid:
        raise UnreadableError("no SOPInstanceUID", where=source.name)
    check_pixels(one, limits=limits)
    if not is_multiframe(header.said):
        return (one,)
    from catheterview.read.multiframe import frames_of  # noqa: PLC0415  (pydicom is slow to import; such files are rare)

    return frames_of(one, limits=limits)


def _without_doubles(found: Sequence[Instance], problems: list[Problem]) -> list[Instance]:
    """Keep the first file of each SOP Instance UID, and report the others."""
    owner: dict[str, str] = {}
    kept = []
    for one in found:
        first = owner.setdefault(one.sop_instance_uid, one.source.name)
        if first == one.source.name:
            kept.append(one)
        else:
            problems.append(refused(one.source.name, f"doubled file: same SOPInstanceUID as {first}"))
    return kept


def _cases(found: Iterable[Instance], *, limits: ReadLimits) -> tuple[tuple[Case, ...], list[Problem]]:
    """Group instances by case, study and series."""
    tree: dict[str, dict[str, dict[str, list[Instance]]]] = {}
    for one in found:
        header = one.header
        studies = tree.setdefault(header.case_id, {})
        studies.setdefault(header.study_instance_uid, {}).setdefault(header.series_instance_uid, []).append(one)
    problems: list[Problem] = []
    cases = []
    for case_id, studies in sorted(tree.items()):
        built = [_study(uid, series, problems, limits=limits) for uid, series in sorted(studies.items())]
        cases.append(Case(case_id=case_id, studies=tuple(sorted(built, key=lambda s: (s.date, s.study_instance_uid)))))
    return tuple(cases), problems


def _study(uid: str, members: dict[str, list[Instance]], problems: list[Problem], *, limits: ReadLimits) -> Study:
    """Build one study."""
    series = tuple(one for key in sorted(members) for one in _series(members[key], problems, limits=limits))
    dates = sorted({one.header.study_date for group in members.values() for one in group} - {""})
    rung = foremost({one.rung for one in series})
    return Study(study_instance_uid=uid, date=dates[0] if dates else "", rung=rung, series=series)


def _series(members: Sequence[Instance], problems: list[Problem], *, limits: ReadLimits) -> list[Series]:
    """Build the stacks of one SeriesInstanceUID: by role, then by geometry."""
    by_role: dict[tuple[str, str], list[Instance]] = {}
    for one in sorted(members, key=lambda one: (one.number or 0, one.sop_instance_uid, one.frame)):
        by_role.setdefault((one.header.role, one.header.said.modality), []).append(one)
    built: list[Series] = []
    reasons: dict[str, None] = {}
    for (role, _), group in sorted(by_role.items()):
        for stack in _stacks(role, group, limits=limits):
            built.append(_of(stack, number=len(built) + 1))
            if stack.why and _is_judged(role, group):
                reasons[stack.why] = None
    problems += [
        Problem(path_or_uid=members[0].header.series_instance_uid, stage="read", reason=why) for why in reasons
    ]
    return built


def _is_judged(role: str, group: Sequence[Instance]) -> bool:
    """Say whether a group claims to be slices of a volume."""
    first = group[0]
    return role in _STACKED or (
        role == "nuclear" and (first.position is not None or is_reconstructed(first.header.said))
    )


def _stacks(role: str, group: Sequence[Instance], *, limits: ReadLimits) -> Iterable[Stack]:
    """Return the stacks of one role: judged volumes, single films, or a plain collection."""
    if _is_judged(role, group):
        return stacks_of(group, limits=limits)
    if role in _ALONE or role == "nuclear":
        return [Stack(instances=(one,), grid=None) for one in group]
    return [Stack(instances=tuple(group), grid=None)]


def _of(stack: Stack, *, number: int) -> Series:
    """Describe one stack."""
    header = stack.instances[0].header
    film = header.role in _ALONE or header.role == "nuclear"
    step = None if stack.grid is None else float(stack.grid.spacing_mm[0])
    worlds = {one.frame_of_reference_uid for one in stack.instances}
    return Series(
        series_instance_uid=header.series_instance_uid,
        study_instance_uid=header.study_instance_uid,
        modality=header.said.modality,
        role="slices" if header.role == "volume" and stack.grid is None else header.role,
        stack=number,
        stackable=stack.grid is not None,
        why=stack.why,
        grid=stack.grid,
        rows=header.pixels.rows,
        columns=header.pixels.columns,
        spacing_mm=(header.detector_spacing_mm or header.spacing_mm) if film else header.spacing_mm,
        slice_thickness_mm=header.thickness_mm,
        overlapping=step is not None and (header.thickness_mm or 0.0) > step * 1.01,
        kernel=header.kernel,
        frame_of_reference_uid=worlds.pop() if len(worlds) == 1 else "",
        rung=header.rung,
        files=tuple(sorted({one.source.name for one in stack.instances})),
        instances=stack.instances,
    )
