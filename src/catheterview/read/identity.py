"""Who a case is, without saying who: a keyed hash of issuer and PatientID; the key stays with the site."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from catheterview.errors import InputError

_KEY_BYTES = 32


def pseudonym(*, issuer: str | None, patient_id: str, key: bytes) -> str:
    """Return the case id of a patient: the same patient has the same at one site, and none at another.

    Parameters
    ----------
    issuer : str or None
        IssuerOfPatientID.
    patient_id : str
        PatientID; surrounding blanks do not count.
    key : bytes
        The site's secret (`site_key`).

    Returns
    -------
    str
        16 hexadecimal digits of HMAC-SHA256.

    Raises
    ------
    InputError
        When the key is empty: the hash could then be undone by trying all numbers.
    """
    return _keyed("patient", (issuer or "").strip(), patient_id.strip(), key=key)


def study_pseudonym(study_instance_uid: str, *, key: bytes) -> str:
    """Return the case id of a study whose PatientID is empty: the study alone is the case."""
    return _keyed("study", study_instance_uid, key=key)


def _keyed(*parts: str, key: bytes) -> str:
    """Hash parts that cannot run into each other."""
    if not key:
        raise InputError("the pseudonym key is empty")
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:16]


def site_key() -> bytes:
    """Return the site's secret from CATHETERVIEW_KEY, else from its key file, made on first use.

    The file is ``catheterview/key`` under XDG_CONFIG_HOME (or ``~/.config``), readable by its owner only.

    Raises
    ------
    InputError
        When the key file is empty, or others may read it.
    """
    from_environment = os.environ.get("CATHETERVIEW_KEY", "")
    if from_environment:
        return from_environment.encode()
    base = os.environ.get("XDG_CONFIG_HOME", "") or str(Path.home() / ".config")
    path = Path(base) / "catheterview" / "key"
    return _stored_key(path) if path.exists() else _new_key(path)


def _stored_key(path: Path) -> bytes:
    """Read a key file, refusing one that others can read."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise InputError("the key file may be read by others; make it private (mode 600)", where=path.name)
    key = path.read_bytes().strip()
    if not key:
        raise InputError("the key file is empty", where=path.name)
    return key


def _new_key(path: Path) -> bytes:
    """Make a key file; when another process was faster, use its key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_hex(_KEY_BYTES).encode())
    try:
        os.link(draft, path)  # fails when it is there, and never shows a half-written key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _stored_key(path)
