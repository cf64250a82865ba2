"""Values to try a missing fact with, in order to see whether it would change the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catheterview.ladder.facts import Facts
from catheterview.ladder.fields import specs
from catheterview.limits.catalogue import pump_named

#: Volumes of a reservoir that is short, and of one that is too full, of 10 ml expected.
_TRIED_ML = (0.0, 18.0)
_TRIED_EXPECTED_ML = 10.0
#: More CSF than any dead space holds.
_TRIED_CSF_ML = 5.0


def tried_as(name: str) -> str:
    """The name under which a fact is tried: facts that are tried together share one."""
    return _TOGETHER.get(name, name)


def trials(facts: Facts, name: str) -> Iterator[Facts]:
    """Give records in which one missing fact has each of the values that are worth trying.

    Parameters
    ----------
    facts : Facts
    name : str
        ``group.name``; what has no values to try gives nothing.
    """
    special = _SPECIAL.get(name)
    if special is not None:
        yield from special(facts)
    elif name.startswith("img."):
        yield from _study(facts, name.split(".")[1])
    else:
        yield from _values(facts, *name.split("."))


def _values(facts: Facts, group: str, name: str) -> Iterator[Facts]:
    """Try both answers of a yes-or-no fact, and each value of a choice."""
    record = getattr(facts, group)
    spec = specs(type(record))[name]
    values: tuple[object, ...] = (True, False) if spec.kind == "yes_no" else spec.values
    for value in values:
        yield replace(facts, **{group: replace(record, **{name: value})})


def _study(facts: Facts, rung: str) -> Iterator[Facts]:
    seen = getattr(facts.img, rung)
    for result in ("normal", "abnormal"):
        yield replace(facts, img=replace(facts.img, **{rung: replace(seen, result=result)}))


def _volumes(facts: Facts) -> Iterator[Facts]:
    expected = _TRIED_EXPECTED_ML if facts.vol.expected_ml is None else facts.vol.expected_ml
    for aspirated in _TRIED_ML if facts.vol.aspirated_ml is None else (facts.vol.aspirated_ml,):
        yield replace(facts, vol=replace(facts.vol, aspirated_ml=aspirated, expected_ml=expected))


def _aspirations(facts: Facts) -> Iterator[Facts]:
    for easy in (True, False):
        yield replace(facts, cap=replace(facts.cap, csf_aspirated_ml=_TRIED_CSF_ML, easy=easy, clear=easy))


def _exposures(facts: Facts) -> Iterator[Facts]:
    """Try a Flowonix pump after an MRI, unless it is known to be neither."""
    model = pump_named(facts.device.model) if facts.device.model else None
    maker = facts.device.manufacturer or (model.maker if model else None)
    if maker not in (None, "Flowonix") or False in (facts.hist.post_mri, facts.hist.mri):
        return
    yield replace(facts, hist=replace(facts.hist, post_mri=True), device=replace(facts.device, manufacturer="Flowonix"))


def _nothing(_: Facts) -> Iterator[Facts]:
    """Never ask whether there is a pump in order to see what changes: it is asked where the images show none."""
    yield from ()


_SPECIAL = {
    "device.has_idds": _nothing,
    "vol.aspirated_ml": _volumes,
    "vol.expected_ml": _volumes,
    "cap.csf_aspirated_ml": _aspirations,
    "hist.post_mri": _exposures,
    "device.manufacturer": _exposures,
}
_TOGETHER = {"vol.expected_ml": "vol.aspirated_ml", "device.manufacturer": "hist.post_mri"}
