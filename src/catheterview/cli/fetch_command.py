"""``catheterview fetch``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FILE, NEW_FOLDER, as_json, gathered, leave, needing
from catheterview.cli.progress import progress

if TYPE_CHECKING:
    from catheterview.archive import Destination, Wanted

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    out: Path
    source: str
    studies: tuple[str, ...]
    patient: str
    since: datetime | None
    until: datetime | None
    modalities: tuple[str, ...]
    aet: str
    bind: str
    port: int
    tls_ca: Path | None
    as_json: bool


@click.command("fetch")
@click.option("--out", required=True, type=NEW_FOLDER, help="Objects go to OUT/incoming.")
@click.option("--from", "source", required=True, metavar="URL|AET@HOST:PORT", help="A DICOMweb service or a node.")
@click.option("--study", "studies", multiple=True, metavar="UID", help="This study; again for each.")
@click.option("--patient", default="", metavar="ID", help="Studies of this PatientID.")
@click.option("--since", type=_DAY, help="Studies from this day on.")
@click.option("--until", type=_DAY, help="Studies up to this day.")
@click.option(
    "--modality", "modalities", multiple=True, metavar="CT", help="Studies with this modality; again for each."
)
@click.option("--aet", default="CATHETERVIEW", show_default=True, help="What we call ourselves to a node.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="Where a node sends to: address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=11112, show_default=True, help="And port.")
@click.option("--tls-ca", type=FILE, help="Whom to trust, PEM; the system's list when left out.")
@as_json
@gathered(_Options)
def fetch_command(options: _Options) -> None:
    """Fetch studies from an archive, to be triaged.

    By QIDO-RS and WADO-RS from a DICOMweb service (with the token in CATHETERVIEW_TOKEN), or by C-FIND and C-MOVE from
    a node that knows our title, address and port. What was fetched before and has not grown is left alone. Then:
    catheterview triage OUT/incoming --out OUT --resume. Exit status 1 when a study did not come whole.
    """
    with needing("archive"):
        from catheterview.node import Listening, fetch  # noqa: PLC0415 - an extra; --help must not

    with progress("studies", quiet=options.as_json) as tell:
        done = fetch(
            _source(options),
            _wanted(options),
            out=options.out,
            listening=Listening(address=options.bind, port=options.port),
            tell=tell,
        )
    if options.as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(f"{done.offered} studies there, {done.fetched} fetched ({done.objects} objects)")
        for problem in done.problems[:10]:
            click.echo(f"  {problem.path_or_uid}: {problem.reason}")
    leave(complete=not done.problems)


def _source(options: _Options) -> Destination:
    from catheterview.archive import Tls, destination  # noqa: PLC0415 - an extra; --help must not

    tls = Tls(authority=options.tls_ca) if options.tls_ca else None
    return destination(options.source, calling=options.aet, tls=tls, option="--from")


def _wanted(options: _Options) -> Wanted:
    from catheterview.archive import Wanted  # noqa: PLC0415 - an extra; --help must not

    return Wanted(
        studies=options.studies,
        patient_id=options.patient,
        since=options.since.date() if options.since else None,
        until=options.until.date() if options.until else None,
        modalities=options.modalities,
    )
