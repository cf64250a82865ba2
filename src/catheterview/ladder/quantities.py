"""The boundary at which text with a unit becomes a plain number in the unit that a name carries, and back.

pint is loaded when this module is; only text with a unit and shown quantities need it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pint

from catheterview.errors import InputError

#: A number and a unit without powers or sums: what a clinic writes, and nothing that would have to be evaluated.
_QUANTITY = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*((?:[a-zA-Zµμ]+(?:\s*/\s*[a-zA-Zµμ]+)?)?)")


@cache
def registry() -> Any:
    """Return the one unit registry."""
    units = pint.UnitRegistry(autoconvert_offset_to_baseunit=False)
    # Clinics write mcg; pint knows the microgram as ug.
    units.define("mcg = microgram")
    return units


def in_unit(written: str, unit: str, where: str) -> float:
    """Read a quantity such as ``500 mcg/ml`` and give its magnitude in `unit`.

    Parameters
    ----------
    written : str
    unit : str
        The unit that the field's name carries.
    where : str
        The field's path, for the error.

    Raises
    ------
    InputError
        When it cannot be read, has no unit, or has one of another dimension.
    """
    match = _QUANTITY.fullmatch(written.strip())
    if match is None:
        raise InputError(f"{written!r} is not a quantity in {unit}", where=where)
    number, of = match.groups()
    if not of:
        raise InputError(f"{written!r} has no unit; write a number in {unit}, or a quantity with its unit", where=where)
    try:
        quantity = registry().Quantity(float(number), of)
    except pint.PintError as error:
        raise InputError(f"{written!r} is not a quantity in {unit}", where=where) from error
    if not quantity.is_compatible_with(unit):
        raise InputError(f"{written!r} cannot be given in {unit}: another dimension", where=where)
    return float(quantity.to(unit).magnitude)
