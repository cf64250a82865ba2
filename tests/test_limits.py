"""Thresholds: each with unit and source, all of them in every report."""

from __future__ import annotations

import dataclasses
import json
from types import MappingProxyType

from catheterview.limits import Limits, as_dict
from catheterview.limits.declare import limit


def test_limits_are_plain_data_for_a_report() -> None:
    """Every value of every room is in the dictionary that a report holds, and it can be written as JSON."""
    plain = json.loads(json.dumps(as_dict(Limits())))
    for room in dataclasses.fields(Limits):
        names = [field.name for field in dataclasses.fields(getattr(Limits(), room.name))]
        assert sorted(plain[room.name]) == sorted(names)


def test_a_declared_limit_keeps_its_unit_and_source() -> None:
    """Unit and source stand beside the value, where a reader and a test can see them."""
    declared = limit(3.5, unit="mm", source="calibration split")
    assert declared.default == 3.5
    assert declared.metadata == MappingProxyType({"unit": "mm", "source": "calibration split"})
