"""Masks of a segmentation tool that the user already runs, taken in place of the anatomy that is found here.

DICOM Segmentation objects and NIfTI files; names as TotalSegmentator gives them, labels and codes of segments.
"""

from __future__ import annotations

from catheterview.masks.gather import Gathered, gathered
from catheterview.masks.mask import Mask, MasksRead
from catheterview.masks.names import Structure, structure_of
from catheterview.masks.nifti import is_nifti, read_nifti
from catheterview.masks.organs import outside_organs
from catheterview.masks.seg import read_seg

__all__ = [
    "Gathered",
    "Mask",
    "MasksRead",
    "Structure",
    "gathered",
    "is_nifti",
    "outside_organs",
    "read_nifti",
    "read_seg",
    "structure_of",
]
