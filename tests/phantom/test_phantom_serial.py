"""The same patient on two days: what moved, what stayed, and that the truth of each day lies in its own image."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from catheterview.errors import InputError
from catheterview.geometry import arc_length
from catheterview.model import Kind
from catheterview.phantom import CtRecipe, Phantom, make_ct, small_recipe
from catheterview.phantom.cohort import Study, write_study
from catheterview.phantom.curves import bend_radius
from catheterview.phantom.film import FilmView, make_films, prior_of, random_film_recipe, sit
from catheterview.phantom.film.posed import posed
from catheterview.phantom.film.truth import true_findings
from catheterview.phantom.later import named, told
from catheterview.phantom.scene import Scene
from catheterview.phantom.serial import posture_of, prior_recipe

MOVED = small_recipe(100_006, fault="pump_migration", move_mm=45.0, pull_mm=30.0)
#: A tube so thick and dense that it shows on a coarse grid.
THICK = small_recipe(
    100_006, shape=(60, 112, 128), spacing_mm=(3.5, 2.6, 2.7), slice_thickness_mm=3.0, outer_mm=4.0, wall_hu=3000.0
)


def test_a_pump_that_moved_takes_its_catheter_along(scene_of: Callable[[CtRecipe], Scene]) -> None:
    """As far as was asked, within a third; the tip is drawn; between anchor and dura nothing moves; no sharp bend."""
    before, after = scene_of(replace(MOVED, fault="healthy")), scene_of(MOVED)
    assert before.device is not None
    assert after.device is not None
    lesions = {lesion.kind: lesion for lesion in after.device.course.lesions}
    way = float(np.linalg.norm(after.device.pocket.center_mm - before.device.pocket.center_mm))
    assert lesions[Kind.PUMP_MIGRATION].measures["moved_mm"] == pytest.approx(way)
    assert 0.8 * 45.0 <= way < 1.35 * 45.0
    (now,), (then,) = after.device.course.pieces, before.device.course.pieces
    drawn = float(arc_length(then[len(then) - 61 :])[-1])
    assert lesions[Kind.MIGRATION].measures["shift_mm"] == pytest.approx(drawn, abs=2.0)
    inside = now[-100:-1]
    assert np.linalg.norm(inside[:, None] - then[None], axis=2).min(axis=1).max() < 0.6
    assert bend_radius(now).min() > 6.0
    clear = after.device.pocket.clearance(now[round(after.device.route.connector_mm * 2) + 2 :])
    assert clear.min() > 1.0


def test_an_earlier_day_is_another_scan_of_the_same_patient() -> None:
    """Healthy, in another posture and breath, with other noise and identifiers; the same device."""
    prior = prior_recipe(replace(MOVED, study="cap_ct"))
    assert (prior.fault, prior.study, prior.scan) == ("healthy", "non_contrast", 1)
    assert any(prior.posture_deg)
    assert prior.breath_mm != 0.0
    assert (prior.seed, prior.wall_hu, prior.loops) == (MOVED.seed, MOVED.wall_hu, MOVED.loops)
    assert prior_recipe(replace(MOVED, background="given")).posture_deg == (0.0, 0.0, 0.0)


def _seen(phantom: Phantom, points: np.ndarray) -> np.ndarray:
    index = np.round(phantom.image.placed.world_to_index(points)).astype(int)
    inside = ((index >= 0) & (index < phantom.image.voxels.shape)).all(axis=1)
    return phantom.image.voxels[tuple(index[inside].T)]


def test_truth_lies_in_the_image_of_a_turned_patient() -> None:
    """The tube is bright where the truth says, and not where it would be in the plain posture."""
    recipe = replace(THICK, posture_deg=(3.0, -2.0, 4.0), posture_mm=(9.0, -5.0, 8.0), scan=1)
    phantom, posture = make_ct(recipe), posture_of(recipe)
    assert posture is not None
    points = phantom.catheters[0].points
    there, plain = _seen(phantom, points), _seen(phantom, posture.inverse().points(points))
    assert np.median(there) > 600.0
    assert np.median(plain) < 300.0
    (pump,) = phantom.pumps
    back = np.array(pump.center_mm) - (pump.thickness_mm / 2.0 - 0.5) * np.array(pump.normal)
    assert np.median(_seen(phantom, back[None])) > 1500.0


def test_a_later_dial_at_its_default_is_told_nowhere() -> None:
    """Truth and identifiers written before a dial came stay as they were, in nested recipes too."""
    assert "move_mm" not in told(MOVED) or MOVED.move_mm != 40.0
    assert told(MOVED)["move_mm"] == 45.0
    assert "scan" not in told(MOVED)
    assert named(replace(MOVED, move_mm=40.0, pull_mm=0.0)).count("mm=") == repr(MOVED).count("mm=") - 4
    film = random_film_recipe(4)
    assert not {"rotor_asked_deg", "pump_move_mm"} & set(told(film))
    assert "posture_deg" not in told(film)["patient"]
    assert told(replace(film, pump_move_mm=30.0))["pump_move_mm"] == 30.0


def test_a_pair_of_ct_is_written_as_two_studies_of_one_patient(tmp_path: Path) -> None:
    """Two dates, two frames of reference, one patient; the faults are those of the later day."""
    dials = {"move_mm": 45.0, "pull_mm": 30.0, "shape": [58, 60, 70], "spacing_mm": [3.6, 4.4, 4.5], "physics": False}
    study = Study(modality="CT", fault="pump_migration", seed=100_006, size="tiny", prior=True, dials=dials)
    write_study(study, tmp_path)
    now, then = (json.loads((tmp_path / name).read_text()) for name in ("truth.json", "prior/truth.json"))
    assert {"pump_migration", "migration"} <= {one["kind"] for one in now["findings"]}
    assert then["findings"] == []
    files = [pydicom.dcmread(next((tmp_path / part / "dicom").iterdir())) for part in (".", "prior")]
    assert len({one.PatientID for one in files}) == 1
    for name in ("StudyDate", "StudyInstanceUID", "FrameOfReferenceUID"):
        assert len({str(one[name].value) for one in files}) == 2
    with pytest.raises(InputError, match="no earlier study"):
        write_study(replace(study, modality="PLANAR", fault="healthy", dials={}), tmp_path / "none")


def test_films_show_a_pump_that_moved_and_a_rotor_that_stays() -> None:
    """Pump and tube go aside on the film; a rotor is still only against a bolus that should have turned it."""
    size = {"pitch_mm": 2.4, "rows": 180, "columns": 180, "views": (FilmView(kind="AP"),)}
    plain = random_film_recipe(4, **size)
    sitter = sit(plain)
    moved = replace(plain, pump_move_mm=40.0, rotor_asked_deg=60.0)
    ((before,), (after,)) = (make_films(recipe, sitter=sitter) for recipe in (plain, moved))
    assert before.findings == ()
    assert [one.kind for one in after.findings] == [Kind.PUMP_MIGRATION, Kind.ROTOR_NOT_TURNING]
    away = abs(after.pumps[0].center[1] - before.pumps[0].center[1]) * after.pumps[0].mm_per_px
    assert 15.0 < away <= 42.0
    assert sitter.scene.device is not None
    turned = replace(plain, rotor_asked_deg=60.0, rotor_deg=60.0)
    device = posed(turned, sitter.scene.device, plain.views[0])
    assert true_findings(turned, device, before.camera, (before.image, before.pumps[0])) == ()
    earlier = prior_of(moved, 4)
    assert (earlier.pump_move_mm, earlier.rotor_asked_deg) == (0.0, 0.0)
