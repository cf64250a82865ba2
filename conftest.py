"""What holds for all tests, wherever they are.

Documents are tests: every Python and shell block of README.md and docs, and every docstring example, is run. Tests that
open a window skip, with the reason, where there is nothing to show it on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser


def in_empty_folder(namespace: dict[str, Any]) -> None:
    """Give a document a folder of its own, so that its commands and code share files and leave nothing behind."""
    namespace["folder"] = TemporaryDirectory(prefix="catheterview-docs-")
    namespace["started_in"] = Path.cwd()
    os.chdir(namespace["folder"].name)


def leave_folder(namespace: dict[str, Any]) -> None:
    """Go back to where the document was started from."""
    os.chdir(namespace["started_in"])
    namespace["folder"].cleanup()


def run_shell(example: Example) -> None:
    """Run a ``bash`` block line by line in the document's folder; every command must succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example.parsed],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{example.parsed}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"


_documents = Sybil(
    parsers=[SkipParser(), PythonCodeBlockParser(), CodeBlockParser(language="bash", evaluator=run_shell)],
    patterns=["README.md", "docs/*.md", "docs/decisions/*.md", "plugins/*/README.md"],
    setup=in_empty_folder,
    teardown=leave_folder,
)
_docstrings = Sybil(parsers=[DocTestParser()], patterns=["src/catheterview/**/*.py", "plugins/*/src/**/*.py"])

pytest_collect_file = (_documents + _docstrings).pytest()

#: Whoever asks for one of these opens a window; without a display Qt does not raise, it ends the process.
_OF_WINDOWS = {"qapp", "qtbot", "make_napari_viewer", "make_napari_viewer_proxy"}


@pytest.hookimpl(optionalhook=True)
def pytest_xvfb_disable(config: pytest.Config) -> bool:
    """Start no virtual display for a run that names only tests of the core, which open no window."""
    return bool(config.args) and all(Path(arg).parts[:1] == ("tests",) for arg in config.args)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a window where there is no display."""
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    skip = pytest.mark.skip(reason="no display to open a window on: install Xvfb (make system does)")
    for item in items:
        if _OF_WINDOWS & set(getattr(item, "fixturenames", ())):
            item.add_marker(skip)
