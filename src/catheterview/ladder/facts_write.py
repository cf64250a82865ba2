"""From `Facts` to a facts file, and the JSON Schema of such a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from catheterview.errors import InputError
from catheterview.ladder.facts import SCHEMA, Facts, Imaging, ImagingResult, Origin
from catheterview.ladder.fields import FactSpec, specs

#: The published JSON Schema, as package data.
FACTS_SCHEMA = files("catheterview.ladder") / "facts-1.schema.json"


def facts_to_plain(facts: Facts) -> dict[str, Any]:
    """Give facts as dictionaries, lists, text and numbers; what is unknown is left out."""
    plain: dict[str, Any] = {"schema": SCHEMA}
    if facts.as_of is not None:
        plain["as_of"] = facts.as_of
    for each in fields(Facts):
        group = getattr(facts, each.name)
        if each.name not in ("as_of", "origins") and (written := _written(group)):
            plain[each.name] = written
    if facts.origins:
        plain["origins"] = {name: _group(origin) for name, origin in sorted(facts.origins.items())}
    return plain


def _written(group: object) -> dict[str, Any]:
    if not isinstance(group, Imaging):
        return _group(group)
    seen = {each.name: _group(getattr(group, each.name)) for each in fields(Imaging)}
    return {name: result for name, result in seen.items() if result}


def _group(group: object) -> dict[str, Any]:
    known = {name: getattr(group, name) for name in specs(type(group))}
    return {name: _value(value) for name, value in known.items() if value not in (None, ())}


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return [each if isinstance(each, str) else _group(each) for each in value]
    return value


def write_facts(facts: Facts, path: Path) -> None:
    """Write a facts file, JSON or YAML by its suffix.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    plain = facts_to_plain(facts)
    if path.suffix.lower() in (".yaml", ".yml"):
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    else:
        text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a file that a person named.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", where=path.name) from error


def facts_schema() -> dict[str, Any]:
    """Build the JSON Schema of a facts file from the declarations."""
    groups = {
        each.name: _schema_of_group(each.default_factory)  # type: ignore[arg-type]
        for each in fields(Facts)
        if each.name not in ("as_of", "img", "origins")
    }
    studies = {each.name: _schema_of_group(ImagingResult) for each in fields(Imaging)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "description": "The clinical side of a case. Anything left out is unknown; a name carries its unit.",
        "type": "object",
        "required": ["schema"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": SCHEMA},
            "as_of": _moment(),
            **groups,
            "img": _object(studies),
            "origins": {"type": "object", "additionalProperties": _schema_of_group(Origin)},
        },
    }


def _schema_of_group(group: type) -> dict[str, Any]:
    return _object({name: _schema_of_fact(spec) for name, spec in specs(group).items()})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": ["object", "null"], "additionalProperties": False, "properties": dict(properties)}


def _moment() -> dict[str, Any]:
    return {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}"}


def _schema_of_fact(spec: FactSpec) -> dict[str, Any]:
    described = {"description": f"{spec.question} [{spec.unit}]" if spec.unit else spec.question}
    return {**described, **_SCHEMAS[spec.kind](spec)}


def _number(spec: FactSpec) -> dict[str, Any]:
    magnitude = {"type": "number", "minimum": spec.low, "maximum": spec.high}
    return {"anyOf": [magnitude, {"type": "string", "description": "a quantity with its unit"}, {"type": "null"}]}


def _texts(spec: FactSpec) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": {"enum": list(spec.values)} if spec.values else {"type": "string"}}


def _rows(spec: FactSpec) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": _schema_of_group(spec.row) if spec.row else {}}


_SCHEMAS = {
    "yes_no": lambda _: {"type": ["boolean", "null"]},
    "number": _number,
    "count": lambda _: {"type": ["integer", "null"], "minimum": 0},
    "choice": lambda spec: {"enum": [*spec.values, None]},
    "text": lambda _: {"type": ["string", "null"]},
    "texts": _texts,
    "moment": lambda _: _moment(),
    "rows": _rows,
}
