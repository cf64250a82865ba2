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
    dark_evidence: float = limit(
        0.85, unit="1", source="a layer on one side of the canal adds 6 % to what encloses it: train phantoms"
    )
    dark_gain: float = limit(1.02, unit="1", source="rounds without gain change by under 1 %: train phantoms")
    canal_length_mm: float = limit(40.0, unit="mm", source="more than one vertebra, so that a chance hole is no canal")
    vertebra_mm: float = limit(36.0, unit="mm", source="a lumbar vertebra with its disc")
    sac_least_mm2: float = limit(
        12.0, unit="mm2", source="what lasts of a thoracic sac; of a tube 1 to 5: train phantoms"
    )
    sac_drifted_mm2: float = limit(
        35.0, unit="mm2", source="laminae that overlap reach 30, layers of contrast 40: train phantoms"
    )
    lasting_drift_mm: float = limit(
        1.0, unit="mm", source="how far a course to the voxel strays from a sac over a vertebra"
    )
    sac_mm2: float = limit(500.0, unit="mm2", source="a wide lumbar sac of 25 mm; an aorta may be larger")
    sac_steadiness: float = limit(0.6, unit="1", source="along a sac contrast fades slowly; bone comes and goes")
    lasting_percent: float = limit(
        75.0, unit="%", source="a tube crosses a line along the sac over a quarter of a vertebra"
    )
    sac_spreads: int = limit(
        0, unit="1", source="rounds of carrying on what is taken out; more only where it is needed"
    )
    narrow_mm: float = limit(5.4, unit="mm", source="under half of the narrowest thoracic canal, 13 mm deep")
    narrow_share: float = limit(0.1, unit="1", source="healthy canals reach 0.08, half of a vertebra: train phantoms")
    lasting_hu: float = limit(120.0, unit="HU", source="half way from bone's threshold to what the CSF is without it")
    lasting_most_hu: float = limit(500.0, unit="HU", source="a layer of contrast is diluted; a tube and bone are not")
    lasting_edge_mm: float = limit(1.5, unit="mm", source="what averaging to 2 mm blurs of an edge")
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

    frame_step_mm: float = limit(2.0, unit="mm", source="a disc is 4 mm high or more")
    pedicle_reach_mm: float = limit(7.0, unit="mm", source="half of a lumbar pedicle's width and the canal's error")
    pedicle_full_hu: float = limit(900.0, unit="HU", source="cortical bone seen through 1 to 5 mm slices")
    pedicle_smooth_mm: float = limit(3.0, unit="mm", source="less than the height of a thoracic foramen, 8 mm")
    foramen_fall_hu: float = limit(200.0, unit="HU", source="chosen on real thorax and lumbar CT by looking")
    foramen_least_hu: float = limit(15.0, unit="HU", source="chosen on real thorax and lumbar CT by looking")
    uneven_cost: float = limit(12.0, unit="1", source="neighbours differ in height by under 15 %: chosen by looking")
    pedicle_above: float = limit(0.2, unit="1", source="bodies marked by hand on a real lumbar CT")
    vertebra_least_mm: float = limit(13.0, unit="mm", source="a thoracic vertebra of a small adult, 16 mm with disc")
    vertebra_most_mm: float = limit(50.0, unit="mm", source="a tall lumbar vertebra of a large adult, 45 mm with disc")

    side_step_mm: float = limit(2.0, unit="mm", source="a rib is 8 mm high and more")
    side_depth_mm: float = limit(3.0, unit="mm", source="a rib is 6 mm thick and more")
    side_from_mm: float = limit(20.0, unit="mm", source="beside the body and the facets")
    side_to_mm: float = limit(70.0, unit="mm", source="farther than any transverse process")
    side_start_mm: float = limit(12.0, unit="mm", source="a rib's neck lies within half a vertebra of the pedicle")
    rib_fall: float = limit(1.6, unit="mm/mm", source="the last ribs are the steepest, about 50 deg")
    rib_rise: float = limit(0.6, unit="mm/mm", source="a first rib's neck rises a little")
    rib_sinks_mm: float = limit(36.0, unit="mm", source="how far a last rib sinks before 60 mm aside, about 30 mm")
    rib_from_mm: float = limit(28.0, unit="mm", source="tip of a thoracic transverse process")
    rib_to_mm: float = limit(60.0, unit="mm", source="a lumbar transverse process ends within 50 mm of the middle")
    rib_hu: float = limit(170.0, unit="HU", source="a rib averaged over 2 mm; muscle is about 50 HU")
    rib_back_mm: float = limit(-30.0, unit="mm", source="how far a rib's angle lies behind the canal, about 30 mm")
    rib_ahead_mm: float = limit(6.0, unit="mm", source="a rib's head lies beside the body's back wall")
    wing_back_mm: float = limit(2.0, unit="mm", source="the wing lies beside the body of S1")
    wing_ahead_mm: float = limit(22.0, unit="mm", source="the wing lies beside the body of S1")
    wing_from_mm: float = limit(24.0, unit="mm", source="side of a lumbar body")
    wing_to_mm: float = limit(48.0, unit="mm", source="the joint with the ilium lies 45 to 60 mm aside")
    wing_hu: float = limit(90.0, unit="HU", source="spongy bone of a wing; psoas is about 60 HU, chosen by looking")

    pinch_window_mm: float = limit(80.0, unit="mm", source="two or three vertebrae tell how wide a canal is")
    pinch_share: float = limit(0.75, unit="1", source="a pool of 0.7 ml at the tip left 0.3: training phantoms")
    pinch_beside_mm: float = limit(10.0, unit="mm", source="how far smoothing carries a wrong middle")
    pinch_most_mm: float = limit(70.0, unit="mm", source="a pool of 3 ml is 45 mm long, and what lies beside it")
    pinch_off_mm: float = limit(2.0, unit="mm", source="three times the middle's error; a stenosis leaves the middle")

    meets_mm: float = limit(8.0, unit="mm", source="half of a narrow canal: two courses farther apart are two canals")
    same_mm: float = limit(15.0, unit="mm", source="less than half of a lumbar vertebra with its disc")
