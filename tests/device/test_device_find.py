"""Pumps are found where they are, and nothing else is called one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from device_drawings import Block, Coil, Metal, Pack, Rod, grid, image_of, trunk_with

from catheterview.device import find_devices
from catheterview.errors import UnsuitableError
from catheterview.geometry import unit
from catheterview.limits import DeviceLimits, ReadLimits
from catheterview.model import Image, Pump
from catheterview.phantom import make_ct, small_recipe
from catheterview.read import load, scan

LIMITS = DeviceLimits()
PUMP = Pack(center=(48.0, -62.0, 6.0), normal=(0.45, -0.85, 0.1), diameter=80.0, thickness=20.0)


def one_pump(image: Image) -> Pump:
    found = find_devices(image, LIMITS)
    assert len(found.pumps) == 1, found
    return found.pumps[0]


def assert_found(found: Pump, drawn: Pack) -> None:
    assert float(np.linalg.norm(np.subtract(found.center_mm, drawn.center))) < 2.0
    assert abs(float(np.array(found.normal) @ unit(drawn.normal))) > np.cos(np.radians(5.0))
    assert found.diameter_mm == pytest.approx(drawn.diameter, abs=4.0)
    assert found.thickness_mm == pytest.approx(drawn.thickness, abs=4.0)


@pytest.mark.parametrize("turn", ["head first", "feet first", "sheared", "oblique", "coronal"])
def test_pump_is_found_however_the_array_lies(turn: str) -> None:
    """Centre within 2 mm, axis within 5 degrees, size within 4 mm on every kind of grid."""
    assert_found(one_pump(trunk_with(PUMP, on=grid(turn))), PUMP)


@pytest.mark.parametrize(
    ("diameter", "thickness", "wall", "top_hu"),
    [(60.0, 15.0, None, 3071), (95.0, 30.0, None, 30000), (70.0, 25.0, 1.5, 3071), (90.0, 16.0, 1.5, 30000)],
)
def test_pump_is_found_whatever_its_make(diameter: float, thickness: float, wall: float | None, top_hu: int) -> None:
    """Solid or hollow, small or large, on a clipped or an extended scale."""
    drawn = replace(PUMP, diameter=diameter, thickness=thickness, wall=wall)
    assert_found(one_pump(trunk_with(drawn, on=grid(), top_hu=top_hu)), drawn)


def test_normal_points_out_of_the_patient() -> None:
    """The sign of the axis is away from the middle of the body, on either side of it."""
    for side in (1.0, -1.0):
        drawn = replace(PUMP, center=(side * 48.0, -62.0, 6.0), normal=(-side * 0.45, 0.85, 0.1))
        assert one_pump(trunk_with(drawn, on=grid())).normal[1] < -0.7


def test_catheter_loops_behind_the_pump_do_not_move_it() -> None:
    """Bright loops that touch the pump are not part of its disc."""
    coil = Coil(center=(48.0, -44.0, 6.0), radius=22.0)
    drawn = replace(PUMP, normal=(0.0, -1.0, 0.0))
    tract = Rod(start=(48.0, -44.0, 28.0), end=(-40.0, 60.0, 40.0), diameter=2.4)
    assert_found(one_pump(trunk_with(drawn, coil, tract, on=grid())), drawn)


def test_two_pumps_are_two() -> None:
    """A second pump is found too, and each is where it is."""
    other = replace(PUMP, center=(-58.0, -50.0, -8.0), normal=(-0.6, -0.8, 0.0), diameter=66.0, thickness=22.0)
    found = find_devices(trunk_with(PUMP, other, on=grid()), LIMITS).pumps
    assert len(found) == 2
    assert_found(found[0], PUMP)
    assert_found(found[1], other)


def test_pump_cut_by_the_image_is_found_and_said_to_be_cut() -> None:
    """A pump of which a fifth lies outside the scan keeps its centre, and the doubt is said."""
    lowest = -(60 - 1) / 2 * 2.6 - 3.0
    drawn = replace(PUMP, center=(30.0, -60.0, lowest + 24.0), normal=(0.2, -0.97, 0.0))
    found = find_devices(trunk_with(drawn, on=grid()), LIMITS)
    assert len(found.pumps) == 1
    assert_found(found.pumps[0], drawn)
    assert "cut by the edge" in found.why


@pytest.mark.parametrize(
    ("kind", "metal"),
    [
        ("port", Pack(center=(50.0, -70.0, 0.0), normal=(0.4, -0.9, 0.0), diameter=28.0, thickness=13.0)),
        ("pulse generator", Block(center=(45.0, -65.0, 0.0), size=(52.0, 10.0, 46.0))),
        ("orthopaedic", Rod(start=(60.0, 0.0, -50.0), end=(50.0, 10.0, 40.0), diameter=14.0)),
        ("wire", Rod(start=(-20.0, -80.0, -30.0), end=(15.0, -80.0, -28.0), diameter=3.0)),
        ("unknown", Rod(start=(60.0, 0.0, 0.0), end=(60.5, 0.0, 0.0), diameter=58.0)),
    ],
)
def test_other_metal_is_named_and_is_no_pump(kind: str, metal: Metal) -> None:
    """A port, a generator, a nail, a wire and a ball are not pumps, and each is named."""
    found = find_devices(trunk_with(metal, on=grid()), LIMITS)
    assert found.pumps == ()
    assert [implant.kind for implant in found.implants] == [kind]
    assert found.why.startswith("no pump")


def test_implants_beside_a_pump_are_named_and_the_pump_stays() -> None:
    """A port in a patient with a pump is a port, and the pump is a pump."""
    port = Pack(center=(-60.0, -62.0, 50.0), normal=(-0.4, -0.9, 0.0), diameter=28.0, thickness=13.0)
    found = find_devices(trunk_with(PUMP, port, on=grid()), LIMITS)
    assert len(found.pumps) == 1
    assert [implant.kind for implant in found.implants] == ["port"]


def test_bright_contrast_is_no_metal() -> None:
    """A bowel loop full of dense contrast, bright in its middle and fading out, is called contrast."""
    on = grid()
    points = on.index_to_world(np.moveaxis(np.indices(on.shape), 0, -1))
    along = np.clip(points[..., 0], -60.0, 60.0)
    away = np.linalg.norm(points - np.stack([along, 20.0 * np.sin(along / 20.0), 0.0 * along], axis=-1), axis=-1)
    image = trunk_with(on=on)
    hu = np.maximum(image.voxels, 2700.0 * np.exp(-((away / 22.0) ** 4)))
    found = find_devices(image_of(hu, on), LIMITS)
    assert found.pumps == ()
    assert {implant.kind for implant in found.implants} == {"contrast"}


def test_metal_outside_the_patient_is_the_tables() -> None:
    """A disc under the table is neither a pump nor an implant of the patient."""
    drawn = replace(PUMP, center=(0.0, 116.0, 0.0), normal=(0.0, 1.0, 0.0), thickness=15.0, diameter=60.0)
    found = find_devices(trunk_with(drawn, on=grid()), LIMITS)
    assert found.pumps == ()
    assert [implant.kind for implant in found.implants] == ["table"]


def test_patient_without_metal_is_said_to_have_no_pump() -> None:
    """No metal, no pump, and the reason names the threshold."""
    found = find_devices(trunk_with(on=grid()), LIMITS)
    assert (found.pumps, found.implants) == ((), ())
    assert found.why == "no pump: no metal of 2000 HU or more"


def test_image_on_another_scale_is_not_searched() -> None:
    """An image that is bright all over is not CT's scale; that is said instead of calling it metal."""
    on = grid(shape=(40, 120, 130))
    found = find_devices(image_of(np.full(on.shape, 2900.0), on), LIMITS)
    assert found.pumps == ()
    assert "scale" in found.why


def test_only_ct_is_searched() -> None:
    """A modality without Hounsfield units is refused by name."""
    image = replace(trunk_with(on=grid(shape=(8, 30, 34))), modality="MR")
    with pytest.raises(UnsuitableError, match="MR"):
        find_devices(image, LIMITS)


def test_pump_of_the_phantom_is_found_and_its_model_is_named() -> None:
    """The simulator's pump is found within 2 mm, facing out, and the model that fits it best is the one simulated."""
    phantom = make_ct(small_recipe(4))
    found, drawn = one_pump(phantom.image), phantom.pumps[0]
    assert float(np.linalg.norm(np.subtract(found.center_mm, drawn.center_mm))) < 2.0
    assert float(np.dot(found.normal, drawn.normal)) > np.cos(np.radians(5.0))
    assert found.models[0].endswith(phantom.recipe.pump_model)


def real_ct(folder: Path, name: str) -> Image:
    inventory = scan([folder / name], limits=ReadLimits(), key=b"a key of the tests")
    series = [s for case in inventory.cases for study in case.studies for s in study.series if s.role == "volume"]
    return load(max(series, key=lambda s: len(s.instances)), limits=ReadLimits())


@pytest.mark.real
@pytest.mark.parametrize("name", ["ct-thorax-1mm.zip", "ct-lumbar-pelvis-5mm.zip", "cbct-catphan-wires.zip"])
def test_real_patients_without_a_device_have_none(real_data: Path, name: str) -> None:
    """Nothing is called a pump or an implant where there is none."""
    found = find_devices(real_ct(real_data, name), LIMITS)
    assert (found.pumps, found.implants) == ((), ())


@pytest.mark.real
def test_real_port_is_a_port(real_data: Path) -> None:
    """The chest port of a real patient is a port; the contrast in the veins beside it is none."""
    found = find_devices(real_ct(real_data, "ct-chest-port-2p5mm.zip"), LIMITS)
    assert found.pumps == ()
    ports = [implant for implant in found.implants if implant.kind == "port"]
    assert len(ports) == 1
    assert float(np.linalg.norm(np.subtract(ports[0].center_mm, (72.0, -69.0, -28.0)))) < 4.0
