"""All pictures of a tracer study."""

from __future__ import annotations

from collections.abc import Sequence

from catheterview.model import Finding, KeyImage, TracerEvidence, Uptake
from catheterview.picture.nuclear.along import along_image
from catheterview.picture.nuclear.fused import fused_image


def tracer_images(
    evidence: TracerEvidence, uptakes: Sequence[Uptake], findings: Sequence[Finding], *, first_number: int = 1
) -> tuple[KeyImage, ...]:
    """Make the pictures of a tracer study.

    Parameters
    ----------
    evidence : TracerEvidence
        With at least one volume.
    uptakes : sequence of Uptake
    findings : sequence of Finding
        In the order of the report: they are called F1, F2, … in the pictures.
    first_number : int

    Returns
    -------
    tuple of KeyImage
        ``spect-ct``, and ``tracer-along`` where a catheter was traced.
    """
    named = [(f"F{number}", finding) for number, finding in enumerate(findings, first_number)]
    along = along_image(uptakes)
    return (fused_image(evidence.scans, named), *((along,) if along else ()))
