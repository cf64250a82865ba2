"""The house rules that a machine can hold; each test names every offender, not only the first."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

import catheterview
import catheterview.model
from catheterview.limits import Limits

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "src", ROOT / "plugins")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "base", "misc"}
ARRAYS = re.compile(r"\b(NDArray|ndarray|FloatArray|Voxels)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.~*-])/(work|root|farm|tmp|home/[a-z]+)/")
REGISTRY_HOSTS = re.compile(r"(pypi|pythonhosted|npmjs|deb\.debian)\.org")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


@cache
def _source_files() -> tuple[Path, ...]:
    return tuple(sorted(path for root in SOURCES for path in root.rglob("*.py") if ".venv" not in path.parts))


@cache
def _tracked_files() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: which files are tracked is not known")
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _at(path: Path, node: ast.AST | int) -> str:
    line = node if isinstance(node, int) else getattr(node, "lineno", 0)
    return f"{path.relative_to(ROOT)}:{line}"


def _nodes(kind: type[Node]) -> Iterator[tuple[Path, Node]]:
    for path in _source_files():
        yield from ((path, node) for node in ast.walk(_tree(path)) if isinstance(node, kind))


def _functions() -> Iterator[tuple[Path, Function]]:
    yield from _nodes(ast.FunctionDef)
    yield from _nodes(ast.AsyncFunctionDef)


def _body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _none(offenders: list[str]) -> None:
    assert not offenders, "\n" + "\n".join(sorted(offenders))


def test_no_function_body_is_over_50_lines() -> None:
    """A function fits on a screen."""
    _none([f"{_at(path, f)} {f.name}: {n} lines" for path, f in _functions() if (n := _body_lines(f)) > 50])


def test_most_function_bodies_are_short() -> None:
    """Half of all function bodies have ten lines or fewer, and 95 % have 35 or fewer."""
    lengths = sorted(_body_lines(f) for _, f in _functions())
    longest = sorted(((_body_lines(f), f"{_at(p, f)} {f.name}") for p, f in _functions()), reverse=True)[:20]
    told = "\n".join(f"{where}: {lines} lines" for lines, where in longest)
    assert statistics.median(lengths) <= 10, told
    assert lengths[int(len(lengths) * 0.95)] <= 35, told


def test_no_file_is_over_300_lines() -> None:
    """A file is read in one sitting."""
    counts = {path: path.read_text(encoding="utf-8").count("\n") for path in _source_files()}
    _none([f"{path.relative_to(ROOT)}: {count} lines" for path, count in counts.items() if count > 300])


def test_no_function_takes_over_five_parameters() -> None:
    """Self and cls do not count; what would be six is a type that has no name yet."""
    offenders = []
    for path, function in _functions():
        given = function.args
        names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs) if a.arg not in ("self", "cls")]
        if len(names) > 5:
            offenders.append(f"{_at(path, function)} {function.name}: {len(names)} parameters")
    _none(offenders)


def test_no_boolean_is_positional() -> None:
    """A call never reads f(x, True)."""
    offenders = []
    for path, function in _functions():
        positional = [*function.args.posonlyargs, *function.args.args]
        defaults = [None] * (len(positional) - len(function.args.defaults)) + list(function.args.defaults)
        for parameter, default in zip(positional, defaults, strict=True):
            annotated = parameter.annotation is not None and ast.unparse(parameter.annotation) in (
                "bool",
                "bool | None",
            )
            if annotated or (isinstance(default, ast.Constant) and isinstance(default.value, bool)):
                offenders.append(f"{_at(path, function)} {function.name}({parameter.arg})")
    _none(offenders)


def _dataclass_options(node: ast.ClassDef) -> dict[str, bool] | None:
    """The keywords of the class's ``@dataclass``, or None where it has none."""
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(call).split(".")[-1] == "dataclass":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return {k.arg: bool(k.value.value) for k in keywords if k.arg and isinstance(k.value, ast.Constant)}
    return None


def test_dataclasses_are_frozen_and_keyword_only() -> None:
    """A value cannot change under the hands of the one who holds it, nor be built in a wrong order."""
    offenders = []
    for path, node in _nodes(ast.ClassDef):
        options = _dataclass_options(node)
        if options is None:
            continue
        missing = [name for name in ("frozen", "kw_only") if not options.get(name, False)]
        fields = [child.annotation for child in node.body if isinstance(child, ast.AnnAssign)]
        if options.get("eq", True) and any(ARRAYS.search(ast.unparse(annotation)) for annotation in fields):
            missing.append("eq=False, since it holds an array")
        offenders += [f"{_at(path, node)} {node.name} lacks {name}" for name in missing]
    _none(offenders)


def test_types_of_the_model_are_frozen_at_run_time() -> None:
    """Every type of the model refuses an assignment to its first field."""
    for name in catheterview.model.__all__:
        value = getattr(catheterview.model, name)
        if isinstance(value, type) and dataclasses.is_dataclass(value):
            made = object.__new__(value)
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(made, dataclasses.fields(value)[0].name, None)


def test_no_module_is_named_after_nothing() -> None:
    """A thing without a name has no home yet."""
    stems = {path: {path.stem, path.parent.name} for path in _source_files()}
    _none([str(path.relative_to(ROOT)) for path, names in stems.items() if names & FORBIDDEN_NAMES])


def test_imports_inside_functions_say_why() -> None:
    """An import in a function is a heavy or optional one, marked PLC0415 with its reason on the line."""
    offenders = []
    for path, function in _functions():
        if "tests" in path.parts:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                marked = re.search(r"# noqa: PLC0415\W+\w+", "\n".join(lines[node.lineno - 1 : node.end_lineno]))
                if not marked:
                    offenders.append(f"{_at(path, node)} in {function.name}")
    _none(offenders)


def test_only_triage_catches_everything() -> None:
    """One boundary turns an unforeseen error into a line of the report; nowhere else is one swallowed."""
    offenders = []
    for path, node in _nodes(ast.ExceptHandler):
        caught = "everything" if node.type is None else ast.unparse(node.type)
        room = path.relative_to(ROOT).parts[:3]
        allowed = room[:2] == ("src", "catheterview") and room[2].removesuffix(".py") == "triage"
        if caught in ("everything", "Exception", "BaseException") and not allowed and "tests" not in path.parts:
            offenders.append(f"{_at(path, node)} catches {caught}")
    _none(offenders)


def test_no_module_filters_warnings_when_it_is_imported() -> None:
    """Importing a library does not change what the importer is warned of."""
    offenders = []
    for path in _source_files():
        for node in _tree(path).body:
            if isinstance(node, ast.Expr) and "warnings." in (text := ast.unparse(node)) and "filter" in text:
                offenders.append(_at(path, node))
    _none(offenders)


def test_tracked_files_name_no_machine_and_no_registry() -> None:
    """What is published works anywhere and says nothing of where it was made."""
    offenders = []
    for path in _tracked_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # a picture or a DICOM file
            continue
        offenders += [
            f"{_at(path, number)} {line.strip()[:80]}"
            for number, line in enumerate(lines, start=1)
            if MACHINE_PATHS.search(line) or REGISTRY_HOSTS.search(line)
        ]
    _none(offenders)


def _modules() -> Iterator[str]:
    yield "catheterview"
    for found in pkgutil.walk_packages(catheterview.__path__, "catheterview."):
        yield found.name


def _order(name: str) -> tuple[int, str]:
    """The order that ruff's RUF022 writes: CONSTANTS, then Classes, then functions."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def test_public_names_are_sorted_and_importable() -> None:
    """What a module says it offers can be had, and is easy to look up."""
    offenders = []
    for name in _modules():
        module = importlib.import_module(name)
        public = getattr(module, "__all__", None)
        if public is None:
            if hasattr(module, "__path__"):
                offenders.append(f"{name}: a package says what it offers in __all__")
            continue
        if list(public) != sorted(public, key=_order):
            offenders.append(f"{name}: __all__ is not sorted")
        offenders += [f"{name}: {each} cannot be imported" for each in public if not hasattr(module, each)]
    _none(offenders)


def test_every_limit_has_a_unit_and_a_source() -> None:
    """No threshold is a bare number."""
    offenders = []
    for room in dataclasses.fields(Limits):
        for field in dataclasses.fields(getattr(Limits(), room.name)):
            offenders += [
                f"limits.{room.name}.{field.name} has no {what}"
                for what in ("unit", "source")
                if not str(field.metadata.get(what, "")).strip()
            ]
    _none(offenders)


def test_every_test_says_what_it_promises() -> None:
    """A test that fails tells in one sentence what is no longer so."""
    offenders = []
    for path in [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "plugins").rglob("test_*.py")]:
        for node in ast.walk(_tree(path)):
            if isinstance(node, Function) and node.name.startswith("test_") and not ast.get_docstring(node):
                offenders.append(f"{_at(path, node)} {node.name}")
    _none(offenders)


def test_test_files_have_names_of_their_own() -> None:
    """Test folders are no packages, so two files of one name would hide each other."""
    seen: dict[str, list[str]] = {}
    for path in [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "plugins").rglob("test_*.py")]:
        seen.setdefault(path.name, []).append(str(path.relative_to(ROOT)))
    _none([" ".join(paths) for paths in seen.values() if len(paths) > 1])
