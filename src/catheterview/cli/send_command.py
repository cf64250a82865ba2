"""``catheterview send``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from catheterview.cli.options import FILE, FOLDER, as_json, gathered, leave, needing
from catheterview.cli.progress import progress


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    out: Path
    to: str
    aet: str
    tls: bool
    tls_ca: Path | None
    tls_cert: Path | None
    tls_key: Path | None
    attempts: int
    as_json: bool


@click.command("send")
@click.argument("out", type=FOLDER)
@click.option("--to", required=True, metavar="URL|AET@HOST:PORT", help="A DICOMweb service or a DICOM node.")
@click.option("--aet", default="CATHETERVIEW", show_default=True, help="What we call ourselves to a node.")
@click.option("--tls", is_flag=True, help="Encrypt the way to a node.")
@click.option("--tls-ca", type=FILE, help="Whom to trust, PEM; the system's list when left out.")
@click.option("--tls-cert", type=FILE, help="Our certificate, PEM.")
@click.option("--tls-key", type=FILE, help="Its key, PEM.")
@click.option(
    "--attempts", type=click.IntRange(min=1), default=5, show_default=True, help="For each object, in this run."
)
@as_json
@gathered(_Options)
def send_command(options: _Options) -> None:
    """Send the DICOM results in OUT to an archive.

    What has arrived is remembered in OUT/outbox.sqlite and not sent again; what could not be sent waits there for the
    next run. A DICOMweb service gets the token in CATHETERVIEW_TOKEN. Exit status 1 while something waits.
    """
    with needing("archive"):
        from catheterview.archive import Patience, Tls, destination  # noqa: PLC0415 - an extra; --help must not
        from catheterview.node import deliver  # noqa: PLC0415 - as above

    secure = options.tls or options.tls_ca or options.tls_cert
    tls = Tls(authority=options.tls_ca, certificate=options.tls_cert, key=options.tls_key) if secure else None
    to = destination(options.to, calling=options.aet, tls=tls)
    with progress("objects", quiet=options.as_json) as tell:
        arrived, waiting = deliver(options.out, to, patience=Patience(attempts=options.attempts), tell=tell)
    if options.as_json:
        told = {"to": to.name, "delivered": arrived, "waiting": [asdict(entry) for entry in waiting]}
        click.echo(json.dumps(told))
    else:
        click.echo(f"{arrived} objects have arrived at {to.name}, {len(waiting)} wait")
        for entry in waiting[:10]:
            click.echo(f"  {entry.path}: {entry.why}")
    leave(complete=not waiting)
