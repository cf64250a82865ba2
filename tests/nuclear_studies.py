"""Small simulated tracer studies that several tests look at; made once in a process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from catheterview.geometry import Frame, grid_from_axes
from catheterview.model import Delivery, Evidence, Image, Rung, Scintigram, TracerEvidence
from catheterview.phantom.nuclear import NuclearPhantom, Scan, make_nuclear, small_nuclear_recipe
from catheterview.phantom.scene import true_catheter, true_pump

SEED = 4  # of the split "train"


def camera_image(counts: np.ndarray) -> Image:
    """Views (V, R, C) of a gamma camera as an image that lies nowhere in the patient."""
    return Image(
        voxels=counts.astype(np.int16),
        grid=None,
        frame=Frame.DETECTOR,
        modality="NM",
        series_instance_uid="1.3",
        study_instance_uid="1",
        frame_of_reference_uid="",
    )


@cache
def small_study(
    fault: str = "healthy", *, flow_ml_per_day: float = 0.5, with_ct: bool = False, **dials: object
) -> NuclearPhantom:
    """A study of one time point, two days after injection, matrix 64."""
    recipe = small_nuclear_recipe(SEED, fault=fault, flow_ml_per_day=flow_ml_per_day, **dials)  # type: ignore[arg-type]
    return make_nuclear(recipe, with_ct=with_ct)


def ct_evidence(phantom: NuclearPhantom) -> Evidence:
    """What a perfect reader of the CT would hand over; the CT itself is a placeholder of the right extent."""
    assert phantom.scene.device is not None
    grid = grid_from_axes((5, 6, 7), origin=(-170.0, -160.0, 0.0), axes_mm=((0, 0, 53.0), (0, 60.0, 0), (55.0, 0, 0)))
    image = Image(
        voxels=np.zeros(grid.shape, dtype=np.int16),
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.1",
        study_instance_uid="1.2",
        frame_of_reference_uid="1.2.9",
    )
    return Evidence(
        image=image,
        rung=Rung.SPECT_CT,
        pumps=(true_pump(phantom.scene.device, "1.2.1"),),
        anatomy=phantom.scene.anatomy,
        catheters=(true_catheter(phantom.recipe.ct, phantom.scene.device, "1.2.1"),),
    )


def scintigram(scan: Scan, ct: Evidence, *, hours: float | None = None) -> Scintigram:
    """One scan as it is read from a file: whole numbers without a unit."""
    voxels = np.rint(scan.activity * (32000.0 / scan.activity.max())).astype(np.int16)
    image = Image(
        voxels=voxels,
        grid=scan.grid,
        frame=Frame.PATIENT,
        modality="NM",
        series_instance_uid=f"1.3.{scan.hours:.0f}",
        study_instance_uid="1.2",
        frame_of_reference_uid="1.2.9",
    )
    return Scintigram(image=image, ct=ct, hours=scan.hours if hours is None else hours)


def tracer_evidence(phantom: NuclearPhantom, **facts: float | None) -> TracerEvidence:
    """All scans of a study with what the record says of the flow."""
    recipe, ct = phantom.recipe, ct_evidence(phantom)
    known = Delivery(
        flow_ml_per_day=recipe.flow_ml_per_day, pump_ml=0.14, ml_per_cm=recipe.ml_per_cm, reservoir_ml=20.0
    )
    delivery = replace(known, **facts)  # type: ignore[arg-type]
    return TracerEvidence(scans=tuple(scintigram(scan, ct) for scan in phantom.scans), delivery=delivery)
