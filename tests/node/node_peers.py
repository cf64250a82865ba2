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
from io import BytesIO
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
    "conversation",
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


def pdu(kind: int, body: bytes) -> bytes:
    """A protocol data unit (PS3.8 9.3)."""
    return struct.pack(">BBI", kind, 0, len(body)) + body


def item(kind: int, body: bytes) -> bytes:
    """An item of one."""
    return struct.pack(">BBH", kind, 0, len(body)) + body


def conversation() -> bytes:
    """A valid association: a request for CT, one C-STORE, a release."""
    syntax = item(0x40, b"1.2.840.10008.1.2.1")
    context = item(0x20, b"\x01\0\0\0" + item(0x30, CT.encode()) + syntax)
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.826.0.1.3680043.9"))
    titles = b"NODE".ljust(16) + b"FUZZ".ljust(16) + bytes(32)
    request = pdu(1, struct.pack(">HH", 1, 0) + titles + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)
    whole = BytesIO()
    image = instance(7, sop_class=CT)
    image.save_as(whole, enforce_file_format=True)
    data = whole.getvalue()[whole.getvalue().index(b"\x08\0\x16\0UI") :]
    elements = [(0x0002, CT.encode()), (0x0100, b"\1\0"), (0x0110, b"\1\0"), (0x0700, b"\0\0"), (0x0800, b"\1\0")]
    elements.append((0x1000, str(image.SOPInstanceUID).encode()))
    command = b"".join(
        struct.pack("<HHI", 0, tag, len(value) + len(value) % 2) + value + b"\0" * (len(value) % 2)
        for tag, value in elements
    )
    command = struct.pack("<HHII", 0, 0, 4, len(command)) + command
    values = [struct.pack(">IBB", len(part) + 2, 1, last) + part for part, last in ((command, 3), (data, 2))]
    return request + b"".join(pdu(4, value) for value in values) + pdu(5, bytes(4))
