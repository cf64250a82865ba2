"""The wings of the ilia beside the sacrum, whose crests a tract crosses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from catheterview.phantom.spine import Spine
from catheterview.phantom.texture import Columns

_CORTEX_HU, _SPONGY_HU, _CORTEX_MM = 700.0, 160.0, 1.5
_HALF_THICK_MM = 5.0
_BACK_RAD, _FRONT_RAD = 0.62, 1.75  # from behind, between which a wing goes round
_CREST_MM = 42.0  # above the top of the sacrum at its highest, at the level of L4


def paint_ilia(hu: Columns, at: Columns, spine: Spine, under_fascia: Columns, *, blend: Callable[..., None]) -> None:
    """Write both wings over `hu` (N,) at `at` (3, N), in place: plates under the muscle of the wall.

    Parameters
    ----------
    hu : (N,)
    at : (3, N) LPS mm
    spine : Spine
        With a sacrum.
    under_fascia : (N,)
        Depth in mm under the fascia.
    blend : callable
        Puts a value where a depth is positive.
    """
    turn = np.abs(np.arctan2(at[0], at[1]))
    top = spine.middle_z(0) + spine.pitch / 2.0
    share = np.clip((turn - _BACK_RAD) / (_FRONT_RAD - _BACK_RAD), 0.0, 1.0)
    crest = top - 12.0 + _CREST_MM * np.sin(np.pi * np.sqrt(share))
    near = np.flatnonzero((at[2] < crest + 2.0) & (turn > _BACK_RAD - 0.1) & (turn < _FRONT_RAD + 0.1))
    deep = 13.0 + 6.0 * np.clip((top - at[2, near]) / 60.0, 0.0, 1.0)
    away = np.maximum(np.abs(under_fascia[near] - deep) - _HALF_THICK_MM, at[2, near] - crest[near])
    beside = np.maximum(_BACK_RAD - turn[near], turn[near] - _FRONT_RAD) * 90.0
    depth = -np.maximum(away, beside)
    part = hu[near]
    blend(part, depth, _CORTEX_HU)
    blend(part, depth - _CORTEX_MM, _SPONGY_HU)
    hu[near] = part
