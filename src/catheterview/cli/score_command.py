"""``catheterview score``."""

from __future__ import annotations

from pathlib import Path

import click

from catheterview.cli.options import FOLDER, NEW_FOLDER, as_json


@click.command("score")
@click.argument("out", type=FOLDER)
@click.option("--truth", required=True, type=FOLDER, help="Folder that holds truth.json files, at any depth.")
@click.option("--report", type=NEW_FOLDER, help="Also write the tables as JSON, CSV, Markdown and HTML here.")
@as_json
def score_command(*, out: Path, truth: Path, report: Path | None, as_json: bool) -> None:
    """Measure the reports in OUT against truth, with intervals."""
    from catheterview import score  # noqa: PLC0415 - loads numpy; --help must not

    summary = score.score_folder(out, truth, report)
    click.echo(score.as_json(summary) if as_json else score.as_markdown(summary.measures))
