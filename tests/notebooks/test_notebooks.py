"""The notebooks run, and their two forms are one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.py") if path.stem != "build")


def _build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks_build", ROOT / "notebooks" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs(name: str) -> None:
    """From top to bottom, without a window, on what is in the repository."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "notebooks" / f"{name}.py")],
        cwd=ROOT,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


def test_both_forms_of_a_notebook_are_one() -> None:
    """Every .py has its .ipynb, and that is what build.py writes."""
    build = _build()
    assert sorted(build.NOTEBOOKS) == NAMES
    for name in NAMES:
        text = (ROOT / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
        assert (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8") == build.notebook(text), name
        assert {kind for kind, _ in build.cells_of(text)} == {"markdown", "code"}
