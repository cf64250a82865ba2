"""Activity along the catheter against what is expected and what could be detected, one row for each time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import KeyImage, Uptake
from catheterview.picture import draw
from catheterview.picture.draw import Pixels

_SIZE_PX = (200, 820)  # of a row
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 72, 28, 26
_LOWEST, _HIGHEST = -5.0, -2.0  # decades of a share of the reservoir in each cm
_STEP_CM = 10


def along_image(uptakes: Sequence[Uptake]) -> KeyImage | None:
    """Draw activity along the catheter.

    Parameters
    ----------
    uptakes : sequence of Uptake
        In order of time.

    Returns
    -------
    KeyImage or None
        ``tracer-along``; None without an uptake.
    """
    if not uptakes:
        return None
    longest = max(float(one.arc_mm[-1]) for one in uptakes)
    caption = (
        "Activity in each centimetre of catheter outside the canal, as a share of the reservoir's (left) and in counts "
        "of the volume (right), against distance from the pump: filled dots are above their limit of detection (grey "
        "line), rings below; the green line is the least that should be there by now, where anything has to be."
    )
    rows = [_row(one, longest) for one in uptakes]
    return KeyImage(name="tracer-along", caption=caption, png=draw.as_png(draw.below(rows)))


def _row(one: Uptake, longest_mm: float) -> Pixels:
    """One time."""
    picture = draw.canvas(*_SIZE_PX)
    _axes(picture, one, longest_mm)
    for arc, share, least, due in zip(one.arc_mm, one.share, one.detectable, one.expected, strict=True):
        x = _x(float(arc), longest_mm)
        draw.polyline(picture, ((x - 5, _y(least)), (x + 5, _y(least))), draw.GREY)
        if due > 0.0:
            draw.polyline(picture, ((x - 5, _y(due)), (x + 5, _y(due))), draw.LANDMARK, width=2)
        if share > least:
            draw.dot(picture, (x, _y(share)), 3.5, draw.FINDING)
        else:
            draw.ring(picture, (x, _y(share)), 3.5, draw.FINDING, width=1)
    time = f"{one.hours:.0f} h after injection" if one.hours is not None else "time after injection not known"
    draw.text(picture, (_LEFT + 6, 6), f"activity for each cm, share of the reservoir; {time}", size=13)
    return picture


def _axes(picture: Pixels, one: Uptake, longest_mm: float) -> None:
    """Decades to the left, what they are in counts to the right, centimetres beneath, in place."""
    width = picture.shape[1]
    for decade in range(int(_LOWEST), int(_HIGHEST) + 1):
        y = _y(10.0**decade)
        draw.polyline(picture, ((_LEFT, y), (width - _RIGHT, y)), (45, 48, 54))
        draw.text(picture, (6, y - 8), f"1e{decade}", colour=draw.GREY, size=12)
        counts = f"{one.counts * 10.0**decade:.3g}" if one.counts else ""
        draw.text(picture, (width - _RIGHT + 4, y - 8), counts, colour=draw.GREY, size=12)
    for cm in range(0, int(longest_mm / 10.0) + 1, _STEP_CM):
        x = _x(10.0 * cm, longest_mm)
        draw.text(picture, (x - 8, picture.shape[0] - 20), f"{cm} cm", colour=draw.GREY, size=12)


def _x(arc_mm: float, longest_mm: float) -> float:
    return _LEFT + (_SIZE_PX[1] - _LEFT - _RIGHT) * arc_mm / longest_mm


def _y(share: float | FloatArray) -> float:
    """Row of a share on a logarithmic axis, kept within it."""
    decade = float(np.clip(np.log10(max(float(share), 10.0**_LOWEST)), _LOWEST, _HIGHEST))
    return _TOP + (_SIZE_PX[0] - _TOP - _BOTTOM) * (_HIGHEST - decade) / (_HIGHEST - _LOWEST)
