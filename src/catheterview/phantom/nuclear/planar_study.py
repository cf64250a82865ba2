"""A study of planar views alone, as departments without SPECT make it: one object for each time, and the truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from catheterview.errors import InputError
from catheterview.geometry import FloatArray
from catheterview.phantom.nuclear.dicom import planar_dataset
from catheterview.phantom.nuclear.make import NuclearPhantom, Patient, lay_down, tracer
from catheterview.phantom.nuclear.planar import Planar, planar_of
from catheterview.phantom.nuclear.recipe import NuclearRecipe, nuclear_recipe_record
from catheterview.phantom.nuclear.record import amounts_of, finding_records
from catheterview.phantom.nuclear.truth import true_findings

_FRONT, _BACK = 0, 1


def write_planar(recipe: NuclearRecipe, folder: Path, *, seconds: float = 600.0) -> Path:
    """Simulate planar views at every time of a recipe and write them, each time as a study of its own, with truth.

    Parameters
    ----------
    recipe : NuclearRecipe
    folder : Path
        Gets a folder for each time (``t024h``, …) with ``planar.dcm``, and the file ``truth.json``.
    seconds : float
        Of each acquisition; 10 to 20 minutes are usual (clinical reference E.1).

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    InputError
        When the folder holds something already, or the patient has no device.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError("the folder already holds something", where=folder.name)
    patient = lay_down(recipe)
    phantom = NuclearPhantom(recipe=recipe, ct=None, scene=patient.scene, scans=(), findings=())
    times = []
    for hours in recipe.hours:
        planar = planar_of(patient, hours=hours, seconds=seconds)
        dataset = planar_dataset(phantom, planar)
        home = folder / f"t{hours:03.0f}h"
        home.mkdir(parents=True)
        dataset.save_as(home / "planar.dcm", enforce_file_format=True)
        uids = (str(dataset.StudyInstanceUID), str(dataset.SeriesInstanceUID), str(dataset.SOPInstanceUID))
        times.append(_at_time(patient, planar, uids))
    text = json.dumps(_truth(patient, times), indent=1, sort_keys=True, allow_nan=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
    return folder


def seen_at(patient: Patient, points: FloatArray, *, back: bool = False) -> FloatArray:
    """Where (N, 3) LPS mm points of the patient are seen on a planar view, (N, 2) (row, column) pixels.

    Parameters
    ----------
    patient : Patient
    points : (N, 3) LPS mm
        Before the patient lay down under the camera.
    back : bool
        On the view from behind, which is mirrored.
    """
    slices, side = len(patient.mu), patient.recipe.camera.matrix
    at = patient.grid.world_to_index(patient.moved(points))
    first, size = patient.crop.start, patient.crop.stop - patient.crop.start
    column = 2.0 * first + size - 1.0 - at[:, 2] if back else at[:, 2]
    return np.stack([(side - slices) // 2 + slices - 1.0 - at[:, 0], column], axis=1)


def _truth(patient: Patient, times: list[dict[str, object]]) -> dict[str, object]:
    """What `truth.json` holds; findings in pixels of the front view of the last time, and in the patient."""
    recipe, last = patient.recipe, times[-1]
    findings = true_findings(recipe, patient.scene, str(last["series_instance_uid"]))
    records = []
    for record in finding_records(findings):
        point = np.array([record["point"]], dtype=np.float64)
        row, column = seen_at(patient, point)[0]
        where = {"patient_point": record["point"], "point": [round(float(row), 3), round(float(column), 3)]}
        where |= {"index_kji": [_FRONT, round(row), round(column)], "sop_instance_uid": last["sop_instance_uid"]}
        records.append({**record, "frame": "CALIBRATED", **where})
    return {
        "study_instance_uid": last["study_instance_uid"],
        "series_instance_uids": [time["series_instance_uid"] for time in times],
        "catheters": [],
        "pumps": [],
        "findings": records,
        "times": times,
        "contrast": {"rung": "spect_ct"},
        "recipe": json.loads(json.dumps(nuclear_recipe_record(recipe))),
    }


def _at_time(patient: Patient, planar: Planar, uids: tuple[str, str, str]) -> dict[str, object]:
    """One acquisition: its objects, what held how much then, and where pump and tip are on the view from the front."""
    device = patient.scene.device
    assert device is not None  # `lay_down` refuses a patient without
    points = np.stack([device.pocket.center_mm, device.route.points[-1]])
    front, behind = seen_at(patient, points), seen_at(patient, points, back=True)
    fate, _ = tracer(patient, planar.hours)
    return {
        "study_instance_uid": uids[0],
        "series_instance_uid": uids[1],
        "sop_instance_uid": uids[2],
        **amounts_of(fate),
        "frames": {"front": _FRONT, "back": _BACK},
        "pump_px": {"front": front[0].round(3).tolist(), "back": behind[0].round(3).tolist()},
        "tip_px": {"front": front[1].round(3).tolist(), "back": behind[1].round(3).tolist()},
        "pixel_mm": planar.pixel_mm,
        "seconds": planar.seconds,
    }
