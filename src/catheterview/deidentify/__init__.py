"""Images that leave for research: the Basic Application Level Confidentiality Profile of PS3.15 E, and checks of it.

Needs dicom-anonymizer, whose table of the profile's actions is used; the extra ``archive`` brings it.
"""

from __future__ import annotations

from catheterview.deidentify.run import Deidentified, deidentify

__all__ = ["Deidentified", "deidentify"]
