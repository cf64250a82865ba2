"""Two films of one pump tell by how much its rotor has turned, and whether it stands still."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from catheterview.detect.film import FilmEvidence
from catheterview.detect.film.rotor import RotorPair, examine_rotor, is_rotor_pair
from catheterview.device.film.rotor import rotor_turn
from catheterview.geometry import Frame
from catheterview.limits.film import FilmDetectLimits, FilmLimits
from catheterview.model import Image, Kind
from catheterview.model.film import Film, FilmPump, RotorTurn, View
from catheterview.phantom.film import FilmView
from catheterview.phantom.film.camera import camera_of
from catheterview.phantom.film.metal import pump_seen
from catheterview.phantom.film.posed import posed
from catheterview.phantom.film.truth import true_pump
from film_scenes import recipe, sitter

LIMITS, DETECT = FilmLimits(), FilmDetectLimits()
PITCH_MM = 0.25
AIM = np.array([0.0, 0.0, 155.0])


@cache
def shown(rotor_deg: float, roll_deg: float = 0.0) -> tuple[Film, FilmPump]:
    """The pump's part of a film with its rotor turned, the patient lying a little differently, scatter and noise."""
    view = FilmView(kind="AP", posture_deg=(0.0, roll_deg, 0.5 * roll_deg))
    made = recipe(rotor_deg=rotor_deg, views=(view,), pitch_mm=PITCH_MM, rows=1720, columns=1720)
    assert sitter().scene.device is not None
    device, whole = posed(made, sitter().scene.device, view), camera_of(made, view, AIM)
    low = np.rint(whole.project(device.pocket.center_mm[None])[0]).astype(int) - 290
    camera = whole.cropped((int(low[0]), int(low[1])), (580, 580))
    water_mm, titanium_mm = np.moveaxis(pump_seen(made, device.pocket, camera), -1, 0)
    primary = np.exp(-0.0206 * water_mm - 0.348 * titanium_mm)
    noise = np.random.default_rng(round(abs(rotor_deg) + 7)).normal(0.0, 0.01, primary.shape)
    density = (-np.log(primary + 1.0) + noise + np.linspace(0.0, 0.3, 580)).astype(np.float32)
    image = Image(
        voxels=np.zeros((1, 580, 580), np.int16), grid=None, frame=Frame.DETECTOR, modality="DX",
        series_instance_uid="1.2", study_instance_uid="1", sop_instance_uids=("1.2.3",),
    )  # fmt: skip
    film = Film(image=image, density=density, exposed=np.ones((580, 580), bool), spacing_mm=(PITCH_MM,) * 2)
    return replace(film, view=View.AP), true_pump(made, device, camera, image)


@pytest.mark.parametrize("turn_deg", [60.0, -110.0, 0.0])
def test_the_turn_of_the_rotor_is_measured(turn_deg: float) -> None:
    """Within 5 degrees, in another posture, the sense as seen from the face with the ports."""
    told = rotor_turn(*shown(turn_deg, 2.0), shown(0.0), LIMITS)
    assert told.turn_deg is not None, told.why
    assert abs((told.turn_deg - turn_deg + 180.0) % 360.0 - 180.0) <= 5.0


def test_the_turn_needs_no_reading_of_the_whole_pattern() -> None:
    """Where neither film tells how the pump itself is turned, the two are laid over each other all the same."""
    film, pump = shown(60.0, 2.0)
    then, earlier = shown(0.0)
    blind = [replace(one, turn_deg=None, flipped=None) for one in (pump, earlier)]
    told = rotor_turn(film, blind[0], (then, blind[1]), LIMITS)
    assert told.turn_deg == pytest.approx(60.0, abs=6.0)


def test_a_motor_that_shows_nothing_tells_nothing() -> None:
    """Where the motor is hidden behind something even, no turn is made up."""
    (film, pump), (then, earlier) = shown(60.0, 2.0), shown(0.0)
    hidden = []
    for one, of in ((film, pump), (then, earlier)):
        rows, columns = np.ogrid[: one.density.shape[0], : one.density.shape[1]]
        inside = np.hypot(rows - of.center[0], columns - of.center[1]) < of.radius_px
        hidden.append(replace(one, density=np.where(inside, np.float32(3.0), one.density)))
    told = rotor_turn(hidden[0], pump, (hidden[1], earlier), LIMITS)
    assert told.turn_deg is None
    assert told.why


def pair(now: str, then: str, turn: RotorTurn) -> RotorPair:
    """Two films taken at given moments."""
    (film, pump), (other, earlier) = shown(60.0, 2.0), shown(0.0)
    return RotorPair(
        now=FilmEvidence(film=replace(film, taken=now), pumps=(pump,)),
        then=FilmEvidence(film=replace(other, taken=then), pumps=(earlier,)),
        turn=turn,
    )


@pytest.mark.parametrize(
    ("then", "turn", "outcome", "found"),
    [
        ("20260302 100000", RotorTurn(turn_deg=2.0, fit=0.7), "RAN", True),
        ("20260302 100000", RotorTurn(turn_deg=61.0, fit=0.7), "RAN", False),
        ("20260302 102900", RotorTurn(turn_deg=2.0, fit=0.7), "RAN", False),  # a repeated exposure
        ("20260302 100000", RotorTurn(why="no rotor is seen in the motor"), "SKIPPED", False),
    ],
)
def test_a_rotor_that_stands_still_is_reported(then: str, turn: RotorTurn, outcome: str, found: bool) -> None:
    """With its measure and a caution; not where the second film may only repeat the first, or nothing is seen."""
    findings, examined = examine_rotor(pair("20260302 103000", then, turn), DETECT)
    assert [one.kind for one in findings] == ([Kind.ROTOR_NOT_TURNING] if found else [])
    assert examined.outcome == outcome
    assert all(one.measures["rotor_turn_deg"] == 2.0 and one.cautions for one in findings)


@pytest.mark.parametrize(("then", "near"), [("20260302 080000", True), ("20260220 080000", False), ("", False)])
def test_only_films_of_a_day_and_a_half_are_a_rotor_study(then: str, near: bool) -> None:
    """Days later a rotor stands anywhere; without times nobody knows."""
    both = pair("20260302 103000", then, RotorTurn())
    assert is_rotor_pair(both.now.film, both.then.film, DETECT) is near
