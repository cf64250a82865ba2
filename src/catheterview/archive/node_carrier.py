"""C-STORE to a DICOM node."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from catheterview.archive.carriers import Carrier, Refused, Unreachable
from catheterview.archive.destination import Destination, Tls

#: What we write; a node that knows none of our classes is told so by name.
_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.88.34",  # Comprehensive 3D SR
    "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
    "1.2.840.10008.5.1.4.1.1.88.59",  # Key Object Selection
    "1.2.840.10008.5.1.4.1.1.7",  # Secondary Capture
    "1.2.840.10008.5.1.4.1.1.11.1",  # Grayscale Softcopy Presentation State
)
_SYNTAXES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
_TIMEOUT_S = 30.0


@contextmanager
def associated(to: Destination) -> Iterator[Carrier]:
    """Store objects over one association for as long as the block runs.

    Raises
    ------
    Unreachable
        When there is nobody, or the association is rejected.
    """
    with association(to, (Verification, *_CLASSES)) as opened:
        yield lambda path: _store(opened, path)


@contextmanager
def association(to: Destination, classes: Sequence[str]) -> Iterator[Any]:
    """Open an association for as long as the block runs.

    Raises
    ------
    Unreachable
        When there is nobody, or the association is rejected.
    """
    _knock(to)
    entity = AE(ae_title=to.calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = _TIMEOUT_S
    for one in classes:
        for syntax in _SYNTAXES:
            entity.add_requested_context(one, syntax)
    encrypted = None if to.tls is None else (client_context(to.tls), to.host)
    opened = entity.associate(to.host, to.port, ae_title=to.aet, tls_args=encrypted)
    if not opened.is_established:
        rejected = "rejects the association" if opened.is_rejected else "does not answer"
        raise Unreachable(f"{to.name} {rejected}")
    try:
        yield opened
    finally:
        opened.release()


def _knock(to: Destination) -> None:
    """See that somebody listens: pynetdicom leaves a socket open where nobody does."""
    try:
        socket.create_connection((to.host, to.port), timeout=_TIMEOUT_S).close()
    except OSError as error:
        raise Unreachable(f"{to.name} does not answer") from error


def _store(association: Any, path: Path) -> None:
    """Send one file and understand the answer (PS3.4 B.2.3)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote the patient's name
        try:
            status = association.send_c_store(pydicom.dcmread(path))
        except ValueError as error:  # no presentation context was accepted
            raise Refused("the node does not take this kind of object") from error
        except RuntimeError as error:
            raise Unreachable("the association was lost") from error
    code = int(status.Status) if "Status" in status else None
    if code is None:
        raise Unreachable("no answer: the connection was lost or timed out")
    if code >> 8 == 0xA7 or code == 0x0122:
        raise Unreachable(f"no room at the moment (status {code:04X})")
    if code != 0 and code >> 12 != 0xB:  # Bxxx: stored, with a warning
        raise Refused(f"refused with status {code:04X}")


def client_context(tls: Tls) -> ssl.SSLContext:
    """TLS as we ask for it: the peer must prove who it is, and has 1.2 or later."""
    context = ssl.create_default_context(cafile=tls.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context
