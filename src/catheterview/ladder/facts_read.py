"""From a facts file to `Facts`: every refusal names the path of the field.

Nothing is guessed: a name that is not known, a number without its unit, a value of the wrong type and a name given
twice are all refused.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from catheterview.errors import InputError, UnreadableError
from catheterview.ladder.consistency import check
from catheterview.ladder.facts import SCHEMA, Facts, Imaging, ImagingResult, Origin
from catheterview.ladder.fields import FactSpec, specs

Group = TypeVar("Group")
_ROOT_NAMES = ("schema", "as_of", "origins")


def load_facts(path: Path) -> Facts:
    """Read one facts file, JSON or YAML by its suffix.

    Raises
    ------
    UnreadableError
        When it cannot be opened or is neither JSON nor YAML.
    InputError
        When it is not `catheterview/facts/1`, or a field makes no sense; ``where`` is the field's path.
    """
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"cannot be read as text: {type(error).__name__}", where=path.name) from error
    return facts_from(_parsed(written, path))


def _parsed(written: str, path: Path) -> object:
    """Parse by the suffix; a name given twice is refused in both notations."""
    try:
        if path.suffix.lower() in (".yaml", ".yml"):
            return yaml.load(written, Loader=_OnceLoader)
        return json.loads(written, object_pairs_hook=_once)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        # The parser's own message may quote the line, which may hold the patient's identity.
        raise UnreadableError(f"is not {path.suffix.lstrip('.') or 'JSON'}{_line(error)}", where=path.name) from error


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = getattr(error, "lineno", None) or (mark.line + 1 if mark else None)
    return f": look at line {line}" if line else ""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen: dict[str, object] = {}
    for name, value in pairs:
        if name in seen:
            raise InputError("is given twice", where=str(name))
        seen[name] = value
    return seen


class _OnceLoader(yaml.SafeLoader):
    """YAML's safe loader that refuses a name given twice."""


def _mapping_once(loader: _OnceLoader, node: yaml.MappingNode) -> dict[str, object]:
    return _once([(str(loader.construct_object(k)), loader.construct_object(v, deep=True)) for k, v in node.value])


_OnceLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)


def facts_from(plain: object) -> Facts:
    """Build `Facts` from parsed JSON or YAML.

    Raises
    ------
    InputError
        With the path of the field in ``where``.
    """
    given = _object(plain, "the file")
    if given.get("schema") != SCHEMA:
        raise InputError(f"must be {SCHEMA!r}, not {given.get('schema')!r}", where="schema")
    groups = {each.name: each.default_factory for each in fields(Facts) if each.name not in _ROOT_NAMES}
    _refuse_strangers(given, (*_ROOT_NAMES, *groups), "")
    built = {name: _built(groups[name], given[name], name) for name in groups if given.get(name) is not None}
    as_of = _moment(given["as_of"], "as_of") if given.get("as_of") is not None else None
    facts = Facts(as_of=as_of, origins=_origins(given.get("origins")), **built)
    check(facts)
    return facts


def _built(group: Any, plain: object, where: str) -> Any:
    if group is Imaging:
        given = _object(plain, where)
        _refuse_strangers(given, [each.name for each in fields(Imaging)], where)
        read = {
            name: _group(ImagingResult, value, f"{where}.{name}") for name, value in given.items() if value is not None
        }
        return Imaging(**read)
    return _group(group, plain, where)


def _group(group: type[Group], plain: object, where: str) -> Group:
    given, known = _object(plain, where), specs(group)
    _refuse_strangers(given, known, where)
    read = {name: _value(known[name], given[name], f"{where}.{name}") for name in given if given[name] is not None}
    return group(**read)


def _object(plain: object, where: str) -> Mapping[str, Any]:
    if not isinstance(plain, Mapping):
        raise InputError(f"must be an object with names, not {_named(plain, where)}", where=where)
    return plain


def _refuse_strangers(given: Mapping[str, Any], known: Any, where: str) -> None:
    for name in given:
        if name not in known:
            path = f"{where}.{name}" if where else str(name)
            raise InputError(f"is not a known field{_hint(str(name), tuple(known))}", where=path)


def _hint(name: str, known: tuple[str, ...]) -> str:
    """Name the field that was probably meant; where only the unit differs, say so."""
    stem = name.split("_")[0]
    same = [each for each in known if each.split("_")[0] == stem and "_" in each]
    near = same or difflib.get_close_matches(name, known, n=2)
    return f"; a name carries its unit: {' or '.join(near)}?" if same else (f"; {' or '.join(near)}?" if near else "")


def _value(spec: FactSpec, plain: Any, where: str) -> Any:
    if spec.row is not None:
        return tuple(_group(spec.row, row, f"{where}[{n}]") for n, row in enumerate(_list(plain, where)))
    return _READERS[spec.kind](spec, plain, where)


def _yes_no(_: FactSpec, plain: object, where: str) -> bool:
    if not isinstance(plain, bool):
        raise InputError(f"must be true, false or left out, not {_named(plain, where)}", where=where)
    return plain


def _number(spec: FactSpec, plain: object, where: str) -> float:
    value = _magnitude(spec, plain, where)
    if not math.isfinite(value):
        raise InputError("must be a finite number", where=where)
    if not spec.low <= value <= spec.high:
        raise InputError(f"{value:g} {spec.unit} is impossible: {spec.low:g} to {spec.high:g} is", where=where)
    return value


def _magnitude(spec: FactSpec, plain: object, where: str) -> float:
    if isinstance(plain, str):
        from catheterview.ladder.quantities import in_unit  # noqa: PLC0415 - pint takes half a second to load

        return in_unit(plain, spec.unit, where)
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        raise InputError(f"must be a number in {spec.unit}, not {_named(plain, where)}", where=where)
    return float(plain)


def _count(_: FactSpec, plain: object, where: str) -> int:
    if isinstance(plain, bool) or not isinstance(plain, int) or plain < 0:
        raise InputError(f"must be a whole number of zero or more, not {_named(plain, where)}", where=where)
    return plain


def _text(spec: FactSpec, plain: object, where: str) -> str:
    if not isinstance(plain, str) or not plain.strip():
        raise InputError(f"must be text, not {_named(plain, where)}", where=where)
    if spec.values and plain not in spec.values:
        near = difflib.get_close_matches(plain, spec.values, n=2)
        wanted = " or ".join(near) if near else " | ".join(spec.values)
        raise InputError(f"{plain!r} is not one of the known values: {wanted}", where=where)
    return plain


def _texts(spec: FactSpec, plain: object, where: str) -> tuple[str, ...]:
    return tuple(_text(spec, each, f"{where}[{n}]") for n, each in enumerate(_list(plain, where)))


def _list(plain: object, where: str) -> list[Any]:
    if not isinstance(plain, list):
        raise InputError(f"must be a list, not {_named(plain, where)}", where=where)
    return plain


def _read_moment(_: FactSpec, plain: object, where: str) -> str:
    return _moment(plain, where)


def _moment(plain: object, where: str) -> str:
    """Take an ISO 8601 date or date with time; YAML has parsed it already."""
    if isinstance(plain, date):
        return plain.isoformat()
    try:
        return str(plain) if isinstance(plain, str) and datetime.fromisoformat(plain) else _refuse(plain, where)
    except ValueError:
        return _refuse(plain, where)


def _refuse(plain: object, where: str) -> str:
    raise InputError(f"must be an ISO 8601 date such as 2026-03-02, not {_named(plain, where)}", where=where)


def _origins(plain: object) -> Mapping[str, Origin]:
    if plain is None:
        return MappingProxyType({})
    given = _object(plain, "origins")
    return MappingProxyType({name: _group(Origin, given[name], f"origins.{name}") for name in given})


def _named(plain: object, where: str) -> str:
    """Name what came by type and value; of what identifies a patient the type alone."""
    if plain is None:
        return "nothing"
    return type(plain).__name__ if where.startswith("case") else f"{type(plain).__name__} {plain!r}"


_READERS: Mapping[str, Callable[[FactSpec, Any, str], Any]] = {
    "yes_no": _yes_no,
    "number": _number,
    "count": _count,
    "choice": _text,
    "text": _text,
    "texts": _texts,
    "moment": _read_moment,
}
