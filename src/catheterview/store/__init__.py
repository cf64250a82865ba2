"""The worklist store."""

from __future__ import annotations

from catheterview.store.place import claim, has_worklist, keep_at, only_run
from catheterview.store.rows import Run, RunOutcome
from catheterview.store.tables import write_table
from catheterview.store.worklist import Store, open_store

__all__ = ["Run", "RunOutcome", "Store", "claim", "has_worklist", "keep_at", "only_run", "open_store", "write_table"]
