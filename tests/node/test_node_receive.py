"""Receiving: from whom it is allowed, whole or not at all, and no more than there is room for."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest
from node_peers import CT, certificate, cutting, instance, sender
from pynetdicom import AE

from catheterview.archive import Tls
from catheterview.archive.node_carrier import client_context
from catheterview.errors import InputError
from catheterview.node import Inbox, NoRoom, Peer, Receiver, Reception, peer


@contextmanager
def receiving(out: Path, **more: Any) -> Iterator[tuple[Receiver, Inbox, list[tuple[str, str]]]]:
    """A node on loopback, its inbox, and what it told."""
    told: list[tuple[str, str]] = []
    room = {"most_waiting": more.pop("most_waiting", 100), "least_free_bytes": more.pop("least_free_bytes", 0)}
    inbox = Inbox(out, key=b"secret", **room)
    reception = Reception(**{"aet": "NODE", "port": 0, **more})
    with Receiver(reception, inbox, tell=lambda *event: told.append(event)) as receiver:
        yield receiver, inbox, told


def test_what_was_sent_is_on_the_disk(tmp_path: Path) -> None:
    """Each object lies in the folder of its case, by no name of the peer's, and reads back as it was."""
    with receiving(tmp_path) as (receiver, inbox, told):
        assert sender(receiver.port, [instance(n, sop_class=CT) for n in (1, 2)]) == [0, 0]
        assert sender(receiver.port, [instance(3, sop_class=CT, patient="OTHER")]) == [0]
        assert inbox.waiting == 2
    files = sorted((tmp_path / "incoming").rglob("*.dcm"))
    assert len(files) == 3
    assert len({path.parent.name for path in files}) == 2
    assert {pydicom.dcmread(path).SOPInstanceUID for path in files} == {instance(n).SOPInstanceUID for n in (1, 2, 3)}
    everything = " ".join(map(str, tmp_path.rglob("*"))) + str(told)
    assert "CANARY" not in everything
    assert "OTHER" not in everything


@pytest.mark.parametrize(
    ("identity", "name"),
    [("../../etc/passwd", "<script>alert(1)</script>"), ("'; DROP TABLE cases; --", "a/b\\c"), ("", "")],
)
def test_hostile_names_go_nowhere(tmp_path: Path, identity: str, name: str) -> None:
    """Path, HTML and SQL characters in names and UIDs end in no path."""
    hostile = instance(1, sop_class=CT, patient=identity)
    hostile.PatientName = name
    with receiving(tmp_path / "out") as (receiver, _, _told):
        assert sender(receiver.port, [hostile]) == [0]
    (path,) = (tmp_path / "out" / "incoming").rglob("*.dcm")
    assert path.stem.isalnum()
    assert path.parent.name.isalnum()
    assert {one.name for one in tmp_path.iterdir()} == {"out"}


def test_eight_senders_at_once_lose_nothing(tmp_path: Path) -> None:
    """Every object of eight parallel associations is kept."""
    with receiving(tmp_path, most_associations=8) as (receiver, _, _told), ThreadPoolExecutor(8) as pool:
        groups = [[instance(100 * g + n, sop_class=CT, patient=f"P{g % 3}") for n in range(6)] for g in range(8)]
        answers = list(pool.map(lambda group: sender(receiver.port, group), groups))
    assert answers == [[0] * 6] * 8
    assert len(list((tmp_path / "incoming").rglob("*.dcm"))) == 48
    assert not list(tmp_path.rglob("*.part"))


def test_a_stranger_is_rejected(tmp_path: Path) -> None:
    """By title and by address: only who is on the list may send, and only to our own title."""
    with receiving(tmp_path, peers=(Peer(aet="CT1", address="127.0.0.1"),)) as (receiver, inbox, told):
        assert sender(receiver.port, [instance(1, sop_class=CT)], calling="CT1") == [0]
        assert sender(receiver.port, [instance(2, sop_class=CT)], calling="CT2") == "rejected"
        assert sender(receiver.port, [instance(3, sop_class=CT)], calling="CT1", called="OTHER") == "rejected"
        assert inbox.waiting == 1
    assert ("refused", "a peer that is not on the list") in told
    with receiving(tmp_path, peers=(Peer(aet="", address="192.0.2.7"),)) as (receiver, _, _told):
        assert sender(receiver.port, [instance(4, sop_class=CT)], calling="CT1") == "rejected"


def test_more_associations_than_allowed_are_rejected(tmp_path: Path) -> None:
    """A second association, where one is allowed, is rejected while the first is open."""
    with receiving(tmp_path, most_associations=1) as (receiver, _, _told):
        entity = AE()
        entity.add_requested_context(CT)
        first = entity.associate("127.0.0.1", receiver.port, ae_title="NODE")
        assert first.is_established
        assert sender(receiver.port, [instance(1, sop_class=CT)]) == "rejected"
        first.release()
        # The place is free when the node has seen the release, which the peer does not wait for.
        until = time.monotonic() + 20.0
        while (answer := sender(receiver.port, [instance(1, sop_class=CT)])) == "rejected" and time.monotonic() < until:
            time.sleep(0.1)
        assert answer == [0]


def test_a_full_queue_asks_to_come_again(tmp_path: Path) -> None:
    """When as many cases wait as may, a new case is told: out of resources; one that waits may go on."""
    with receiving(tmp_path, most_waiting=1) as (receiver, inbox, _told):
        assert sender(receiver.port, [instance(1, sop_class=CT), instance(2, sop_class=CT, patient="B")]) == [0, 0xA700]
        assert sender(receiver.port, [instance(3, sop_class=CT)]) == [0]
        (case_id,) = inbox.due(quiet_s=0.0)
        inbox.done(case_id, inbox.seen(case_id))
        assert sender(receiver.port, [instance(2, sop_class=CT, patient="B")]) == [0]


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Below the least free space everything is refused for now, and nothing half-written is left."""
    with receiving(tmp_path, least_free_bytes=1 << 60) as (receiver, inbox, _told):
        assert sender(receiver.port, [instance(1, sop_class=CT)]) == [0xA700]
        assert inbox.waiting == 0
    assert not list(tmp_path.rglob("*.dcm"))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_disk_that_fills_while_receiving(tmp_path: Path) -> None:
    """On a disk of 1 MB: what was confirmed is whole on the disk, what does not fit is refused for now."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        with receiving(disk) as (receiver, _, _told):
            answers = sender(receiver.port, [instance(n, sop_class=CT, rows=20000) for n in range(1, 7)])
        kept = list((disk / "incoming").rglob("*.dcm"))
        assert {0, 0xA700} == set(answers)
        assert len(kept) == list(answers).count(0)
        assert all(len(pydicom.dcmread(path).PixelData) == 320000 for path in kept)
        assert not list(disk.rglob("*.part"))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_sender_that_dies_leaves_what_it_finished(tmp_path: Path) -> None:
    """An association that is aborted in the middle: what was confirmed stays, and the node takes the next."""
    with receiving(tmp_path) as (receiver, inbox, _told):
        entity = AE()
        entity.add_requested_context(CT)
        association = entity.associate("127.0.0.1", receiver.port, ae_title="NODE")
        association.send_c_store(instance(1, sop_class=CT))
        association.abort()
        assert sender(receiver.port, [instance(2, sop_class=CT)]) == [0]
        assert len(inbox.due(quiet_s=0.0)) == 1
    assert len(list(tmp_path.rglob("*.dcm"))) == 2


def test_a_line_that_is_cut_within_an_object_leaves_nothing_of_it(tmp_path: Path) -> None:
    """A sender that dies after two thirds of an object: it is not confirmed, not kept, and the node takes the next."""
    with receiving(tmp_path) as (receiver, inbox, _told), cutting(receiver.port, after=200_000) as port:
        entity = AE()
        entity.add_requested_context(CT)
        association = entity.associate("127.0.0.1", port, ae_title="NODE")
        with association.dul.socket.socket:  # the library forgets a line that was cut, and does not close it
            answer = association.send_c_store(instance(1, sop_class=CT, rows=20000))
        assert "Status" not in answer
        assert inbox.waiting == 0
        assert sender(receiver.port, [instance(1, sop_class=CT, rows=20000)]) == [0]
    (kept,) = (path for path in tmp_path.rglob("*") if path.suffix in (".dcm", ".part"))
    assert len(pydicom.dcmread(kept).PixelData) == 320000


def test_an_object_without_identity_is_refused(tmp_path: Path) -> None:
    """No study UID: it cannot be understood, and that is said."""
    nameless = instance(1, sop_class=CT)
    del nameless.StudyInstanceUID
    with receiving(tmp_path) as (receiver, _, told):
        assert sender(receiver.port, [nameless]) == [0xC000]
    assert told == [("refused", "an object without UIDs, or broken")]


def test_what_arrives_meanwhile_stays_pending(tmp_path: Path) -> None:
    """Only what was there when triage began counts as done; a node that is started again knows what waits."""
    inbox = Inbox(tmp_path, key=b"secret", most_waiting=9, least_free_bytes=0)
    case_id = inbox.case_of(issuer="", patient_id="A", study_instance_uid="1")
    inbox.put(case_id, "1.1", b"first")
    mark = inbox.seen(case_id)
    inbox.put(case_id, "1.2", b"second")
    inbox.done(case_id, mark)
    assert inbox.waiting == 1
    again = Inbox(tmp_path, key=b"secret", most_waiting=9, least_free_bytes=0)
    assert again.due(quiet_s=60.0) == (case_id,)  # nothing has arrived since it was started
    again.done(case_id, again.seen(case_id))
    assert Inbox(tmp_path, key=b"secret", most_waiting=9, least_free_bytes=0).waiting == 0


def test_threads_that_put_at_once_respect_the_bound(tmp_path: Path) -> None:
    """The queue holds no more than it may, whoever comes first."""
    inbox = Inbox(tmp_path, key=b"secret", most_waiting=3, least_free_bytes=0)
    refused = []

    def put(number: int) -> None:
        try:
            inbox.put(f"{number:016x}", f"1.{number}", b"x")
        except NoRoom:
            refused.append(number)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inbox.waiting == 3
    assert len(refused) == 9


def test_tls_takes_only_who_shows_a_certificate(tmp_path: Path) -> None:
    """With an authority named, a peer with its certificate is taken, one without TLS is not."""
    authority, cert, key = certificate(tmp_path)
    tls = Tls(authority=authority, certificate=cert, key=key)
    with receiving(tmp_path / "out", tls=tls) as (receiver, inbox, _told):
        secure = (client_context(tls), "localhost")
        assert sender(receiver.port, [instance(1, sop_class=CT)], secure=secure) == [0]
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as plain:
            plain.sendall(b"\x01\x00\x00\x00\x00\x04none")  # an association request without TLS
            with contextlib.suppress(ConnectionError):
                assert plain.recv(1024)[:1] != b"\x02"  # not accepted
        assert sender(receiver.port, [instance(2, sop_class=CT)], secure=secure) == [0]
        assert inbox.waiting == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "0.0.0.0"},
        {"aet": "X" * 17},
        {"aet": "a\\b"},
        {"tls": Tls()},
    ],
)
def test_an_open_door_is_misuse(wrong: dict[str, Any]) -> None:
    """A node that others can reach needs its peers named; titles and certificates must be usable."""
    with pytest.raises(InputError):
        Reception(**{"aet": "NODE", "port": 0, **wrong})


def test_peers_are_understood() -> None:
    """AET@ADDRESS, or an address alone; anything else is misuse."""
    assert peer("CT1@192.0.2.1") == Peer(aet="CT1", address="192.0.2.1")
    assert peer("@192.0.2.1").aet == ""
    with pytest.raises(InputError, match="--peer"):
        peer("CT1")


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """Two nodes on one port: the second says so."""
    with (
        receiving(tmp_path) as (receiver, _, _told),
        pytest.raises(InputError, match="cannot listen"),
        receiving(tmp_path, port=receiver.port),
    ):
        pass
