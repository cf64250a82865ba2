"""A run whose worklist is on a database server, from the command line, and nothing of a patient in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "store"))
from postgres_server import PASSWORD, postgres

COMMAND = Path(sys.executable).with_name("catheterview")


def ran(*words: object) -> Any:
    """What a command prints as JSON."""
    place = os.environ | {"CATHETERVIEW_STORE_PASSWORD": PASSWORD}
    done = subprocess.run([COMMAND, *map(str, words), "--json"], capture_output=True, text=True, env=place, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_department_triages_resumes_and_lists(tiny: Path, tmp_path: Path) -> None:
    """The server is named once; a second run keeps all; what is exported and what the server holds names nobody."""
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="the extra department is not installed")
    out = tmp_path / "out"
    with postgres() as url:
        first = ran("triage", tiny, "--out", out, "--store", url, "--jobs", 2)
        again = ran("triage", tiny, "--out", out, "--resume", "--timeout", 0.01)
        rows = ran("worklist", out, "--findings", tmp_path / "f.csv", "--reviews", tmp_path / "r.csv")
        named = sqlalchemy.make_url(url).set(drivername="postgresql+pg8000", password=PASSWORD)
        engine = sqlalchemy.create_engine(named, poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            tables = sqlalchemy.inspect(connection).get_table_names()
            held = str([connection.exec_driver_sql(f"SELECT * FROM {name}").fetchall() for name in tables])
    assert len(first["cases"]) == len(again["cases"]) == len(rows) == 4
    assert again["complete"]
    assert not (out / "worklist.sqlite").exists()
    exported = (tmp_path / "f.csv").read_text() + (tmp_path / "r.csv").read_text()
    assert "CANARY" not in held + exported
    assert "Yellowbird" not in held + exported
    assert {row["case_id"] for row in rows} == {case["case_id"] for case in first["cases"]}
    assert all(row["case_id"] in held for row in rows)
