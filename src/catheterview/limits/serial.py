"""Thresholds of comparing a CT with an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialLimits:
    """Thresholds of comparing a CT with an earlier one; each field has its unit and source."""

    bone_step_mm: float = limit(3.0, unit="mm", source="half of a lamina and a rib: finer adds nothing to their match")
    bone_reach_mm: float = limit(60.0, unit="mm", source="ribs' necks and transverse processes, 50 mm aside")
    bone_hu: float = limit(180.0, unit="HU", source="bone over soft tissue, as in the anatomy")
    bone_most_hu: float = limit(900.0, unit="HU", source="cortical bone; metal is cut off here")
    bone_shift_mm: float = limit(150.0, unit="mm", source="half of a scan of 30 cm")
    bone_fit: float = limit(0.6, unit="1", source="correlation of two scans of one spine, train phantoms: over 0.8")
    bone_margin: float = limit(0.05, unit="1", source="vertebrae of one mould, laid one off, fit worse by 0.01 to 0.06")

    like_mm: float = limit(
        14.0, unit="mm", source="less than half of a lumbar vertebra with its disc, over thoracic error"
    )

    ring_step_mm: float = limit(3.0, unit="mm", source="a third of a part inside a pump")
    rim_mm: float = limit(5.0, unit="mm", source="shell and its blooming")
    face_mm: float = limit(3.0, unit="mm", source="shell and its blooming")
    metal_most_hu: float = limit(3000.0, unit="HU", source="12 bit scales end at 3071")
    pattern_fit: float = limit(0.4, unit="1", source="correlation of one pump's inside in two scans; train phantoms")
    pattern_margin: float = limit(0.1, unit="1", source="the same pump mirrored fits worse by 0.3; train phantoms")
    turned_deg: float = limit(15.0, unit="deg", source="rotation that must be found; twice a posture's tilt")
    pump_moved_mm: float = limit(30.0, unit="mm", source="breath and posture carry a pump; no published threshold")
    pump_still_mm: float = limit(16.0, unit="mm", source="breath and posture; less than half a vertebra")
    tip_moved_mm: float = limit(15.0, unit="mm", source="more than half a vertebra; posture moves a tip by less")
