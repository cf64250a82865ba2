"""Thresholds of `catheterview.detect.contrast`."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastLimits:
    """Thresholds of finding contrast in CT; each field has its unit and source."""

    ring_step_mm: float = limit(1.0, unit="mm", source="a pool of 0.2 ml is 6 mm long and more")
    ring_smooth_mm: float = limit(4.0, unit="mm", source="tremor of the traced line must not turn the rings")
    ring_reach_mm: float = limit(8.0, unit="mm", source="tube, what lies on it, and tissue beyond")
    ring_radius_step_mm: float = limit(0.4, unit="mm", source="half a pixel")

    near_mm: tuple[float, float] = limit(
        (2.4, 3.2), unit="mm", source="outside an anchor's sleeve of 4 mm, blurred by 1 mm"
    )
    metal_mm: float = limit(3.5, unit="mm", source="titanium blooms by 1 to 3 mm, clinical reference E.3")
    dura_mm: float = limit(2.0, unit="mm", source="edge of a full sac, and the canal's error")
    seen_share: float = limit(0.4, unit="1", source="less of a ring cannot tell a pool from a neighbour")
    iodine_hu: float = limit(90.0, unit="HU", source="muscle of 50 HU and 40 HU of contrast; no soft tissue reaches it")
    full_cover: float = limit(0.9, unit="1", source="a pool that the catheter runs through; bone lies on one side")
    ring_uneven: float = limit(0.3, unit="1", source="spread over middle of a ring: pools 0.1, bone over 0.4")
    surround_hu: float = limit(
        1200.0,
        unit="HU",
        source="0.2 ml of 240 mg/ml in 1 ml of tissue, clinical reference E.3; a metal ring is brighter",
    )
    part_mm: float = limit(18.0, unit="mm", source="longer than a pool of 1 ml; the way beside a lamina is 15 mm")
    tissue_hu: float = limit(30.0, unit="HU", source="between fat and muscle; only sets where a pool's edge is drawn")
    cover_share: float = limit(
        0.35, unit="1", source="a pool that the catheter runs through covers half; tuning phantoms"
    )
    least_mm: float = limit(3.0, unit="mm", source="half of the length of a pool of 0.2 ml")
    least_ml: float = limit(0.08, unit="ml", source="a pool of 0.2 ml less the tube and its blurred edge")
    reach_mm: float = limit(20.0, unit="mm", source="radius of a pool of 30 ml")
    far_mm: float = limit(13.0, unit="mm", source="farther out than a pool of 8 ml")
    blur_mm: float = limit(0.6, unit="mm", source="half a pixel: takes off half of the noise and no edge")
    tube_mm: float = limit(2.0, unit="mm", source="half of a tube of 1.4 mm, and its blur")
    turn_mm: float = limit(9.0, unit="mm", source="a tube that comes back to itself bends at 3 mm at the least")

    cortex_hu: float = limit(750.0, unit="HU", source="cortical bone; contrast outside the lumen is diluted below it")
    cortex_share: float = limit(
        0.12, unit="1", source="bone at the catheter has over 0.13, pools under 0.1: tuning phantoms"
    )
    bone_share: float = limit(0.22, unit="1", source="neck between a pool and bone that it touches; tuning phantoms")
    joined_share: float = limit(0.05, unit="1", source="a pool touches bone at its neck only; tuning phantoms")
    joined_cover: float = limit(0.5, unit="1", source="a pool of 0.3 ml covers 0.58: train seeds")
    outside_ml: float = limit(
        0.03, unit="ml", source="of 0.2 ml, what lies off the tube is 0.06; an anchor's sleeve 0.01: train seeds"
    )
    bone_cover: float = limit(0.75, unit="1", source="ribs and cartilage beside a catheter reach 0.65: train seeds")
    uneven: float = limit(0.4, unit="1", source="spread of a pool's inside over its mean; bone has shell and marrow")
    bone_peak: float = limit(
        3.0, unit="1", source="brightest over middle of what touches bone: pools under 2, cortex 5: train seeds"
    )
    thick_mm: float = limit(1.8, unit="mm", source="more than half the width of a second turn of the tube")
    bone_thick_mm: float = limit(2.2, unit="mm", source="a piece of cortex is thinner")
    spilt_hu: float = limit(
        400.0, unit="HU", source="180 mg/ml diluted tenfold at 26 HU per mg/ml, clinical reference E.3, is 470"
    )
    lone_pool_ml: float = limit(
        2.0, unit="ml", source="all of an injection of 1 to 2 ml, diluted, clinical reference E.3"
    )
    lone_pool_hu: float = limit(
        130.0, unit="HU", source="enhanced organs and cartilage beside pumps reach 100: train seeds"
    )
    blush_hu: float = limit(
        220.0, unit="HU", source="most that is left of an earlier study: 25 to 130 HU over muscle of 50, and noise"
    )
    blush_alone: float = limit(
        0.95, unit="1", source="what goes on into something brighter is bowel or bone: train seeds"
    )

    shell_mm: float = limit(2.5, unit="mm", source="titanium blooms by 1 to 3 mm: a thinner film is not told from it")
    shell_step_mm: float = limit(1.0, unit="mm", source="a layer of one pixel")
    pocket_reach_mm: float = limit(22.0, unit="mm", source="thickness of a pool of 100 ml")
    stem_mm: float = limit(10.0, unit="mm", source="rigid connector of 5 to 8 mm")
    stem_off_mm: float = limit(5.0, unit="mm", source="radius of a connector of 2.6 mm and its blooming")
    pool_cm2: float = limit(
        1.5, unit="cm2", source="a lens of 1 ml covers 2 beyond its border; ribs and cartilage under 1.1: train seeds"
    )
    pool_levels_hu: tuple[float, ...] = limit(
        (110.0, 160.0, 230.0, 330.0),
        unit="HU",
        source="cartilage and enhanced organs beside pumps reach 100: train seeds",
    )
    pool_ml: float = limit(0.2, unit="ml", source="what of a lens of 1 ml lies outside the metal's blooming")
    pool_near_mm: float = limit(5.0, unit="mm", source="fluid in a pocket lies on the pump")
    halo_fades_mm: float = limit(5.0, unit="mm", source="brightness behind projected pumps, train seeds")
    halo_weight: float = limit(
        2.3, unit="1", source="brightest 3 % behind projected pumps over the spread, train seeds"
    )
    pool_leaves_ml: float = limit(0.05, unit="ml", source="bone and bowel go on beyond the pump's neighbourhood")

    seroma_hu: tuple[float, float] = limit(
        (-20.0, 35.0),
        unit="HU",
        source="fluid of 0 to 20, clinical reference B.3, and noise; muscle is over 45",
    )
    seroma_fat_hu: float = limit(
        -95.0, unit="HU", source="fat in a real CT is -88, in synthetic ones -101: train seeds"
    )
    seroma_from_mm: float = limit(1.75, unit="mm", source="bare pumps reach fat 1.0 to 1.75 mm off: train seeds")
    seroma_mm: float = limit(
        2.25, unit="mm", source="over the blooming, and over a fibrous capsule with the pump's outline half a mm off"
    )
    seroma_goes_on_mm: float = limit(16.0, unit="mm", source="thickness of a seroma of 100 ml: more is tissue")
    seroma_cell_mm: float = limit(9.0, unit="mm", source="a cell of 1 cm2 averages noise of 16 HU to 4")
    seroma_cells: int = limit(8, unit="1", source="an eighth of a face: less is a fold or a vessel")
    seroma_share: float = limit(0.25, unit="1", source="of the face; healthy faces reach 0.19: train seeds")
    seroma_streak_hu: float = limit(
        20.0, unit="HU", source="between quartiles of cells: projected pumps over 27, none 6 to 14: train seeds"
    )

    core_share: tuple[float, float] = limit(
        (0.0, 0.4), unit="1", source="shares of the canal's radius: cord, or middle of the sac"
    )
    rim_share: tuple[float, float] = limit(
        (0.5, 0.8), unit="1", source="shares of the canal's radius: CSF inside the dura"
    )
    outside_share: tuple[float, float] = limit(
        (0.9, 1.0), unit="1", source="shares of the canal's radius: epidural fat"
    )
    canal_wider: float = limit(1.2, unit="1", source="a canal is wider than deep: 20 to 24 mm by 16 to 19 mm")
    tube_in_sac_mm: float = limit(2.6, unit="mm", source="a full tube of 1.4 mm and its blur")

    hangs_mm: float = limit(4.0, unit="mm", source="what a tube of 1.4 mm or a pump's blooming hides between two parts")
    join_mm: float = limit(12.0, unit="mm", source="a thin place of a track, hidden by bone on one side")
    dura_join_mm: float = limit(
        14.0, unit="mm", source="from the dural entry to where bone and sac no longer hide a track"
    )
    track_mm: float = limit(40.0, unit="mm", source="longer than a pool of 10 ml; the way from dura to fascia is 35 mm")
    track_falls: float = limit(1.0, unit="1", source="a track thins towards the pump: clinical catalogue CT-RETRO")
    blush_slice_mm: float = limit(
        1.6,
        unit="mm",
        source="0.6 mm is asked for, clinical catalogue I6; phantoms of 2 mm, healthy, show blushes, of 1.5 none",
    )
    faint_hu: float = limit(180.0, unit="HU", source="muscle and a faint blush of up to 130 HU, clinical reference E.3")

    sac_hu: float = limit(33.0, unit="HU", source="CSF of 5 to 15 HU with roots, and noise; tuning phantoms")
    sac_smooth_mm: float = limit(9.0, unit="mm", source="three levels of the canal")
    lumbar_mm: float = limit(40.0, unit="mm", source="the part of the sac in view that a lumbar puncture fills first")
    lumbar_ratio: float = limit(1.05, unit="1", source="after a lumbar puncture the sac thins towards the head")

    streak_mm: tuple[float, float] = limit((4.0, 7.0), unit="mm", source="clear of the blooming, still under the skin")
    streak_weight: float = limit(1.5, unit="1", source="streaks behind a pump are the stronger: tuning phantoms")
    tissue_spread_hu: float = limit(
        35.0, unit="HU", source="between quartiles of fat without streaks, train seeds: 10 to 30"
    )
    dark_weight: float = limit(1.2, unit="1", source="bright bands beside dark ones; projected pumps, train seeds")
    dark_reach_mm: float = limit(15.0, unit="mm", source="where bands of a pump are strongest")
    fat_hu: float = limit(-115.0, unit="HU", source="fat and its noise: nothing in a pocket is darker but a streak")
    lung_hu: float = limit(-500.0, unit="HU", source="lung and air beside a pump are no streak")
    air_half_mm: float = limit(3.0, unit="mm", source="half of the widest streak that is as dark as lung")
    beside_air_mm: float = limit(4.0, unit="mm", source="skin, and what resampling and blur leave of an edge to air")
    streak_reach_mm: float = limit(40.0, unit="mm", source="how far bands of 50 HU reach; projected pumps, train seeds")
    air_hu: float = limit(-300.0, unit="HU", source="below fat and streaks in it: outside the skin")

    tip_stretch_mm: float = limit(25.0, unit="mm", source="a tip in the sac moves about in it over this length")
    epidural_mm: float = limit(
        2.4, unit="mm", source="dura and fat of 1 to 2 mm and half a tube; tips in the sac are over 3.1: train seeds"
    )
    narrowed: float = limit(
        0.8, unit="1", source="a canal's width changes by under 15 % over 20 cm; a layer takes 30 %"
    )
    pocket_tip_mm: float = limit(30.0, unit="mm", source="loops beside a pump")
    edge_mm: float = limit(6.0, unit="mm", source="an end this near to the scan's edge may go on beyond it")
    shift_levels: int = limit(1, unit="1", source="a tip at another vertebra than recorded")

    native_hu: float = limit(12.0, unit="HU", source="CSF of 5 to 15 HU, clinical reference E.3")
    pool_half_mm: float = limit(15.0, unit="mm", source="half the length of a pool of 3 ml in the sac")
    pool_hu: float = limit(150.0, unit="HU", source="a confined pool is hardly diluted; tuning phantoms")
    spread_hu: float = limit(40.0, unit="HU", source="twice what noise and roots add to CSF; tuning phantoms")
    spread_share: float = limit(0.2, unit="1", source="a normal spread has over half left 40 mm from the tip")
    beyond_mm: tuple[float, float] = limit((32.0, 60.0), unit="mm", source="2 ml in 25 ml of CSF fill over 100 mm")
    block_hu: float = limit(50.0, unit="HU", source="contrast that is surely there; tuning phantoms")
    block_share: float = limit(0.35, unit="1", source="a normal spread falls to a third over 40 mm, a block over 10")
    block_seen_mm: float = limit(13.0, unit="mm", source="a sac's filling changes over 10 mm at a scan's end, too")
    block_above_mm: float = limit(5.0, unit="mm", source="what leaves the tip fills at least the canal beside it")
    sac_end_mm: float = limit(9.0, unit="mm", source="the sac's smoothing, and slices cut by a scan's end")
    sac_known_mm: float = limit(1.0, unit="mm", source="half of the canal's step")
    bone_near_hu: float = limit(180.0, unit="HU", source="bone over soft tissue, as in the anatomy")
    bone_near_share: float = limit(0.1, unit="1", source="a lamina ahead of the end; tuning phantoms")
    canal_end_mm: float = limit(14.0, unit="mm", source="its middle is smoothed over 8 mm and may bend there")

    slice_mm: float = limit(
        2.6, unit="mm", source="thin slices are asked for, 0.6 mm in clinical catalogue I6; over 2.5 mm a tube is lost"
    )
    lumen_hu: float = limit(
        500.0, unit="HU", source="a full lumen of 0.5 mm adds 600 to 900 HU, clinical reference E.3"
    )

    crescent_share: tuple[float, float] = limit(
        (0.4, 0.75), unit="1", source="of the canal's radius: inside the dura, which fat parts from the bone behind"
    )
    crescent_angles: tuple[float, float] = limit(
        (0.15, 0.55), unit="1", source="a crescent does not fill the sac, clinical catalogue CT-SUBD"
    )
    layer_hu: float = limit(80.0, unit="HU", source="a layer is hardly diluted; CSF and roots stay below 50")
    empty_hu: float = limit(55.0, unit="HU", source="cord and roots of 40 HU, and noise")
    layer_near_mm: float = limit(20.0, unit="mm", source="longer than a confined pool of 1 ml")
    layer_usual: float = limit(
        0.95, unit="1", source="a canal's width changes little over 20 cm; of the widest quarter: train seeds"
    )
    crescent_rows: float = limit(
        0.42,
        unit="1",
        source="a layer goes on over levels: subdural 0.52 and more, a pool at the tip 0.24: train seeds",
    )
    streak_rows: float = limit(
        0.55, unit="1", source="bone takes turns with foramina: it reaches 0.40, epidural contrast 0.58: train seeds"
    )
    dorsal_deg: float = limit(
        60.0, unit="deg", source="the part of the canal's border with epidural fat behind the dura"
    )
    behind_hu: float = limit(
        65.0, unit="HU", source="ligament and muscle of 50 HU; fat with streaks in it: train phantoms"
    )
    epidural_tip_mm: float = limit(3.0, unit="mm", source="error of the canal's border and of the traced line together")

    mass_hu: float = limit(45.0, unit="HU", source="soft tissue, clinical catalogue CT-GRAN: an iodine void")
    defect_beside_mm: tuple[float, float] = limit((16.0, 45.0), unit="mm", source="farther off than a mass reaches")
    defect_reach_mm: float = limit(9.0, unit="mm", source="a mass of 12 mm, longer than wide")
    defect_even_mm: float = limit(4.0, unit="mm", source="half of a mass of 8 mm")
    mass_mm: tuple[float, ...] = limit(
        (5.0, 6.0, 7.0, 8.0, 10.0, 12.0), unit="mm", source="diameters that are tried; larger ones fit the largest"
    )
    mass_rise_hu: float = limit(
        20.0, unit="HU", source="over tissue: what noise of 16 leaves of a ball of 5 mm, thrice"
    )
    mass_off_mm: float = limit(1.5, unit="mm", source="outside a tube of 1.4 mm; its blur is learnt and taken off")
    mass_apart_mm: tuple[float, float] = limit((14.0, 42.0), unit="mm", source="beyond a mass of 12 mm, in the sac")
    mass_shift_mm: tuple[float, ...] = limit((0.0, 2.0), unit="mm", source="how far a line may run past its tip")
    mass_lack: float = limit(
        0.62, unit="1", source="masses replace over 0.8 of the contrast, healthy tips under 0.5: train seeds"
    )
    mass_gain: float = limit(
        15_000.0, unit="HU2 mm3", source="5 mm, a sac 20 HU over tissue; healthy tips stay under 500: train seeds"
    )
    mass_times: float = limit(
        2.0, unit="1", source="over the best fit farther back: masses reach 3.2 times it and more: train seeds"
    )
    mass_long: float = limit(1.3, unit="1", source="no source: along the canal over across, as far as a mass goes")
    mass_free_percent: float = limit(60.0, unit="%", source="of a section: what a mass and the tube leave free of it")
    mass_seen_ml: float = limit(0.03, unit="ml", source="two thirds of a ball of 5 mm without the tube in it")

    swell_mm: tuple[float, float] = limit((2.4, 3.8), unit="mm", source="off the tube's blur, in a pool of 0.2 ml")
    swell_far_mm: tuple[float, float] = limit((6.0, 8.0), unit="mm", source="beyond a pool of 0.8 ml")
    swell_beside_mm: tuple[float, float] = limit(
        (9.0, 23.0), unit="mm", source="along the tube beyond a pool of 1 ml, and no farther than tissue stays alike"
    )
    swell_hu: float = limit(
        45.0, unit="HU", source="over fluid of 0 to 20 HU that lies round a device, clinical reference B.3, and noise"
    )
    swell_mean_hu: float = limit(30.0, unit="HU", source="of its voxels, its blurred border with fat among them")
    swell_sure_hu: float = limit(65.0, unit="HU", source="muscle round tubes in real fat reaches 61: train seeds")
    swell_top_hu: float = limit(180.0, unit="HU", source="brighter pools show by their HU alone")
    swell_over_hu: float = limit(50.0, unit="HU", source="slips of muscle in real fat reach 47: train seeds")
    swell_closed_hu: float = limit(60.0, unit="HU", source="slips of muscle in real fat reach 40: train seeds")
    swell_sure_closed_hu: float = limit(15.0, unit="HU", source="three times the noise that averaging leaves")
    swell_skin_mm: float = limit(3.2, unit="mm", source="skin of 2 mm, and its blurred edges")
    swell_canal_mm: float = limit(28.0, unit="mm", source="laminae and their spines beside the canal")

    trail_mm: tuple[float, float] = limit(
        (1.6, 2.8), unit="mm", source="a track hugs the tube; its sleeve is 3 mm thick"
    )
    trail_far_mm: float = limit(6.0, unit="mm", source="tissue beyond a track")
    trail_hu: float = limit(45.0, unit="HU", source="over the barest fifth of healthy tracts 20 to 40: train phantoms")
    trail_smooth_mm: float = limit(20.0, unit="mm", source="fat and muscle take turns over less")

    sleeve_hu: float = limit(
        60.0, unit="HU", source="tracks of 100 HU and more; healthy fascias are shorter: train seeds"
    )
    sleeve_mm: float = limit(
        60.0, unit="mm", source="healthy courses reach 36 and a pool of 3 ml 57, tracks over 64: train seeds"
    )
    sleeve_hidden_mm: float = limit(45.0, unit="mm", source="way between laminae, where bone is brighter farther out")

    wide_section_mm: float = limit(3.3, unit="mm", source="a tube of 1.4 mm, 2.6 times as wide, and its blur")
    wide_smooth_mm: float = limit(11.0, unit="mm", source="less than the shortest stretch that is looked for")
    wide_mm: tuple[float, float] = limit((12.0, 80.0), unit="mm", source="stretches of 15 to 45 mm: training phantoms")
    wide_beside_mm: float = limit(12.0, unit="mm", source="as much of the tube as is wide, and as it is elsewhere")
    wide_tract_mm: float = limit(45.0, unit="mm", source="enough of a tract to tell its usual width")
    wide_edge: float = limit(1.6, unit="1", source="healthy tracts reach it over 10 mm beside bone: train seeds")
    wide_area: float = limit(2.3, unit="1", source="healthy tracts up to 2.1, 1.6 times as wide is 2.6: train seeds")
    wide_across: float = limit(1.15, unit="1", source="blur hides most of a tube's width: train seeds")
    wide_beyond_mm: tuple[float, float] = limit((3.6, 4.4), unit="mm", source="beyond a tube of 3.6 mm and its blur")
    wide_cover: float = limit(0.2, unit="1", source="a ring that contrast or bone has reached")
    wide_peak_hu: float = limit(
        200.0, unit="HU", source="edges of muscle beside a faint tube reach 130, wide tubes over 400: train seeds"
    )
