"""A drawn run of a fluoroscope: a disc, a line that contrast fills from one end, a pool, noise, perhaps a shift."""

from __future__ import annotations

import cv2
import numpy as np

from catheterview.geometry import Frame
from catheterview.model import Image
from catheterview.model.cine import Cine, Frames
from catheterview.model.film import Film, View

SHAPE = (236, 260)
FRAMES, START, LAST = 30, 6.0, 16.0  # the line fills from START at the disc to LAST at its end
DISC = (170.0, 80.0, 42.0)  # row, column, radius


def line() -> np.ndarray:
    """Points (N, 2) of the line, a pixel apart: from the disc's rim to the right, round, and up."""
    right = np.stack([np.full(58, 165.0), np.arange(124.0, 182.0)], axis=1)
    turn = np.linspace(0.0, np.pi / 2.0, 40)
    bend = np.stack([140.0 + 25.0 * np.cos(turn), 182.0 + 25.0 * np.sin(turn)], axis=1)
    up = np.stack([np.arange(139.0, 50.0, -1.0), np.full(89, 207.0)], axis=1)
    return np.concatenate([right, bend, up])


def arrival() -> np.ndarray:
    """Frame (N,) at which half of the contrast has come to each point."""
    return np.linspace(START + 2.0, LAST, len(line()))


def drawn_run(
    *, blob: tuple[float, float] | None = None, dye: float = 0.12, shift: float = 0.0, times: bool = True
) -> Cine:
    """A run with the line filled, and perhaps a pool that grows from the middle of the run on at (row, column)."""
    rng = np.random.default_rng(5)
    still = cv2.GaussianBlur(rng.standard_normal(SHAPE), (0, 0), 6.0) * 2.0 + np.linspace(0.0, 1.0, SHAPE[1])
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    still = still + 1.5 / (1.0 + np.exp((np.hypot(row - DISC[0], column - DISC[1]) - DISC[2]) / 0.8))
    frames = np.stack([still + _contrast(number, blob, dye) for number in range(FRAMES)])
    for number in range(FRAMES // 2, FRAMES):
        moved = np.array([[1.0, 0.0, -0.7 * shift], [0.0, 1.0, shift]])
        frames[number] = cv2.warpAffine(frames[number], moved, SHAPE[::-1], borderMode=cv2.BORDER_REPLICATE)
    frames += 0.03 * rng.standard_normal(frames.shape)
    return run_of(frames.astype(np.float32), times=times)


def _contrast(number: int, blob: tuple[float, float] | None, dye: float) -> np.ndarray:
    """What contrast adds to one frame."""
    out = np.zeros(SHAPE)
    since, late = max(number - START, 1e-6), arrival() - START
    filled = np.clip(1.0 - 0.5 * np.minimum(late / since, 9.0) ** 1.4, 0.0, 1.0)
    for (row, column), share in zip(line(), filled, strict=True):
        out[round(row), round(column)] += dye * 2.0 * share
    out = cv2.GaussianBlur(out, (0, 0), 0.8)
    if blob is not None and number > LAST:
        row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
        away = np.hypot(row - blob[0], column - blob[1])
        out += 0.3 * (number - LAST) / (FRAMES - LAST) / (1.0 + np.exp(away - 8.0))
    return out


def run_of(frames: Frames, *, times: bool = True) -> Cine:
    """A run of given densities, half a second from frame to frame."""
    image = Image(
        voxels=np.zeros(frames.shape, dtype=np.int16),
        grid=None,
        frame=Frame.DETECTOR,
        modality="RF",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        sop_instance_uids=("1.2.3.4",) * len(frames),
    )
    film = Film(
        image=image,
        density=frames[0].copy(),
        exposed=np.ones(frames.shape[1:], dtype=bool),
        spacing_mm=(1.3, 1.3),
        view=View.AP,
        view_from="tags",
    )
    return Cine(film=film, density=frames, times_s=np.arange(len(frames)) * 0.5 if times else None)
