"""Reconstruction kernels: how sharp an image is, and what grain its noise has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.phantom.recipe import CtRecipe

_FWHM_PER_SIGMA = 2.354820045
_FLOOR_PER_MM = 0.05  # of the noise's power at low frequency, for scatter and beam shaping


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A point spread as a sum of Gaussians; a negative one sharpens edges.

    Parameters
    ----------
    tag : str
        As a scanner calls it (DICOM ConvolutionKernel).
    parts : tuple of (weight, full width at half maximum in mm)
        Weights add up to 1; the sharpest first.
    """

    tag: str
    parts: tuple[tuple[float, float], ...]

    def mtf(self, per_mm: FloatArray) -> FloatArray:
        """Modulation transfer at frequencies (...) per mm; above 1 where edges are sharpened."""
        out = np.zeros(np.shape(per_mm))
        for weight, fwhm_mm in self.parts:
            out += weight * np.exp(-2.0 * (np.pi * fwhm_mm / _FWHM_PER_SIGMA * per_mm) ** 2)
        return out

    def noise_power(self, per_mm: FloatArray) -> FloatArray:
        """Noise power, to a factor, at frequencies (...) per mm.

        Notes
        -----
        That of filtered back-projection is the ramp times the squared transfer function (Riederer, Pelc, Chesler, Phys
        Med Biol 1978, 23, 446); a floor at low frequency stands for scatter and beam shaping.
        """
        if len(self.parts) == 1:
            sigma = self.parts[0][1] / _FWHM_PER_SIGMA
            return np.asarray((per_mm + _FLOOR_PER_MM) * np.exp(-2.0 * (np.pi * sigma * per_mm) ** 2 * 2.0))
        return np.asarray((per_mm + _FLOOR_PER_MM) * self.mtf(per_mm) ** 2)


def gaussian(psf_mm: float) -> Kernel:
    """The kernel of a Gaussian point spread of a full width at half maximum."""
    return Kernel(tag=f"GAUSS{psf_mm:g}", parts=((1.0, psf_mm),))


#: Widths at half maximum are 1.3, 1.0 and 0.7 mm, those of the reference's table of what a tube keeps of its contrast
#: (E.3). Lung and bone sharpen edges; a bone kernel's transfer is published to fall to a tenth at up to 1.44 per mm.
KERNELS = {
    "soft": Kernel(tag="SOFT", parts=((1.0, 1.3),)),
    "lung": Kernel(tag="LUNG", parts=((1.35, 1.03), (-0.35, 2.2))),
    "bone": Kernel(tag="BONE", parts=((1.6, 0.735), (-0.6, 1.6))),
}


def kernel_of(recipe: CtRecipe) -> Kernel:
    """The kernel of a recipe: one by name, or the Gaussian of its `psf_mm`."""
    return KERNELS.get(recipe.kernel) or gaussian(recipe.psf_mm)


def louder(kernel: Kernel, per_mm: FloatArray) -> float:
    """How much more noise a kernel makes of the same rays than ``soft`` does, on an image's frequencies."""
    power, soft = (float(one.noise_power(per_mm).sum()) for one in (kernel, KERNELS["soft"]))
    return float(np.sqrt(power / soft))
