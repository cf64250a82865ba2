"""A storage SCP that takes objects only from whom it knows, and only as many as it has room for."""

from __future__ import annotations

import re
import ssl
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

from pydicom.filereader import read_dataset
from pydicom.uid import UID
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import Verification

from catheterview.archive import Tls
from catheterview.errors import InputError
from catheterview.node.door import REQUEST_S, Door, Porter
from catheterview.node.inbox import Inbox, NoRoom
from catheterview.node.line import UNIT_S
from catheterview.read.header import inflated

_OUT_OF_RESOURCES = 0xA700
_NOT_UNDERSTOOD = 0xC000
_STRANGER = (1, 1, 3)  # PS3.8 9.3.4: for good, by the user, calling AE title not recognised
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: The last of the attributes by which an object is filed, and how much of a deflated object is inflated to find them.
_STUDY_INSTANCE_UID, _HEADER_BYTES = 0x0020000D, 16 << 20
#: What reading a broken object raises, besides errors of pydicom's own, which are of these.
_BROKEN = (
    AttributeError, EOFError, KeyError, NotImplementedError, OSError, RecursionError, TypeError, ValueError,
    struct.error, zlib.error,
)  # fmt: skip
_PEER = re.compile(r"(?P<aet>[^@]{0,16})@(?P<host>[^@\s]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who may send: an AE title from an address; an empty title stands for any."""

    aet: str
    address: str


def peer(written: str) -> Peer:
    """Understand ``AET@ADDRESS`` or ``@ADDRESS``.

    Raises
    ------
    InputError
        When it is neither.
    """
    match = _PEER.fullmatch(written)
    if match is None:
        raise InputError(f"{written!r} is not AET@ADDRESS", where="--peer")
    return Peer(aet=match["aet"].strip(), address=match["host"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How a node listens.

    Parameters
    ----------
    address : str
        To bind to; beyond this machine only with peers named.
    port : int
        0 for any that is free.
    peers : tuple of Peer
        Empty for anyone on this machine.
    tls : Tls or None
        Certificate and key are needed; with an authority, peers must show a certificate of it.
    most_associations : int
    """

    aet: str
    port: int
    address: str = "127.0.0.1"
    peers: tuple[Peer, ...] = ()
    tls: Tls | None = None
    most_associations: int = 10

    def __post_init__(self) -> None:
        if not self.peers and self.address not in _LOOPBACK:
            raise InputError("a node that others can reach needs its peers named (--peer AET@ADDRESS)")
        if not 0 < len(self.aet.strip()) <= 16 or "\\" in self.aet:
            raise InputError(f"{self.aet!r} is no AE title: 1 to 16 characters, no backslash", where="--aet")
        if self.tls is not None and (self.tls.certificate is None or self.tls.key is None):
            raise InputError("TLS needs a certificate and its key", where="--tls-cert")

    def admits(self, aet: str, address: str) -> bool:
        """Say whether a peer may send."""
        return not self.peers or any(one.address == address and one.aet in ("", aet) for one in self.peers)


class Receiver:
    """A running storage SCP; leave its ``with`` block to stop it."""

    def __init__(self, reception: Reception, inbox: Inbox, *, tell: Callable[[str, str], None]) -> None:
        """Listen.

        Parameters
        ----------
        reception : Reception
        inbox : Inbox
        tell : callable (event, detail)
            ``received`` with a case id, ``refused`` with the reason; from the threads of the associations.
        """
        self._inbox, self._reception, self._tell = inbox, reception, tell
        entity = AE(ae_title=reception.aet)
        entity.require_called_aet = True
        entity.maximum_associations = reception.most_associations
        entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = REQUEST_S, UNIT_S, UNIT_S
        entity.add_supported_context(Verification)
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)
        secure = None if reception.tls is None else _server_context(reception.tls)
        handlers, where = [(evt.EVT_C_STORE, self._store)], (reception.address, reception.port)
        try:
            porter = Porter(refusal=self._refusal, tell=tell)
            self._server = Door(entity, where, porter, secure=secure, handlers=handlers)
        except OSError as error:
            raise InputError(f"cannot listen: {error.strerror}", where=f"port {reception.port}") from error

    def __enter__(self) -> Receiver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def _refusal(self, aet: str, address: str) -> tuple[int, int, int] | None:
        """Reject whoever is not on the list."""
        if self._reception.admits(aet, address):
            return None
        self._tell("refused", "a peer that is not on the list")
        return _STRANGER

    def _store(self, event: Any) -> int:
        """Keep one object, and answer only when it is on the disk."""
        identity = _identity(event)
        if identity is None:
            self._tell("refused", "an object without UIDs, or broken")
            return _NOT_UNDERSTOOD
        case_id = self._inbox.case_of(
            issuer=identity["IssuerOfPatientID"],
            patient_id=identity["PatientID"],
            study_instance_uid=identity["StudyInstanceUID"],
        )
        try:
            self._inbox.put(case_id, identity["SOPInstanceUID"], event.encoded_dataset())
        except NoRoom as error:
            self._tell("refused", str(error))
            return _OUT_OF_RESOURCES
        self._tell("received", case_id)
        return 0x0000


def _identity(event: Any) -> dict[str, str] | None:
    """What an object is and whose; None where that cannot be read. No more is read or inflated than that takes."""
    syntax, whole = UID(event.context.transfer_syntax), event.request.DataSet
    names = ("IssuerOfPatientID", "PatientID", "StudyInstanceUID", "SOPInstanceUID")
    try:
        data = BytesIO(inflated(whole.getvalue(), count=_HEADER_BYTES)) if syntax.is_deflated else whole
        data.seek(0)
        dataset = read_dataset(data, syntax.is_implicit_VR, syntax.is_little_endian, stop_when=_is_behind)
        found = {name: str(dataset.get(name) or "") for name in names}
    except _BROKEN:
        return None
    return found if found["StudyInstanceUID"] and found["SOPInstanceUID"] else None


def _is_behind(tag: int, _vr: str | None, _length: int) -> bool:
    return tag > _STUDY_INSTANCE_UID


def _server_context(tls: Tls) -> ssl.SSLContext:
    """TLS as we offer it, 1.2 or later; peers prove who they are where an authority is named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(Path(str(tls.certificate)), tls.key)
        if tls.authority is not None:
            context.load_verify_locations(tls.authority)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"the certificate cannot be used ({type(error).__name__})", where="--tls-cert") from error
    return context
