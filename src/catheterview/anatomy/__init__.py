"""Body, spinal canal and vertebral levels in CT, without a trained network."""

from __future__ import annotations

from catheterview.anatomy.find import find_anatomy

__all__ = ["find_anatomy"]
