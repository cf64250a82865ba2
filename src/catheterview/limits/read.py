"""Thresholds of `catheterview.read`."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

_DICOM_DS = "DICOM PS3.5 6.2: positions are decimal strings, written by scanners with one to six decimals"
_GUARD = "engineering guard against hostile or broken files, far above what a scanner writes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Thresholds of `catheterview.read`; each field has its unit and source."""

    min_slices: int = limit(3, unit="1", source="two slices prove no regular spacing: three are the fewest that do")
    position_tolerance_mm: float = limit(0.1, unit="mm", source=f"a third of the tracing bar of 0.3 mm; {_DICOM_DS}")
    position_tolerance_steps: float = limit(0.1, unit="1", source=f"of one slice step; {_DICOM_DS}")
    doubled_within_mm: float = limit(0.01, unit="mm", source=f"same position up to rounding; {_DICOM_DS}")
    orientation_tolerance: float = limit(1e-3, unit="1", source="largest difference of direction cosines, 0.06 degrees")
    in_plane_tolerance: float = limit(1e-3, unit="1", source="relative difference of PixelSpacing, 0.5 mm over 512 mm")
    tilt_from_deg: float = limit(0.2, unit="deg", source="below it a 300 mm stack shears by less than 1.1 mm")
    majority_share: float = limit(0.9, unit="1", source="a stack with a few strays; below it there is no majority")
    split_share: float = limit(0.8, unit="1", source="share of slices that a split must put into regular stacks")
    split_parts: int = limit(4, unit="1", source="more parts are one step-and-shoot scan, not several acquisitions")
    saturated_hu: int = limit(3071, unit="HU", source="12-bit scale: 4095 with intercept -1024")
    padding_below_hu: float = limit(-500.0, unit="HU", source="PixelPaddingValue between this and 3071 HU is tissue")
    square_within: float = limit(
        0.1, unit="1", source="height over width less 1: beyond it a disc looks tilted by 25 degrees and more"
    )
    one_exposure_mm: float = limit(
        500.0, unit="mm", source="flat panels are 43 cm long and less (clinical reference E.4): more was joined"
    )
    seam_step: float = limit(
        3.0, unit="1", source="the row's median step over the median of single pixels; anatomy under 2, train films"
    )
    column_clear: float = limit(1.4, unit="1", source="edges of end plates over those beside; simulated train films")
    column_frontal: float = limit(0.06, unit="1", source="of the trunk, off its middle; simulated train films")
    column_lateral: float = limit(0.09, unit="1", source="the same: bodies lie behind the middle; train films")
    column_most: float = limit(0.35, unit="1", source="further out lies no column of bodies, but the skin")
    max_rows: int = limit(16384, unit="pixels", source=_GUARD)
    max_frames: int = limit(20000, unit="1", source=_GUARD)
    max_image_bytes: int = limit(8 << 30, unit="bytes", source=_GUARD)
    max_header_bytes: int = limit(64 << 20, unit="bytes", source=_GUARD)
    max_member_bytes: int = limit(4 << 30, unit="bytes", source=_GUARD)
    max_archive_members: int = limit(500_000, unit="1", source=_GUARD)
    max_archive_ratio: float = limit(200.0, unit="1", source=f"for members from `ratio_from_bytes` on; {_GUARD}")
    max_codec_ratio: float = limit(2000.0, unit="1", source=f"for frames from `ratio_from_bytes` on; {_GUARD}")
    ratio_from_bytes: int = limit(32 << 20, unit="bytes", source="an empty slice compresses without bound but is small")
    threads: int = limit(2, unit="1", source="the machine that the speed bars are set on")
