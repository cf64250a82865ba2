"""One tomogram without a CT: the pump as its reservoir shows it, the canal as its tracer shows it, and pools."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from catheterview.detect.nuclear.flat.column import Column
from catheterview.detect.nuclear.flat.focus import Around, Focus, pools_of
from catheterview.detect.nuclear.flat.spine import canal_sought, contrast_of
from catheterview.detect.nuclear.flat.views import lattice_of, pump_of, tomogram_flat, without_reservoir
from catheterview.detect.nuclear.measure import Measured, Profile, measure, reservoir_in
from catheterview.limits import NuclearLimits
from catheterview.model import Anatomy, Delivery, Evidence, FlatScan, Image, Rung, Scintigram

NO_CT = "without a CT neither the catheter nor kidneys, bladder and bowel are known"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TomogramSeen:
    """What one tomogram shows.

    Parameters
    ----------
    flat : FlatScan
        Added up, for pictures and for places outside the reservoir.
    column : Column
    measured : Measured
        On the pump and the canal that it shows itself.
    pools : tuple of Focus
    """

    flat: FlatScan
    column: Column
    measured: Measured
    pools: tuple[Focus, ...]


def see_tomogram(
    scan: tuple[Image, float | None], pump_mm: tuple[float, float], delivery: Delivery, limits: NuclearLimits
) -> TomogramSeen:
    """Look at one tomogram.

    Parameters
    ----------
    scan : Image and hours since injection
    pump_mm : (float, float)
        Diameter and thickness.
    delivery : Delivery
    limits : NuclearLimits

    Raises
    ------
    UnsuitableError
        When it shows no reservoir, or nothing of the back.
    """
    image, hours = scan
    bare = _on_itself(image, hours, pump_mm)
    disc, lattice = reservoir_in(bare, limits), lattice_of(image)
    left = without_reservoir(lattice, disc)
    flat = tomogram_flat(scan, (lattice, left), disc, limits)
    contrast = contrast_of(left, disc.sigma_mm * limits.deeper_blur / lattice.step_mm)
    canal = canal_sought(lattice, contrast, disc, limits)
    anatomy = replace(bare.ct.anatomy, canal=canal, canal_radius_mm=np.zeros(len(canal)))
    measured = measure(replace(bare, ct=replace(bare.ct, anatomy=anatomy)), limits, disc=disc)
    pools = pools_of(lattice, contrast, Around(disc=disc, canal=measured.canal, delivery=delivery), limits)
    column = column_of(measured.canal, pools, limits)
    return TomogramSeen(flat=flat, column=column, measured=measured, pools=pools)


def _on_itself(image: Image, hours: float | None, pump_mm: tuple[float, float]) -> Scintigram:
    """A tomogram in place of its CT."""
    anatomy = Anatomy(series_instance_uid=image.series_instance_uid, why=NO_CT)
    evidence = Evidence(
        image=image, rung=Rung.SPECT_CT, pumps=(pump_of(image, pump_mm),), anatomy=anatomy, catheters=()
    )
    return Scintigram(image=image, ct=evidence, hours=hours, placed="no CT")


def column_of(canal: Profile | None, pools: tuple[Focus, ...], limits: NuclearLimits) -> Column:
    """The longest unbroken run of stretches of the canal that are seen.

    Notes
    -----
    A pool beside the canal blurs into a few stretches and makes no column; in a longer one they count as the others do.
    """
    if canal is None:
        return Column(seen=False, length_mm=0.0, share=0.0, detectable=float("inf"))
    known = np.isfinite(canal.sd)
    marked, _ = label(known & (canal.share > limits.flat_sigmas * canal.sd))
    run = np.flatnonzero(marked == (int(np.argmax(np.bincount(marked)[1:])) + 1 if marked.any() else -1))
    length_mm = len(run) * canal.lines.length_mm
    return Column(
        seen=length_mm >= limits.flat_cells * limits.flat_cell_mm,
        length_mm=length_mm,
        share=_held(canal, run, pools, limits),
        detectable=limits.detection_sigmas * float(np.sqrt((canal.sd[known] ** 2).sum())) if known.any() else np.inf,
    )


def _held(canal: Profile, run: NDArray[np.intp], pools: tuple[Focus, ...], limits: NuclearLimits) -> float:
    """What a run holds; a stretch beside a pool holds what its middle one does."""
    share = canal.share[run]
    for pool in pools:
        blurred = np.linalg.norm(canal.lines.middle[run] - pool.point, axis=1) < limits.same_place_mm
        share = np.where(blurred, np.minimum(share, np.median(share)), share)
    return float(share.sum())
