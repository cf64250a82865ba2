"""The decision table: every node of the ladder with its exits, cautions and sources, as data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from catheterview.ladder.rows import Node
from catheterview.ladder.table.catheter import CATHETER_NODES
from catheterview.ladder.table.emergency import EMERGENCY_NODES
from catheterview.ladder.table.imaging import IMAGING_NODES
from catheterview.ladder.table.management import MANAGEMENT_NODES
from catheterview.ladder.table.sentinels import SENTINELS, Sentinel
from catheterview.ladder.table.steps import STEP_NODES
from catheterview.ladder.table.therapy import THERAPY_NODES

__all__ = ["FIRST", "SENTINELS", "TABLE", "Sentinel"]

#: Where every case starts.
FIRST = "N0"

TABLE: Mapping[str, Node] = MappingProxyType(
    {
        node.id: node
        for node in (
            *STEP_NODES,
            *EMERGENCY_NODES,
            *THERAPY_NODES,
            *CATHETER_NODES,
            *IMAGING_NODES,
            *MANAGEMENT_NODES,
        )
    }
)
