"""Simulated beside real: ``python benchmarks/phantom_beside_real.py --data FOLDER --write docs/drawings``.

FOLDER holds ``ct-lumbar-pelvis-5mm.zip`` and ``ct-chest-port-2p5mm.zip``. Makes two pictures and prints the figures
under them: noise (standard deviation, and the frequency at which its power is highest) of a real and of a simulated CT,
and how far metal spoils the tissue beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import grid_from_axes
from catheterview.model import Image
from catheterview.phantom import CtRecipe, make_ct
from catheterview.phantom.body import random_body
from catheterview.phantom.scene import build_scene
from catheterview.read import load, scan

SEED = 100_003  # of train
PATCH = 24  # pixels
Plane = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", type=Path, required=True)
    wanted = parser.parse_args()
    wanted.write.mkdir(parents=True, exist_ok=True)
    lumbar(_read(wanted.data / "ct-lumbar-pelvis-5mm.zip"), wanted.write / "beside-lumbar.png")
    metal(_read(wanted.data / "ct-chest-port-2p5mm.zip"), wanted.write / "beside-metal.png")


def _read(path: Path) -> Image:
    inventory = scan([path], key=b"no name leaves this function")
    (series,) = (one for case in inventory.cases for study in case.studies for one in study.series if one.stackable)
    return load(series)


def lumbar(real: Image, out: Path) -> None:
    """A lumbar slice of 5 mm, and the same of the synthetic patient with the noise of the real one."""
    k = int(0.62 * len(real.voxels))
    plane = real.voxels[k].astype(np.float64)
    patch = quietest(plane)
    pixel, thick = float(real.placed.spacing_mm[1]), 5.0
    recipe = CtRecipe(
        seed=SEED, fault="no_device", sacrum=True, shape=(45, 512, 512), spacing_mm=(thick, pixel, pixel),
        slice_thickness_mm=thick, noise_hu=1.05 * noise(plane, patch)[0], psf_mm=2.0, bowel="gas",
    )  # fmt: skip
    made = one_slice(recipe, z=96.0, pixel=pixel)
    mine = quietest(made)
    for name, one, where in (("real", plane, patch), ("simulated", made, mine)):
        deviation, peak = noise(one, where)
        print(f"lumbar, {name}: noise {deviation:.1f} HU, its power highest at {peak / pixel:.2f} per mm")
    show([centred(plane), centred(made)], [zoomed(plane, patch), zoomed(made, mine)], out)


def metal(real: Image, out: Path) -> None:
    """A chest with a port in the slice with the most metal, and a slice through the simulated pump."""
    counts = (real.voxels > 2400).sum(axis=(1, 2))
    plane = real.voxels[int(np.argmax(counts))].astype(np.float64)
    pixel = 0.8
    recipe = CtRecipe(seed=SEED, shape=(150, 512, 512), spacing_mm=(1.5, pixel, pixel), noise_hu=22.0, psf_mm=1.0)
    body = random_body(recipe)
    scene = build_scene(recipe, body.anatomy(225.0, ""), body.hu)
    assert scene.device is not None
    made = one_slice(recipe, z=float(scene.device.pocket.center_mm[2]), pixel=pixel)
    for name, one in (("real port", plane), ("simulated pump", made)):
        print(
            f"metal, {name}: tissue 5 to 20 mm beside it lies between {beside(one)[0]:.0f} and {beside(one)[1]:.0f} HU"
        )
    show([centred(plane), centred(made)], [round_metal(plane), round_metal(made)], out)


def one_slice(recipe: CtRecipe, *, z: float, pixel: float) -> Plane:
    """One slice of the recipe's scene at a height."""
    low = -pixel * 511.0 / 2.0
    axes = [[0.0, 0.0, recipe.spacing_mm[0]], [0.0, pixel, 0.0], [pixel, 0.0, 0.0]]
    grid = grid_from_axes((1, 512, 512), origin=(low, low, z), axes_mm=axes)
    return np.asarray(make_ct(recipe, grid=grid).image.voxels[0], dtype=np.float64)


def quietest(plane: Plane) -> tuple[int, int]:
    """Corner of the patch of soft tissue that varies least over centimetres: nothing but noise in it."""
    smooth = ndimage.uniform_filter(plane, PATCH)
    rough = ndimage.uniform_filter((plane - smooth) ** 2, PATCH)
    soft = (smooth > 30.0) & (smooth < 75.0)
    row, column = np.unravel_index(int(np.argmin(np.where(soft, rough, np.inf))), plane.shape)
    return int(row) - PATCH // 2, int(column) - PATCH // 2


def noise(plane: Plane, corner: tuple[int, int]) -> tuple[float, float]:
    """Standard deviation in HU, and the frequency (per pixel) at which the power is highest."""
    patch = plane[corner[0] : corner[0] + PATCH, corner[1] : corner[1] + PATCH]
    patch = patch - ndimage.gaussian_filter(patch, 6.0)
    power = np.abs(np.fft.fft2(patch)) ** 2
    at = np.hypot(*np.meshgrid(np.fft.fftfreq(PATCH), np.fft.fftfreq(PATCH)))
    rings = np.arange(0.04, 0.5, 0.04)
    mean = [float(power[(at >= low) & (at < low + 0.04)].mean()) for low in rings]
    return float(patch.std()), float(rings[int(np.argmax(mean))] + 0.02)


def beside(plane: Plane) -> tuple[float, float]:
    """First and last percentile of what lies in the body 5 to 20 mm beside metal."""
    away = ndimage.distance_transform_edt(plane < 2400)
    ring = (away > 6.0) & (away < 25.0) & (ndimage.uniform_filter(plane, 15) > -150.0)
    low, high = np.percentile(plane[ring], [1.0, 99.0])
    return float(low), float(high)


def centred(plane: Plane) -> Plane:
    """The patient, cropped to a square round the body."""
    rows, columns = np.nonzero(ndimage.binary_opening(plane > -300.0, iterations=6))
    row, column = (int(one.mean()) for one in (rows, columns))
    half = 200
    padded = np.pad(plane, half, constant_values=-1000.0)
    return np.asarray(padded[row : row + 2 * half, column : column + 2 * half], dtype=np.float64)


def zoomed(plane: Plane, corner: tuple[int, int]) -> Plane:
    """A patch, eight times as large."""
    part = plane[corner[0] : corner[0] + PATCH, corner[1] : corner[1] + PATCH]
    return np.asarray(np.kron(part, np.ones((8, 8))), dtype=np.float64)


def round_metal(plane: Plane) -> Plane:
    """What surrounds the metal, twice as large."""
    row, column = (int(v) for v in ndimage.center_of_mass(plane > 2400))
    padded = np.pad(plane, 48, constant_values=-1000.0)
    return np.asarray(np.kron(padded[row : row + 96, column : column + 96], np.ones((2, 2))), dtype=np.float64)


def show(wholes: list[Plane], details: list[Plane], out: Path) -> None:
    """Left real, right simulated; below each its detail. Window -200 to 350 HU."""
    columns = []
    for whole, detail in zip(wholes, details, strict=True):
        wide = np.full((192, whole.shape[1]), -200.0)
        wide[:, (whole.shape[1] - 192) // 2 :][:, :192] = detail[:192, :192]
        columns.append(np.vstack([whole, wide]))
    gray = np.clip((np.hstack(columns) + 200.0) / 550.0, 0.0, 1.0) * 255.0
    cv2.imwrite(str(out), (gray / 8.0).astype(np.uint8) * 8, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(out.name, out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
