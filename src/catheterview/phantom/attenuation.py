"""How X-rays of a tube's spectrum are attenuated by tissue, bone and titanium, and how a scanner corrects for water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.errors import InputError
from catheterview.geometry import FloatArray, read_only

#: Mass attenuation coefficients with coherent scattering, cm2/g; NIST Standard Reference Database 126
#: (Hubbell and Seltzer): water, cortical bone (ICRU-44), titanium, aluminium.
_KEV = np.array([20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0])
_WATER = np.array([0.8096, 0.3756, 0.2683, 0.2269, 0.2059, 0.1837, 0.1707, 0.1505])
_BONE = np.array([4.001, 1.331, 0.6655, 0.4242, 0.3148, 0.2229, 0.1855, 0.1480])
_TITANIUM = np.array([15.85, 4.972, 2.214, 1.213, 0.7661, 0.4052, 0.2721, 0.1649])
_ALUMINIUM = np.array([3.441, 1.128, 0.5685, 0.3681, 0.2778, 0.2018, 0.1704, 0.1378])
_BONE_G_CM3, _TITANIUM_G_CM3, _ALUMINIUM_G_CM3 = 1.92, 4.54, 2.699  # the same database

_FILTER_MM_AL = 8.0  # total filtration of a CT tube, aluminium equivalent; vendors state 5 to 10
_BIN_KEV = 10.0
_LONGEST_MM = 3000.0  # of water, to which the water correction reaches


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beam:
    """A tube's beam in a few energy bins.

    Parameters
    ----------
    share : (E,) float64
        How much each bin adds to the detector's signal without an object; adds up to 1.
    water, bone, titanium : (E,) float64
        Linear attenuation per mm.
    """

    share: FloatArray
    water: FloatArray
    bone: FloatArray
    titanium: FloatArray

    def __post_init__(self) -> None:
        for name in ("share", "water", "bone", "titanium"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))

    def transmission(self, water_mm: FloatArray, bone_mm: FloatArray, titanium_mm: FloatArray) -> FloatArray:
        """Share (...) of the signal that is left behind path lengths (...) in mm."""
        out = np.zeros(np.shape(water_mm))
        for share, water, bone, titanium in zip(self.share, self.water, self.bone, self.titanium, strict=True):
            out += share * np.exp(-(water * water_mm + bone * bone_mm + titanium * titanium_mm))
        return out

    def water_equivalent_mm(self, transmission: FloatArray) -> FloatArray:
        """Length of water (...) that leaves the same signal: what the scanner's water correction makes of it."""
        lengths = np.linspace(0.0, _LONGEST_MM, 6001)
        zero = np.zeros_like(lengths)
        logs = -np.log(self.transmission(lengths, zero, zero))
        return np.interp(-np.log(transmission), logs, lengths)

    @property
    def effective_kev(self) -> float:
        """Energy at which water attenuates like this beam behind 200 mm of water."""
        behind = self.share * np.exp(-self.water * 200.0)
        return float(np.interp(-(behind @ self.water) / behind.sum(), -_per_mm(_WATER, 1.0, _KEV), _KEV))


#: HU of 1 mg of iodine in a ml of water at one energy (clinical reference E.3, from tables of attenuation).
_IODINE_KEV, _IODINE_HU = np.array([60.0, 65.0, 70.0, 80.0]), np.array([36.8, 30.8, 26.0, 19.1])


def iodine_hu_per_mg(kvp: float) -> float:
    """HU that 1 mg of iodine adds in a ml at a tube voltage: the published value at the beam's effective energy.

    Notes
    -----
    Behind 20 cm of water, where the beam is as hard as in a trunk. One measured table gives half of it (reference
    E.3): scanners differ.
    """
    return float(np.exp(np.interp(np.log(beam(kvp).effective_kev), np.log(_IODINE_KEV), np.log(_IODINE_HU))))


def beam(kvp: float) -> Beam:
    """The beam of a CT tube.

    Parameters
    ----------
    kvp : float
        Tube voltage, 70 to 150.

    Returns
    -------
    Beam

    Raises
    ------
    InputError
        For a voltage that no CT has.

    Notes
    -----
    Kramers' law for the bremsstrahlung of a thick target, hardened by 8 mm of aluminium, seen by an energy-integrating
    detector; characteristic lines and the bow-tie filter are left out. At 120 kVp the mean behind 20 cm of water is
    near 70 keV, at which titanium is about 11,500 HU.
    """
    if not 70.0 <= kvp <= 150.0:
        raise InputError(f"no CT works at {kvp:g} kVp; 70 to 150 is meant")
    kev = np.arange(25.0, kvp, _BIN_KEV)
    photons = (kvp / kev - 1.0) * np.exp(-_per_mm(_ALUMINIUM, _ALUMINIUM_G_CM3, kev) * _FILTER_MM_AL)
    signal = photons * kev
    return Beam(
        share=signal / signal.sum(),
        water=_per_mm(_WATER, 1.0, kev),
        bone=_per_mm(_BONE, _BONE_G_CM3, kev),
        titanium=_per_mm(_TITANIUM, _TITANIUM_G_CM3, kev),
    )


def _per_mm(cm2_per_g: FloatArray, g_per_cm3: float, kev: FloatArray) -> FloatArray:
    """Linear attenuation per mm at energies, interpolated on logarithmic axes."""
    return np.asarray(np.exp(np.interp(np.log(kev), np.log(_KEV), np.log(cm2_per_g))) * g_per_cm3 / 10.0)
