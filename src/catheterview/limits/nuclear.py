"""Thresholds of reading In-111 scintigraphy: `catheterview.detect.nuclear` and what places it on a CT."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

_E1 = "clinical reference E.1"
_TUNED = "tuning phantoms"


@dataclass(frozen=True, slots=True, kw_only=True)
class NuclearLimits:
    """Thresholds of reading In-111 scintigraphy; each field has its unit and source."""

    near_mm: float = limit(75.0, unit="mm", source="pump radius, and the point spread's reach beyond it")
    cover_mm: float = limit(8.0, unit="mm", source="thinner than the skin and fat over a pump: no air is fitted")
    behind_mm: float = limit(22.0, unit="mm", source="deeper than a pool behind the pump and its blur")
    pocket_mm: float = limit(16.0, unit="mm", source="wider than a pool beside the pump")
    reservoir_floor: float = limit(0.0008, unit="1", source=f"of the hottest voxel, below its tails; {_TUNED}")
    pool_from_mm: float = limit(-1.0, unit="mm", source=f"in front of the pump's back, up to which is looked; {_TUNED}")
    pool_to_mm: float = limit(20.0, unit="mm", source="behind the pump's back: a pool and its blur; bowel lies deeper")
    layer_mm: float = limit(4.0, unit="mm", source="a voxel")
    pool_sigma_mm: float = limit(6.0, unit="mm", source="half the width of a small pool with its blur")
    roi_mm: float = limit(24.0, unit="mm", source="from catheter or canal: two widths of a 12 mm point spread")
    deeper_blur: float = limit(1.1, unit="1", source=f"blur inside the body against that at the pump; {_TUNED}")
    canal_sigma_mm: float = limit(4.0, unit="mm", source="half of the sac's radius")
    canal_segment_mm: float = limit(15.0, unit="mm", source="half of a vertebra")
    model_error: float = limit(0.3, unit="1", source=f"share of itself that the reservoir's model may be off; {_TUNED}")
    segment_mm: float = limit(10.0, unit="mm", source=f"the point spread's width: 8 to 12 mm, {_E1}")
    beside_line_mm: float = limit(
        9.0, unit="mm", source="a point spread: nearer to it the catheter's own tracer is seen"
    )
    pool_error: float = limit(0.2, unit="1", source=f"of what is usual at a depth behind the reservoir; {_TUNED}")
    pool_share: float = limit(
        0.0045, unit="1", source="of the reservoir's activity, behind the pump; without a pool 0.0031 at 5; train"
    )
    pool_share_clear: float = limit(0.002, unit="1", source=f"the same of one that is clear of all error; {_TUNED}")
    pool_sigmas_clear: float = limit(9.0, unit="1", source=f"from which on it is; {_TUNED}")
    pool_sigmas: float = limit(4.7, unit="1", source=f"some ten places behind the pump are looked at; {_TUNED}")
    matched_from_mm: float = limit(-2.0, unit="mm", source="behind the pump's back, from which on a pool is tried")
    matched_to_mm: float = limit(18.0, unit="mm", source="behind the pump's back: a pool and its blur")
    matched_depth_mm: float = limit(
        4.5, unit="mm", source="behind the pump's back: no source; between capsule and muscle"
    )
    matched_flat_mm: float = limit(7.0, unit="mm", source="no source: half the radius of a flat pool")
    matched_floor: float = limit(3e-4, unit="1", source=f"of the hottest voxel, where ratios become noise; {_TUNED}")
    matched_alike_mm: float = limit(4.5, unit="mm", source=f"over which neighbours' noise falls to 1/e; {_TUNED}")
    matched_lean: float = limit(0.2, unit="1", source=f"by which the model leans from rim to rim; {_TUNED}")
    matched_bend: float = limit(0.3, unit="1", source=f"by which it is off at the rim, scatter of; {_TUNED}")
    matched_rim: float = limit(-0.35, unit="1", source=f"by which it is off at the rim, usually; {_TUNED}")
    matched_share: float = limit(
        0.0045, unit="1", source=f"of the reservoir's activity, the smallest believed; {_TUNED}"
    )
    matched_sigmas: float = limit(7.5, unit="1", source=f"of that observer, from which a pool is believed; {_TUNED}")
    matched_clear: float = limit(3.0, unit="1", source=f"sigmas of what lies over the usual, that go with it; {_TUNED}")
    matched_both: float = limit(
        36.0, unit="1", source="both sigmas multiplied: without a pool 30 in 190 studies; train"
    )
    matched_missed: float = limit(1.645, unit="1", source="Currie 1968: sigmas over, at which one in twenty is missed")
    matched_trial_mm: float = limit(6.0, unit="mm", source="between places that are tried: half a point spread")
    matched_reach: float = limit(0.75, unit="1", source="of the pump's radius, in which a pool's middle is tried")
    matched_thin_mm: float = limit(2.5, unit="mm", source="no source: half the thickness of a flat pool")
    matched_free: float = limit(3.0, unit="1", source="logarithm: at every depth the model may be off by any factor")
    matched_deeper: float = limit(0.75, unit="1", source=f"of leaning, what changes with depth; {_TUNED}")
    matched_bend_deeper: float = limit(0.8, unit="1", source=f"of bending, what changes with depth; {_TUNED}")
    matched_bend_curved: float = limit(0.7, unit="1", source=f"of bending, what curves with depth; {_TUNED}")
    matched_noise: float = limit(0.12, unit="1", source=f"logarithm: the least noise of a layer; {_TUNED}")
    lining_times: float = limit(1.3, unit="1", source="of a usual centimetre: the catheter in the canal holds no more")
    end_pool_times: float = limit(
        4.0, unit="1", source="of a filled stretch: three that are noisy hold less, what pools at a cut more; train"
    )
    end_level_held: float = limit(
        4.0, unit="1", source="stretches' worth of what is usual, against those before an end; train"
    )
    fault_share: float = limit(0.5, unit="1", source="no source: of the flow, the leak that has to be seen")
    fault_half_h: float = limit(12.0, unit="hour", source="no source: half-time in tissue of what such a leak lets out")
    covered: float = limit(0.6, unit="1", source="of a stretch's blurred activity that lies in voxels that are fitted")
    line_error: float = limit(0.3, unit="1", source=f"of what a stretch usually holds; {_TUNED}")
    leak_sigmas: float = limit(5.0, unit="1", source=f"a hundred places are looked at in a study; {_TUNED}")
    leak_share: float = limit(
        0.0009,
        unit="1",
        source="of the reservoir's activity: three of the widest filled centimetres; pools 0.0014; train",
    )
    leak_share_near: float = limit(0.003, unit="1", source=f"the same beside the pump; {_TUNED}")
    near_pump_mm: float = limit(35.0, unit="mm", source="from the pump's rim: the reach of the reservoir's skirt")
    same_place_mm: float = limit(25.0, unit="mm", source="two point spreads")
    beside_mm: float = limit(36.0, unit="mm", source=f"from the catheter, where its leak may pool; {_TUNED}")
    beside_pump_mm: float = limit(20.0, unit="mm", source=f"from the reservoir: its blur; {_TUNED}")
    beside_canal_mm: float = limit(18.0, unit="mm", source="half the canal's width, and a point spread")
    beside_sigmas: float = limit(8.0, unit="1", source=f"of the corridor's own scatter; {_TUNED}")
    beside_share: float = limit(0.0012, unit="1", source=f"of the reservoir's activity; {_TUNED}")
    beside_share_deep: float = limit(
        0.0045, unit="1", source="the same where bowel lies, which holds up to 0.003, or tails gather; train"
    )
    bowel_behind_mm: float = limit(15.0, unit="mm", source="behind the pump's back, as far as bowel comes; train")
    pool_outline: float = limit(
        0.5, unit="1", source="of a pool's hottest voxel: half of the maximum outlines a source"
    )
    elsewhere_level: float = limit(1e-4, unit="1", source=f"of the hottest voxel, after smoothing; {_TUNED}")
    elsewhere_times: float = limit(3.0, unit="1", source=f"over the reservoir's tails; {_TUNED}")
    elsewhere_alone: float = limit(1.5, unit="1", source=f"over the average of a wide neighbourhood; {_TUNED}")
    elsewhere_share: float = limit(0.0006, unit="1", source="of the reservoir's activity: as of a leak")
    kidney_from_mm: float = limit(30.0, unit="mm", source="no source: beside the canal")
    kidney_to_mm: float = limit(110.0, unit="mm", source="no source: beside the canal")
    kidney_front_mm: float = limit(60.0, unit="mm", source="no source: in front of the canal, kidneys lie beside it")
    bladder_up_mm: float = limit(80.0, unit="mm", source="no source: above the lowest canal that the CT shows")
    bladder_beside_mm: float = limit(50.0, unit="mm", source="no source: of the middle")
    bladder_front_mm: float = limit(40.0, unit="mm", source="no source: in front of the canal, beyond the sacrum")
    ends_at_mm: float = limit(30.0, unit="mm", source="of a pool from the line's end: two point spreads and a stretch")
    elsewhere_mm: float = limit(
        40.0, unit="mm", source="further than a patient moves between SPECT and CT of one session"
    )
    placed_mm: float = limit(
        12.0, unit="mm", source="of reservoir from pump: a point spread; more is laid on the CT anew"
    )
    laid_mm: float = limit(
        1.5, unit="mm", source="standard error at the worst place of the catheter: 56 of 58 within 3 mm; train"
    )
    mirrored_fit: float = limit(0.25, unit="1", source=f"of the marks' fit, that one way has to be better; {_TUNED}")
    least_overlap: float = limit(0.75, unit="1", source=f"of reservoir and pump; {_TUNED}")
    diagnostic_ct_mm: float = limit(
        1.5, unit="mm", source="clinical reference A.4 I6: 0.6 mm slices; the low-dose CT of a SPECT has 2 to 5 mm, E.1"
    )
    detection_sigmas: float = limit(3.29, unit="1", source="Currie 1968: errors of 5 % of both kinds")
    least_to_noise: float = limit(1.0, unit="1", source="an absence counts where the least expected is detectable")
    there_share: float = limit(0.5, unit="1", source="of the least expected; half of it is neither there nor absent")
    absent_mm: float = limit(40.0, unit="mm", source="three point spreads")
    csf_sigmas: float = limit(6.0, unit="1", source=_TUNED)
    csf_share: float = limit(0.0012, unit="1", source=f"of the reservoir's activity; {_TUNED}")
    csf_half_h: float = limit(5.0, unit="hour", source="no source: short, so that little is expected")
    csf_spread_h: float = limit(12.0, unit="hour", source="no source: cisternograms show the spine by half a day")
    block_share: float = limit(0.0006, unit="1", source=f"of the reservoir's activity in a stretch of canal; {_TUNED}")
    block_times: float = limit(
        7.5, unit="1", source="tracer before a block over that beyond: 4.6 in 240 studies without, 11 with one; train"
    )
    block_times_alone: float = limit(
        12.0, unit="1", source=f"the same where the catheter's course is not known; {_TUNED}"
    )
    block_lining: float = limit(
        0.77, unit="1", source=f"of the most that the catheter in the canal holds, what it holds usually; {_TUNED}"
    )
    block_level: float = limit(
        0.4, unit="1", source=f"of the highest in the canal, from which it has to drop; {_TUNED}"
    )
    flat_beside_mm: float = limit(30.0, unit="mm", source="three point spreads: what lies beside the canal")
    flat_midline_mm: float = limit(45.0, unit="mm", source="of the middle: nearer to it than a kidney")
    flat_cell_mm: float = limit(20.0, unit="mm", source="two point spreads, half a vertebra")
    flat_cells: int = limit(4, unit="1", source="a column of 80 mm: longer than the bladder is high")
    flat_width_mm: float = limit(14.0, unit="mm", source="of a column: the sac with its blur")
    flat_sigmas: float = limit(3.29, unit="1", source="Currie 1968: errors of 5 % of both kinds")
    flat_even: float = limit(0.12, unit="1", source=f"of a column's brightest cell; {_TUNED}")
    flat_body: float = limit(0.3, unit="1", source="of the middle of all rows' counts, less than which is no body")
    flat_drop_times: float = limit(6.0, unit="1", source=f"by which a column falls within two cells; {_TUNED}")
    flat_drop_sigmas: float = limit(6.0, unit="1", source=f"that the cell before it is seen by; {_TUNED}")
    flat_back_mm: float = limit(45.0, unit="mm", source="behind the pump, from which the canal may lie")
    flat_pump_mm: float = limit(45.0, unit="mm", source="from the reservoir's edge: its blur and scatter")
    flat_places_sigmas: float = limit(8.0, unit="1", source=f"over what is usual at that distance; {_TUNED}")
    flat_pool_times: float = limit(5.0, unit="1", source=f"over kidneys or a coil: a view adds up depths; {_TUNED}")
    flat_pool_clear_mm: float = limit(30.0, unit="mm", source="from the reservoir's edge: its blur, not its scatter")
    spine_reach_mm: float = limit(60.0, unit="mm", source="of the field's middle: a patient lies in it")
    back_half_mm: float = limit(20.0, unit="mm", source="behind the field's middle: bowel, bladder lie before it")
    pump_layer_mm: float = limit(20.0, unit="mm", source="from the reservoir's plane: the layer in which the pump lies")
    focus_coil_cm: float = limit(8.0, unit="cm", source="of catheter that may be coiled within a point spread")
    focus_alone: float = limit(6.0, unit="1", source=f"a pool in the canal over what it holds around; {_TUNED}")
    renal_h: float = limit(
        1.5, unit="hour", source="no source: of what is delivered, in a kidney; several times its passage of minutes"
    )
    front_left: float = limit(0.1, unit="1", source=f"15 cm of water, {_E1}: the canal's photons to the front")
    front_most: float = limit(0.3, unit="1", source=f"10 cm of water, {_E1}: a lean body")
    back_most: float = limit(0.6, unit="1", source=f"4 cm of water, {_E1}: a lean body")
    mixed_ml: float = limit(8.0, unit="ml", source=f"least to mix tracer into; 10 ml are usual, {_E1}")
    most_ml_per_cm: float = limit(0.0026, unit="ml/cm", source="the widest catheter of the catalogue, E.1")
    least_ml_per_cm: float = limit(0.0022, unit="ml/cm", source="the narrowest catheter of the catalogue, E.1")
    usual_ml: float = limit(10.0, unit="ml", source="tracer is mixed into 10 ml, clinical reference E.1")
    full_ml: float = limit(40.0, unit="ml", source="most to mix tracer into: the largest reservoir of the catalogue")
    back_left: float = limit(0.25, unit="1", source=f"10 cm of water, {_E1}: the canal's photons to the back")
