"""Thresholds of `catheterview.anatomy`."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class AnatomyLimits:
    """Thresholds of `catheterview.anatomy`; each field has its unit and source."""

    level_step_mm: float = limit(3.0, unit="mm", source="a canal slopes at most 45 deg: finer axial levels add nothing")
    pixel_mm: float = limit(2.0, unit="mm", source="a lamina is 3 to 6 mm thick, so it survives averaging to 2 mm")
    oblique_deg: float = limit(8.0, unit="deg", source="the rays of the enclosure test are 22.5 deg apart")

    body_hu: float = limit(-350.0, unit="HU", source="halfway between air and fat with a margin for thick slices")
    body_pixel_mm: float = limit(4.0, unit="mm", source="skin distance is needed to a few mm")
    table_opening_mm: float = limit(10.0, unit="mm", source="a table's shell and cables are thinner, a wrist is not")
    body_ml: float = limit(300.0, unit="ml", source="less than an infant's head: a phantom's insert or a sponge")

    bone_hu: float = limit(180.0, unit="HU", source="cortical bone is above 300 HU; half of its step over soft tissue")
    reach_mm: float = limit(20.0, unit="mm", source="half of the widest canal (lumbar, 28 mm) and a margin off centre")
    canal_half_mm: float = limit(6.0, unit="mm", source="the narrowest thoracic canal is about 13 mm deep")
    specks_mm2: float = limit(30.0, unit="mm2", source="a catheter's section with blooming is under 3 x 3 mm")
    spongy_hu: float = limit(100.0, unit="HU", source="trabecular bone of an elderly vertebra is about 100 HU")
    body_of_vertebra_mm: float = limit(24.0, unit="mm", source="depth and width surely within a lumbar body")
    aside_mm: float = limit(60.0, unit="mm", source="scoliosis rarely takes a spine farther aside; hips lie at 100 mm")
    slope: float = limit(1.0, unit="mm/mm", source="a sacral canal is the steepest, about 45 deg to the axis")
    slide_cost: float = limit(0.1, unit="1", source="chosen on real thorax and lumbar CT by looking")
    evidence: float = limit(0.25, unit="1", source="chosen on real thorax and lumbar CT by looking")
    canal_length_mm: float = limit(40.0, unit="mm", source="more than one vertebra, so that a chance hole is no canal")
    vertebra_mm: float = limit(36.0, unit="mm", source="a lumbar vertebra with its disc")
    sac_mm2: float = limit(500.0, unit="mm2", source="a wide lumbar sac of 25 mm; an aorta may be larger")
    sac_steadiness: float = limit(0.6, unit="1", source="along a sac contrast fades slowly; bone comes and goes")
    sac_rim_mm: float = limit(5.0, unit="mm", source="what the sac's slope takes off its rim over one vertebra")
    sac_evenness: float = limit(1.35, unit="1", source="contrast in one level is even; cortex rises above it")

    ray_step_mm: float = limit(0.75, unit="mm", source="a third of a view's pixel")
    ray_start_mm: float = limit(3.0, unit="mm", source="a catheter in mid canal is passed over; no canal is narrower")
    ray_reach_mm: float = limit(16.0, unit="mm", source="half of the widest canal (lumbar, 28 mm) and a margin")
    contrast_margin_hu: float = limit(160.0, unit="HU", source="bone over what fills the canal, as bone_hu over water")
    closing_mm: float = limit(
        18.0, unit="mm", source="half a vertebra with its disc, so that one lamina is always near"
    )
    closing_share: float = limit(0.25, unit="1", source="a lamina or pedicle covers over a quarter of each vertebra")
    smooth_mm: float = limit(8.0, unit="mm", source="a canal does not bend within a vertebra")
