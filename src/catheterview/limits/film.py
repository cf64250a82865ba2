"""Thresholds of everything that reads radiographs and dye-study cines, and the arrangement inside a known pump."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

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

    known_diameter_mm: float = limit(87.5, unit="mm", source="SynchroMed II, both sizes; clinical reference C.1")
    thin_ratio: float = limit(0.2229, unit="1", source="19.5 over 87.5 mm, SynchroMed II 8637-20; C.1")
    thick_ratio: float = limit(0.2971, unit="1", source="26 over 87.5 mm, SynchroMed II 8637-40; C.1")
    least_magnification: float = limit(1.0, unit="1", source="a pump cannot lie behind the detector")
    most_magnification: float = limit(1.55, unit="1", source="40 cm before the detector at 110 cm from the source")
    smallest_disc_mm: float = limit(50.0, unit="mm", source="smallest pump found, Codman 3000; C.1")
    largest_disc_mm: float = limit(140.0, unit="mm", source="87.5 mm at the largest magnification")
    search_px: int = limit(420, unit="px", source="rows that the search for the disc is done on: a mm each")
    compact_share: float = limit(0.84, unit="1", source=_TRAIN)
    edge_reach: float = limit(0.14, unit="1", source=_TRAIN)
    fine_reach: float = limit(0.06, unit="1", source=_TRAIN)
    whole_share: float = limit(0.85, unit="1", source="an outline that is a pump's nearly all round")
    flip_margin: float = limit(0.05, unit="1", source=_TRAIN)
    outline_residual: float = limit(0.022, unit="1", source=_TRAIN)
    edge_share: float = limit(0.62, unit="1", source=_TRAIN)
    pose_step_deg: float = limit(6.0, unit="deg", source="a third of what the septum covers at the rim")
    pose_fit: float = limit(0.42, unit="1", source=_TRAIN)
    stem_deg: float = limit(20.0, unit="deg", source="of the catalogue's arrangement, as `PUMP_PARTS`")
    pose_tilt_deg: float = limit(60.0, unit="deg", source="beyond it the parts lie on each other")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmTraceLimits:
    """Thresholds for following a catheter on a film; lengths in mm are at the catheter, as the pump calibrates it."""

    outer_mm: float = limit(1.3, unit="mm", source="catheters of 1.2 to 1.4 mm; clinical reference C.2")
    tube_px: float = limit(
        4.0, unit="px", source="a tube is that wide on the shrunken film: rails merge, noise averages"
    )
    directions: int = limit(16, unit="1", source="11 degrees apart, less than a piece of tube three widths long tells")
    along_widths: float = limit(1.3, unit="1", source=_TRAIN)
    clutter_widths: float = limit(6.0, unit="1", source=_TRAIN)
    ridge_ratio: float = limit(2.0, unit="1", source=_TRAIN)
    join_px: float = limit(2.9, unit="px", source="reaches over one missing pixel")
    join_cosine: float = limit(0.8, unit="1", source="37 degrees; a loop of 10 mm turns less in three pixels")
    streak_points: int = limit(7, unit="1", source=_TRAIN)
    peak_ratio: float = limit(2.1, unit="1", source="a tube is seen denser where it runs to the film; " + _TRAIN)
    peak_step: float = limit(1.4, unit="1", source="overlapping steps within the ratio")
    line_cost: float = limit(0.02, unit="1", source="small against any link")
    faint_cost: float = limit(0.35, unit="1", source=_TRAIN)
    link_cost: float = limit(3.0, unit="1", source=_TRAIN)
    link_discount: float = limit(2.4, unit="1", source=_TRAIN)
    bend_cost_mm: float = limit(18.0, unit="mm", source=_TRAIN)
    link_reach_mm: float = limit(20.0, unit="mm", source=_TRAIN)
    cusp_mm: float = limit(16.0, unit="mm", source="of a tube that runs to the film and back; " + _TRAIN)
    link_cosine: float = limit(0.6, unit="1", source="53 degrees; " + _TRAIN)
    own_mm: float = limit(12.0, unit="mm", source="a loop that comes round to itself is longer")
    leave_px: float = limit(6.0, unit="px", source="the ends of a streak hook over a tube's width")
    start_px: float = limit(60.0, unit="px", source="15 tube widths: connector, and the pump's edge in the filter")
    start_cost: float = limit(1.5, unit="1", source=_TRAIN)
    dearness: float = limit(0.55, unit="1", source=_TRAIN)
    least_gain_mm: float = limit(25.0, unit="mm", source=_TRAIN)
    beside_widths: float = limit(5.0, unit="1", source="holds the tube, its flanks and as much again on either side")
    along_px: float = limit(2.0, unit="px", source="half a tube's width")
    change_cost_mm: float = limit(25.0, unit="mm", source=_TRAIN)
    step_cost: float = limit(0.6, unit="1", source=_TRAIN)
    even_step: float = limit(0.6, unit="1", source=_TRAIN)
    curl_cost: float = limit(1.0, unit="1", source=_TRAIN)
    curl_deg: float = limit(24.0, unit="deg", source="over eight pixels of 0.3 mm: a bend of 6 mm radius")
    ruled_mm: float = limit(60.0, unit="mm", source="longer than any straight stretch of a catheter between two curves")
    ruled_px: float = limit(0.6, unit="px", source="a sixth of a tube's width")
    stem_near_mm: float = limit(
        14.0, unit="mm", source="the error of the pump's angle at its rim, and a connector's length"
    )
    poor_gain_mm: float = limit(60.0, unit="mm", source="a way that short is tried again from the whole rim")
    edge_px: float = limit(12.0, unit="px", source="three widths: streaks end that far from the pump and the border")
    behind_cosine: float = limit(0.4, unit="1", source="66 degrees; " + _TRAIN)
    outside_mm: float = limit(70.0, unit="mm", source="how far along the border a flank's bend may come back")
    again_mm: float = limit(30.0, unit="mm", source=_TRAIN)
    expected_mm: float = limit(60.0, unit="mm", source="much longer than a gap, shorter than the catheter")
    clear_noise: float = limit(0.36, unit="1", source=_TRAIN)
    clear_share: float = limit(0.6, unit="1", source=_TRAIN)
    absent_edge: float = limit(0.5, unit="1", source="half maximum: the end of a blurred tube")
    absent_ratio: float = limit(0.25, unit="1", source=_TRAIN)
    absent_mm: float = limit(2.0, unit="mm", source="a gap of 3 mm less the filter's own length")
    beside_px: float = limit(20.0, unit="px", source="five tube widths of tube on either side of a gap")
    climb_mm: float = limit(30.0, unit="mm", source="one vertebra: a catheter ends in the canal, climbing")
    climb_share: float = limit(0.8, unit="1", source=_TRAIN)
    beside_ratio: float = limit(0.6, unit="1", source=_TRAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDetectLimits:
    """Thresholds for what is said of a film; lengths in mm are at the pump's depth."""

    gap_score: float = limit(
        0.5, unit="1", source="three times what the surroundings show: a fainter tube could be there"
    )
    kink_window_mm: float = limit(9.0, unit="mm", source="as in CT: holds a turn of 60 to 120 degrees at under 4 mm")
    kink_turn_deg: float = limit(60.0, unit="deg", source=_TRAIN)
    kink_confidence: float = limit(0.6, unit="1", source=_TRAIN)
    kink_denser: float = limit(1.5, unit="1", source="a tube at 48 degrees to the film is that much denser")
    kink_from_pump_mm: float = limit(12.0, unit="mm", source="the connector is rigid and may stand at any angle")
    seen_confidence: float = limit(0.3, unit="1", source=_TRAIN)
    hidden_mm: float = limit(8.0, unit="mm", source="as in CT: a shorter blind spot hides no loose end pulled apart")
    connector_mm: float = limit(20.0, unit="mm", source="pin and sleeve: within 1 to 2 cm, clinical catalogue CT-CONN")
    pocket_mm: float = limit(12.0, unit="mm", source="the pocket's wall; a loop beside the pump reaches further")
    flip_tilt_deg: float = limit(55.0, unit="deg", source="beyond it the pattern is read too seldom; " + _TRAIN)
    turned_deg: float = limit(
        10.0, unit="deg", source="below the 15 degrees that must be found, twice the repeatability"
    )
    turn_repeats_deg: float = limit(5.0, unit="deg", source="of one patient in other postures; " + _TRAIN)
