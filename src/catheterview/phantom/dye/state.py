"""A study's contrast, the fluids and masses that replace tissue, and what of it is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catheterview.phantom.attenuation import iodine_hu_per_mg
from catheterview.phantom.dye.pools import pools_in
from catheterview.phantom.dye.sac import dose_mg, sac_in
from catheterview.phantom.dye.solids import Solid, solids_in
from catheterview.phantom.dye.spilt import spilt_in
from catheterview.phantom.dye.truth import dye_lesions
from catheterview.phantom.faults import Lesion
from catheterview.phantom.fluid import Collection, FluidState, Tube
from catheterview.phantom.scene import Device, Scene

_LEFT_MG_SHARE = 0.9  # of the dose, that the largest leak takes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dye:
    """Contrast and fluid in one CT.

    Parameters
    ----------
    state : FluidState
        Of iodine; empty in a plain scan of a patient who leaked nothing.
    solids : tuple of Solid
        What replaces tissue: seroma, old fluid, a mass at the tip.
    lesions : tuple of Lesion
        What of it is wrong.
    hu_per_mg : float
        HU of a mg of iodine in a ml at the recipe's tube voltage.
    """

    state: FluidState
    hu_per_mg: float
    solids: tuple[Solid, ...] = ()
    lesions: tuple[Lesion, ...] = field(default=())

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to paint."""
        return not self.state.everything and not self.solids


def dye_of(scene: Scene) -> Dye:
    """Fill a scene as its recipe says.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    Dye

    Raises
    ------
    UnsuitableError
        When the anatomy in view has no room for it.
    """
    per_mg = iodine_hu_per_mg(scene.recipe.kvp)
    device = scene.device
    if device is None:
        return Dye(state=FluidState(agent="iodine", hours=0.0), hu_per_mg=per_mg)
    pools = _no_more_than_there_was(scene, device, pools_in(scene, device, hu_per_mg=per_mg))
    lost = sum(pool.amount for pool in pools if pool.place not in ("csf",))
    state = FluidState(
        agent="iodine",
        hours=0.5,
        lumen=_lumen(scene, device),
        csf=sac_in(scene, device, hu_per_mg=per_mg, lost_mg=lost),
        collections=(*pools, *spilt_in(scene, device, hu_per_mg=per_mg)),
    )
    solids = solids_in(scene, device)
    lesions = dye_lesions(scene, device, (pools, state.csf, solids), hu_per_mg=per_mg)
    return Dye(state=state, hu_per_mg=per_mg, solids=solids, lesions=lesions)


def _no_more_than_there_was(scene: Scene, device: Device, pools: tuple[Collection, ...]) -> tuple[Collection, ...]:
    """Thin pools that would hold more iodine than was injected."""
    total = sum(pool.amount for pool in pools)
    most = _LEFT_MG_SHARE * dose_mg(scene.recipe, device)
    if total <= most or scene.recipe.study != "cap_ct":
        return pools
    share = most / total
    return tuple(
        Collection(place=p.place, shape=p.shape, concentration=p.concentration * share, seen_ml=p.seen_ml)
        for p in pools
    )


def _lumen(scene: Scene, device: Device) -> tuple[Collection, ...]:
    """The catheter full of contrast after an injection through it, as far as it is whole."""
    recipe = scene.recipe
    if recipe.study != "cap_ct":
        return ()
    first = device.course.pieces[0]
    tube = Tube(axis=first, radius_mm=np.full(len(first), recipe.inner_mm / 2.0), strength=np.ones(len(first)))
    return (Collection(place="lumen", shape=tube, concentration=recipe.iodine_mg_per_ml),)
