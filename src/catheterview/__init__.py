"""catheterview reads the imaging of implanted intrathecal drug pumps.

Research use only. Not a medical device; not cleared or approved by any authority; not for diagnosis or treatment
decisions.
"""

from __future__ import annotations

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("catheterview")
