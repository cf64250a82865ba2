"""Thresholds of everything that reads radiographs, and the arrangement inside a known pump."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit
from catheterview.limits.film_levels import FilmLevelLimits

_TRAIN = "tuning on the train split of simulated films"


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpPart:
    """One dense part inside a pump, in the pump's own axes u, v and n (out of the face with the ports), mm.

    Parameters
    ----------
    at_mm : (u, v)
    size_mm : (radius,) of a cylinder or (half u, half v) of a box
    span_mm : (low, high)
        Heights; from the faces (negative: from the back, else from the front), or from the middle.
    titanium : float
        Share of solid titanium's density.
    """

    name: str
    at_mm: tuple[float, float]
    size_mm: tuple[float, ...]
    span_mm: tuple[float, float]
    titanium: float
    from_middle: bool = False


#: Arranged after radiographs of such pumps (the maker publishes the envelope only), painted in this order. It is what
#: the simulator builds as well, which moves and changes the parts for every patient; no real pump was measured.
PUMP_PARTS: tuple[PumpPart, ...] = (
    PumpPart(name="bellows", at_mm=(0.0, 0.0), size_mm=(27.5,), span_mm=(-1.0, 7.0), titanium=0.12),
    PumpPart(name="motor", at_mm=(33.0, 8.0), size_mm=(7.5,), span_mm=(-6.0, 6.0), titanium=1.2, from_middle=True),
    PumpPart(
        name="rotor's room", at_mm=(33.0, 8.0), size_mm=(6.3,), span_mm=(-6.0, 6.0), titanium=0.35, from_middle=True
    ),
    PumpPart(
        name="cell", at_mm=(-12.0, -34.0), size_mm=(14.0, 5.0), span_mm=(-7.0, 7.0), titanium=0.9, from_middle=True
    ),
    PumpPart(
        name="electronics", at_mm=(-34.5, 6.0), size_mm=(4.0, 15.0), span_mm=(-5.0, 5.0), titanium=0.35,
        from_middle=True,
    ),
    PumpPart(name="septum ring", at_mm=(0.0, 0.0), size_mm=(6.5,), span_mm=(7.0, 0.0), titanium=1.0),
    PumpPart(name="septum", at_mm=(0.0, 0.0), size_mm=(4.6,), span_mm=(6.0, 0.0), titanium=0.0),
    PumpPart(name="access ring", at_mm=(22.0, 28.0), size_mm=(4.6,), span_mm=(8.0, 0.0), titanium=1.0),
    PumpPart(name="access port", at_mm=(22.0, 28.0), size_mm=(3.0,), span_mm=(7.0, 0.0), titanium=0.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLimits:
    """Thresholds for radiographs; each field has its unit and source."""

    source_mm: float = limit(1100.0, unit="mm", source="110 cm from source to detector, where the header says nothing")
    known_diameter_mm: float = limit(87.5, unit="mm", source="SynchroMed II, both sizes; clinical reference C.1")
    thin_ratio: float = limit(0.2229, unit="1", source="19.5 over 87.5 mm, SynchroMed II 8637-20; C.1")
    thick_ratio: float = limit(0.2971, unit="1", source="26 over 87.5 mm, SynchroMed II 8637-40; C.1")
    least_magnification: float = limit(1.0, unit="1", source="a pump cannot lie behind the detector")
    most_magnification: float = limit(1.55, unit="1", source="40 cm before the detector at 110 cm from the source")
    smallest_disc_mm: float = limit(50.0, unit="mm", source="smallest pump found, Codman 3000; C.1")
    largest_disc_mm: float = limit(140.0, unit="mm", source="87.5 mm at the largest magnification")
    other_view_share: float = limit(0.15, unit="1", source="of the film's height: posture and magnification together")
    search_px: int = limit(420, unit="px", source="rows that the search for the disc is done on: a mm each")
    rim_share: float = limit(0.07, unit="1", source="edges rounded to 3 mm, as on radiographs; over the radius")
    edge_on_least: float = limit(9.0, unit="1", source="of the film's median edge; " + _TRAIN)
    compact_share: float = limit(0.84, unit="1", source=_TRAIN)
    edge_reach: float = limit(0.14, unit="1", source=_TRAIN)
    fine_reach: float = limit(0.06, unit="1", source=_TRAIN)
    whole_share: float = limit(0.85, unit="1", source="an outline that is a pump's nearly all round")
    flip_margin: float = limit(0.05, unit="1", source=_TRAIN)
    outline_residual: float = limit(0.022, unit="1", source=_TRAIN)
    shell_least: float = limit(-0.06, unit="1", source="of the film's range; a row of vertebrae has -0.1; " + _TRAIN)
    shell_face: float = limit(0.06, unit="1", source="pumps seen on their face have 0.13 and more; " + _TRAIN)
    edge_share: float = limit(0.62, unit="1", source=_TRAIN)
    pose_step_deg: float = limit(6.0, unit="deg", source="a third of what the septum covers at the rim")
    pose_fit: float = limit(0.42, unit="1", source=_TRAIN)
    stem_deg: float = limit(20.0, unit="deg", source="of the catalogue's arrangement, as `PUMP_PARTS`")
    rotor_off_mm: float = limit(3.5, unit="mm", source="error of a pump's turn at the motor, and makes that differ")
    rotor_fit: float = limit(0.4, unit="1", source=_TRAIN)
    rotor_ring: float = limit(0.25, unit="1", source=_TRAIN)
    rotor_seen: float = limit(0.3, unit="1", source=_TRAIN)
    rotor_margin: float = limit(0.02, unit="1", source=_TRAIN)
    rotor_apart_deg: float = limit(20.0, unit="deg", source="half of what an arm covers at its end")
    pose_tilt_deg: float = limit(60.0, unit="deg", source="beyond it the parts lie on each other")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmTraceLimits:
    """Thresholds for following a catheter on a film; lengths in mm are at the catheter, as the pump calibrates it."""

    outer_mm: float = limit(1.3, unit="mm", source="catheters of 1.2 to 1.4 mm; clinical reference C.2")
    tube_px: float = limit(3.0, unit="px", source="a tube on the shrunken film: rails merge, noise averages")
    fine_px: float = limit(4.0, unit="px", source="of a tube, where its middle is measured")
    along_widths: float = limit(1.5, unit="1", source=_TRAIN)
    clutter_widths: float = limit(6.0, unit="1", source=_TRAIN)
    dense_share: float = limit(0.3, unit="1", source="contrast over the spine to that in the flank; " + _TRAIN)
    slope_mm: float = limit(3.0, unit="mm", source="wider than a tube, narrower than skin and fat")
    steep_slope: float = limit(0.009, unit="1/mm", source="of the film's range; " + _TRAIN)
    ridge_ratio: float = limit(1.6, unit="1", source=_TRAIN)
    join_px: float = limit(2.9, unit="px", source="reaches over one missing pixel")
    join_cosine: float = limit(0.8, unit="1", source="37 degrees; a loop of 10 mm turns less in three pixels")
    line_points: int = limit(7, unit="1", source=_TRAIN)
    piece_mm: float = limit(10.0, unit="mm", source="shorter than any loop, longer than noise; " + _TRAIN)
    border_mm: float = limit(5.0, unit="mm", source="how far from the border the filter still sees a line")
    link_reach_mm: float = limit(24.0, unit="mm", source=_TRAIN)
    link_cosine: float = limit(0.2, unit="1", source="78 degrees; " + _TRAIN)
    turn_mm: float = limit(8.0, unit="mm", source="over less, a tube may turn by any angle on a film; " + _TRAIN)
    cusp_mm: float = limit(6.0, unit="mm", source="of a tube that runs to the film and back; " + _TRAIN)
    link_cost_mm: float = limit(1.5, unit="mm", source=_TRAIN)
    link_share: float = limit(0.3, unit="1", source=_TRAIN)
    unseen_share: float = limit(1.6, unit="1", source=_TRAIN)
    bend_cost_mm: float = limit(9.0, unit="mm", source=_TRAIN)
    cusp_cost_mm: float = limit(3.0, unit="mm", source=_TRAIN)
    blob_ratio: float = limit(1.5, unit="1", source="a tube at 48 degrees to the film is that much denser")
    change_cost_mm: float = limit(3.0, unit="mm", source=_TRAIN)
    rim_px: float = limit(7.0, unit="px", source="three widths: lines end that far from the pump")
    behind_cosine: float = limit(-0.2, unit="1", source="101 degrees: a tube may bend behind the pump; " + _TRAIN)
    behind_mm: float = limit(3.5, unit="mm", source=_TRAIN)
    behind_bend_mm: float = limit(3.6, unit="mm", source=_TRAIN)
    hidden_share: float = limit(0.12, unit="1", source=_TRAIN)
    dense_ratio: float = limit(2.5, unit="1", source="a tube is denser where it runs towards the film; " + _TRAIN)
    clear_from: float = limit(1.3, unit="1", source=_TRAIN)
    clear_at: float = limit(3.0, unit="1", source=_TRAIN)
    bone_discount: float = limit(0.9, unit="1", source=_TRAIN)
    cable_cost_mm: float = limit(4.0, unit="mm", source=_TRAIN)
    cable_ratio: float = limit(0.5, unit="1", source="a cable is no fainter than half a catheter; " + _TRAIN)
    cable_bend: float = limit(0.12, unit="1", source="28 degrees over a link; " + _TRAIN)
    rim_mm: float = limit(16.0, unit="mm", source="connector, and the pump's edge in the filter")
    stem_near_mm: float = limit(
        16.0, unit="mm", source="the error of the pump's angle at its rim, and a connector's length"
    )
    start_share: float = limit(0.4, unit="1", source=_TRAIN)
    start_bend_mm: float = limit(5.0, unit="mm", source=_TRAIN)
    most_links: int = limit(8, unit="1", source=_TRAIN)
    beam_wide: int = limit(500, unit="1", source="twice as many change nothing; " + _TRAIN)
    beam_narrow: int = limit(120, unit="1", source="enough to compare contrasts; " + _TRAIN)
    beam_mm: float = limit(60.0, unit="mm", source="what a way may be behind the best and still be carried on")
    ladder_mm: float = limit(12.0, unit="mm", source="longer than noise makes lines")
    ladder_step: float = limit(1.5, unit="1", source="a tube is told from one so much denser; " + _TRAIN)
    least_way_mm: float = limit(15.0, unit="mm", source=_TRAIN)
    plate_mm: float = limit(14.0, unit="mm", source="well within an end plate, longer than a catheter's bends")
    column_mm: tuple[float, float] = limit((42.0, 110.0), unit="mm", source="a body's width, three levels' height")
    least_plates: float = limit(0.02, unit="1", source=_TRAIN)
    plates_ratio: float = limit(4.0, unit="1", source="of the column over the film's middle; " + _TRAIN)
    midline_mm: float = limit(18.0, unit="mm", source="half the distance between the outer edges of the pedicles")
    canal_mm: tuple[float, float] = limit((12.0, 46.0), unit="mm", source="from bodies' middle to behind the laminae")
    bodies_mm: tuple[float, float] = limit(
        (34.0, 28.0), unit="mm", source="half a body with its processes, AP and lateral"
    )
    entry_mm: float = limit(32.0, unit="mm", source="from the anchor's bend to the canal; " + _TRAIN)
    entry_cost_mm: float = limit(2.0, unit="mm", source=_TRAIN)
    entry_share: float = limit(0.45, unit="1", source=_TRAIN)
    entry_bend_mm: float = limit(4.0, unit="mm", source=_TRAIN)
    entry_down: float = limit(
        0.8, unit="1", source="53 degrees: a steeper way down would have to turn in its own width"
    )
    slope_cost_mm: float = limit(1.2, unit="mm", source=_TRAIN)
    climb_share: float = limit(0.45, unit="1", source=_TRAIN)
    climb_noise: float = limit(1.3, unit="1", source=_TRAIN)
    climb_least: float = limit(1.5, unit="1", source=_TRAIN)
    climb_dense: float = limit(2.2, unit="1", source=_TRAIN)
    climb_toll: float = limit(0.0, unit="1", source=_TRAIN)
    least_climb_mm: float = limit(12.0, unit="mm", source=_TRAIN)
    climb_bonus_mm: float = limit(10.0, unit="mm", source=_TRAIN)
    settle_widths: float = limit(1.2, unit="1", source=_TRAIN)
    seen_noise: float = limit(2.0, unit="1", source=_TRAIN)
    beside_widths: float = limit(5.0, unit="1", source="holds the tube, its flanks and as much again on either side")
    along_px: float = limit(2.0, unit="px", source="half a tube's width")
    expected_mm: float = limit(60.0, unit="mm", source="much longer than a gap, shorter than the catheter")
    clear_noise: float = limit(0.36, unit="1", source=_TRAIN)
    clear_share: float = limit(0.6, unit="1", source=_TRAIN)
    absent_edge: float = limit(0.5, unit="1", source="half maximum: the end of a blurred tube")
    absent_ratio: float = limit(0.25, unit="1", source=_TRAIN)
    absent_mm: float = limit(3.0, unit="mm", source="a gap of 4 mm less the filter's own length")
    beside_px: float = limit(20.0, unit="px", source="five tube widths of tube on either side of a gap")
    end_climb_mm: float = limit(30.0, unit="mm", source="one vertebra: a catheter ends in the canal, climbing")
    end_climb_share: float = limit(0.8, unit="1", source=_TRAIN)
    limb_mm: tuple[float, float] = limit((3.0, 7.0), unit="mm", source="straight beside a kink, before it bends back")
    corner_deg: float = limit(45.0, unit="deg", source="of what a tube bends over its limbs without a kink; " + _TRAIN)
    corner_most_deg: float = limit(150.0, unit="deg", source="beyond it limbs meet too far away to tell where")
    corner_reach_mm: float = limit(3.0, unit="mm", source="from a smooth way to the corner that it cuts")
    corner_radius_mm: float = limit(1.5, unit="mm", source="a tube's width")
    corner_better: float = limit(1.1, unit="1", source=_TRAIN)
    detour_mm: tuple[float, float] = limit((1.5, 16.0), unit="mm", source="of a link from limb to limb of a kink")
    detour_side_mm: float = limit(2.0, unit="mm", source="a tube and a half's width")
    detour_reach_mm: float = limit(14.0, unit="mm", source="beside the link: how far a kink stands out")
    detour_least: float = limit(0.4, unit="1", source="of the tube on both sides, which may run to the film; " + _TRAIN)
    detour_noise: float = limit(4.0, unit="1", source="of the noise: what is tube without doubt")
    detour_worst: float = limit(0.8, unit="1", source="over any stretch as long as that at its side; " + _TRAIN)
    detour_along: float = limit(0.5, unit="1", source="of a tube's width: less than a kink's radius")
    loose_share: float = limit(0.6, unit="1", source="of the tube before its end; " + _TRAIN)
    loose_mm: float = limit(6.0, unit="mm", source="longer than a crossing tube's shadow, shorter than its bends")
    ending_mm: float = limit(9.0, unit="mm", source="longer than clutter hides a tube, shorter than its bends")
    ending_noise: float = limit(3.0, unit="1", source="of the noise: a tube that is seen well up to its end")
    ending_share: float = limit(0.3, unit="1", source="of the tube before its end; " + _TRAIN)
    beside_ratio: float = limit(0.45, unit="1", source=_TRAIN)
    beside_noise: float = limit(1.7, unit="1", source=_TRAIN)
    late_mm: float = limit(7.0, unit="mm", source="a catheter that leaves the pump is seen within half a connector")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPairLimits:
    """Thresholds for two views as one; lengths in mm at the catheter."""

    source_mm: float = limit(1100.0, unit="mm", source="110 cm from source to detector, where the header says nothing")
    tip_slack_mm: float = limit(16.0, unit="mm", source="breath, posture and the spine off the middle; " + _TRAIN)
    match_mm: float = limit(3.0, unit="mm", source="from point to point; below the views' own disagreement")
    doubt_mm: float = limit(25.0, unit="mm", source="about a vertebra: further apart is simply elsewhere")
    most_apart_mm: float = limit(8.0, unit="mm", source=_TRAIN)
    base_mm: float = limit(3.0, unit="mm", source="one standard deviation where both views agree; " + _TRAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDetectLimits(FilmLevelLimits):
    """Thresholds for what is said of a film; lengths in mm are at the pump's depth."""

    gap_score: float = limit(
        0.5, unit="1", source="three times what the surroundings show: a fainter tube could be there"
    )
    kink_window_mm: float = limit(9.0, unit="mm", source="as in CT: holds a turn of 60 to 120 degrees at under 4 mm")
    kink_turn_deg: float = limit(70.0, unit="deg", source=_TRAIN)
    other_reach_mm: float = limit(12.0, unit="mm", source="along the course: the views' disagreement and a gap's half")
    pump_hides_mm: float = limit(40.0, unit="mm", source="connector and the way round half a pump; " + _TRAIN)
    apart_mm: float = limit(10.0, unit="mm", source="beyond it the two views do not show the same place; " + _TRAIN)
    steep_share: float = limit(0.5, unit="1", source="30 degrees: below it a height says little of the place along it")
    shown_confidence: float = limit(
        0.8, unit="1", source="an edge of bone where a gap is reaches 0.7 and must not explain it away; " + _TRAIN
    )
    along_beam_mm: float = limit(8.0, unit="mm", source="the window of a kink: as far towards the film as across it")
    kink_confidence: float = limit(0.6, unit="1", source=_TRAIN)
    loop_radius_mm: float = limit(10.0, unit="mm", source="the tightest loop that is laid on purpose; " + _TRAIN)
    kink_quiet: float = limit(3.0, unit="1", source="of the noise about it: the tube is there all round the bend")
    kink_width: float = limit(1.8, unit="1", source="of a tube's: the edges of a vertebra are wider; " + _TRAIN)
    kink_apart_mm: float = limit(1.5, unit="mm", source="a tube's width: a way that comes back on itself is no kink")
    kink_limb_mm: float = limit(4.0, unit="mm", source="three tubes' widths: their shadows lie on each other")
    kink_other_mm: float = limit(14.0, unit="mm", source="along the tube: beyond a kink's own two limbs")
    kink_from_pump_mm: float = limit(12.0, unit="mm", source="the connector is rigid and may stand at any angle")
    kink_from_gap_mm: float = limit(12.0, unit="mm", source="a loose end lies at any angle; " + _TRAIN)
    kink_from_entry_mm: float = limit(20.0, unit="mm", source="it is anchored and turns up there; " + _TRAIN)
    seam_mm: float = limit(10.0, unit="mm", source="exposures that are joined overlap by a centimetre or two")
    seen_confidence: float = limit(0.3, unit="1", source=_TRAIN)
    hidden_mm: float = limit(8.0, unit="mm", source="as in CT: a shorter blind spot hides no loose end pulled apart")
    connector_mm: float = limit(20.0, unit="mm", source="pin and sleeve: within 1 to 2 cm, clinical catalogue CT-CONN")
    pocket_mm: float = limit(12.0, unit="mm", source="the pocket's wall; a loop beside the pump reaches further")
    flip_tilt_deg: float = limit(55.0, unit="deg", source="beyond it the pattern is read too seldom; " + _TRAIN)
    rotor_still_deg: float = limit(
        15.0, unit="deg", source="a bolus turns it by 60 degrees; clinical reference E.2, L15"
    )
    rotor_repeats_deg: float = limit(5.0, unit="deg", source="of a rotor on two simulated films; " + _TRAIN)
    rotor_least_min: float = limit(5.0, unit="min", source="sooner, a second film may only repeat the first")
    rotor_most_min: float = limit(
        2160.0, unit="min", source="a day and a half: the study is read the next day at latest"
    )
    turned_deg: float = limit(
        10.0, unit="deg", source="below the 15 degrees that must be found, twice the repeatability"
    )
    skeleton_fit: float = limit(0.35, unit="1", source="correlation of two films of one patient; " + _TRAIN)
    tip_moved_mm: float = limit(20.0, unit="mm", source="below one vertebral level; thrice the repeatability")
    tip_repeats_mm: float = limit(6.0, unit="mm", source="of one patient in other postures and breath; " + _TRAIN)
    pump_moved_mm: float = limit(30.0, unit="mm", source="above what breath and posture do to a pump; " + _TRAIN)
    pump_repeats_mm: float = limit(12.0, unit="mm", source="of one patient in other postures and breath; " + _TRAIN)
    turn_repeats_deg: float = limit(5.0, unit="deg", source="of one patient in other postures; " + _TRAIN)
