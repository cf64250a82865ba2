"""All pictures of one image for a report."""

from __future__ import annotations

from collections.abc import Sequence

from catheterview.geometry import Frame
from catheterview.model import Evidence, Finding, KeyImage
from catheterview.picture.close import close_image
from catheterview.picture.contrast import contrast_image
from catheterview.picture.slab import slab_images
from catheterview.picture.straight import straight_image

_SHORTEST_MM = 2.0  # a shorter stump has no course to be straightened


def key_images(evidence: Evidence, findings: Sequence[Finding], *, first_number: int = 1) -> tuple[KeyImage, ...]:
    """Make the pictures of a report.

    Parameters
    ----------
    evidence : Evidence
        The image with what was found in it; with neither pump nor catheter, plain projections are made.
    findings : sequence of Finding
        In the order of the report: they are called F1, F2, … in the pictures. Those of another series are passed over.
    first_number : int
        Number of the first finding, for a report whose earlier findings are of other images.

    Returns
    -------
    tuple of KeyImage
        ``mip-coronal``, ``mip-sagittal``, ``mip-axial``, then ``cpr`` (``cpr-2``, …) and, where contrast was looked
        for, ``contrast`` (``contrast-2``, …) for each catheter, then
        ``finding-<id>`` for each finding. Empty for an image without a place in the patient.
    """
    if evidence.image.grid is None:
        return ()
    named = [(f"F{number}", finding) for number, finding in enumerate(findings, first_number)]
    here = [(name, finding) for name, finding in named if _is_here(evidence, finding)]
    catheters = [catheter for catheter in evidence.catheters if catheter.arc_mm[-1] >= _SHORTEST_MM]
    made = slab_images(evidence, here)
    for number, catheter in enumerate(catheters, 1):
        name = "cpr" if number == 1 else f"cpr-{number}"
        made.append(straight_image(evidence, catheter, here, name=name))
        dyed = contrast_image(evidence, catheter, here, name=name.replace("cpr", "contrast"))
        made += [dyed] if dyed is not None else []
    return (*made, *(close_image(evidence, name, finding) for name, finding in here))


def _is_here(evidence: Evidence, finding: Finding) -> bool:
    """Whether a finding is of this image and has a place in the patient."""
    same = finding.series_instance_uid == evidence.image.series_instance_uid
    return same and finding.frame is Frame.PATIENT and len(finding.point) == 3
