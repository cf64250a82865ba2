"""Broken protocol and broken objects at the door of a node: it answers or hangs up, and takes the next good object.

    python benchmarks/fuzz_node.py --seconds 300

Each try is one connection to a running node in a process held to 2 GB: bytes of a recorded, valid association (request,
C-STORE, release) that were spoilt by hypothesis as files are in benchmarks/fuzz.py. After every few tries a valid
object is sent: it must be confirmed and on the disk. The node's process, its memory and its threads are looked at too.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "node"))
from document import put_table
from fuzz import MEMORY_BYTES, spoilt
from node_peers import CT, conversation, instance, sender

ROOT = Path(__file__).resolve().parents[1]
ANSWERS_WITHIN_S = 30.0
#: A node that has understood answers sooner; one that waits for more, never.
ANSWER_S = 0.5
BATCH = 100


def node(folder: str, tell: Connection) -> None:
    """Be a node until told to stop, in a process of its own."""
    from catheterview.node import Inbox, Receiver, Reception
    from catheterview.triage.apart import hold_to

    hold_to(MEMORY_BYTES)
    inbox = Inbox(Path(folder), key=b"fuzz", most_waiting=1 << 20, least_free_bytes=0)
    reception = Reception(aet="NODE", port=0, most_associations=64)
    with Receiver(reception, inbox, tell=lambda *_: None) as receiver:
        tell.send(receiver.port)
        tell.recv()


def knock(port: int, content: bytes) -> None:
    """Ask for an association, go on when there is an answer, and hang up when there is none."""
    first = len(conversation().partition(b"\x04\0\0\0")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWERS_WITHIN_S) as door:
        try:
            for part in (content[:first], content[first:]):
                door.settimeout(ANSWER_S)
                door.sendall(part)
                door.recv(65536)
        except OSError:
            return


def batch(number: int, port: int) -> None:
    """Knock many times."""
    valid = conversation()

    @seed(number)
    @settings(max_examples=BATCH, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.data())
    def once(data: st.DataObject) -> None:
        knock(port, data.draw(st.composite(lambda draw: spoilt(draw, valid))()))

    once()


def main() -> int:
    """Knock until the time is over; the exit status says whether the node stood."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--first", type=int, default=0, help="number of the first batch")
    parser.add_argument("--write", action="store_true", help="put the result into docs/operations.md")
    given_ = parser.parse_args()
    with TemporaryDirectory() as folder:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=node, args=(folder, theirs))
        process.start()
        port, ends_s, number, good = ours.recv(), time.monotonic() + given_.seconds, given_.first, 0
        knock(port, conversation())
        time.sleep(0.5)
        stored = len(list(Path(folder).rglob("*.dcm")))
        while time.monotonic() < ends_s and process.is_alive():
            batch(number, port)
            good += sender(port, [instance(1000 + number, sop_class=CT)]) == [0]
            number += 1
        status = Path(f"/proc/{process.pid}/status").read_text() if process.is_alive() else ""
        peak_mib = int(status.split("VmHWM:")[1].split()[0]) // 1024 if status else -1
        alive = process.is_alive()
        if alive:
            ours.send("stop")
        process.join(60.0)
    batches = number - given_.first
    stood = "stood" if alive else "**died**"
    told = f"""{batches * BATCH} spoilt conversations in {batches} batches: the node {stood}, {good} of {batches} valid
objects between them were confirmed, peak memory {peak_mib} MiB."""
    print(told, f"(the unspoilt conversation stored {stored})")
    if given_.write:
        put_table(ROOT / "docs" / "operations.md", told, name="fuzz_node")
    return 0 if alive and good == batches and stored == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
