"""``catheterview doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from catheterview.cli.options import as_json, leave


@click.command("doctor")
@as_json
def doctor_command(*, as_json: bool) -> None:
    """Say what works on this machine, and what is missing.

    Exit status 0 when everything that triage needs is there, 1 otherwise.
    """
    from catheterview.cli.checks import examine  # noqa: PLC0415 - looks at every package; --help must not

    found = examine()
    if as_json:
        click.echo(json.dumps([asdict(check) for check in found]))
    else:
        for check in found:
            state = "works  " if check.works else "MISSING"
            note = "" if check.works or check.needed_for == "triage" else f" (only for {check.needed_for})"
            click.echo(f"{state}  {check.what:<28} {check.detail}{note}")
    leave(complete=all(check.works for check in found if check.needed_for == "triage"))
