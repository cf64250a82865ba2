"""One SPECT volume measured: the reservoir, every stretch of catheter and canal, and what lies behind the pump."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.detect.nuclear.behind import Behind, excess_behind
from catheterview.detect.nuclear.beside import Beside, Expected, foci_beside
from catheterview.detect.nuclear.elsewhere import Elsewhere, as_stretches, places_elsewhere
from catheterview.detect.nuclear.forward import Fit, Stretches, fit_counts, stretches_of
from catheterview.detect.nuclear.matched import Matched, matched_pool
from catheterview.detect.nuclear.reservoir import Reservoir, fit_reservoir
from catheterview.detect.nuclear.samples import Samples, samples_of
from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, Grid
from catheterview.limits import NuclearLimits
from catheterview.model import Centreline, Delivery, Evidence, Pump, Scintigram, Uptake

WINDOW = 3  # stretches that are judged and shown together
_UNKNOWN = 1.0  # a limit of detection as large as the reservoir: nothing would be seen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Activity along a line, as shares of the reservoir's for each stretch of about a centimetre or two.

    Parameters
    ----------
    lines : Stretches
    share, sd : (S,) of the reservoir's activity, in each stretch
    """

    lines: Stretches
    share: FloatArray
    sd: FloatArray

    @property
    def step_cm(self) -> float:
        """Length of a stretch."""
        return self.lines.length_mm / 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What one volume shows.

    Parameters
    ----------
    line : Profile or None
        Of the catheter outside the canal; None without a catheter.
    canal : Profile or None
        From feet to head; None where no canal is known or seen.
    elsewhere : tuple of Elsewhere
        What the body excretes.
    matched : Matched or None
        Of a pool behind the pump; None without a catheter, whose coils look like one.
    """

    scan: Scintigram
    pump: Pump
    disc: Reservoir
    fit: Fit | None
    line: Profile | None
    canal: Profile | None
    behind: Behind | None
    beside: tuple[Beside, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    matched: Matched | None = None

    @property
    def tip_mm(self) -> float:
        """Arc length of the tip; 0 without a catheter."""
        return float(self.scan.ct.catheters[0].arc_mm[-1]) if self.scan.ct.catheters else 0.0


def reservoir_in(scan: Scintigram, limits: NuclearLimits) -> Reservoir:
    """Fit the reservoir of one volume; raises as `measure` does."""
    every = samples_of(scan)
    return fit_reservoir(every.only(_near_pump(scan, every, limits)), scan.ct.pumps[0], limits)


def _near_pump(scan: Scintigram, every: Samples, limits: NuclearLimits) -> NDArray[np.bool_]:
    """Which voxels lie near the pump."""
    if not scan.ct.pumps:
        raise UnsuitableError("no pump was found on the CT: leaks and arrival cannot be told from the reservoir")
    away = np.linalg.norm(every.points - np.array(scan.ct.pumps[0].center_mm), axis=1)
    near = np.asarray(away < limits.near_mm)
    _require_reservoir(every.counts, near)
    return near


def measure(scan: Scintigram, limits: NuclearLimits, *, disc: Reservoir | None = None) -> Measured:
    """Fit the model to one volume.

    Parameters
    ----------
    scan : Scintigram
        On a CT with a pump.
    limits : NuclearLimits
    disc : Reservoir, optional
        Where it was fitted before.

    Raises
    ------
    UnsuitableError
        When there is no pump, when it is not in the volume, or holds no tracer.
    """
    ct, every = scan.ct, samples_of(scan)
    near = _near_pump(scan, every, limits)
    points, pump = every.points, ct.pumps[0]
    disc = disc or fit_reservoir(every.only(near), pump, limits)
    catheter = ct.catheters[0] if ct.catheters else None
    line, canal = _line(catheter, ct, limits), _canal(ct, scan.image.placed, limits)
    clear = near & ~_close_to(points, line, limits.beside_line_mm)
    found = Measured(
        scan=scan,
        pump=pump,
        disc=disc,
        fit=None,
        line=None,
        canal=None,
        behind=excess_behind(every.only(clear), disc, pump, limits),
        matched=None if line is None else matched_pool(every.only(clear), disc, pump, limits),
        elsewhere=() if line is None and canal is None else places_elsewhere(scan, disc, (line, canal), limits),
    )
    used = (_close_to(points, line, limits.roi_mm) | _close_to(points, canal, limits.roi_mm)) & ~_hot(points, found)
    if not used.any():
        return found
    return _with_fit(found, every.only(used), (line, canal), limits)


def _with_fit(
    found: Measured, near: Samples, lines: tuple[Stretches | None, Stretches | None], limits: NuclearLimits
) -> Measured:
    """Add what the fit says of the lines."""
    kept = tuple(one for one in (*lines, as_stretches(found.elsewhere)) if one is not None)
    sigmas = tuple(_blur(found.disc, limits, canal=one is lines[1]) for one in kept)
    fit = fit_counts(near, found.disc, tuple(zip(kept, sigmas, strict=True)), limits)
    profiles = [
        Profile(lines=one, share=amount / found.disc.total, sd=sd / found.disc.total)
        for one, amount, sd in zip(kept, fit.amounts, fit.sds, strict=True)
    ]
    line = profiles[0] if lines[0] is not None else None
    canal = profiles[1 if line else 0] if lines[1] is not None else None
    fitted = replace(found, fit=fit, line=line, canal=canal)
    expected = expected_of(fitted, limits)
    return fitted if expected is None else replace(fitted, beside=foci_beside(found.scan, expected, limits))


def expected_of(found: Measured, limits: NuclearLimits) -> Expected | None:
    """What a volume would show if the catheter held no more than usual anywhere; None without a catheter."""
    line, canal = found.line, found.canal
    if line is None or found.fit is None:
        return None
    return Expected(
        disc=found.disc,
        fit=found.fit,
        line=line.lines,
        line_amounts=np.minimum(line.share, usual_share(line, limits)) * found.disc.total,
        sigma_mm=_blur(found.disc, limits, canal=False),
        canal=None if canal is None else canal.lines,
        canal_amounts=np.zeros(0) if canal is None else canal.share * found.disc.total,
        canal_sigma_mm=_blur(found.disc, limits, canal=True),
    )


def usual_share(line: Profile, limits: NuclearLimits) -> float:
    """Share of the reservoir that a filled stretch of a line usually holds; 0 where none may be filled.

    Notes
    -----
    The middle of those windows that hold half of what a filled catheter holds at least, for early in a study most of a
    line is empty and says nothing of the rest; and no more than a filled catheter can hold, for a pool that spreads
    over most of what is filled is no catheter.
    """
    held = held_windows(line, limits)
    most = limits.most_ml_per_cm / limits.mixed_ml * line.step_cm
    return min(float(np.median(held)) / WINDOW, most) if len(held) else 0.0


def held_windows(line: Profile, limits: NuclearLimits) -> FloatArray:
    """What windows of a line hold that may be filled, in shares of the reservoir."""
    known = np.isfinite(line.sd)
    if len(known) < WINDOW:
        return np.zeros(0)
    sums = np.convolve(np.where(known, line.share, 0.0), np.ones(WINDOW), mode="valid")
    least = limits.there_share * WINDOW * limits.least_ml_per_cm / limits.full_ml * line.step_cm
    whole = np.convolve(known, np.ones(WINDOW), mode="valid") > WINDOW - 0.5
    return np.asarray(sums[whole & (sums > least)])


def _blur(disc: Reservoir, limits: NuclearLimits, *, canal: bool) -> float:
    """Blur of a stretch: the point spread inside the body, and the canal's own width."""
    sigma = disc.sigma_mm * limits.deeper_blur
    return float(np.hypot(sigma, limits.canal_sigma_mm)) if canal else sigma


def _require_reservoir(counts: FloatArray, near: NDArray[np.bool_]) -> None:
    """Refuse a volume whose hottest place is not the pump."""
    if near.sum() < 50:
        raise UnsuitableError("the pump is not in the field of the SPECT")
    if np.percentile(counts[near], 99.0) < 0.2 * counts.max():
        raise UnsuitableError("the pump is not where the tracer is: no reservoir there, or the SPECT lies elsewhere")


def _line(catheter: Centreline | None, ct: Evidence, limits: NuclearLimits) -> Stretches | None:
    """The catheter outside the canal, in stretches."""
    if catheter is None or catheter.arc_mm[-1] < 2.0 * limits.segment_mm:
        return None
    entry = catheter.landmarks.dural_entry
    if entry is None:
        entry = _first_in_canal(catheter, ct)
    return stretches_of(catheter.points[: max(2, entry)], limits.segment_mm)


def _first_in_canal(catheter: Centreline, ct: Evidence) -> int:
    """Index from which on a catheter whose entry was not marked stays in the canal; its length where it does not."""
    if not len(ct.anatomy.canal):
        return len(catheter.points)
    away, nearest = cKDTree(ct.anatomy.canal).query(catheter.points)
    outside = np.flatnonzero(away > ct.anatomy.canal_radius_mm[nearest])
    return int(outside[-1]) + 1 if len(outside) else 0


def _canal(ct: Evidence, grid: Grid, limits: NuclearLimits) -> Stretches | None:
    """The canal as far as the SPECT shows it, in stretches from feet to head."""
    canal = ct.anatomy.canal
    inside = canal[grid.contains(canal)] if len(canal) else canal
    if len(inside) < 2 or np.linalg.norm(inside[-1] - inside[0]) < 3.0 * limits.canal_segment_mm:
        return None
    return stretches_of(inside, limits.canal_segment_mm)


def _close_to(points: FloatArray, lines: Stretches | None, reach_mm: float) -> NDArray[np.bool_]:
    """Which voxels lie near a line."""
    if lines is None:
        return np.zeros(len(points), dtype=bool)
    near = ((points > lines.points.min(axis=0) - reach_mm) & (points < lines.points.max(axis=0) + reach_mm)).all(axis=1)
    away, _ = cKDTree(lines.points).query(points[near], distance_upper_bound=reach_mm)
    near[near] = np.isfinite(away)
    return np.asarray(near)


def _hot(points: FloatArray, found: Measured) -> NDArray[np.bool_]:
    """Voxels that belong to the reservoir and its blur."""
    height, out = found.disc.local(points)
    reach = 4.0 * found.disc.sigma_mm
    return np.asarray((np.abs(height) < found.disc.thickness_mm / 2.0 + reach) & (out < found.disc.radius_mm + reach))


def uptake_of(found: Measured, delivery: Delivery, limits: NuclearLimits) -> Uptake | None:
    """Activity along the catheter for a picture, each stretch with its neighbours; None without a catheter.

    Notes
    -----
    Neighbouring stretches of a centimetre share a point spread of as much: what the fit gives one it takes from the
    next, so that single ones scatter more than their sum.
    """
    if found.line is None:
        return None
    line, hours = found.line, found.scan.hours
    due = delivery.surely_reached_mm(hours) if hours is not None else -1.0
    least = (delivery.ml_per_cm or 0.0) / delivery.reservoir_ml
    known = np.isfinite(line.sd)
    count = np.maximum(np.convolve(known, np.ones(WINDOW), mode="same"), 1.0) * line.step_cm
    share = np.convolve(np.where(known, line.share, 0.0), np.ones(WINDOW), mode="same") / count
    sd = np.sqrt(np.convolve(np.where(known, line.sd, 0.0) ** 2, np.ones(WINDOW), mode="same")) / count
    return Uptake(
        series_instance_uid=found.scan.image.series_instance_uid,
        hours=hours,
        arc_mm=line.lines.arc_mm,
        share=share,
        sd=np.where(known, sd, _UNKNOWN),
        detectable=np.where(known, detectable(sd, limits), _UNKNOWN),
        expected=np.where(line.lines.arc_mm < due, least, 0.0),
        counts=found.disc.total / found.scan.image.placed.voxel_volume_mm3,
    )


def detectable(sd: FloatArray, limits: NuclearLimits) -> FloatArray:
    """Limit of detection of amounts whose standard deviation without activity is `sd`.

    Notes
    -----
    L. A. Currie, Limits for qualitative detection and quantitative determination, Anal. Chem. 1968, 40(3): 3.29
    standard deviations; his 2.71 counts do not apply to a reconstruction's unit.
    """
    return np.asarray(limits.detection_sigmas * sd)
