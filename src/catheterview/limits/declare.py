"""How a threshold is declared: a dataclass field with its unit and source beside it."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def limit(default: float | tuple[float, ...], *, unit: str, source: str) -> Any:
    """Declare one threshold.

    Parameters
    ----------
    default : number
    unit : str
        ``mm``, ``HU``, ``deg``, ``1`` for a pure number, …
    source : str
        A paper, a standard's section, or ``tuning phantoms`` when it was set by looking at
        simulated CTs: the train cohort of the accuracy bench, and seeds 1001 to 1006.
    """
    return field(default=default, metadata={"unit": unit, "source": source})
