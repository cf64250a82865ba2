"""Thresholds of `catheterview.device`."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLimits:
    """Thresholds of `catheterview.device`; each field has its unit and source."""

    metal_hu: float = limit(
        2000.0, unit="HU", source="above enamel-free bone (1900); titanium is above 11 000 at 70 keV"
    )
    below_clip_hu: float = limit(
        100.0, unit="HU", source="a scale that clips at its top still shows metal this near it"
    )
    metal_ml: float = limit(2000.0, unit="ml", source="twenty pumps; more is not metal but another scale of values")
    join_mm: float = limit(4.0, unit="mm", source="parts of one device that streaks cut apart")
    join_far_mm: float = limit(12.0, unit="mm", source="two faces of a hollow pump of which only the plates are bright")
    pump_shell_ml: float = limit(2.0, unit="ml", source="half of the wall of the smallest hollow pump, 0.5 mm thick")

    cube_half_mm: float = limit(72.0, unit="mm", source="half of the largest pump and a margin that its rays need")
    cube_step_mm: float = limit(2.0, unit="mm", source="a tenth of the thinnest pump")
    shell_share: float = limit(0.6, unit="1", source="a shell thinner than a voxel is dimmer than solid metal")
    thin_shell_share: float = limit(0.35, unit="1", source="a wall of 1 mm seen edge on in slices of 5 mm")
    sandwiched: float = limit(0.6, unit="1", source="share of 13 lines; inside a shell all meet metal on both sides")
    opening_mm: float = limit(5.0, unit="mm", source="a catheter with blooming is under 4 mm, half a pump 7 mm or more")

    pump_diameter_min_mm: float = limit(48.0, unit="mm", source="smallest pump found is 50 mm (Codman 3000)")
    pump_diameter_max_mm: float = limit(105.0, unit="mm", source="largest pump found is 87.5 mm (SynchroMed II)")
    pump_thickness_min_mm: float = limit(13.0, unit="mm", source="pumps are 15 mm or more, pulse generators 8 to 12 mm")
    pump_thickness_max_mm: float = limit(38.0, unit="mm", source="thickest pump found is 26 mm (SynchroMed II 40 ml)")
    flatness_max: float = limit(0.6, unit="1", source="thickness over diameter; a joint's head is 1")
    rim_residual_max: float = limit(0.06, unit="1", source="over the radius; a generator's outline is off by 0.1")
    rim_share_min: float = limit(0.45, unit="1", source="under half a circle says little about its radius")
    overlap_min: float = limit(0.7, unit="1", source="of the filled body with the ideal disc, intersection over union")

    ray_step_mm: float = limit(0.4, unit="mm", source="half of a fine pixel")
    ray_margin_mm: float = limit(9.0, unit="mm", source="blooming of 3 mm and the error of the first fit")
    tissue_hu: float = limit(-500.0, unit="HU", source="halfway between air and fat, lower for dark streaks")
    tissue_off_mm: float = limit(5.0, unit="mm", source="beyond blooming, within the skin over a pump (5 to 25 mm)")
    tissue_share_min: float = limit(
        0.3, unit="1", source="a pump has its whole inner face on tissue, a thing on the table air"
    )
    body_cell_mm: float = limit(8.0, unit="mm", source="a table's shell is thinner and falls through")
    body_hu: float = limit(-350.0, unit="HU", source="halfway between air and fat with a margin for thick slices")

    implant_ml: float = limit(0.15, unit="ml", source="smaller is a clip or a speck of enamel and is not reported")
    dense_share: float = limit(0.5, unit="1", source="contrast fades at its edge, metal does not")
    dense_hu: float = limit(2800.0, unit="HU", source="between the brightest contrast-filled vein and a clipped scale")
    wire_mm: float = limit(9.0, unit="mm", source="a wire or a lead with blooming, gently bent")
    port_max_mm: float = limit(50.0, unit="mm", source="a port is 20 to 35 mm wide; its stem and blooming add to it")
    port_min_mm: float = limit(14.0, unit="mm", source="a port is 20 to 35 mm wide")
    head_width_mm: float = limit(230.0, unit="mm", source="wider than a head, narrower than shoulders")
    model_tolerance_mm: float = limit(4.0, unit="mm", source="blooming on a clipped scale adds up to 3 mm to 87.5 mm")
