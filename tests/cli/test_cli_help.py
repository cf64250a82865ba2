"""Help that answers at once, and misuse that is told as such."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from catheterview import __version__
from catheterview.cli import COMMANDS, main

NAMES = [command.name or "" for command in COMMANDS]

#: Asks for the help of every command in one fresh process, and tells what was imported for it.
ASK = """
import contextlib, io, json, sys
from catheterview.cli import COMMANDS, main
with contextlib.redirect_stdout(io.StringIO()) as said:
    for name in [None, *(command.name for command in COMMANDS)]:
        main.main([name, "--help"] if name else ["--help"], standalone_mode=False)
print(json.dumps([said.getvalue(), sorted(sys.modules)]))
"""


def test_help_imports_nothing_heavy() -> None:
    """The help of every command comes without a room, and without any of the libraries that take long to load."""
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    said, modules = json.loads(done.stdout)
    assert said.count("Usage:") == len(NAMES) + 1
    heavy = {"numpy", "scipy", "pydicom", "SimpleITK", "numba", "skimage", "cv2", "matplotlib", "rich", "napari"}
    assert not heavy & {module.split(".")[0] for module in modules}
    ours = {module for module in modules if module.startswith("catheterview.") and "catheterview.cli" not in module}
    assert ours <= {"catheterview.errors"}


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_a_command_does(name: str) -> None:
    """Each command and each of its options is explained."""
    command = main.commands[name]
    assert len(command.help or "") > 40
    for option in command.params:
        if option.param_type_name == "option" and option.name != "modality":
            assert getattr(option, "help", None), option.name


def test_commands_are_listed_in_the_order_of_use() -> None:
    """Triage comes first and doctor last: the help is read from the top."""
    said = CliRunner().invoke(main, ["--help"]).output
    listed = said.partition("Commands:")[2]
    places = [listed.index(f"\n  {name} ") for name in NAMES]
    assert places == sorted(places)
    assert "Research use" in said


def test_the_version_is_the_package_s() -> None:
    """The version on the command line is that of every report."""
    assert CliRunner().invoke(main, ["--version"]).output.strip().endswith(__version__)


@pytest.mark.parametrize(
    "words",
    [
        ["triage"],
        ["triage", "nowhere", "--out", "x"],
        ["triage", ".", "--out", "x", "--jobs", "0"],
        ["worklist", "nowhere"],
        ["score", "."],
        ["phantom", "x", "--fault", "hiccup"],
        ["phantom", "x", "--small", "--into", "."],
        ["ladder", "nowhere.json"],
        ["dance"],
    ],
)
def test_misuse_ends_with_status_two(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong path, option or command is told in one message, with exit status 2 and no traceback."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.output
    assert "Error" in result.output
    assert "Traceback" not in result.output


def test_review_without_the_plugin_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core works without napari; the one command that needs it says so, with status 1."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(main, ["review", str(tmp_path)])
    assert result.exit_code == 1
    assert "pip install napari-catheterview" in result.output
