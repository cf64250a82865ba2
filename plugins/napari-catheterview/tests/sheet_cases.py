"""A case with everything that hangs: an oblique CT with a map of activity on it, a prior, films and a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from review_cases import UID, catheter_points, grid, image, report
from scipy.spatial.transform import Rotation
from written import write_ct, write_film

from catheterview.geometry import Frame, grid_from_axes
from catheterview.model import Centreline, Finding, Image, Kind, Report, Rung, SeriesRecord, StudyRecord

MAP, PRIOR, FILM, LATERAL, RUN = (f"{UID}.{n}0" for n in range(2, 7))
PRIOR_STUDY, FILM_STUDY = f"{UID}.7", f"{UID}.8"


def activity(name: str, *, turned_deg: float = 0.0) -> Image:
    """A map of activity whose one hot voxel lies on the catheter of a grid, 4 mm voxels, turned against the CT."""
    on = grid(name)
    hot = catheter_points(on)[20]
    turn = Rotation.from_euler("xyz", (turned_deg, -turned_deg / 2, turned_deg / 3), degrees=True)
    axes = turn.apply(on.directions.T * 4.0)
    mapped = grid_from_axes((12, 13, 14), origin=hot - np.array([6, 6, 7]) @ axes, axes_mm=axes)
    voxels = np.full(mapped.shape, 3, dtype=np.int16)
    voxels[6, 6, 7] = 900
    return Image(
        voxels=voxels,
        grid=mapped,
        frame=Frame.PATIENT,
        modality="PT",
        series_instance_uid=MAP,
        study_instance_uid=UID + ".1",
    )


def film(uid: str, shape: tuple[int, int, int], *, modality: str = "CR") -> Image:
    """A film, or a run, with a bright diagonal."""
    voxels = np.tile(np.linspace(0, 400, shape[2], dtype=np.int16), (*shape[:2], 1))
    at = np.arange(min(shape[1:]))
    voxels[:, at, at] = 1000
    return Image(
        voxels=voxels,
        grid=None,
        frame=Frame.DETECTOR,
        modality=modality,
        series_instance_uid=uid,
        study_instance_uid=FILM_STUDY,
    )


def full_report(name: str) -> Report:
    """The report of the case: the CT's own, and a kink and a line on the first film."""
    known = report(name)
    (study,) = known.studies
    prior = SeriesRecord(series_instance_uid=PRIOR, modality="CT", role="volume")
    films = tuple(SeriesRecord(series_instance_uid=uid, modality="CR", role="film") for uid in (FILM, LATERAL))
    run = SeriesRecord(series_instance_uid=RUN, modality="XA", role="cine")
    studies = (
        study,
        StudyRecord(study_instance_uid=PRIOR_STUDY, date="2025-06-01", rung=Rung.CT, series=(prior,)),
        StudyRecord(study_instance_uid=FILM_STUDY, date="2026-01-10", rung=Rung.RADIOGRAPH, series=(*films, run)),
    )
    before = replace(known.pumps[0], series_instance_uid=PRIOR)
    return replace(
        known,
        studies=studies,
        findings=(*known.findings, film_kink()),
        catheters=(*known.catheters, film_line()),
        pumps=(*known.pumps, before),
    )


def film_kink() -> Finding:
    """A kink on the first film."""
    return Finding(
        kind=Kind.KINK,
        score=0.4,
        frame=Frame.DETECTOR,
        point=(30.0, 31.0),
        series_instance_uid=FILM,
        sop_instance_uid=f"{FILM}.1",
        message="A kink on a film.",
    )


def film_line() -> Centreline:
    """The catheter of the first film: its diagonal, in two pieces."""
    at = np.arange(5.0, 45.0)
    ones = np.ones(len(at))
    return Centreline(
        series_instance_uid=FILM,
        sop_instance_uid=f"{FILM}.1",
        frame=Frame.DETECTOR,
        points=np.stack([at, at], axis=1),
        pieces=((0, 19), (20, 39)),
        radius=ones,
        confidence=ones,
        contrast=ones,
        noise=ones,
    )


def write_all(folder: Path, name: str, *, turned_deg: float = 0.0) -> Path:
    """Write everything of the case into one folder."""
    ct = image(name)
    write_ct(ct, folder / "ct")
    write_ct(activity(name, turned_deg=turned_deg), folder / "map")
    write_ct(replace(ct, series_instance_uid=PRIOR, study_instance_uid=PRIOR_STUDY), folder / "prior")
    write_film(film(FILM, (1, 60, 50)), folder / "films" / "ap.dcm", (0.4, 0.4))
    write_film(film(LATERAL, (1, 40, 70)), folder / "films" / "lateral.dcm", None)
    write_film(film(RUN, (5, 32, 32), modality="XA"), folder / "run" / "run.dcm", (0.5, 0.5))
    return folder
