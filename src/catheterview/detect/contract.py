"""What a detector is: a pure function from evidence to findings, with its name, its kinds and its rungs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catheterview.limits import DetectLimits
from catheterview.model import Evidence, Examined, Finding, Kind, Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What one detector found in one image, and that it was asked.

    Parameters
    ----------
    findings : tuple of Finding
    examined : Examined
    """

    findings: tuple[Finding, ...]
    examined: Examined


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One detector of the registry.

    Parameters
    ----------
    name : str
        As it stands in the report's `examined`.
    kinds : tuple of Kind
        What it can find.
    rungs : tuple of Rung
        The studies that it reads.
    run : callable
        Takes evidence that has a catheter; pure.
    """

    name: str
    kinds: tuple[Kind, ...]
    rungs: tuple[Rung, ...]
    run: Callable[[Evidence, DetectLimits], tuple[Finding, ...]]

    def examine(self, evidence: Evidence, limits: DetectLimits) -> Detection:
        """Run on one image, or say why not.

        Parameters
        ----------
        evidence : Evidence
        limits : DetectLimits

        Returns
        -------
        Detection
            Its `examined` is SKIPPED with the reason when the rung is not this detector's or no catheter was traced.
        """
        why = self._why_not(evidence)
        findings = () if why else self.run(evidence, limits)
        examined = Examined(
            detector=self.name,
            series_instance_uids=(evidence.image.series_instance_uid,),
            outcome="SKIPPED" if why else "RAN",
            why=why,
        )
        return Detection(findings=findings, examined=examined)

    def _why_not(self, evidence: Evidence) -> str:
        """Why there is nothing to look at; empty when there is."""
        if evidence.rung not in self.rungs:
            return f"reads {', '.join(self.rungs)}, not {evidence.rung}"
        if not evidence.catheters:
            return evidence.why_no_catheter or "no catheter was traced"
        return ""
