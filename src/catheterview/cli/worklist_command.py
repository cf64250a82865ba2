"""``catheterview worklist``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FOLDER, as_json

if TYPE_CHECKING:
    from catheterview.model import CaseRow


@click.command("worklist")
@click.argument("out", type=FOLDER)
@as_json
def worklist_command(*, out: Path, as_json: bool) -> None:
    """List the cases of OUT, most urgent first."""
    from catheterview.errors import InputError  # noqa: PLC0415 - beside the room it speaks for
    from catheterview.store import open_store  # noqa: PLC0415 - --help needs no store

    database = out / "worklist.sqlite"
    if not database.is_file():
        raise InputError("no worklist here: run catheterview triage first", where=str(out))
    with open_store(database) as store:
        rows = store.cases()
    click.echo(json.dumps([asdict(row) for row in rows]) if as_json else _as_text(rows))


def _as_text(rows: Sequence[CaseRow]) -> str:
    lines = [f"{len(rows)} cases, most urgent first"]
    for row in rows:
        found = ", ".join(row.kinds) or "no finding"
        lines.append(f"  {row.priority:<12} {row.case_id}  {row.studied:<10}  {found}  next: {row.action} ({row.step})")
    return "\n".join(lines)
