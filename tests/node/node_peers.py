"""Senders on loopback, and what they send."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "archive"))
from archive_peers import CT, Archive, Orthanc, archive, free_port, instance, orthanc

__all__ = ["CT", "Archive", "Orthanc", "archive", "certificate", "free_port", "instance", "orthanc", "sender"]


def sender(
    port: int, objects: Sequence[Any], *, calling: str = "SENDER", called: str = "NODE", secure: Any = None
) -> list[int] | str:
    """Send objects over one association; return the status of each, or that the association was rejected."""
    entity = AE(ae_title=calling)
    for uid in {one.SOPClassUID for one in objects}:
        for syntax in {one.file_meta.TransferSyntaxUID for one in objects if one.SOPClassUID == uid}:
            entity.add_requested_context(uid, syntax)
    association = entity.associate("127.0.0.1", port, ae_title=called, tls_args=secure)
    if not association.is_established:
        return "rejected"
    try:
        return [int(association.send_c_store(one).Status) for one in objects]
    finally:
        association.release()


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """An authority, and a certificate of it for localhost with its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, cert, key
