"""A spine of equal vertebrae on a curved line: bodies, discs, pedicles, laminae, processes, sac and cord."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.phantom.texture import Columns, Texture

# HU at about 120 kVp; bone 300 to 1500, CSF 5 to 15 (background values of the literature).
_CORTEX_HU, _TRABECULAR_HU, _DISC_HU = 850.0, 190.0, 80.0
_CSF_HU, _CORD_HU, _EPIDURAL_FAT_HU = 10.0, 40.0, -60.0
_CORTEX_MM = 1.6
_SACRAL_PHASE = 0.35  # of a drawn phase, so that 2 to 3 cm of S1 are above z = 0
_WING_MM = 54.0  # from the midline to the joint with the ilium


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """The spine's dials; lengths in mm, y positive towards the back.

    Parameters
    ----------
    canal_y, lordosis, scoliosis : float
        Where the canal is at mid-height, and how far it bows front to back and sideways.
    pitch : float
        From one vertebra to the next.
    phase : float
        Where in the pitch a vertebra starts at z = 0.
    half_width, half_depth : float
        Of a vertebral body.
    canal_half_width, canal_half_depth : float
    conus_z : float
        Below it there is no cord in the sac.
    sacrum : bool
        Whether the lowest vertebrae are fused and winged.
    """

    canal_y: float
    lordosis: float
    scoliosis: float
    pitch: float
    phase: float
    half_width: float
    half_depth: float
    canal_half_width: float
    canal_half_depth: float
    conus_z: float
    sacrum: bool = False

    def middle_z(self, number: int) -> float:
        """Height of the middle of a vertebra's body; 0 is S1 where there is a sacrum, numbers rise to the head."""
        return (number + 0.5) * self.pitch - self.phase

    def canal(self, z: Columns) -> tuple[Columns, Columns]:
        """The canal's middle (x, y) at heights z."""
        return self.scoliosis * np.sin(z / 70.0), self.canal_y + self.lordosis * np.cos(z / 80.0)

    def paint(self, hu: Columns, at: Columns, texture: Texture) -> None:
        """Write the spine over `hu` (N,) at `at` (3, N) LPS mm."""
        z = at[2]
        x0, y0 = self.canal(z)
        x, y = at[0] - x0, at[1] - y0
        level = (z + self.phase) % self.pitch - self.pitch / 2.0
        self._paint_soft(hu, (x, y, z))
        disc = _inside(self._disc_gap(x, y, level))
        hu += disc * (_DISC_HU - hu)
        surface = self._bone(x, y, level)
        if self.sacrum:
            fused = np.flatnonzero(z < self.middle_z(0) + self.pitch / 2.0)
            surface[fused] = self._sacral(surface[fused], (x[fused], y[fused], z[fused]))
        depth = -surface
        grain = _TRABECULAR_HU + 70.0 * texture.at(at, scale_mm=1.1)
        bone = grain + _inside(depth - _CORTEX_MM) * (_CORTEX_HU - grain)
        hu += _inside(-depth) * (bone - hu)

    def _paint_soft(self, hu: Columns, at: tuple[Columns, Columns, Columns]) -> None:
        """Fill the canal with fat, the sac with CSF, and the cord above the conus."""
        x, y, z = at
        wide, deep = self.canal_half_width, self.canal_half_depth
        for half, value, shift in (((wide, deep), _EPIDURAL_FAT_HU, 0.0), ((wide - 1.0, deep - 1.5), _CSF_HU, -0.8)):
            hu += _inside(_ellipse(x, y - shift, half)) * (value - hu)
        cord = _inside(_ellipse(x, y + 1.5, (5.2, 3.8))) * _inside(self.conus_z - z, over=8.0)
        hu += cord * (_CORD_HU - hu)

    def _disc_gap(self, x: Columns, y: Columns, level: Columns) -> Columns:
        """Signed distance to the column of bodies and discs, discs a little slimmer."""
        centre = -(self.canal_half_depth + self.half_depth)
        return _ellipse(x, y - centre, (self.half_width - 1.5, self.half_depth - 1.5)) + 0.0 * level

    def _bone(self, x: Columns, y: Columns, level: Columns) -> Columns:
        """Signed distance to the bone of one vertebra, negative inside."""
        out = self._body(x, y, level)
        side = np.abs(x)
        wide, deep = self.canal_half_width, self.canal_half_depth
        pedicle = np.maximum(_ellipse(side - wide - 4.0, level - 5.0, (4.5, 7.0)), np.abs(y + 2.0) - deep - 3.0)
        arch = np.abs(_ellipse(x, y - 1.0, (wide + 3.0, deep + 3.0))) - 2.6
        lamina = np.maximum(np.maximum(arch, -y + 2.0), np.abs(level + 2.0) - 8.5)
        spinous = _box(
            (x, y - deep - 16.0 + 0.25 * level, level + 6.0), (3.2 + 0.1 * np.abs(y - deep - 20.0), 14.0, 8.0)
        )
        transverse = np.maximum(
            _ellipse(y - 3.0 - 0.1 * side, level - 3.0, (3.5, 5.0)), np.abs(side - wide - 14.0) - 14.0
        )
        facet = np.sqrt((side - wide - 5.0) ** 2 + (y - deep - 1.0) ** 2 + (0.5 * (level - 8.0)) ** 2) - 6.0
        for part in (pedicle, lamina, spinous, transverse, facet):
            out = np.minimum(out, part)
        return np.maximum(out, -_ellipse(x, y, (wide, deep)))

    def _sacral(self, surface: Columns, at: tuple[Columns, Columns, Columns]) -> Columns:
        """Signed distance to the sacrum: bodies without discs between them, and wings to the joints with the ilia."""
        x, y, z = at
        wide, deep = self.canal_half_width, self.canal_half_depth
        top = self.middle_z(0) + self.pitch / 2.0 - 4.0
        column = _ellipse(x, y + deep + self.half_depth, (self.half_width, self.half_depth))
        side, low = np.abs(x), top - z
        reach = _WING_MM - 0.35 * np.clip(low - 20.0, 0.0, None)  # narrower towards the feet
        wing = np.maximum(np.abs(y + deep + 0.62 * self.half_depth) - 13.0, side - reach)
        wing = np.maximum(wing, -(side - wide - 1.0))
        whole = np.maximum(np.minimum(column, wing), z - top)
        return np.asarray(np.maximum(np.minimum(surface, whole), -_ellipse(x, y, (wide, deep))))

    def _body(self, x: Columns, y: Columns, level: Columns) -> Columns:
        """Signed distance to the vertebral body, waisted, with flat end plates."""
        tall = self.pitch / 2.0 - 4.0
        waist = 1.0 - 0.10 * np.cos(np.clip(level / tall, -1.0, 1.0) * np.pi / 2.0)
        centre = -(self.canal_half_depth + self.half_depth)
        round_part = _ellipse(x / waist, y - centre, (self.half_width, self.half_depth))
        return np.maximum(round_part, np.abs(level) - tall)


def random_spine(rng: np.random.Generator, *, sacrum: bool = False) -> Spine:
    """Draw a spine; one with a sacrum lies so that the sacrum's top is in view."""
    spine = Spine(
        sacrum=sacrum,
        canal_y=rng.uniform(36.0, 42.0),
        lordosis=rng.uniform(-6.0, 6.0),
        scoliosis=rng.uniform(-5.0, 5.0),
        pitch=rng.uniform(33.0, 37.0),
        phase=rng.uniform(0.0, 36.0),
        half_width=rng.uniform(20.0, 24.0),
        half_depth=rng.uniform(14.5, 17.0),
        canal_half_width=rng.uniform(10.0, 12.0),
        canal_half_depth=rng.uniform(8.0, 9.5),
        conus_z=rng.uniform(20.0, 80.0),
    )
    return replace(spine, phase=_SACRAL_PHASE * spine.phase) if sacrum else spine


def _inside(distance: Columns, *, over: float = 1.0) -> Columns:
    """How much of a voxel is inside, 0 to 1, from the signed distance; the edge is `over` mm wide."""
    return np.asarray(np.clip(0.5 - distance / over, 0.0, 1.0))


def _ellipse(x: Columns, y: Columns, half: tuple[float, float]) -> Columns:
    """Signed distance, to first order, to an ellipse with half axes `half`."""
    value = np.sqrt((x / half[0]) ** 2 + (y / half[1]) ** 2) + 1e-9
    slope = np.sqrt((x / half[0] ** 2) ** 2 + (y / half[1] ** 2) ** 2) / value + 1e-9
    return np.asarray((value - 1.0) / np.maximum(slope, 1.0 / max(half)))


def _box(at: tuple[Columns, Columns, Columns], half: tuple[Columns, float, float]) -> Columns:
    """Signed distance, outside only at the faces, to a box."""
    return np.asarray(np.maximum(np.maximum(np.abs(at[0]) - half[0], np.abs(at[1]) - half[1]), np.abs(at[2]) - half[2]))
