"""Broken protocol and broken objects at the door of a node: it answers or hangs up, and takes the next good object.

    python benchmarks/fuzz_node.py --seconds 300

Each try is one connection to a running node in a process held to 2 GB: bytes of a recorded, valid association (request,
C-STORE, release) that were spoilt by hypothesis as files are in benchmarks/fuzz.py. Every other one hangs up when the
node has said nothing for half a second; the others stay on the line, thirty of them at a time. After every hundred
tries a valid object is sent: it must be confirmed, and be on the disk. At the end the node is left alone for as long
as it gives a silent peer, and must then have let go of every thread but its own.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import socket
import sys
import time
from collections import deque
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
BATCH, STAYING = 100, 30
#: What a node gives a silent peer, and then some.
PEACE_S = 80.0


def node(folder: str, tell: Connection) -> None:
    """Be a node until told to stop, in a process of its own."""
    from catheterview.node import Inbox, Receiver, Reception
    from catheterview.node.hush import hushed
    from catheterview.triage.apart import hold_to

    hold_to(MEMORY_BYTES)
    inbox = Inbox(Path(folder), key=b"fuzz", most_waiting=1 << 20, least_free_bytes=0)
    reception = Reception(aet="NODE", port=0, most_associations=64)
    with hushed(lambda *_: None), Receiver(reception, inbox, tell=lambda *_: None) as receiver:
        tell.send(receiver.port)
        tell.recv()


def knock(port: int, content: bytes) -> socket.socket | None:
    """Ask for an association, and go on when there is an answer; None where nobody took the connection."""
    first = len(conversation().partition(b"\x04\0\0\0")[0])
    try:
        door = socket.create_connection(("127.0.0.1", port), timeout=ANSWERS_WITHIN_S)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        for part in (content[:first], content[first:]):
            door.settimeout(ANSWER_S)
            door.sendall(part)
            door.recv(65536)
    return door


def is_served(port: int, number: int) -> bool:
    """Whether a valid object is confirmed."""
    try:
        return sender(port, [instance(1000 + number, sop_class=CT)]) == [0]
    except AttributeError:  # no answer, so no status in it
        return False


class Crowd:
    """Those who knock."""

    def __init__(self, port: int) -> None:
        self.port, self.unanswered, self.tries = port, 0, 0
        self._staying = deque[socket.socket]()

    def batch(self, number: int) -> None:
        """Knock many times."""
        valid = conversation()

        @seed(number)
        @settings(max_examples=BATCH, phases=[Phase.generate], database=None, deadline=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(st.data())
        def once(data: st.DataObject) -> None:
            self._once(knock(self.port, data.draw(st.composite(lambda draw: spoilt(draw, valid))())))

        once()

    def _once(self, door: socket.socket | None) -> None:
        """Let one stay, and one go."""
        self.tries += 1
        if door is None:
            self.unanswered += 1
        elif self.tries % 2:
            door.close()
        else:
            self._staying.append(door)
        while len(self._staying) > STAYING:
            self._staying.popleft().close()

    def go(self) -> None:
        """Hang up, all of them."""
        while self._staying:
            self._staying.pop().close()


def of_process(pid: int | None, what: str) -> int:
    """A number that the system keeps of a process."""
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{what}:")[1].split()[0])


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
        crowd, ends_s, number, good = Crowd(ours.recv()), time.monotonic() + given_.seconds, given_.first, 0
        threads = of_process(process.pid, "Threads")
        while time.monotonic() < ends_s and process.is_alive():
            crowd.batch(number)
            good += is_served(crowd.port, number)
            number += 1
        crowd.go()
        time.sleep(PEACE_S if process.is_alive() else 0.0)
        alive = process.is_alive()
        peak_mib = of_process(process.pid, "VmHWM") // 1024 if alive else -1
        left = of_process(process.pid, "Threads") - threads if alive else -1
        stored = len(list(Path(folder).rglob("*.dcm")))
        if alive:
            ours.send("stop")
        process.join(60.0)
    batches = number - given_.first
    met = alive and good == batches <= stored and not crowd.unanswered and not left and peak_mib < MEMORY_BYTES >> 20
    told = f"""{crowd.tries} spoilt conversations in {batches} batches over {given_.seconds / 60.0:.0f} minutes: the \
node {"stood" if alive else "**died**"}, {crowd.unanswered} connections were not taken, {good} of {batches} \
valid objects between them were confirmed, peak memory {peak_mib} MiB, {left} threads \
left over: {"met" if met else "**not met**"}."""
    print(told, f"({stored} objects on the disk)")
    if given_.write:
        put_table(ROOT / "docs" / "operations.md", told, name="fuzz_node")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
