"""Senders on loopback, and what they send."""

from __future__ import annotations

import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for the benches, which have no path of pytest's
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "archive"))
from archive_peers import CT, Archive, Orthanc, archive, free_port, instance, orthanc

__all__ = [
    "CT",
    "Archive",
    "Orthanc",
    "archive",
    "certificate",
    "cutting",
    "free_port",
    "instance",
    "orthanc",
    "sender",
]


def sender(
    port: int, objects: Sequence[Any], *, calling: str = "SENDER", called: str = "NODE", secure: Any = None
) -> list[int] | str:
    """Send objects over one association; return the status of each, or that the association was rejected."""
    entity = AE(ae_title=calling)
    for uid in {one.SOPClassUID for one in objects}:
        for syntax in {one.file_meta.TransferSyntaxUID for one in objects if one.SOPClassUID == uid}:
            entity.add_requested_context(uid, syntax)
    association = entity.associate("127.0.0.1", port, ae_title=called, tls_args=secure)
    if not association.is_established:
        return "rejected"
    try:
        return [int(association.send_c_store(one).Status) for one in objects]
    finally:
        association.release()


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """An authority, and a certificate of it for localhost with its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, cert, key


@contextmanager
def cutting(port: int, *, after: int) -> Iterator[int]:
    """A line to a node, at the port that is given out: after so many bytes it is cut at both ends, without a word."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_pass_on, args=(door, port, after))
        thread.start()
        yield int(door.getsockname()[1])
        thread.join(timeout=60)
        assert not thread.is_alive()


def _pass_on(door: socket.socket, port: int, left: int) -> None:
    """Take bytes to and fro until so many have gone in."""
    client, _ = door.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as node:
        while left > 0:
            for end in select.select([client, node], [], [], 30.0)[0]:
                data = end.recv(min(left, 4096) if end is client else 65536)
                (node if end is client else client).sendall(data)
                left -= len(data) if end is client else 0
        for end in (client, node):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
