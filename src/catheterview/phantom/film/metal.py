"""The pump on a radiograph: its parts, its rotor and the maker's letters, projected from the pump's own axes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.phantom.catalogue import PumpModel, pump_model
from catheterview.phantom.film.camera import Camera
from catheterview.phantom.film.ray import Maps, through
from catheterview.phantom.film.recipe import FilmRecipe
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.pump import Part, Shape, densities, parts_of

#: Where on the rim the stem is, from u towards v, in the pump's own axes.
STEM_DEG = 20.0
#: The maker's radiopaque code of each model (data sheet).
LETTERS = {"8637-20": "NGP", "8637-40": "NGV"}

#: Where the motor's axis is, u and v in the pump's own axes, before a pump's own variation.
MOTOR_AT_MM = (33.0, 8.0)

_CELL_MM = 0.5
_LETTER_MM, _LETTER_TITANIUM, _LETTER_AT = 8.0, 2.5, (-12.0, 12.0)
_ROTOR_MM = 5.6  # of the arm, from the motor's axis
_ROOM_MM, _ROOM_TITANIUM = 6.3, 0.2  # the motor's can is no solid block: a rotor turns in it, and shows on films
_ARM_HALF_MM, _ROLLER_MM = 1.2, 1.8
_TALL_CELLS = 4  # half of the rotor's height


def pattern_axes(pocket: Pocket, recipe: FilmRecipe) -> FloatArray:
    """The pump's axes u, v and n (rows) with the stem where the catheter leaves, turned over where the recipe says so.

    A pump that is turned over is turned about its stem, so that the catheter leaves it at the same place.
    """
    stem = np.radians(STEM_DEG)
    out = pocket.way(pocket.clock_rad)
    normal = -pocket.axes[2] if recipe.flipped else pocket.axes[2]
    across = np.cross(normal, out)
    u = np.cos(stem) * out - np.sin(stem) * across
    return np.stack([u, np.cross(normal, u), normal])


def pump_seen(recipe: FilmRecipe, pocket: Pocket, camera: Camera) -> Maps:
    """Millimetres of water and titanium (R, C, 2) along the rays to every pixel of a detector."""
    letters = LETTERS.get(pocket.model.name, "") if recipe.letters else ""
    volume = _voxels(pocket.model.name, letters, (recipe.patient.seed, recipe.unlike), recipe.rotor_deg)
    axes = pattern_axes(pocket, recipe)
    steps = axes[::-1] * _CELL_MM
    half = (np.array(volume.shape[:3]) - 1) / 2.0
    grid = Grid(shape=volume.shape[:3], affine=_affine(pocket.center_mm - half @ steps, steps))
    return through(volume, grid, camera)


def _affine(origin: FloatArray, steps: FloatArray) -> FloatArray:
    """Of a grid with steps along n, v and u."""
    return grid_from_axes((1, 1, 1), origin=origin, axes_mm=steps).affine


@lru_cache(maxsize=4)
def _voxels(name: str, letters: str, unlike: tuple[int, float], rotor_deg: float) -> Maps:
    """The pump as shares of water and titanium (n, v, u, 2)."""
    model = pump_model(name)
    flat = np.arange(-model.diameter_mm / 2.0 - 1.0, model.diameter_mm / 2.0 + 1.01, _CELL_MM)
    tall = np.arange(-model.thickness_mm / 2.0 - 1.0, model.thickness_mm / 2.0 + 1.51, _CELL_MM)
    v, u = np.meshgrid(flat, flat, indexing="ij")
    moves = _moves(model, *unlike)
    parts = tuple(_moved_part(part, moves) for part in parts_of(model))
    out = np.empty((len(tall), len(flat), len(flat), 2), dtype=np.float32)
    for k, height in enumerate(tall):
        local = np.stack([u.ravel(), v.ravel(), np.full(u.size, height)], axis=1)
        titanium, water, _ = densities(parts, local, edge_mm=_CELL_MM)
        out[k, ..., 0], out[k, ..., 1] = water.reshape(u.shape), titanium.reshape(u.shape)
    if letters:
        _engrave(out, letters)
    at = np.array(MOTOR_AT_MM) + moves["motor"][0][:2]
    _place_rotor(out, (float(at[0]), float(at[1])), rotor_deg + resting_deg(unlike[0]))
    return out


def resting_deg(seed: int) -> float:
    """How the rotor of a patient's pump stood on the first film, from u towards v."""
    return float(np.random.default_rng([seed, 98]).uniform(-180.0, 180.0))


def _moves(model: PumpModel, seed: int, unlike: float) -> dict[str, tuple[FloatArray, float]]:
    """By how much each part inside is moved, mm, and how dense it is over the drawing: no two makes are alike."""
    rng = np.random.default_rng([seed, 93])
    out: dict[str, tuple[FloatArray, float]] = {}
    for part in parts_of(model):
        if part.name not in ("shell", "void"):
            shift = rng.uniform(-1.5, 1.5, 3) * (unlike, unlike, 0.0)
            out[part.name] = (shift, 1.0 + 0.15 * unlike * float(rng.uniform(-1.0, 1.0)))
    return out


def _moved_part(part: Part, moves: dict[str, tuple[FloatArray, float]]) -> Part:
    """The part as this pump has it."""
    if part.name not in moves:
        return part
    shift, share = moves[part.name]
    return replace(part, titanium=part.titanium * share, depth=_moved(part, shift))


def _moved(part: Part, shift: FloatArray) -> Shape:
    """The part's depth at another place."""
    return lambda local: part.depth(local - shift)


def _engrave(volume: Maps, letters: str) -> None:
    """Put the letters on a plate under the face with the ports, readable from there, in place."""
    size = volume.shape[1]
    words = np.zeros((size, size), dtype=np.uint8)
    middle = (size - 1) / 2.0
    at = (round(middle + _LETTER_AT[0] / _CELL_MM), round(middle - _LETTER_AT[1] / _CELL_MM))
    scale = _LETTER_MM / _CELL_MM / 22.0
    cv2.putText(words, letters, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 2, cv2.LINE_AA)
    plate = np.flipud(words).astype(np.float32) / 255.0  # rows of a picture run down, v runs up
    level = volume.shape[0] - round(5.0 / _CELL_MM)
    volume[level : level + 2, ..., 1] += _LETTER_TITANIUM * plate


def _place_rotor(volume: Maps, at_mm: tuple[float, float], angle_deg: float) -> None:
    """Hollow the motor out and put the rotor into it, an arm with one heavy roller, in place."""
    size, level = volume.shape[1], volume.shape[0] // 2
    v, u = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    far = (np.stack([v, u], axis=-1) - (size - 1) / 2.0) * _CELL_MM - np.array(at_mm[::-1])
    way = np.array([np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))])
    along, aside = far @ way, np.abs(far @ np.array([way[1], -way[0]]))
    tall = round(6.0 / _CELL_MM)
    room = volume[level - tall : level + tall + 1, ..., 1]
    room[:, np.hypot(far[..., 0], far[..., 1]) < _ROOM_MM] = _ROOM_TITANIUM
    inner = slice(level - _TALL_CELLS, level + _TALL_CELLS)
    volume[inner, (np.abs(along) < _ROTOR_MM) & (aside < _ARM_HALF_MM), 1] = 1.0
    volume[inner, np.hypot(along - (_ROTOR_MM - _ROLLER_MM), aside) < _ROLLER_MM, 1] = 2.0
