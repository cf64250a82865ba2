"""Body, spinal canal and vertebral levels in CT, without a trained network."""

from __future__ import annotations

from catheterview.anatomy.find import find_anatomy
from catheterview.anatomy.given import with_given

__all__ = ["find_anatomy", "with_given"]
