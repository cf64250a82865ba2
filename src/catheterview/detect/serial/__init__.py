"""What has changed since an earlier CT: where the tip and the pump are, and how the pump lies."""

from __future__ import annotations

from catheterview.detect.serial.changes import CHANGES, detect_since_ct
from catheterview.detect.serial.prior import PriorCt, prior_of

__all__ = ["CHANGES", "PriorCt", "detect_since_ct", "prior_of"]
