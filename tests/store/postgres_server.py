"""A PostgreSQL server of the system's packages, on loopback, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PASSWORD = "of the test only"


def _program(name: str) -> str:
    """Where a program of the server is; a skip where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        pytest.skip("PostgreSQL is not installed (make system does, as root)")
    return path


def _as_nobody_special() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("runuser") is None:
        pytest.skip("root cannot run PostgreSQL without runuser")
    return ["runuser", "-u", "postgres", "--"]


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server that asks for a password; yield the URL of an empty database, without it."""
    run, control = _as_nobody_special(), _program("pg_ctl")
    with TemporaryDirectory(prefix="catheterview-postgres-") as folder, socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
        found.close()
        data, word = Path(folder) / "data", Path(folder) / "word"
        word.write_text(PASSWORD)
        if run:
            shutil.chown(folder, "postgres")
        word.chmod(0o644)
        made = [_program("initdb"), "-D", data, "-U", "tester", "-A", "scram-sha-256", f"--pwfile={word}", "--no-sync"]
        subprocess.run([*run, *made, "-E", "UTF8", "--locale=C"], check=True, capture_output=True, cwd=folder)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        started = [*run, control, "-D", data, "-o", options, "-l", Path(folder) / "log", "-w", "-t", "60"]
        subprocess.run([*started, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            stop = [*run, control, "-D", data, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, cwd=folder)
