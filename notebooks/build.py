"""Write each notebook of this folder as .ipynb from its .py: ``python notebooks/build.py``.

The .py files, in the percent format, are what is edited and tested; a test holds the .ipynb files equal to them.
"""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTEBOOKS = ("simulate_in_your_own_ct", "accuracy_of_a_cohort", "compare_two_versions", "the_ladder_on_one_patient")


def cells_of(text: str) -> list[tuple[str, str]]:
    """Split percent format into (kind, source) cells; kind is ``markdown`` or ``code``."""
    out = []
    for block in text.split("\n# %%")[1:]:
        head, _, body = block.partition("\n")
        lines = body.strip("\n").split("\n")
        if "[markdown]" in head:
            out.append(("markdown", "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)))
        else:
            out.append(("code", "\n".join(lines)))
    return out


def notebook(text: str) -> str:
    """The .ipynb of a percent-format text: format 4.5, no output, ids that do not change."""
    cells = []
    for number, (kind, source) in enumerate(cells_of(text)):
        lines = source.splitlines(keepends=True)
        cell = {"cell_type": kind, "id": f"cell-{number:02d}", "metadata": {}, "source": lines}
        cells.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in NOTEBOOKS:
        text = (HERE / f"{name}.py").read_text(encoding="utf-8")
        (HERE / f"{name}.ipynb").write_text(notebook(text), encoding="utf-8")
