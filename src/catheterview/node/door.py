"""The door of a node: a connection becomes an association only when it has asked for one, whole and readable, in time.

pynetdicom makes an association of every connection at once. One whose peer is gone, or never asked, then keeps its
place until the association timeout is over, so that a minute of broken connections shuts everybody out; TLS is
negotiated in the one thread that accepts; and a protocol data unit may be as long as the four bytes of its length can
say. Here a connection is a thread that waits for a request, with a clock that it cannot stretch.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from socketserver import TCPServer
from threading import Lock, Thread
from time import monotonic
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from catheterview.node.line import LARGEST_UNIT_BYTES, UNIT_S, Clock, Line, close, cut

#: Seconds from the connection to the end of its request, the handshake of TLS with it.
REQUEST_S = 10.0
#: Connections that may wait at the door at one time, and of these from one address.
_MOST_KNOCKING, _MOST_OF_ONE = 128, 48
#: Seconds after which what an association left that has ended badly is ended too.
_GRACE_S = 5.0
_REQUEST = 1
_ABORT = struct.pack(">BBIBBBB", 7, 0, 4, 0, 0, 2, 6)  # PS3.8 9.3.8: by the provider, an invalid parameter
_OTHER_VERSION = (1, 2, 2)  # PS3.8 9.3.4: for good, by the provider, protocol version not supported
#: What pynetdicom raises on a request that it cannot make out.
_BROKEN = (AttributeError, AssertionError, LookupError, NotImplementedError, TypeError, ValueError, struct.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Porter:
    """Who is asked and told at the door.

    Parameters
    ----------
    refusal : callable (title, address)
        Says why a peer may not come in: result, source and reason of PS3.8 9.3.4; None where it may.
    tell : callable (event, detail)
    """

    refusal: Callable[[str, str], tuple[int, int, int] | None]
    tell: Callable[[str, str], None]


class Door(ThreadedAssociationServer):  # type: ignore[misc]  # pynetdicom is untyped here
    """Listens, and lets in who has asked in time and may come in.

    Parameters
    ----------
    entity : AE
        Whose title, contexts and timeouts hold.
    where : tuple of str and int
        Address and port.
    porter : Porter
    secure : ssl.SSLContext or None
    handlers : sequence
        As pynetdicom's ``evt_handlers``.
    """

    request_queue_size = 128
    daemon_threads = True

    def __init__(
        self, entity: AE, where: tuple[str, int], porter: Porter, *, secure: ssl.SSLContext | None,
        handlers: Sequence[Any],
    ) -> None:  # fmt: skip
        self._porter, self._lock = porter, Lock()
        self._knocking, self._waiting, self.units = list[str](), Clock(), Clock()
        self._entered: dict[Any, float] = {}
        every = [*handlers, (evt.EVT_DIMSE_RECV, lambda event: event.assoc.dul.socket.begin())]
        contexts = _Shared(entity.supported_contexts)
        super().__init__(entity, where, entity.ae_title, contexts, secure, evt_handlers=every, request_handler=_Handler)
        Thread(target=self.serve_forever, name="door", daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, and nothing more: this thread waits for nobody."""
        line, address = self.socket.accept()
        line.settimeout(UNIT_S)
        return line, address

    def verify_request(self, _request: Any, client_address: Any) -> bool:
        """Hang up where too many wait at the door; others may still come in."""
        host = str(client_address[0])
        with self._lock:
            if len(self._knocking) >= _MOST_KNOCKING or self._knocking.count(host) >= _MOST_OF_ONE:
                return False
            self._knocking.append(host)
        return True

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Hear what a connection asks for, in a thread of its own, and let it in or not."""
        host, line, asked = str(client_address[0]), request, b""
        try:
            line = self._secured(line)
            with self._waiting.within(line, REQUEST_S):
                asked = self._heard(line, host)
        except OSError as error:  # nobody to answer any more
            if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
                self._porter.tell("refused", "TLS was not agreed on")
        finally:
            with self._lock:
                self._knocking.remove(host)
        if asked:
            self.RequestHandlerClass((asked, line), client_address, self)
        else:
            self.shutdown_request(line)

    def _secured(self, line: socket.socket) -> socket.socket:
        if self.ssl_context is None:
            return line
        secured: socket.socket = self.ssl_context.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
        return secured

    def _heard(self, line: socket.socket, host: str) -> bytes:
        """Return a request that may come in; empty where the answer was no, or nothing was asked."""
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        try:
            asked = _request(line)
            title = _title(asked) if asked else ""
        except _BROKEN:
            self._porter.tell("refused", "a request that cannot be read")
            line.sendall(_ABORT)
            return b""
        why = _OTHER_VERSION if title is None else self._porter.refusal(title, host) if asked else None
        if why is not None:
            line.sendall(struct.pack(">BBIBBBB", 3, 0, 4, 0, *why))
            return b""
        return asked

    def enter(self, association: Any) -> None:
        """Look after an association until both its threads have ended."""
        with self._lock:
            self._entered[association] = float("inf")

    def service_actions(self) -> None:
        """Look at the clocks, and end what an association that ended badly has left; called twice a second."""
        super().service_actions()
        self._waiting.look()
        self.units.look()
        with self._lock:
            entered = list(self._entered.items())
        for association, due_s in entered:
            if association.ident and not association.is_alive():
                self._leave(association, due_s)

    def _leave(self, association: Any, due_s: float) -> None:
        """See an association off whose own thread has ended: its other thread must end too, and the line with it."""
        if not association.dul.is_alive():
            close(association.dul.socket.socket)
            with self._lock:
                del self._entered[association]
        elif due_s < monotonic():
            association.dul.kill_dul()
            cut(association.dul.socket.socket)
        else:
            with self._lock:
                self._entered[association] = min(due_s, monotonic() + _GRACE_S)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Tell that a connection was given up, by the kind of the error: its text may quote what was sent."""
        kind = sys.exc_info()[0]
        self._porter.tell("failed", f"a connection was given up: {kind and kind.__name__}")

    def shutdown(self) -> None:
        """Stop listening, and hang up on who has not come in."""
        TCPServer.shutdown(self)
        self._waiting.look(everyone=True)
        self.server_close()


class _Handler(RequestHandler):  # type: ignore[misc]  # as above
    """Makes the association of a connection that has asked for it."""

    server: Door
    request: Any

    def setup(self) -> None:
        """Take the request and the line apart."""
        self._asked, self.request = self.request

    def handle(self) -> None:
        """Start the association."""
        association = self._create_association()
        association.dul.event_queue.get_nowait()  # its own socket has said that there is a line; ours says so too
        association.dul.socket = Line(association, self.request, self._asked, self.server.units)
        self.server.enter(association)
        association.start()


class _Shared(list[Any]):
    """What a node supports, the same for all associations: pynetdicom would take a third of a second to copy it."""

    def __deepcopy__(self, memo: object) -> _Shared:
        return self


def _request(line: socket.socket) -> bytes:
    """Read a request; empty where the peer is gone before its end, ValueError where it is something else."""
    head = _exactly(line, 6)
    if not head:
        return b""
    kind, _, length = struct.unpack(">BBL", head)
    if kind != _REQUEST or length > LARGEST_UNIT_BYTES:
        raise ValueError("no request")
    body = _exactly(line, length)
    return head + body if body else b""


def _exactly(line: socket.socket, count: int) -> bytes:
    read = bytearray()
    while len(read) < count:
        more = line.recv(count - len(read))
        if not more:
            return b""
        read += more
    return bytes(read)


def _title(asked: bytes) -> str | None:
    """Who asks; None where it speaks another version. Raises what `_BROKEN` names where that cannot be read."""
    unit = A_ASSOCIATE_RQ()
    unit.decode(asked)
    title = str(unit.to_primitive().calling_ae_title).strip()
    return title if unit.protocol_version == 1 else None
