"""The worklist store."""

from __future__ import annotations

from catheterview.store.rows import Run, RunOutcome
from catheterview.store.worklist import Store, open_store

__all__ = ["Run", "RunOutcome", "Store", "open_store"]
