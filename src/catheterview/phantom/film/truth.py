"""What is true of a simulated radiograph, in the pixels of its own frame."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding, Image, Kind, Landmarks, Segment
from catheterview.model.film import FilmPump, pump_pose
from catheterview.phantom.faults import Lesion
from catheterview.phantom.film.camera import Camera
from catheterview.phantom.film.metal import pattern_axes
from catheterview.phantom.film.posed import Posed
from catheterview.phantom.film.recipe import FilmRecipe

_STILL_SHARE = 0.5  # of the turn asked for; a rotor that turned by less is called still. No source


def true_pump(recipe: FilmRecipe, device: Posed, camera: Camera, image: Image) -> FilmPump:
    """The pump as a reader of this film would describe it if nothing were hidden."""
    center = device.pocket.center_mm
    row, column = camera.project(center[None])[0]
    scale = float(camera.magnification(center[None])[0])
    toward, turn, flipped = pump_pose(pattern_axes(device.pocket, recipe) @ _facing(camera, center).T)
    return FilmPump(
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=image.sop_instance_uid_at(0),
        center=(float(row), float(column)),
        radius_px=device.pocket.radius_mm * scale / camera.pitch_mm,
        toward=(float(toward[0]), float(toward[1]), float(toward[2])),
        turn_deg=turn,
        flipped=flipped,
        mm_per_px=camera.pitch_mm / scale,
        magnification=scale,
        models=(device.pocket.model.name,),
        pattern=1.0,
    )


def _facing(camera: Camera, point: FloatArray) -> FloatArray:
    """Right, up and to the reader (rows) as seen along the ray through a point, not along the film's normal."""
    away = point - camera.source
    toward = away / np.linalg.norm(away) * (1.0 if away @ camera.toward > 0.0 else -1.0)
    right = camera.axes[0] - toward * float(camera.axes[0] @ toward)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(toward, right), toward])


def true_catheter(recipe: FilmRecipe, device: Posed, camera: Camera, image: Image) -> Centreline:
    """The catheter in pixels, from pump to tip, gaps between its pieces."""
    points = np.concatenate(device.pieces)
    ends = np.cumsum([len(piece) for piece in device.pieces])
    count = len(points)
    scale = camera.magnification(points) / camera.pitch_mm
    return Centreline(
        series_instance_uid=image.series_instance_uid,
        frame=Frame.CALIBRATED,
        points=camera.project(points),
        pieces=tuple((int(end) - len(piece), int(end) - 1) for end, piece in zip(ends, device.pieces, strict=True)),
        radius=recipe.patient.outer_mm / 2.0 * scale,
        confidence=np.ones(count),
        contrast=np.full(count, recipe.contrast),
        noise=np.zeros(count),
        landmarks=Landmarks(
            pump=0, dural_entry=int(np.argmin(np.linalg.norm(points - device.dura, axis=1))), tip=count - 1
        ),
        sop_instance_uid=image.sop_instance_uid_at(0),
    )


def true_findings(
    recipe: FilmRecipe, device: Posed, camera: Camera, seen: tuple[Image, FilmPump]
) -> tuple[Finding, ...]:
    """All that is wrong, where this film shows it; what is turned or moved is told against the healthy prior."""
    image, pump = seen
    found = [_lesion(lesion, camera, image) for lesion in device.lesions]
    if recipe.flipped:
        found.append(finding_at(Kind.PUMP_FLIP, (image, pump.center), Segment.PUMP, {}))
    if recipe.pump_turn_deg:
        measures = {"turn_deg": recipe.pump_turn_deg}
        found.append(finding_at(Kind.PUMP_ROTATION, (image, pump.center), Segment.PUMP, measures))
    if recipe.pull_mm:
        row, column = camera.project(device.pieces[-1][-1:])[0]
        found.append(finding_at(Kind.MIGRATION, (image, (row, column)), Segment.TIP, {"moved_mm": recipe.pull_mm}))
    if recipe.pump_move_mm:
        found.append(
            finding_at(Kind.PUMP_MIGRATION, (image, pump.center), Segment.PUMP, {"moved_mm": recipe.pump_move_mm})
        )
    if abs(recipe.rotor_deg) < _STILL_SHARE * recipe.rotor_asked_deg:
        measures = {"asked_deg": recipe.rotor_asked_deg, "turned_deg": recipe.rotor_deg}
        found.append(finding_at(Kind.ROTOR_NOT_TURNING, (image, pump.center), Segment.PUMP, measures))
    return tuple(found)


def _lesion(lesion: Lesion, camera: Camera, image: Image) -> Finding:
    """A fault of the catheter."""
    row, column = camera.project(lesion.point[None])[0]
    ends = tuple(tuple(float(v) for v in camera.project(end[None])[0]) for end in lesion.ends)
    measures = dict(lesion.measures)
    if len(ends) == 2:
        measures["gap_px"] = float(np.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]))
    return finding_at(lesion.kind, (image, (row, column)), lesion.segment, measures, ends=ends)


def finding_at(
    kind: Kind,
    where: tuple[Image, tuple[float, float]],
    segment: Segment,
    measures: dict[str, float],
    *,
    ends: tuple[tuple[float, ...], ...] = (),
) -> Finding:
    """One finding at the (row, column) of an image."""
    image, (row, column) = where
    rows, columns = image.voxels.shape[1:]
    inside = 0 <= round(row) < rows and 0 <= round(column) < columns
    return Finding(
        kind=kind,
        score=1.0,
        frame=Frame.CALIBRATED,
        point=(float(row), float(column)),
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=image.sop_instance_uid_at(0),
        index_kji=(0, round(row), round(column)) if inside else None,
        message=f"Simulated: {kind.replace('_', ' ')} at the {segment.replace('_', ' ')}.",
        segment=segment,
        measures=measures,
        ends=ends,
    )
