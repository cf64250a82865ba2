"""Two thousand objects over eight associations at once: every one that was confirmed is kept, none is kept twice.

python benchmarks/node_load.py --count 2000 --associations 8 --write
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "node"))
from document import put_table
from node_peers import CT, instance
from pynetdicom import AE

from catheterview.node import Inbox, Receiver, Reception

ROOT = Path(__file__).resolve().parents[1]
ROWS = 4096  # of eight pixels of two bytes: 64 KiB
#: On a machine that does much else at the same time.
PATIENCE_S = 180.0


def sent(port: int, objects: list[Any]) -> tuple[int, int]:
    """Send objects over one association; when it is lost, go on over another, as senders do.

    Returns
    -------
    confirmed, repeated : int
        How many objects were confirmed, and how many had to be sent again.
    """
    confirmed = repeated = 0
    while confirmed < len(objects) and repeated < 20:
        entity = AE(ae_title="SENDER")
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = PATIENCE_S
        entity.add_requested_context(CT, objects[0].file_meta.TransferSyntaxUID)
        association = entity.associate("127.0.0.1", port, ae_title="NODE")
        while association.is_established and confirmed < len(objects):
            if association.send_c_store(objects[confirmed]).get("Status") != 0:
                break
            confirmed += 1
        repeated += confirmed < len(objects)
        association.release() if association.is_established else time.sleep(1.0)
    return confirmed, repeated


def main() -> int:
    """Print how many were confirmed and kept, and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--associations", type=int, default=8)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    each = given.count // given.associations
    with TemporaryDirectory() as folder:
        inbox = Inbox(Path(folder), key=b"bench", most_waiting=1000, least_free_bytes=0)
        reception = Reception(aet="NODE", port=0, most_associations=given.associations)
        with (
            Receiver(reception, inbox, tell=lambda *_: None) as receiver,
            ThreadPoolExecutor(given.associations) as pool,
        ):

            def send(group: int) -> tuple[int, int]:
                numbers = range(each * group + 1, each * (group + 1) + 1)
                return sent(
                    receiver.port, [instance(n, sop_class=CT, patient=f"P{n % 40}", rows=ROWS) for n in numbers]
                )

            began_s = time.monotonic()
            answers = list(pool.map(send, range(given.associations)))
            took_s = time.monotonic() - began_s
        confirmed, repeated = (sum(column) for column in zip(*answers, strict=True))
        kept = len(list(Path(folder).rglob("*.dcm")))
        parts = len(list(Path(folder).rglob("*.part")))
    good = confirmed == kept == each * given.associations and not parts
    said = "met" if good else "**not met**"
    table = f"""{given.associations} associations at once, objects of 64 KiB, each confirmed when it is on the disk.

| sent | confirmed | kept | sent again after a lost association | half-written | s | |
|--:|--:|--:|--:|--:|--:|---|
| {each * given.associations} | {confirmed} | {kept} | {repeated} | {parts} | {took_s:.0f} | {said} |"""
    print(table)
    if given.write:
        put_table(ROOT / "docs" / "performance.md", table, name="node")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
