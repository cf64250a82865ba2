"""STOW-RS to a DICOMweb service."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import requests
from dicomweb_client.api import DICOMwebClient

from catheterview.archive.carriers import Carrier, Refused, Unreachable
from catheterview.archive.destination import Destination

#: A token that is sent as Authorization: Bearer, never written anywhere.
TOKEN = "CATHETERVIEW_TOKEN"
#: Answers that may be another in a while: timeout, too many requests, and everything the server calls its own fault.
_LATER = (408, 425, 429)
_TIMEOUT_S = 60.0


@contextmanager
def web_client(to: Destination) -> Iterator[DICOMwebClient]:
    """Hold a session for as long as the block runs."""
    with requests.Session() as session:
        if token := os.environ.get(TOKEN):
            session.headers["Authorization"] = f"Bearer {token}"
        if to.tls is not None and to.tls.authority is not None:
            session.verify = str(to.tls.authority)
        if to.tls is not None and to.tls.certificate is not None and to.tls.key is not None:
            session.cert = (str(to.tls.certificate), str(to.tls.key))
        client = DICOMwebClient(url=to.url, session=session, timeout=_TIMEOUT_S)
        client.set_http_retry_params(retry=False)  # ours waits longer, and is told of
        yield client


@contextmanager
def understood() -> Iterator[None]:
    """Tell an answer that may be another in a while from one that will not.

    Raises
    ------
    Unreachable, Refused
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote the patient's name
            yield
    except requests.HTTPError as error:
        code = error.response.status_code
        if code in _LATER or code >= 500:
            raise Unreachable(f"the service answers with status {code}") from error
        raise Refused(f"the service answers with status {code}") from error
    except requests.RequestException as error:
        raise Unreachable(f"the service cannot be reached ({type(error).__name__})") from error


@contextmanager
def web(to: Destination) -> Iterator[Carrier]:
    """Store objects for as long as the block runs."""
    with web_client(to) as client:
        yield lambda path: _store(client, path)


def _store(client: DICOMwebClient, path: Path) -> None:
    """Send one file and understand the answer (PS3.18 10.5.3)."""
    with understood():
        answer = client.store_instances([pydicom.dcmread(path)])
    failed = answer.get("FailedSOPSequence")
    if failed:
        raise Refused(f"the service refused it with reason {int(failed[0].get('FailureReason', 0)):04X}")
