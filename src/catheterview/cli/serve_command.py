"""``catheterview serve``."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FILE, NEW_FOLDER, as_json, gathered, needing

if TYPE_CHECKING:
    from catheterview.node import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    out: Path
    aet: str
    port: int
    bind: str
    peers: tuple[str, ...]
    quiet: float
    jobs: int
    timeout: float | None
    memory: float | None
    most_associations: int
    most_waiting: int
    least_free: float
    send_to: str | None
    store: str | None
    tls_cert: Path | None
    tls_key: Path | None
    tls_ca: Path | None
    as_json: bool


@click.command("serve")
@click.option("--out", required=True, type=NEW_FOLDER, help="Where studies and results go.")
@click.option("--aet", required=True, help="Our AE title; a peer that calls another is rejected.")
@click.option("--port", required=True, type=click.IntRange(0, 65535), help="To listen on; 0 for any that is free.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--peer", "peers", multiple=True, metavar="AET@ADDRESS", help="Who may send; again for each.")
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="Seconds without a new image after which a case is triaged.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Cases at the same time.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds that one case may take.")
@click.option("--memory", type=click.FloatRange(min=0.5), help="GiB that one case may take.")
@click.option("--most-associations", type=click.IntRange(min=1), default=10, show_default=True, help="At one time.")
@click.option("--most-waiting", type=click.IntRange(min=1), default=1000, show_default=True, help="Cases in the queue.")
@click.option("--least-free", type=click.FloatRange(min=0), default=1.0, show_default=True, help="GiB of the disk.")
@click.option("--to", "send_to", metavar="URL|AET@HOST:PORT", help="Send results there as they are done.")
@click.option("--store", metavar="URL", help="PostgreSQL database that keeps the worklist of OUT from now on.")
@click.option("--tls-cert", type=FILE, help="Our certificate, PEM: the node then speaks TLS only.")
@click.option("--tls-key", type=FILE, help="Its key, PEM.")
@click.option("--tls-ca", type=FILE, help="Peers must show a certificate of this authority, PEM.")
@as_json
@gathered(_Options)
def serve_command(options: _Options) -> None:
    """Be a DICOM node that triages what it receives.

    Studies lie in OUT/incoming; results are those of triage, with DICOM results when --to is given. A case is triaged
    when nothing has arrived for it for a while, and again when more arrives. Ends on SIGTERM or SIGINT, after what
    is in hand; what was received before is triaged when it is started again.
    """
    with needing("archive"):
        from catheterview.node import serve  # noqa: PLC0415 - an extra; --help must not

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    tell = _teller(as_json=options.as_json)
    serve(
        _service(options), stop=stop, tell=tell, ready=lambda port: tell("listening", f"{options.aet} on port {port}")
    )
    tell("stopped", "")


def _service(options: _Options) -> Service:
    """Understand the options."""
    from catheterview.archive import Tls, destination  # noqa: PLC0415 - an extra; --help must not
    from catheterview.node import Reception, Service, peer  # noqa: PLC0415 - as above
    from catheterview.triage import Plan  # noqa: PLC0415 - loads every room

    tls = Tls(authority=options.tls_ca, certificate=options.tls_cert, key=options.tls_key)
    reception = Reception(
        aet=options.aet,
        port=options.port,
        address=options.bind,
        peers=tuple(peer(one) for one in options.peers),
        tls=tls if options.tls_cert else None,
        most_associations=options.most_associations,
    )
    return Service(
        reception=reception,
        out=options.out,
        plan=Plan(
            jobs=options.jobs,
            timeout_s=options.timeout,
            memory_bytes=None if options.memory is None else int(options.memory * (1 << 30)),
            dicom=options.send_to is not None,
            store=options.store or "",
        ),
        quiet_s=options.quiet,
        most_waiting=options.most_waiting,
        least_free_bytes=int(options.least_free * (1 << 30)),
        send_to=destination(options.send_to, calling=options.aet) if options.send_to else None,
    )


def _teller(*, as_json: bool) -> Callable[[str, str], None]:
    """Write each event as one line with its time; as JSON to standard output, else to standard error."""

    def tell(event: str, detail: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        if as_json:
            click.echo(json.dumps({"at": at, "event": event, "detail": detail}))
        else:
            click.echo(f"{at} {event} {detail}", err=True)

    return tell
