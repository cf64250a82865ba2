"""Key images: slab MIPs, curved reformats, close-ups."""

from __future__ import annotations

from catheterview.picture.key import key_images
from catheterview.picture.straight import curved_reformat

__all__ = ["curved_reformat", "key_images"]
