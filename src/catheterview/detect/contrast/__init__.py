"""Contrast in CT: where it is, and what is wrong with that."""

from __future__ import annotations

from catheterview.detect.contrast.defect import find_filling_defects
from catheterview.detect.contrast.ectasia import find_ectasias
from catheterview.detect.contrast.layers import find_layers
from catheterview.detect.contrast.leaks import find_leaks
from catheterview.detect.contrast.mapping import map_contrast
from catheterview.detect.contrast.pooling import find_pooling
from catheterview.detect.contrast.protocol import find_protocol_limits
from catheterview.detect.contrast.seroma import find_seromas
from catheterview.detect.contrast.tip import find_tip_malpositions

__all__ = [
    "find_ectasias",
    "find_filling_defects",
    "find_layers",
    "find_leaks",
    "find_pooling",
    "find_protocol_limits",
    "find_seromas",
    "find_tip_malpositions",
    "map_contrast",
]
