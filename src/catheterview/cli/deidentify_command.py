"""``catheterview deidentify``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from catheterview.cli.options import NEW_FOLDER, as_json, leave, needing


@click.command("deidentify")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="INPUT...")
@click.option("--out", required=True, type=NEW_FOLDER, help="Where the de-identified objects go.")
@as_json
def deidentify_command(*, inputs: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """De-identify INPUT for research, by the basic profile of DICOM PS3.15.

    New UIDs and the subject's pseudonym come from the site's key, so that references resolve and later runs fit
    together. An object with burnt-in text, or in which something of the original is left, is not written. Exit status
    1 when an object was refused.
    """
    with needing("archive"):
        from catheterview.deidentify import deidentify  # noqa: PLC0415 - an extra; --help must not
    from catheterview.read import site_key  # noqa: PLC0415 - loads the reading room

    done = deidentify(_given(inputs), out, key=site_key())
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(f"{done.written} objects written, {len(done.refused)} refused, {len(done.warnings)} to look at")
        for problem in (*done.refused, *done.warnings)[:20]:
            click.echo(f"  {problem.path_or_uid}: {problem.reason}")
    leave(complete=not done.refused)


def _given(inputs: tuple[Path, ...]) -> Iterator[tuple[str, Callable[[], AbstractContextManager[BinaryIO]]]]:
    """Every file that the reading room would look at; what it refuses is refused here by opening it."""
    from catheterview.limits import Limits  # noqa: PLC0415 - loads every limit
    from catheterview.model import Problem  # noqa: PLC0415 - as above
    from catheterview.read.sources import opened  # noqa: PLC0415 - as above
    from catheterview.read.walk import sources  # noqa: PLC0415 - as above

    for found in sources(inputs, limits=Limits().read):
        if isinstance(found, Problem):
            yield found.path_or_uid, partial(_refuse, found.reason)
        else:
            yield found.name, partial(opened, found)


def _refuse(reason: str) -> AbstractContextManager[BinaryIO]:
    raise ValueError(reason)
