"""The door of a node: whoever does not ask properly and in time takes nobody's place, memory or patience."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from node_peers import CT, certificate, conversation, instance, item, pdu, sender
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pynetdicom import AE

from catheterview.archive import Tls
from catheterview.archive.node_carrier import client_context
from catheterview.node import Inbox, Receiver, Reception, door, line

REQUEST = conversation()[: 6 + struct.unpack(">I", conversation()[2:6])[0]]


@contextmanager
def node(out: Path, **more: Any) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The port of a node on loopback, and what it told."""
    told: list[tuple[str, str]] = []
    inbox = Inbox(out, key=b"secret", most_waiting=100, least_free_bytes=0)
    reception = Reception(**{"aet": "NODE", "port": 0, **more})
    with Receiver(reception, inbox, tell=lambda *event: told.append(event)) as receiver:
        yield receiver.port, told


def knock(port: int, content: bytes) -> socket.socket:
    """Connect, say something, and stay."""
    peer = socket.create_connection(("127.0.0.1", port), timeout=20)
    peer.sendall(content)
    return peer


def dribble(peer: socket.socket, parts: Iterable[bytes], *, every_s: float) -> None:
    """Say one part after another."""
    for part in parts:
        peer.sendall(part)
        time.sleep(every_s)


def heard(peer: socket.socket) -> bytes:
    """What a peer is told before it is hung up on."""
    told = bytearray()
    with peer, contextlib.suppress(ConnectionError):
        while more := peer.recv(65536):
            told += more
    return bytes(told)


def test_peers_that_are_gone_keep_no_place(tmp_path: Path) -> None:
    """Twenty connections that hung up before, within or after a broken request: the next of two may come in at once."""
    with node(tmp_path, most_associations=2) as (port, _told):
        for number in range(20):
            knock(port, (b"", REQUEST[:3], REQUEST[:40], REQUEST[:70] + bytes(len(REQUEST) - 70))[number % 4]).close()
        assert sender(port, [instance(1, sop_class=CT)]) == [0]


def test_a_crowd_at_the_door_shuts_nobody_else_out(tmp_path: Path) -> None:
    """Sixty silent connections from one address: a sender from another address is taken."""
    with node(tmp_path, most_associations=2) as (port, _told), ExitStack() as crowd:
        for _ in range(60):
            crowd.enter_context(knock(port, b""))
        entity = AE()
        entity.add_requested_context(CT)
        association = entity.associate("127.0.0.1", port, ae_title="NODE", bind_address=("127.0.0.2", 0))
        assert association.is_established
        association.release()


def test_silence_holds_up_no_handshake(tmp_path: Path) -> None:
    """Of a node that speaks TLS: a connection that never begins the handshake, and one that is none, delay nobody."""
    authority, cert, key = certificate(tmp_path)
    tls = Tls(authority=authority, certificate=cert, key=key)
    with (
        node(tmp_path / "out", tls=tls) as (port, told),
        socket.create_connection(("127.0.0.1", port)),
        knock(port, REQUEST) as plain,
    ):
        assert sender(port, [instance(1, sop_class=CT)], secure=(client_context(tls), "localhost")) == [0]
        heard(plain)
    assert ("refused", "TLS was not agreed on") in told


def test_a_request_has_its_time_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte, a request is hung up on when its time is over, however it dribbles."""
    monkeypatch.setattr(door, "REQUEST_S", 1.0)
    with node(tmp_path) as (port, _told), knock(port, REQUEST[:1]) as peer:
        began_s = time.monotonic()
        with pytest.raises(ConnectionError):
            dribble(peer, (bytes([byte]) for byte in REQUEST[1:90]), every_s=0.1)
        assert time.monotonic() - began_s < 8.0


def test_a_unit_has_its_time_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within an association as well: half a unit and then a byte at a time is hung up on."""
    monkeypatch.setattr(line, "UNIT_S", 1.0)
    with node(tmp_path) as (port, _told), knock(port, REQUEST) as peer:
        assert peer.recv(65536)[:1] == b"\x02"
        peer.sendall(pdu(4, bytes(500))[:20])
        with pytest.raises(ConnectionError):
            dribble(peer, [b"\0"] * 80, every_s=0.1)


@pytest.mark.parametrize("unit", [struct.pack(">BBI", 1, 0, 0xFFFFFFFF), pdu(9, bytes(4)), pdu(1, bytes(100))])
def test_what_is_no_request_is_told_so(tmp_path: Path, unit: bytes) -> None:
    """A request of four gigabytes, a unit of no known kind, a request without anything in it: aborted, and said."""
    with node(tmp_path) as (port, told):
        assert heard(knock(port, unit)) == pdu(7, b"\0\0\2\6")
    assert told == [("refused", "a request that cannot be read")]


def test_a_unit_of_gigabytes_is_not_waited_for(tmp_path: Path) -> None:
    """Within an association: a unit that says it has four gigabytes is hung up on at once."""
    with node(tmp_path) as (port, _told), knock(port, REQUEST) as peer:
        assert peer.recv(65536)[:1] == b"\x02"
        peer.sendall(struct.pack(">BBI", 4, 0, 0xFFFFFFFF))
        assert heard(peer)[:1] in (b"", b"\x07")


def test_an_object_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of an object, none of which is the last: hung up on where it is larger than objects are."""
    monkeypatch.setattr(line, "_LARGEST_OBJECT_BYTES", 1 << 20)
    part = pdu(4, struct.pack(">IBB", 16002, 1, 0) + bytes(16000))
    with node(tmp_path) as (port, _told), knock(port, REQUEST) as peer:
        assert peer.recv(65536)[:1] == b"\x02"
        with pytest.raises(ConnectionError):
            dribble(peer, [part] * 2000, every_s=0.0)
        assert sender(port, [instance(1, sop_class=CT)]) == [0]


def test_an_association_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A context without transfer syntax breaks the thread of its association: line and threads end all the same."""
    monkeypatch.setattr(door, "_GRACE_S", 0.1)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    context = item(0x20, b"\x01\0\0\0" + item(0x30, b"1.2.3"))
    titles = b"NODE".ljust(16) + b"FUZZ".ljust(16) + bytes(32)
    body = struct.pack(">HH", 1, 0) + titles + item(0x10, b"1.2.840.10008.3.1.1.1") + context
    request = pdu(1, body + item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3")))
    with node(tmp_path) as (port, _told):
        before = threading.active_count()
        assert heard(knock(port, request))[:1] != b"\x02"
        until_s = time.monotonic() + 10.0
        while threading.active_count() > before and time.monotonic() < until_s:
            time.sleep(0.1)
        assert threading.active_count() <= before
        assert sender(port, [instance(1, sop_class=CT)]) == [0]


def test_another_version_is_rejected(tmp_path: Path) -> None:
    """A request in a protocol version that there is not is rejected with that reason (PS3.8 9.3.4)."""
    with node(tmp_path) as (port, _told):
        assert heard(knock(port, REQUEST[:6] + b"\0\2" + REQUEST[8:])) == b"\3\0\0\0\0\4\0\1\2\2"


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    """An object whose 60 MB of zeros are deflated to 60 kB is kept as it came, and read only as far as its UIDs."""
    image = instance(1, sop_class=CT)
    whole = BytesIO()
    image.save_as(whole, enforce_file_format=True)
    data = whole.getvalue()[whole.getvalue().index(b"\x08\0\x16\0UI") :]
    data = data[: data.index(b"\xe0\x7f\x10\0")] + b"\xe0\x7f\x10\0OW\0\0" + struct.pack("<I", 60 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(data + bytes(60 << 20)) + packer.flush()
    entity = AE()
    entity.add_requested_context(CT, DeflatedExplicitVRLittleEndian)
    with node(tmp_path) as (port, _told):
        association = entity.associate("127.0.0.1", port, ae_title="NODE")
        tracemalloc.start()
        try:
            assert _store(association, image, packed) == 0
            assert tracemalloc.get_traced_memory()[1] < 40 << 20
        finally:
            tracemalloc.stop()
            association.release()
    (kept,) = tmp_path.rglob("*.dcm")
    assert kept.read_bytes().endswith(packed)


def _store(association: Any, image: Any, packed: bytes) -> int:
    """Send an object whose bytes are given."""
    from pynetdicom.dimse_primitives import C_STORE

    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    request.DataSet = BytesIO(packed)
    association._reactor_checkpoint.clear()
    association.dimse.send_msg(request, association.accepted_contexts[0].context_id)
    _, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    return int(answer.Status)
