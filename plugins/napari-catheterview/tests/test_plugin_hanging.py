"""What hangs together, and where it lies: no display."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from review_cases import GRIDS, UID, catheter_points, grid, image, report
from seen import words_on
from sheet_cases import FILM, LATERAL, MAP, PRIOR, RUN, activity, full_report, write_all
from test_plugin_opening import run
from written import write_out

from catheterview.geometry import Frame
from napari_catheterview import layers
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import scale_bar
from napari_catheterview.desk import OPACITIES, Desk
from napari_catheterview.frame import hang, reading_frame
from napari_catheterview.hanging import beside, fused_on, side_by_side
from napari_catheterview.hanging import sheet_layers as sheets
from napari_catheterview.hanging.sheets_panel import link
from napari_catheterview.opening import find_plans, open_case, open_sheet
from napari_catheterview.straight import straightened


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The oblique case with a turned map, opened, and every other sheet of it."""
    folder = write_all(tmp_path_factory.mktemp("case"), "oblique", turned_deg=12.0)
    known = full_report("oblique")
    out = write_out(folder / "out", [known], [folder])
    _, case = run(open_case(out, known.case_id, [folder / name for name in ("ct", "map", "prior", "films", "run")]))
    return case, {plan.name: run(open_sheet(case, plan))[1] for plan in case.plans[1:]}


def laid(case) -> Desk:
    desk = Desk(ViewerModel())
    desk.show(case, case.report.findings, {})
    return desk


def test_what_belongs_together_hangs_together(whole):
    """The CT with its map first, then the newest study; films side by side, the run alone, the prior at the end."""
    case, _ = whole
    hung = [(plan.kind, plan.uids, plan.rung.value) for plan in case.plans]
    assert hung == [
        ("volume", {UID, MAP}, "ct"),
        ("run", {RUN}, "fluoroscopy"),
        ("films", {FILM, LATERAL}, "radiograph"),
        ("volume", {PRIOR}, "ct"),
    ]
    assert case.plans[0].name == "ct CT + PT 2026-03-02"
    assert case.plans[2].name == "radiograph CR films x 2 2026-01-10"
    assert beside(case.plans, case.plans[0]) is case.plans[3]
    assert beside(case.plans[:3], case.plans[0]) is None


def test_images_of_another_patient_do_not_hang(tmp_path):
    """A folder that holds other studies too hangs only those of the report."""
    folder = write_all(tmp_path, "prone")
    assert [plan.uids for plan in find_plans([folder], report("prone"))] == [{UID, MAP}]


@pytest.mark.parametrize("turned_deg", [0.0, 17.0])
@pytest.mark.parametrize("name", ["feet first", "sagittal", "oblique"])
def test_a_map_lies_where_the_scanner_had_it(name, turned_deg):
    """The hot voxel is on the catheter within half its size, and is its own voxel where the axes agree."""
    hot = activity(name, turned_deg=turned_deg)
    frame = reading_frame(hot) if turned_deg == 0 else reading_frame(activity(name))
    fused = fused_on(hot, frame)
    brightest = np.unravel_index(int(np.argmax(fused.hung.voxels)), fused.hung.voxels.shape)
    found = frame.to_patient(fused.hung.world(brightest))
    assert np.abs(fused.hung.frame.axes - frame.axes).max() < 1e-4
    truth = catheter_points(grid(name))[20]
    assert np.linalg.norm(found - truth) <= (1e-6 if turned_deg == 0 else 0.5 * np.sqrt(3) * 4.0)
    if turned_deg == 0:
        assert np.shares_memory(fused.hung.voxels, hot.voxels)
    else:
        weights = np.clip(fused.hung.voxels.astype(float) - 3, 0, None)
        at = np.moveaxis(np.indices(weights.shape), 0, -1)
        middle = (at * weights[..., None]).sum(axis=(0, 1, 2)) / weights.sum()
        assert np.linalg.norm(frame.to_patient(fused.hung.world(middle)) - truth) < 0.6


def test_map_and_catheter_agree_on_the_desk(whole):
    """In world mm the hot voxel of the map is at the catheter's middle, on an oblique study; O makes it shine."""
    case, _ = whole
    desk = laid(case)
    (layer,) = desk.all(sheets.FUSED)
    weights = np.clip(layer.data.astype(float) - 3, 0, None)
    at = np.moveaxis(np.indices(weights.shape), 0, -1)
    middle = (at * weights[..., None]).sum(axis=(0, 1, 2)) / weights.sum()
    truth = case.place.frame.from_patient(catheter_points(grid("oblique"))[20])
    assert np.linalg.norm(layer.data_to_world(middle) - truth) < 0.6
    assert (layer.blending, layer.colormap.name, layer.opacity) == ("additive", "inferno", OPACITIES[0])
    desk.step_fused()
    assert layer.opacity == OPACITIES[1]
    assert "Resampled" in case.note


@pytest.mark.parametrize("turned_deg", [0.0, 12.0])
@pytest.mark.parametrize("name", [name for name in GRIDS if name != "gantry tilt"])
def test_all_that_is_shown_agrees_within_half_a_voxel(name, turned_deg):
    """Image, catheter, finding, crosshair sent by the strip, and activity: one place in napari's own world."""
    volume, known = image(name), report(name)
    hung = hang(volume)
    fused = fused_on(activity(name, turned_deg=turned_deg), hung.frame)
    straight = straightened(volume, known.catheters[0])
    case = LoadedCase(report=known, image=volume, hung=hung, straight=straight, fused=(fused,))
    desk = laid(case)
    points, frame = catheter_points(grid(name)), case.place.frame
    kink = next(finding for finding in known.findings if finding.kind == "kink")
    desk.move_to(frame.from_patient(straight.place(straight.column(kink.point)[0])))
    pixels, rings, line = (desk.layer(what) for what in (layers.IMAGE, layers.FINDINGS, layers.CATHETER))
    bright = np.argwhere(pixels.data == 1500)
    ring = rings.data_to_world(rings.data[list(rings.features["id"]).index(kink.id)])
    start = line.data_to_world(line.data[list(line.features["point"]).index(30), 0])
    for shown in (desk.at, ring, start):
        assert np.abs(bright - pixels.world_to_data(shown)).max(axis=1).min() <= 0.501
        np.testing.assert_allclose(frame.to_patient(shown), points[30], atol=0.5 * hung.scale_mm.min())
    (warm,) = desk.all(sheets.FUSED)
    weights = np.clip(warm.data.astype(float) - 3, 0, None)
    middle = (np.moveaxis(np.indices(weights.shape), 0, -1) * weights[..., None]).sum(axis=(0, 1, 2)) / weights.sum()
    assert np.abs(warm.world_to_data(frame.from_patient(points[20])) - middle).max() <= 0.5


def test_films_hang_side_by_side_in_their_own_measure(whole):
    """Tops level, no overlap; the one without a spacing says that its measures are pixels, and has no scale bar."""
    case, others = whole
    shown = others["radiograph CR films x 2 2026-01-10"]
    first, second = shown.films
    assert np.array_equal(first.scale, [0.4, 0.4])
    assert (first.unit, second.unit) == ("mm at the detector", "pixel")
    assert second.left > first.size[1]
    assert second.size[0] == pytest.approx(first.size[0])
    desk = laid(shown)
    assert [layer.data.shape for layer in desk.all(sheets.FILM)] == [(1, 60, 50), (1, 40, 70)]
    assert not scale_bar(desk.viewer).visible
    assert "pixels" in words_on(desk.viewer)["note"]
    assert "left" not in words_on(desk.viewer)
    again = laid(case)
    assert scale_bar(again.viewer).visible


def test_films_after_a_ct_fill_the_view(whole):
    """What the CT left behind does not widen the view, nor give films a second frame to step to."""
    case, others = whole
    desk = Desk(ViewerModel())
    desk.furnish()
    desk.show(case, (), {})
    films = others["radiograph CR films x 2 2026-01-10"]
    desk.show(films, (), {})
    low, high = desk.viewer.layers.extent.world
    right = films.films[-1].left + films.films[-1].size[1]
    assert low[1:].min() > -1.0
    assert high[2] < right + 1.0
    assert desk.viewer.dims.nsteps[0] == 1


def test_findings_and_lines_of_a_film_lie_on_it(whole):
    """The kink is at its row and column, the line on the bright diagonal with its gap; nothing of the CT is there."""
    _, others = whole
    desk = laid(others["radiograph CR films x 2 2026-01-10"])
    pixels = desk.all(sheets.FILM)[0]
    rings = desk.layer(layers.FINDINGS)
    assert len(rings.data) == 1
    np.testing.assert_allclose(pixels.world_to_data(rings.data_to_world(rings.data[0])), (0, 30, 31))
    line = desk.layer(layers.CATHETER)
    starts = np.array([pixels.world_to_data(line.data_to_world(at)) for at in line.data[:, 0]])
    assert len(starts) == 38
    assert all(pixels.data[tuple(at)] == 1000 for at in np.rint(starts).astype(int))
    kink = others["radiograph CR films x 2 2026-01-10"].report.findings[-1]
    desk.go_to(kink)
    np.testing.assert_allclose(desk.at, (0, 12.0, 12.4))


def test_a_place_on_a_film_is_a_row_and_a_column_of_its_image(whole):
    """A click on the second film names that film; between the films there is nothing to mark."""
    _, others = whole
    shown = others["radiograph CR films x 2 2026-01-10"]
    second = shown.films[1]
    mark = shown.mark_at(second.world((12.0, 33.0)))
    assert (mark.series_instance_uid, mark.frame) == (LATERAL, Frame.PIXEL)
    np.testing.assert_allclose(mark.points[0], (12.0, 33.0))
    assert shown.mark_at((0.0, 5.0, second.left - 0.6)) is None


def test_a_run_keeps_its_frames(whole):
    """The frames of a run are an axis to step through and to play."""
    _, others = whole
    desk = laid(others["fluoroscopy XA run 2026-01-10"])
    assert desk.viewer.dims.nsteps[0] == 5
    assert desk.viewer.dims.not_displayed == (0,)
    desk.viewer.dims.set_point(0, 3)
    assert desk.case.mark_at((3.0, 2.0, 2.0)).frame is Frame.DETECTOR


def test_a_prior_is_linked_from_pump_to_pump(whole):
    """Two studies without a common frame of reference are linked by their pumps, and the words say so."""
    case, others = whole
    prior = others["ct CT 2025-06-01"]
    apart, how = link(case, prior)
    np.testing.assert_allclose(apart, 0, atol=1e-9)
    assert "not registered" in how


def test_films_of_one_height_without_any_spacing():
    """Where no film has a spacing, each pixel is one unit."""
    image = full_film()
    films = side_by_side([(image, None), (image, None)])
    assert all(np.array_equal(film.scale, [1, 1]) for film in films)


def full_film():
    from sheet_cases import film

    return film(FILM, (1, 20, 30))
