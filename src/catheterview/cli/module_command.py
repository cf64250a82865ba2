"""``catheterview module``."""

from __future__ import annotations

from pathlib import Path

import click

from catheterview.cli.options import FOLDER, NEW_FOLDER, leave, needing


@click.command("module")
@click.argument("given", type=FOLDER, envvar="MERCURE_IN_DIR", metavar="[IN]")
@click.argument("out", type=NEW_FOLDER, envvar="MERCURE_OUT_DIR", metavar="[OUT]")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds that one case may take.")
@click.option("--memory", type=click.FloatRange(min=0.5), help="GiB that one case may take.")
def module_command(*, given: Path, out: Path, timeout: float | None, memory: float | None) -> None:
    """Triage the folder IN and leave DICOM results and result.json in OUT, as a module of Mercure does.

    Without IN and OUT they are taken from MERCURE_IN_DIR and MERCURE_OUT_DIR. result.json asks for a notification when
    a case is emergent or urgent.
    """
    with needing("archive"):
        from catheterview.node.module import run_module  # noqa: PLC0415 - an extra; --help must not
    from catheterview.triage import Plan  # noqa: PLC0415 - loads every room; --help must not

    plan = Plan(timeout_s=timeout, memory_bytes=None if memory is None else int(memory * (1 << 30)))
    leave(complete=run_module(given, out, plan=plan).complete)
