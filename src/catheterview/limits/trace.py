"""Thresholds of `catheterview.trace`."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLimits:
    """Thresholds of `catheterview.trace`; each field has its unit and source."""

    tophat_mm: float = limit(5.0, unit="mm", source="twice the outer diameter of the widest catheter, 2.1 to 2.8 mm")
    candidate_contrast_hu: int = limit(70, unit="HU", source="calibration split")
    lung_hu: int = limit(-300, unit="HU", source="between lung (below -500) and fat (-100)")
    facet_sigma_mm: float = limit(0.9, unit="mm", source="calibration split: near the blurred catheter's own width")
    facet_sigma_voxels: float = limit(0.6, unit="voxel", source="the narrowest window that still holds three samples")
    tube_sigma_mm: float = limit(1.48, unit="mm", source="makes the strength of a 1.3 mm tube its contrast; phantoms")
    ridge_strength_hu: float = limit(55.0, unit="HU", source="calibration split")
    ridge_roundness: float = limit(0.3, unit="1", source="calibration split")
    ridge_offset_voxels: float = limit(0.75, unit="voxel", source="half a voxel, and slack for noise")
    join_reach_mm: float = limit(2.2, unit="mm", source="calibration split")
    join_reach_voxels: float = limit(1.7, unit="voxel", source="reaches a diagonal neighbour")
    join_cosine: float = limit(0.77, unit="1", source="40 degrees; calibration split")
    tubelet_points: int = limit(4, unit="1", source="fewer cannot be told from noise")
    on_tube_cost: float = limit(0.02, unit="1", source="small against any link, so that a loop is not cut short")
    link_cost: float = limit(1.0, unit="1", source="the unit of cost: 1 mm off a tube")
    bend_cost_mm: float = limit(6.0, unit="mm", source="calibration split: a right angle costs as much as 6 mm")
    link_reach_mm: float = limit(24.0, unit="mm", source="calibration split: lamina and streaks hide that much")
    link_cosine: float = limit(0.64, unit="1", source="50 degrees; calibration split")
    sharp_link_mm: float = limit(5.0, unit="mm", source="a kink of radius under 4 mm is passed within that")
    sharp_cosine: float = limit(-0.35, unit="1", source="110 degrees: a folded catheter")
    leave_line_mm: float = limit(5.0, unit="mm", source="calibration split: the ends of tubelets hook")
    start_reach_mm: float = limit(40.0, unit="mm", source="how far streaks of the pump hide the catheter")
    link_dearness: float = limit(1.5, unit="1", source="calibration split")
    contrast_ratio: float = limit(1.7, unit="1", source="contrast of one tube by direction and neighbourhood; phantoms")
    contrast_step: float = limit(1.35, unit="1", source="overlapping steps within the ratio")
    core_radius_mm: float = limit(0.4, unit="mm", source="within the outer radius of the thinnest catheter, 0.6 mm")
    ring_mm: float = limit(2.6, unit="mm", source="beyond the blurred edge of a 1.4 mm tube")
    step_mm: float = limit(0.5, unit="mm", source="half a thin slice")
    centre_smooth_mm: tuple[float, ...] = limit((1.0, 0.8, 0.6), unit="mm", source="calibration split")
    centre_disc_mm: float = limit(2.0, unit="mm", source="holds the blurred tube and little else")
    bridge_from_mm: float = limit(2.0, unit="mm", source="about two voxels")
    bridge_margin_mm: float = limit(10.0, unit="mm", source="room for the loop that a straight link would cut short")
    presence_smooth_mm: float = limit(0.6, unit="mm", source="less than the scanner's own blur")
    expected_window_mm: float = limit(60.0, unit="mm", source="much longer than a gap, shorter than the catheter")
    absent_edge: float = limit(0.5, unit="1", source="half maximum: the end face of a blurred tube")
    absent_ratio: float = limit(0.25, unit="1", source="calibration split")
    absent_median: float = limit(0.35, unit="1", source="calibration split")
    absent_mm: float = limit(2.0, unit="mm", source="a gap of 3 mm after blur; calibration split")
    absent_resolutions: float = limit(1.2, unit="1", source="less than a slice cannot be told from partial volume")
    absent_clear_share: float = limit(0.6, unit="1", source="calibration split")
    clear_spread: float = limit(0.45, unit="1", source="calibration split")
    clear_core: float = limit(0.45, unit="1", source="calibration split")
    tissue_range_hu: float = limit(
        90.0, unit="HU", source="from fat (-100) to fluid (0): surroundings change that much"
    )
    follow_step_mm: float = limit(2.0, unit="mm", source="a few voxels")
    follow_reach_mm: float = limit(10.0, unit="mm", source="tubelets end a few voxels early; more is another tube")
    body_margin_mm: float = limit(3.0, unit="mm", source="the skin: a cable lies on it")
    pump_margin_mm: float = limit(1.5, unit="mm", source="blooming of titanium, 1 to 3 mm")
    route_gain_mm: float = limit(
        40.0, unit="mm", source="calibration split: less is found in patients without a device"
    )
    piece_gain_mm: float = limit(25.0, unit="mm", source="calibration split")
    piece_reach_mm: float = limit(80.0, unit="mm", source="how far a severed end was placed in the phantoms, and more")
    start_cost: float = limit(0.3, unit="1", source="calibration split")
    sure_gain_mm: float = limit(200.0, unit="mm", source="calibration split: no bone or vessel gives as long a route")
    link_discount: float = limit(0.9, unit="1", source="calibration split: a link that is seen is nearly a tube")
    connector_contrast_hu: float = limit(250.0, unit="HU", source="a faint tube beside streaks; calibration split")
    bridge_contrast: float = limit(0.7, unit="1", source="contrast of one tube varies by that much; phantoms")
    beginning_mm: float = limit(14.0, unit="mm", source="a loop is longer than that; calibration split")
    centre_along_mm: float = limit(0.7, unit="mm", source="averages noise over less than a kink")
    centre_step_mm: float = limit(0.7, unit="mm", source="about a voxel")
    soft_tissue_hu: float = limit(150.0, unit="HU", source="above muscle (50) and its noise, below bone (300)")
    free_contrast: float = limit(0.3, unit="1", source="calibration split")
    on_bone_cost: float = limit(0.7, unit="1", source="calibration split")
    hairpin_cosines: float = limit(0.2, unit="1", source="a fold of 150 degrees; more is a way back along itself")
    island_mm: float = limit(15.0, unit="mm", source="calibration split")
    island_confidence: float = limit(0.8, unit="1", source="calibration split")
    clear_ratio: float = limit(8.0, unit="1", source="contrast over noise from which the ridge points hold; phantoms")
    stiffest: float = limit(2.5, unit="1", source="a bend of 1 cm radius is still followed")
