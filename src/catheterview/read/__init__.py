"""From files to images with honest geometry.

`scan` reads headers and sorts them into cases, studies, series and stacks; `load` reads the pixels of one series.
"""

from __future__ import annotations

from catheterview.read.group import scan
from catheterview.read.identity import pseudonym, site_key
from catheterview.read.load import READERS, Reader, load
from catheterview.read.roles import ROLES
from catheterview.read.series import Case, Inventory, MaskFile, Series, Study

__all__ = [
    "READERS", "ROLES", "Case", "Inventory", "MaskFile", "Reader", "Series", "Study", "load", "pseudonym", "scan",
    "site_key",
]  # fmt: skip
