"""What hangs together: volumes with what is fused on them, films side by side, runs. No Qt, no napari."""

from __future__ import annotations

from napari_catheterview.hanging.film import Film, side_by_side
from napari_catheterview.hanging.fused import Fused, fused_on
from napari_catheterview.hanging.plan import Plan, beside, plans

__all__ = ["Film", "Fused", "Plan", "beside", "fused_on", "plans", "side_by_side"]
