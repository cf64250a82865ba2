"""The synthetic patient: skin, fat, muscle, organs, vessels, ribs and spine as functions of a point in LPS mm."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.geometry import FloatArray, grid_from_axes
from catheterview.model import Anatomy, Region
from catheterview.phantom.bones import Rib, levels_of, paint_ilia, paint_ribs, ribs_of
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.spine import Spine, random_spine
from catheterview.phantom.texture import Columns, Texture

# HU at about 120 kVp: fat -100, muscle +50 (background values of the literature).
AIR_HU, FAT_HU, MUSCLE_HU, SKIN_HU = -1000.0, -100.0, 50.0, 30.0
_GAS_HU, _CONTRAST_HU, _CORTEX_HU, _RIB_MARROW_HU = -920.0, 330.0, 800.0, 180.0
_RENAL_HU, _BLADDER_HU = 260.0, 600.0  # with iodine that is on its way out; no source
_TABLE_HU, _FOAM_HU = 150.0, -950.0
_SKIN_MM = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """An ellipsoid of one material with a wall of soft tissue; sizes in mm."""

    centre: tuple[float, float, float]
    half: tuple[float, float, float]
    hu: float
    wall_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A synthetic trunk whose axis is the z axis; x to the patient's left, y to the back.

    Parameters
    ----------
    half_width, half_depth, power : float
        The outline, a superellipse.
    fat_mm, muscle_mm : float
        Thickness of the layers under the skin.
    ribs : tuple of float
        Heights of the heads of ribs that no vertebra bears; their far ends lie lower.
    borne : tuple of Rib
        Ribs of a spine with a sacrum, each borne by its vertebra.
    """

    half_width: float
    half_depth: float
    power: float
    fat_mm: float
    muscle_mm: float
    spine: Spine
    organs: tuple[Organ, ...]
    ribs: tuple[float, ...]
    vessel_hu: float
    calcified: bool
    table: bool
    texture: Texture
    borne: tuple[Rib, ...] = ()

    def under_fascia(self, points: FloatArray) -> FloatArray:
        """Depth under the fascia in mm of (N, 3) LPS mm points, negative in the fat."""
        at = _columns(points)
        return np.asarray(self._depth(at) - self._fat_mm(at), dtype=np.float64)

    def depth(self, points: FloatArray) -> FloatArray:
        """Depth under the skin in mm of (N, 3) points, negative outside."""
        return np.asarray(self._depth(_columns(points)), dtype=np.float64)

    def hu(self, points: FloatArray) -> FloatArray:
        """HU at (N, 3) LPS mm points, without noise; edges are about 1 mm soft."""
        at = _columns(points)
        depth = self._depth(at)
        out = np.full(len(points), AIR_HU)
        if self.table:
            self._paint_table(out, at, depth)
        inside = np.flatnonzero(depth > -1.0)
        out[inside] = self._tissue(at[:, inside], depth[inside])
        return out

    def _paint_table(self, hu: FloatArray, at: Columns, depth: Columns) -> None:
        """Paint the table top under the patient: a curved sandwich of two skins round foam."""
        below = at[1] - self.half_depth * 1.04 - 2.0 + at[0] ** 2 / 1300.0
        near = np.flatnonzero((depth < -0.5) & (below > -2.0) & (below < 27.0))
        part = hu[near]
        blend(part, 12.5 - np.abs(below[near] - 12.5), _TABLE_HU)
        blend(part, 10.7 - np.abs(below[near] - 12.5), _FOAM_HU)
        hu[near] = part

    def _depth(self, at: Columns) -> Columns:
        """Depth under the skin, to first order."""
        swell = 1.0 + 0.035 * np.sin(at[2] / 85.0)
        x, y = np.abs(at[0]) / (self.half_width * swell), np.abs(at[1]) / (self.half_depth * swell)
        rho = (x**self.power + y**self.power) ** np.float32(1.0 / self.power) + np.float32(1e-6)
        return np.asarray((1.0 - rho) * np.hypot(at[0], at[1]) / rho * np.float32(0.95))

    def _tissue(self, at: Columns, depth: Columns) -> Columns:
        """HU at points (3, N) under the skin."""
        hu = np.full(len(depth), AIR_HU, dtype=np.float32)
        fat = FAT_HU + 9.0 * self.texture.at(at, scale_mm=5.0)
        lean = MUSCLE_HU + 9.0 * self.texture.at(at, scale_mm=3.0)
        fat_mm = self._fat_mm(at)
        blend(hu, depth, SKIN_HU)
        blend(hu, depth - _SKIN_MM, fat)
        blend(hu, depth - fat_mm, lean)
        blend(hu, depth - fat_mm - self.muscle_mm * self._wall_shape(at), fat - 5.0)
        near = np.flatnonzero(depth > fat_mm + self.muscle_mm * 0.3)
        hu[near] = self._inner(at[:, near], hu[near], lean[near])
        if self.spine.sacrum:
            paint_ribs(hu, at, self.borne, blend)
            paint_ilia(hu, at, self.spine, depth - fat_mm, blend=blend)
        else:
            self._paint_ribs(hu, at, depth - fat_mm)
        return hu

    def _fat_mm(self, at: Columns) -> Columns:
        """Depth of the fascia: fat is thicker at the flanks and undulates."""
        azimuth = np.arctan2(at[0], -at[1])
        wave = 1.0 + 0.25 * np.cos(2.0 * azimuth + 2.6) + 0.08 * np.sin(3.0 * azimuth + at[2] / 60.0)
        return np.asarray(self.fat_mm * wave, dtype=np.float32)

    def _wall_shape(self, at: Columns) -> Columns:
        """How thick the muscular wall is, relative to `muscle_mm`: thick in the back."""
        return np.asarray(1.0 + 0.5 * np.clip(at[1] / self.half_depth, 0.0, 1.0), dtype=np.float32)

    def _inner(self, at: Columns, hu: Columns, lean: Columns) -> Columns:
        """Paint what lies inside the wall: psoas and back muscles, organs, vessels, spine."""
        x0, y0 = self.spine.canal(at[2])
        side, y = np.abs(at[0] - x0), at[1] - y0
        back = np.hypot((side - 26.0) / 1.25, (y - 14.0) / 0.95) - 24.0
        back = np.minimum(back, np.hypot((side - 52.0) / 0.9, (y - 4.0) / 1.1) - 16.0)
        psoas = np.hypot((side - self.spine.half_width - 15.0) / 1.1, y + 24.0) - 17.0
        blend(hu, -np.minimum(back, psoas), lean)
        for organ in self.organs:
            _paint_organ(hu, at, organ)
        self._paint_vessels(hu, at, (x0, y0))
        near = np.flatnonzero((side < 60.0) & (np.abs(y) < 60.0))
        part = hu[near]
        self.spine.paint(part, at[:, near], self.texture)
        hu[near] = part
        return hu

    def _paint_vessels(self, hu: Columns, at: Columns, canal: tuple[Columns, Columns]) -> None:
        """Paint aorta and vena cava in front of the spine, with plaques in the aorta's wall where calcified."""
        front = canal[1] - self.spine.canal_half_depth - 2.0 * self.spine.half_depth - 15.0
        for shift, radius in ((9.0, 10.0), (-15.0, 11.0)):
            distance = np.hypot(at[0] - canal[0] - shift, at[1] - front) - radius
            blend(hu, -distance, self.vessel_hu)
            if self.calcified and shift > 0.0:
                near = np.flatnonzero(np.abs(distance) < 1.6)
                plaque = 0.4 * (self.texture.at(at[:, near], scale_mm=5.5) - 1.0)
                rim = hu[near]
                blend(rim, np.minimum(plaque, 0.9 - np.abs(distance[near])), 750.0)
                hu[near] = rim

    def _paint_ribs(self, hu: Columns, at: Columns, under_fat: Columns) -> None:
        """Paint thin, curved ribs that slope down towards the front."""
        wall = np.flatnonzero(np.abs(under_fat - 9.0) < 7.0)
        under, z, azimuth = under_fat[wall], at[2, wall], np.abs(np.arctan2(at[0, wall], at[1, wall]))
        for head in self.ribs:
            across = z - head + 34.0 * (azimuth - 0.5)
            near = np.flatnonzero((np.abs(across) < 9.0) & (azimuth > 0.45) & (azimuth < 2.1))
            distance = (np.hypot((under[near] - 9.0) / 3.6, across[near] / 6.5) - 1.0) * 4.0
            rib = hu[wall[near]]
            blend(rib, -distance, _CORTEX_HU)
            blend(rib, -distance - 1.3, _RIB_MARROW_HU)
            hu[wall[near]] = rib

    def anatomy(self, height_mm: float, series_instance_uid: str) -> Anatomy:
        """The true anatomy of a scan from z = 0 to `height_mm`."""
        step = 4.0
        wide, deep = self.half_width * 1.08, self.half_depth * 1.08
        count = tuple(int(size / step) + 1 for size in (height_mm, 2.0 * deep, 2.0 * wide))
        grid = grid_from_axes(
            (count[0], count[1], count[2]), origin=(-wide, -deep, 0.0), axes_mm=np.eye(3)[::-1] * step
        )
        points = grid.index_to_world(np.argwhere(np.ones(grid.shape, dtype=bool)))
        z = np.arange(0.0, height_mm, 2.0)
        canal = np.stack([*self.spine.canal(z), z], axis=1)
        return Anatomy(
            series_instance_uid=series_instance_uid,
            body=Region.of((self.depth(points) > 0.0).reshape(grid.shape), grid),
            canal=canal,
            canal_radius_mm=np.full(len(z), self.spine.canal_half_depth),
            levels=levels_of(self.spine, height_mm),
            levels_from="sacrum" if self.spine.sacrum else "none",
        )


def blend(hu: Columns, depth: Columns, value: Columns | float) -> None:
    """Put `value` where `depth` (mm inside a surface) is positive, with an edge 1 mm wide, in place."""
    hu += np.clip(depth + np.float32(0.5), 0.0, 1.0) * (value - hu)


def _columns(points: FloatArray) -> Columns:
    """(N, 3) points as (3, N)."""
    return np.ascontiguousarray(points.T, dtype=np.float32)


def _paint_organ(hu: Columns, at: Columns, organ: Organ) -> None:
    """Paint one ellipsoid."""
    near = np.arange(at.shape[1])
    for axis in (2, 0, 1):
        near = near[np.abs(at[axis, near] - organ.centre[axis]) < 1.2 * organ.half[axis]]
    offset = [(at[axis, near] - organ.centre[axis]) / organ.half[axis] for axis in range(3)]
    depth = (1.0 - np.sqrt(offset[0] ** 2 + offset[1] ** 2 + offset[2] ** 2)) * min(organ.half)
    part = hu[near]
    blend(part, depth, MUSCLE_HU - 10.0)
    blend(part, depth - organ.wall_mm, organ.hu)
    hu[near] = part


def random_body(recipe: CtRecipe) -> Body:
    """Draw the patient of a recipe; other dials than the seed change only what they name."""
    rng = np.random.default_rng([recipe.seed, 21])
    spine = random_spine(rng, sacrum=recipe.sacrum)
    wide, deep = rng.uniform(138.0, 152.0), rng.uniform(98.0, 110.0)
    height = recipe.shape[0] * recipe.spacing_mm[0]
    organs = _solid_organs(rng, height, recipe) + _bowel(rng, recipe.bowel, height)
    heads = tuple(np.arange(rng.uniform(0.55, 0.65) * height, height + 110.0, 29.0)) if recipe.ribs else ()
    body = Body(
        half_width=wide,
        half_depth=deep,
        power=rng.uniform(2.1, 2.5),
        fat_mm=rng.uniform(14.0, 24.0),
        muscle_mm=rng.uniform(11.0, 16.0),
        spine=spine,
        organs=organs,
        ribs=heads,
        vessel_hu=rng.uniform(200.0, 330.0) if recipe.bright_vessels else 42.0,
        calcified=recipe.calcified_aorta,
        table=recipe.table,
        texture=Texture(rng),
    )
    ribbed = recipe.sacrum and recipe.ribs
    return replace(body, borne=ribs_of(spine, height, body.under_fascia)) if ribbed else body


def _solid_organs(rng: np.random.Generator, height: float, recipe: CtRecipe) -> tuple[Organ, ...]:
    """Liver on the patient's right, spleen on the left, two kidneys; these and the bladder full of iodine if asked."""
    up = height + rng.uniform(-10.0, 20.0)
    kidney_hu = _RENAL_HU if recipe.renal_iodine else 35.0
    liver = Organ(centre=(-52.0, -15.0, up), half=(58.0, 52.0, 75.0), hu=58.0)
    spleen = Organ(centre=(68.0, 20.0, up - 5.0), half=(30.0, 34.0, 50.0), hu=50.0)
    kidneys = tuple(
        Organ(
            centre=(side * 66.0, 26.0, height * 0.5 + 8.0 * side),
            half=(24.0, 26.0, 52.0),
            hu=kidney_hu,
        )
        for side in (-1.0, 1.0)
    )
    bladder = Organ(centre=(0.0, -38.0, 4.0), half=(34.0, 26.0, 34.0), hu=_BLADDER_HU, wall_mm=3.0)
    return (liver, spleen, *kidneys, *((bladder,) if recipe.renal_iodine else ()))


def _bowel(rng: np.random.Generator, content: str, height: float) -> tuple[Organ, ...]:
    """Loops of bowel in the front of the belly, some with gas or contrast in them."""
    loops = []
    for _ in range(26):
        centre = (rng.uniform(-85.0, 85.0), rng.uniform(-62.0, -22.0), rng.uniform(0.0, 0.75 * height))
        half = (rng.uniform(9.0, 20.0), rng.uniform(8.0, 14.0), rng.uniform(9.0, 24.0))
        filled = {"gas": _GAS_HU, "contrast": _CONTRAST_HU}.get(content, 25.0) if rng.random() < 0.4 else 25.0
        loops.append(Organ(centre=centre, half=half, hu=filled, wall_mm=2.0))
    return tuple(loops)
