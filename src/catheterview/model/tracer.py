"""A tracer study: what was injected and how it travels, the volumes, and what was seen along the catheter."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.geometry import FloatArray, read_only
from catheterview.model.finding import Evidence
from catheterview.model.image import Image

_HOURS_A_DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How tracer gets from the reservoir to the tip; None is not known, and never guessed.

    Parameters
    ----------
    flow_ml_per_day : float or None
    pump_ml : float or None
        Volume between reservoir and catheter, at most.
    ml_per_cm : float or None
        Of the catheter.
    reservoir_ml : float
        The most that the reservoir holds: dilutes the tracer at most so far.
    margin : float
        By which an expected arrival has to be past before absence means anything.
    missing : tuple of str
        Names of the facts that are not known.
    """

    flow_ml_per_day: float | None = None
    pump_ml: float | None = None
    ml_per_cm: float | None = None
    reservoir_ml: float = 40.0
    margin: float = 1.5
    missing: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether an arrival can be computed; a pump that stands delivers nothing."""
        return bool(self.flow_ml_per_day) and self.pump_ml is not None and self.ml_per_cm is not None

    def arrival_h(self, arc_mm: float) -> float:
        """Hours until plug flow reaches an arc length; infinite where it is not known."""
        if not self.known:
            return float("inf")
        assert self.pump_ml is not None
        assert self.ml_per_cm is not None
        assert self.flow_ml_per_day is not None
        return (self.pump_ml + self.ml_per_cm * arc_mm / 10.0) / self.flow_ml_per_day * _HOURS_A_DAY

    def readable_h(self, arc_mm: float) -> float:
        """Hours from which an absence at an arc length means something."""
        return self.margin * self.arrival_h(arc_mm)

    def surely_reached_mm(self, hours: float) -> float:
        """The arc length up to which an absence means something at this time; negative for none."""
        if not self.known:
            return -1.0
        assert self.pump_ml is not None
        assert self.ml_per_cm is not None
        assert self.flow_ml_per_day is not None
        pumped = self.flow_ml_per_day * hours / _HOURS_A_DAY / self.margin
        return (pumped - self.pump_ml) / self.ml_per_cm * 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scintigram:
    """One SPECT volume placed on the CT.

    Parameters
    ----------
    image : Image
        Its grid takes voxels into the CT's frame.
    ct : Evidence
        The CT with pump, catheter and anatomy.
    hours : float or None
        Since injection; None where the injection's time is not known.
    placed : str
        How it came there: ``same frame of reference``, or by how much it was moved.
    """

    image: Image
    ct: Evidence
    hours: float | None
    placed: str = "same frame of reference"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TracerEvidence:
    """What a tracer study is read from: volumes in order of time, each on a CT, and how tracer travels."""

    scans: tuple[Scintigram, ...]
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatScan:
    """A scintigram without a CT, seen from the front or the back: a planar view, or a tomogram added up.

    Parameters
    ----------
    image : Image
        What it comes from.
    counts : (R, C) float64
        Head at the top; left and right as the source has them.
    pixel_mm : (float, float)
        Of a row and a column.
    hours : float or None
        Since injection.
    seen : str
        ``front``, ``back``, ``front and back`` or ``tomogram``.
    reservoir : float
        All counts of the reservoir, in the unit of `counts`.
    canal_left : (float, float)
        The least and the most of the canal's photons that are counted, against those of the reservoir.
    front : (R, C) float64 or None
        The view from the front, where `counts` is that from the back and there are both; all of a tomogram.
    """

    image: Image
    counts: FloatArray
    pixel_mm: tuple[float, float]
    hours: float | None
    seen: str
    reservoir: float
    canal_left: tuple[float, float]
    front: FloatArray | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", read_only(self.counts, ndim=2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoneEvidence:
    """A tracer study without a CT.

    Parameters
    ----------
    tomograms : tuple of (Image, float or None)
        Volumes with hours since injection, in order of time.
    flats : tuple of FlatScan
        Planar views, in order of time.
    delivery : Delivery
    tip_mm : float or None
        Length of the catheter by the record; None where it says nothing.
    pump_mm : (float, float)
        Diameter and thickness of the pump, by the record or as most are.
    """

    delivery: Delivery
    tip_mm: float | None
    tomograms: tuple[tuple[Image, float | None], ...] = ()
    flats: tuple[FlatScan, ...] = ()
    pump_mm: tuple[float, float] = (78.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Uptake:
    """Activity along one line at one time, as shares of the reservoir's for each centimetre.

    Parameters
    ----------
    series_instance_uid : str
    hours : float or None
    arc_mm : (S,) from the pump
    share, sd : (S,) what was seen and its standard deviation
    detectable : (S,) limit of detection
    expected : (S,) what should be there at least; 0 where nothing has to be there yet
    counts : float
        Of the whole reservoir, in the image's unit: what a share of 1 would show.
    """

    series_instance_uid: str
    hours: float | None
    arc_mm: FloatArray
    share: FloatArray
    sd: FloatArray
    detectable: FloatArray
    expected: FloatArray
    counts: float = 0.0

    def __post_init__(self) -> None:
        for name in ("arc_mm", "share", "sd", "detectable", "expected"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))
