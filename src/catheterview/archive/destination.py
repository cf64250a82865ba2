"""Where results go, as a person writes it: ``https://…/dicom-web`` or ``AET@HOST:PORT``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from catheterview.errors import InputError

_PEER = re.compile(r"(?P<aet>[^@\\]{1,16})@(?P<host>\[[0-9A-Fa-f:.]+\]|[^@:\s]+):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificates, PEM.

    Parameters
    ----------
    authority : Path or None
        Whom to trust; None for whom the system trusts.
    certificate, key : Path or None
        Of ourselves, for a peer that asks for them.
    """

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An archive.

    Parameters
    ----------
    url : str
        Of its DICOMweb service; empty for a DICOM node.
    aet, host, port
        Of a DICOM node.
    calling : str
        The AE title that we call ourselves by.
    tls : Tls or None
        None for a DICOM node without encryption.
    """

    url: str = ""
    aet: str = ""
    host: str = ""
    port: int = 0
    calling: str = "CATHETERVIEW"
    tls: Tls | None = None

    @property
    def name(self) -> str:
        """What it is called in the outbox."""
        return self.url or f"{self.aet}@{self.host}:{self.port}"


def destination(
    written: str, *, calling: str = "CATHETERVIEW", tls: Tls | None = None, option: str = "--to"
) -> Destination:
    """Understand a destination, or a source; `option` names it in what is said of a mistake.

    Raises
    ------
    InputError
        When it is neither a URL nor ``AET@HOST:PORT``, or holds a password, which a list of processes would show.
    """
    if written.startswith(("http://", "https://")):
        parts = urlsplit(written)
        if not parts.hostname or parts.username or parts.password:
            raise InputError("a URL needs a host, and no password: set CATHETERVIEW_TOKEN", where=option)
        return Destination(url=written.rstrip("/"), calling=calling, tls=tls)
    match = _PEER.fullmatch(written)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise InputError(f"{written!r} is neither a URL nor AET@HOST:PORT", where=option)
    host = match["host"].strip("[]")
    return Destination(aet=match["aet"].strip(), host=host, port=int(match["port"]), calling=calling, tls=tls)
