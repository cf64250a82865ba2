"""The pictures of a report: which there are, and that they show what they say."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.geometry import Frame
from catheterview.model import Anatomy, Centreline, Evidence, Finding, Image, KeyImage, Landmarks
from catheterview.model.contrast import Collection, ContrastMap, Course
from catheterview.model.image import Region
from catheterview.picture import curved_reformat, key_images
from catheterview.picture.contrast import contrast_image
from catheterview.picture.draw import CATHETER, FINDING, PUMP
from catheterview.picture.straight import arc_of
from strategies import polylines


def pixels(image: KeyImage) -> np.ndarray:
    """(H, W, 3) int, red green blue."""
    decoded = cv2.imdecode(np.frombuffer(image.png, np.uint8), cv2.IMREAD_COLOR)
    return decoded[..., ::-1].astype(int)


def coloured(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """(H, W) bool: where a picture has this colour, within what antialiasing leaves of it."""
    return np.abs(picture - np.array(colour)).max(axis=2) < 40


@pytest.fixture(scope="module")
def images(evidence: Evidence, gap: Finding) -> dict[str, KeyImage]:
    """All pictures of the scene by name."""
    return {image.name: image for image in key_images(evidence, [gap])}


def test_a_report_gets_three_directions_the_course_and_each_finding(images: dict[str, KeyImage], gap: Finding) -> None:
    """Names are unique and in order; only a close-up belongs to a finding; every picture is told in words."""
    assert list(images) == ["mip-coronal", "mip-sagittal", "mip-axial", "cpr", f"finding-{gap.id}"]
    assert [image.finding_id for image in images.values()] == [None] * 4 + [gap.id]
    assert all(len(image.caption) > 40 for image in images.values())


def test_the_same_evidence_makes_the_same_pictures(evidence: Evidence, gap: Finding, images) -> None:
    """Equal bytes, so that a report can be compared with an earlier one."""
    assert [image.png for image in key_images(evidence, [gap])] == [image.png for image in images.values()]


@pytest.mark.parametrize("name", ["mip-coronal", "mip-sagittal", "mip-axial"])
def test_a_projection_is_shown_plain_beside_its_marks(images: dict[str, KeyImage], name: str) -> None:
    """The first panel is untouched by colour, so that no mark hides the catheter; the second has all marks."""
    picture = pixels(images[name])
    panels = 2 if name == "mip-axial" else 3
    width = (picture.shape[1] - 6 * (panels - 1)) // panels
    plain, marked = picture[:, :width], picture[:, width + 6 : 2 * width + 6]
    for colour in (CATHETER, PUMP, FINDING):
        assert not coloured(plain, colour).any()
        assert coloured(marked, colour).sum() > 20


def test_the_course_shows_a_straight_tube_and_its_gap(evidence: Evidence) -> None:
    """Along the reformat the tube stays in the middle; where it is interrupted there is tissue."""
    line = evidence.catheters[0]
    planes, values = curved_reformat(evidence.image, line, half_width_mm=6.0, step_mm=0.5)
    start, end = line.arc_mm[line.pieces[0][1]], line.arc_mm[line.pieces[1][0]]
    in_gap = (planes.arc_mm > start + 3.2) & (planes.arc_mm < end - 3.2)
    on_tube = (planes.arc_mm > 15) & ~((planes.arc_mm > start - 2.0) & (planes.arc_mm < end + 2.0))
    middle = len(planes.offsets_mm) // 2
    for cut in values:
        assert in_gap.sum() > 2
        assert cut[middle, in_gap].max() < 300
        assert np.median(cut[middle, on_tube]) > 600
        weight = np.clip(cut[:, on_tube] - 300, 0, 500)
        offset = (weight * planes.offsets_mm[:, None]).sum(axis=0) / weight.sum(axis=0)
        assert abs(float(np.median(offset))) < 0.5


def test_the_course_marks_the_gap_and_the_finding(images: dict[str, KeyImage]) -> None:
    """The confidence strip is empty in the gap, and the finding's sign stands over it."""
    picture = pixels(images["cpr"])
    strip = coloured(picture, CATHETER).sum(axis=0)
    first, last = np.flatnonzero(strip[44:] > 4)[[0, -1]] + 44
    holes = np.flatnonzero(strip[first:last] == 0) + first
    assert 25 < len(holes) < 40
    sign = np.flatnonzero(coloured(picture[:20], FINDING).any(axis=0))
    assert holes[0] - 2 < sign[0] + 6 < holes[-1] + 2


def test_a_close_up_has_the_finding_in_the_middle_of_each_cut(evidence: Evidence) -> None:
    """Whatever the cut, the place asked for is in its centre: here, the only bright ball for 40 mm."""
    grid = evidence.image.placed
    world = grid.index_to_world(np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), axis=-1))
    place = grid.index_to_world((28, 41, 47)) + 0.3
    ball = np.where(np.linalg.norm(world - place, axis=-1) < 4.0, 900, 0).astype(np.int16)
    image = Image(
        voxels=ball,
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid=evidence.image.series_instance_uid,
        study_instance_uid="1",
    )
    finding = Finding(
        kind="kink",
        score=0.5,
        frame=Frame.PATIENT,
        point=tuple(place),
        series_instance_uid=image.series_instance_uid,
        message="m",
    )
    made = key_images(replace(evidence, image=image, catheters=(), pumps=()), [finding])
    picture = pixels(made[-1])
    side = (picture.shape[1] - 12) // 3
    for number in range(3):
        cut = picture[:side, number * (side + 6) : number * (side + 6) + side]
        core = cut[side // 4 : -side // 4, side // 4 : -side // 4]
        rows, columns = np.nonzero(core.min(axis=2) > 150)
        assert abs(rows.mean() - core.shape[0] / 2) < 6
        assert abs(columns.mean() - core.shape[1] / 2) < 6


def test_findings_keep_the_numbers_of_the_report(evidence: Evidence, gap: Finding) -> None:
    """F2 in a picture is F2 in the table, though F1 is of another series."""
    other = replace(gap, series_instance_uid="1.2.3")
    made = key_images(evidence, [other, gap], first_number=4)
    assert [image.finding_id for image in made if image.finding_id] == [gap.id]
    assert made[-1].caption.startswith("F5,")


def test_without_a_device_there_are_plain_projections(evidence: Evidence) -> None:
    """A case without pump and catheter is shown as it is, and says that nothing was found to draw."""
    uid = evidence.image.series_instance_uid
    bare = Evidence(
        image=evidence.image,
        rung=evidence.rung,
        pumps=(),
        anatomy=Anatomy(series_instance_uid=uid),
        catheters=(),
        why_no_catheter="no pump to start from",
    )
    made = key_images(bare, [])
    assert [image.name for image in made] == ["mip-coronal", "mip-sagittal", "mip-axial"]
    for image in made:
        assert "no pump to start from" in image.caption
        assert not coloured(pixels(image), CATHETER).any()


def test_a_pump_alone_is_outlined(evidence: Evidence) -> None:
    """When the catheter cannot be followed, the pump is still shown."""
    made = key_images(replace(evidence, catheters=(), why_no_catheter="lost in streaks"), [])
    assert [image.name for image in made] == ["mip-coronal", "mip-sagittal", "mip-axial"]
    assert all(coloured(pixels(image), PUMP).sum() > 20 for image in made)


def test_a_film_makes_no_picture_of_a_volume(evidence: Evidence) -> None:
    """An image without a place in the patient is passed over, not stretched."""
    film = Image(
        voxels=np.zeros((1, 30, 40), np.int16),
        grid=None,
        frame=Frame.PIXEL,
        modality="CR",
        series_instance_uid="1",
        study_instance_uid="1",
    )
    assert key_images(replace(evidence, image=film, catheters=(), pumps=()), []) == ()


def test_pictures_of_another_modality_get_a_window_of_their_own(evidence: Evidence) -> None:
    """Counts that are no Hounsfield units are neither all black nor all white."""
    counts = Image(
        voxels=(np.asarray(evidence.image.voxels, np.int32) // 60 + 55).astype(np.int16),
        grid=evidence.image.placed,
        frame=Frame.PATIENT,
        modality="NM",
        series_instance_uid=evidence.image.series_instance_uid,
        study_instance_uid="1",
    )
    picture = pixels(key_images(replace(evidence, image=counts), [])[0])
    assert np.unique(picture[..., 0]).size > 20


@given(polylines(least=6), st.floats(0.0, 1.0))
def test_a_place_on_the_course_is_found_where_it_is(points: np.ndarray, part: float) -> None:
    """Distance along the catheter is exact between points and across gaps; a place far away has none."""
    last = len(points) - 1
    line = Centreline(
        series_instance_uid="1",
        frame=Frame.PATIENT,
        points=points,
        pieces=((0, 2), (3, last)),
        radius=np.ones(last + 1),
        confidence=np.ones(last + 1),
        contrast=np.zeros(last + 1),
        noise=np.zeros(last + 1),
        landmarks=Landmarks(),
    )
    across = points[2] + part * (points[3] - points[2])
    expected = line.arc_mm[2] + part * (line.arc_mm[3] - line.arc_mm[2])
    assert arc_of(line, across) == pytest.approx(expected, abs=1e-6)
    assert arc_of(line, points[0] + 3000.0) is None
    assert arc_of(line, (1.0, 2.0)) is None


def test_contrast_is_drawn_along_the_course_where_it_was_looked_for(evidence: Evidence, gap: Finding) -> None:
    """A picture for a catheter with a contrast map, its collections in colour; none without a map."""
    (catheter,) = evidence.catheters
    middle = catheter.points[len(catheter.points) // 3]
    grid = evidence.image.placed
    points = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    mask = np.linalg.norm(points - middle, axis=-1) < 5.0
    blob = Collection(
        site="catheter",
        point=tuple(float(v) for v in middle),
        region=Region.of(mask, grid),
        volume_ml=0.5,
        mean_hu=200.0,
        peak_hu=250.0,
    )
    arc = catheter.arc_mm
    level = np.full(len(arc), 40.0)
    course = Course(arc_mm=arc, lumen_hu=level, sleeve_hu=level, width_mm=np.full(len(arc), 2.0))
    for collections in ((), (blob,)):
        seen = replace(evidence, contrast=ContrastMap(courses=(course,), collections=collections))
        made = contrast_image(seen, catheter, [("F1", gap)], name="contrast")
        assert made is not None
        cut = pixels(made)[24:95, 95:]
        assert ((cut[..., 0] - cut[..., 2]) > 60).sum() > 300 * len(collections)
    assert contrast_image(evidence, catheter, [("F1", gap)], name="contrast") is None
