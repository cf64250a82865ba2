"""The line to a peer: a clock that the peer cannot stretch, and no more in one go than a peer has reason to send."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Any

from pynetdicom.transport import AssociationSocket

#: Seconds that one protocol data unit may take, and that a peer may be silent.
UNIT_S = 60.0
#: Of a protocol data unit. Ours are asked to be 16 KiB; a request for 128 contexts in every syntax has 200 KiB.
LARGEST_UNIT_BYTES = 1 << 20
#: Of an object, which is put together in memory.
_LARGEST_OBJECT_BYTES = 2 << 30


class Clock:
    """Cuts lines whose time is over."""

    def __init__(self) -> None:
        self._lock, self._running = Lock(), dict[object, tuple[float, socket.socket]]()

    @contextmanager
    def within(self, line: socket.socket, seconds: float) -> Iterator[None]:
        """Have a line cut when the block has not been left in time."""
        key = object()
        with self._lock:
            self._running[key] = monotonic() + seconds, line
        try:
            yield
        finally:
            with self._lock:
                del self._running[key]

    def look(self, *, everyone: bool = False) -> None:
        """Cut what is over its time."""
        with self._lock:
            for due_s, line in self._running.values():
                if everyone or due_s < monotonic():
                    cut(line)


class Line(AssociationSocket):  # type: ignore[misc]  # pynetdicom is untyped here
    """The line of an association, of which the request has been read already."""

    def __init__(self, association: Any, line: socket.socket, asked: bytes, clock: Clock) -> None:
        super().__init__(association, client_socket=line)
        self._asked, self._clock, self._object_bytes = bytearray(asked), clock, 0

    @property
    def ready(self) -> bool:
        """Whether there is something to be read."""
        return bool(self._asked) or bool(super().ready)

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes; where that is more than is taken, hang up (pynetdicom does, on an OSError)."""
        self._object_bytes += nr_bytes
        if nr_bytes > LARGEST_UNIT_BYTES or self._object_bytes > _LARGEST_OBJECT_BYTES:
            raise OSError("longer than is taken")
        if self._asked:
            read, self._asked = self._asked[:nr_bytes], self._asked[nr_bytes:]
            return read
        with self._clock.within(self.socket, UNIT_S):
            return bytearray(super().recv(nr_bytes))

    def begin(self) -> None:
        """Count the bytes of the next object."""
        self._object_bytes = 0


def cut(line: socket.socket | None) -> None:
    """End a line at both ends: who waits for it in another thread is told. Of TLS the line beneath is ended."""
    if line is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)


def close(line: socket.socket | None) -> None:
    """Close a line, if there still is one."""
    if line is not None:
        with contextlib.suppress(OSError):
            line.close()
