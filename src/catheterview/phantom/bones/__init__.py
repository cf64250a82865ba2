"""What makes a synthetic spine countable: names of its vertebrae, ribs that are borne by them, the pelvis beside it."""

from __future__ import annotations

from catheterview.phantom.bones.cage import Rib, paint_ribs, ribs_of
from catheterview.phantom.bones.names import level_near, levels_of
from catheterview.phantom.bones.pelvis import paint_ilia

__all__ = ["Rib", "level_near", "levels_of", "paint_ilia", "paint_ribs", "ribs_of"]
