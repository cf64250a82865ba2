"""The pump, and other dense bodies that are not one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pump:
    """An implanted intrathecal drug pump found in an image.

    Parameters
    ----------
    center_mm : (3,) LPS mm, middle of the disc
    normal : (3,) unit vector, LPS
        The disc's axis; its sign points away from the middle of the body (towards the skin) where that is known.
    diameter_mm, thickness_mm : float
    models : tuple of str
        Catalogue models whose size fits, best first; empty when none does.
    score : float, 0 to 1
    """

    series_instance_uid: str
    center_mm: tuple[float, float, float]
    normal: tuple[float, float, float]
    diameter_mm: float
    thickness_mm: float
    models: tuple[str, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Implant:
    """Another metal or dense body, named and left alone.

    Parameters
    ----------
    kind : str
        ``port``, ``pulse generator``, ``orthopaedic``, ``dental``, ``wire``, ``contrast``, ``table`` or ``unknown``.
    center_mm : (3,) LPS mm
    extent_mm : (3,) float
        Size along its principal axes, largest first.
    why : str
        What it was told from a pump by.
    """

    series_instance_uid: str
    kind: str
    center_mm: tuple[float, float, float]
    extent_mm: tuple[float, float, float]
    why: str
