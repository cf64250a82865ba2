"""``catheterview worklist``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FOLDER, NEW_FILE, as_json

if TYPE_CHECKING:
    from catheterview.model import CaseRow


@click.command("worklist")
@click.argument("out", type=FOLDER)
@click.option("--findings", type=NEW_FILE, help="Also write every finding as a table: .csv or .parquet.")
@click.option("--reviews", type=NEW_FILE, help="Also write every verdict of a reader as a table: .csv or .parquet.")
@as_json
def worklist_command(*, out: Path, findings: Path | None, reviews: Path | None, as_json: bool) -> None:
    """List the cases of OUT, most urgent first."""
    from catheterview.errors import InputError  # noqa: PLC0415 - beside the room it speaks for
    from catheterview.store import has_worklist, open_store, write_table  # noqa: PLC0415 - --help needs no store

    if not has_worklist(out):
        raise InputError("no worklist here: run catheterview triage first", where=str(out))
    with open_store(out / "worklist.sqlite") as store:
        rows = store.cases()
        if findings is not None:
            write_table(store, "findings", findings)
        if reviews is not None:
            write_table(store, "reviews", reviews)
    click.echo(json.dumps([asdict(row) for row in rows]) if as_json else _as_text(rows))


def _as_text(rows: Sequence[CaseRow]) -> str:
    lines = [f"{len(rows)} cases, most urgent first"]
    for row in rows:
        found = ", ".join(row.kinds) or "no finding"
        lines.append(f"  {row.priority:<12} {row.case_id}  {row.studied:<10}  {found}  next: {row.action} ({row.step})")
    return "\n".join(lines)
