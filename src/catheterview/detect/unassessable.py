"""All that one CT could not answer: stretches of the catheter that were not seen, and limits of the protocol."""

from __future__ import annotations

from catheterview.detect.contrast import find_protocol_limits
from catheterview.detect.visibility import find_not_assessable
from catheterview.limits import DetectLimits
from catheterview.model import Evidence, Finding


def find_unassessable(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report every stretch that is hidden, then what range, slices and contrast of the scan do not tell.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        All of kind ``not_assessable``.
    """
    return (*find_not_assessable(evidence, limits), *find_protocol_limits(evidence, limits))
