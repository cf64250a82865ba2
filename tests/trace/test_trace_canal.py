"""The catheter in the spinal canal: seen from end to end at the noise of one voxel, and not where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Frame, Grid, arc_length, grid_from_axes, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Image
from catheterview.trace.bridge import way_past_bone
from catheterview.trace.canal import brightest_in_canal, lines_in_canal, of_one_tube, piece_to_goal
from catheterview.trace.profile import Fade, Profile, fade_of
from catheterview.trace.tubelet import Tubelet

LIMITS = TraceLimits()
RADIUS_MM = 7.0
FAINT = Fade(share=0.0, level_hu=70.0, least_hu=0.0)


def slices() -> Grid:
    """Slices of 1.25 mm, 15 cm high, rows and columns unequal and turned a little."""
    turn = np.radians(6.0)
    return grid_from_axes(
        (120, 46, 42),
        origin=(-18.0, -16.0, 5.0),
        axes_mm=(
            (0, 0, 1.25),
            (-0.9 * np.sin(turn), 0.9 * np.cos(turn), 0),
            (0.8 * np.cos(turn), 0.8 * np.sin(turn), 0),
        ),
    )


def middle() -> FloatArray:
    """The canal: a gentle curve from feet to head."""
    at = np.linspace(10.0, 150.0, 200)
    return np.stack([0.02 * (at - 80.0), 2.0 + 0.0016 * (at - 80.0) ** 2, at], axis=1)


def tube(first_mm: float = 25.0, last_mm: float = 115.0) -> FloatArray:
    """A catheter that winds a little beside the canal's middle, between two arc lengths of it."""
    line = resample_polyline(middle(), step=0.25)
    at = arc_length(line)
    beside = 2.5 * np.stack([np.cos(at / 30.0), np.sin(at / 30.0), np.zeros_like(at)], axis=1)
    return np.asarray((line + beside)[(at >= first_mm) & (at <= last_mm)])


def scan(points: FloatArray | None, *, contrast_hu: float = 70.0, noise_hu: float = 30.0) -> Image:
    """Cord and water inside a bony wall with a rim, noise, and a blurred tube."""
    grid = slices()
    places = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1)).reshape(-1, 3)
    away = cKDTree(resample_polyline(middle(), step=0.5)).query(places)[0]
    value = np.where(away > RADIUS_MM + 0.8, 500.0, 30.0) + noise_hu * np.random.default_rng(3).standard_normal(
        len(away)
    )
    if points is not None:
        near = cKDTree(points).query(places, distance_upper_bound=4.0)[0]
        value += contrast_hu * np.exp(-0.5 * (np.minimum(near, 9.0) / 0.8) ** 2)
    return Image(
        voxels=np.rint(value.reshape(grid.shape)).astype(np.int16),
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        sop_instance_uids=tuple(f"1.2.3.{k}" for k in range(grid.shape[0])),
    )


@pytest.fixture(scope="module")
def spine() -> Anatomy:
    return Anatomy(series_instance_uid="1.2.3", canal=middle(), canal_radius_mm=np.full(200, RADIUS_MM))


def test_a_tube_at_twice_the_noise_is_found_from_end_to_end(spine: Anatomy) -> None:
    """Half a millimetre from the truth, and the ends within six, where no single voxel tells it from noise."""
    truth = tube()
    (line,) = lines_in_canal(scan(truth), spine, FAINT, LIMITS)
    assert cKDTree(truth).query(line)[0].mean() < 0.5
    assert np.linalg.norm(line[[0, -1]] - truth[[0, -1]], axis=1).max() < 6.0


def test_both_pieces_of_a_severed_tube_are_found(spine: Anatomy) -> None:
    """A gap of two centimetres parts it in two, and no line crosses the gap."""
    whole = tube(15.0, 130.0)
    at = arc_length(whole)
    truth = whole[(at < 50.0) | (at > 70.0)]
    fade = Fade(share=0.0, level_hu=120.0, least_hu=0.0)
    lines = lines_in_canal(scan(truth, contrast_hu=120.0), spine, fade, LIMITS)
    assert len(lines) == 2
    assert max(cKDTree(truth).query(line)[0].max() for line in lines) < 4.0


@pytest.mark.parametrize("lead_from_mm", [75.0, 50.0])
def test_a_lead_that_goes_on_beside_the_tip_is_no_further_piece(spine: Anatomy, lead_from_mm: float) -> None:
    """It runs past the catheter's end, so that it is another tube, longer or not: the catheter is not severed."""
    line = resample_polyline(middle(), step=0.25)
    at = arc_length(line)
    truth = (line + np.array([3.0, 0.0, 0.0]))[(at > 15.0) & (at < 90.0)]
    lead = (line + np.array([-3.5, 0.0, 0.0]))[(at > lead_from_mm) & (at < 140.0)]
    image = scan(np.concatenate([truth, lead]), contrast_hu=120.0)
    lines = lines_in_canal(image, spine, Fade(share=0.0, level_hu=120.0, least_hu=0.0), LIMITS)
    assert len(lines) == 2
    (found,) = of_one_tube(image, lines, truth[:60], LIMITS)
    assert cKDTree(truth).query(found)[0].max() < 2.0


@pytest.mark.parametrize("aside_mm", [3.0, -3.6])
def test_a_course_that_goes_over_to_a_lead_beside_the_tip_is_cut_there(spine: Anatomy, aside_mm: float) -> None:
    """The lead was there before the catheter's end: what goes on along it is no catheter."""
    line = resample_polyline(middle(), step=0.25)
    at = arc_length(line)
    truth = line[(at > 15.0) & (at < 90.0)]
    lead = (line + np.array([aside_mm, 0.0, 0.0]))[(at > 72.0) & (at < 140.0)]
    image = scan(np.concatenate([truth, lead]), contrast_hu=160.0)
    lines = lines_in_canal(image, spine, Fade(share=0.0, level_hu=160.0, least_hu=0.0), LIMITS)
    (found,) = of_one_tube(image, lines, truth[:60], LIMITS)
    assert cKDTree(truth).query(found)[0].max() < 2.5
    assert cKDTree(found).query(truth)[0].max() < 8.0


@pytest.mark.parametrize("contrast_hu", [70.0, 160.0, 400.0])
def test_nothing_is_found_where_nothing_runs(spine: Anatomy, contrast_hu: float) -> None:
    """Neither noise nor the wall of the canal is a catheter, faint or bright."""
    fade = Fade(share=0.0, level_hu=contrast_hu, least_hu=0.0)
    assert lines_in_canal(scan(None), spine, fade, LIMITS) == []


def test_a_tube_of_unknown_contrast_is_found_and_measured(spine: Anatomy) -> None:
    """The contrast that speaks most for a tube is near its own."""
    truth = tube()
    lines, contrast_hu = brightest_in_canal(scan(truth, contrast_hu=180.0), spine, LIMITS)
    assert cKDTree(truth).query(lines[0])[0].mean() < 0.7
    assert 110.0 < contrast_hu < 220.0


def test_without_a_canal_there_is_nothing_to_find() -> None:
    """A body part without a spine is no error."""
    none = Anatomy(series_instance_uid="1.2.3")
    assert lines_in_canal(scan(tube()), none, FAINT, LIMITS) == []


def test_a_thin_wall_fades_from_fat_to_muscle() -> None:
    """A share of a third of a tube of 230 HU: 110 HU over fat, 60 over muscle, as drawn."""
    around = np.concatenate([np.full(60, -100.0), np.full(60, 50.0)])
    profile = Profile(
        core=around + (230.0 - around) / 3.0, around=around, spread=np.full(120, 5.0), brightest=around + 10.0
    )
    fade = fade_of(profile, LIMITS)
    assert fade.share == pytest.approx(1 / 3, abs=0.02)
    assert fade.contrast_over(np.array([-100.0, 50.0])) == pytest.approx([110.0, 60.0], abs=3.0)


def test_the_way_where_nothing_is_seen_keeps_out_of_bone() -> None:
    """Between two places on either side of the wall's bend the way stays in the canal; the straight one would not."""
    line = resample_polyline(middle(), step=0.5)
    bent = line[[10, -10]] + [0.0, 4.0, 0.0]
    image = scan(None, noise_hu=5.0)
    way = resample_polyline(way_past_bone(image, bent, 300.0, TraceLimits(past_bone_mm=200.0)), step=1.0)
    inside = cKDTree(line).query(way)[0] < RADIUS_MM + 0.8
    straight = resample_polyline(bent, step=1.0)
    assert (cKDTree(line).query(straight)[0] < RADIUS_MM + 0.8).mean() < 0.9
    assert inside.mean() > 0.95


def test_a_bone_beyond_the_tip_does_not_turn_the_catheter_round(spine: Anatomy) -> None:
    """What was lost below comes in at the lower end, though at the upper one there is a bone to follow."""
    line = tube(25.0, 115.0)[::2]
    bone = line[-1] + np.linspace(2.0, 14.0, 25)[:, None] * np.array([0.3, -0.8, 0.5])
    tubelets = [Tubelet(points=line, strength=150.0, goal=True), Tubelet(points=bone, strength=150.0)]
    lost = line[0] - np.array([0.0, -12.0, 20.0])
    piece = piece_to_goal(scan(tube()), tubelets, lost, (150.0, LIMITS))
    assert piece is not None
    assert np.array_equal(piece.points, line)
