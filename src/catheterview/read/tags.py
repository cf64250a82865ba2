"""The header fields that reading needs, by tag; a tag is kept as its four little-endian bytes read it.

A tag (gggg,eeee) is the number ``eeee << 16 | gggg``: what one 32-bit read of a little-endian file yields, so that the
walker need not take it apart.
"""

from __future__ import annotations

from typing import Final


def tag(group: int, element: int) -> int:
    """Return the number under which (group, element) is kept."""
    return element << 16 | group


TRANSFER_SYNTAX: Final = tag(0x0002, 0x0010)
FIRST_RECORD: Final = tag(0x0004, 0x1200)  # of a DICOMDIR
CHARACTER_SET: Final = tag(0x0008, 0x0005)
IMAGE_TYPE: Final = tag(0x0008, 0x0008)
SOP_CLASS: Final = tag(0x0008, 0x0016)
SOP_INSTANCE: Final = tag(0x0008, 0x0018)
STUDY_DATE: Final = tag(0x0008, 0x0020)
ACQUISITION_DATE_TIME: Final = tag(0x0008, 0x002A)
ACQUISITION_TIME: Final = tag(0x0008, 0x0032)
MODALITY: Final = tag(0x0008, 0x0060)
STUDY_DESCRIPTION: Final = tag(0x0008, 0x1030)
SERIES_DESCRIPTION: Final = tag(0x0008, 0x103E)
PATIENT_ID: Final = tag(0x0010, 0x0020)
ISSUER: Final = tag(0x0010, 0x0021)
SLICE_THICKNESS: Final = tag(0x0018, 0x0050)
SPACING_BETWEEN: Final = tag(0x0018, 0x0088)
CONTRAST_ROUTE: Final = tag(0x0018, 0x1040)
DETECTOR_SPACING: Final = tag(0x0018, 0x1164)
KERNEL: Final = tag(0x0018, 0x1210)
STUDY: Final = tag(0x0020, 0x000D)
SERIES: Final = tag(0x0020, 0x000E)
ACQUISITION_NUMBER: Final = tag(0x0020, 0x0012)
INSTANCE_NUMBER: Final = tag(0x0020, 0x0013)
POSITION: Final = tag(0x0020, 0x0032)
ORIENTATION: Final = tag(0x0020, 0x0037)
FRAME_OF_REFERENCE: Final = tag(0x0020, 0x0052)
TEMPORAL_POSITION: Final = tag(0x0020, 0x0100)
SAMPLES: Final = tag(0x0028, 0x0002)
PHOTOMETRIC: Final = tag(0x0028, 0x0004)
PLANAR: Final = tag(0x0028, 0x0006)
FRAMES: Final = tag(0x0028, 0x0008)
ROWS: Final = tag(0x0028, 0x0010)
COLUMNS: Final = tag(0x0028, 0x0011)
PIXEL_SPACING: Final = tag(0x0028, 0x0030)
BITS_ALLOCATED: Final = tag(0x0028, 0x0100)
BITS_STORED: Final = tag(0x0028, 0x0101)
HIGH_BIT: Final = tag(0x0028, 0x0102)
SIGNED: Final = tag(0x0028, 0x0103)
PADDING: Final = tag(0x0028, 0x0120)
PADDING_LIMIT: Final = tag(0x0028, 0x0121)
INTERCEPT: Final = tag(0x0028, 0x1052)
SLOPE: Final = tag(0x0028, 0x1053)
FLOAT_PIXELS: Final = tag(0x7FE0, 0x0008)
DOUBLE_PIXELS: Final = tag(0x7FE0, 0x0009)
PIXELS: Final = tag(0x7FE0, 0x0010)

#: Fields that all slices of a series usually share; together they are the key under which a header is read once.
SHARED: Final = (
    CHARACTER_SET, IMAGE_TYPE, SOP_CLASS, STUDY_DATE, MODALITY, STUDY_DESCRIPTION, SERIES_DESCRIPTION,
    PATIENT_ID, ISSUER, SLICE_THICKNESS, SPACING_BETWEEN, CONTRAST_ROUTE, DETECTOR_SPACING, KERNEL, STUDY, SERIES,
    ORIENTATION, SAMPLES, PHOTOMETRIC, PLANAR, FRAMES, ROWS, COLUMNS, PIXEL_SPACING,
    BITS_ALLOCATED, BITS_STORED, HIGH_BIT, SIGNED, PADDING, PADDING_LIMIT, INTERCEPT, SLOPE,
)  # fmt: skip
#: Fields of one slice.
OWN: Final = (
    SOP_INSTANCE, ACQUISITION_NUMBER, ACQUISITION_DATE_TIME, ACQUISITION_TIME, TEMPORAL_POSITION, INSTANCE_NUMBER,
    POSITION, FRAME_OF_REFERENCE,
)  # fmt: skip
#: Fields whose bytes are 16-bit numbers, to be turned round when a file is big-endian.
BINARY_16: Final = frozenset(
    (SAMPLES, PLANAR, ROWS, COLUMNS, BITS_ALLOCATED, BITS_STORED, HIGH_BIT, SIGNED, PADDING, PADDING_LIMIT)
)
WANTED: Final = frozenset(SHARED + OWN + (FIRST_RECORD,))
