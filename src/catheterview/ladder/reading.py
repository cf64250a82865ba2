"""What triage has read in the images itself, as the ladder is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from catheterview.model import Examined, Finding, Rung


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What triage has found, and what it has looked at; `Reading()` is a case without images.

    Parameters
    ----------
    findings : tuple of Finding
    examined : tuple of Examined
        One line per detector; SKIPPED or FAILED keeps a study from counting as unremarkable.
    rungs : tuple of Rung
        The kinds of study that were read.
    rung_of : mapping of SeriesInstanceUID to Rung
        Which study a finding belongs to; a series that is not named counts for every rung that was read.
    pump_found : bool or None
        Whether the images show a pump; None where that was not asked.
    """

    findings: tuple[Finding, ...] = ()
    examined: tuple[Examined, ...] = ()
    rungs: tuple[Rung, ...] = ()
    rung_of: Mapping[str, Rung] = field(default_factory=lambda: MappingProxyType({}))
    pump_found: bool | None = None
