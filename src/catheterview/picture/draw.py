"""Lines, letters and marks on a picture: antialiased, placed in fractions of a pixel, readable on any ground."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from catheterview.geometry import arc_length

Pixels: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]

# Okabe and Ito's palette, told apart by readers with any colour vision; shapes differ as well.
WHITE: Colour = (255, 255, 255)
GREY: Colour = (150, 150, 150)
INK: Colour = (16, 18, 22)
CATHETER: Colour = (86, 190, 240)
PUMP: Colour = (240, 228, 66)
FINDING: Colour = (255, 140, 40)
LANDMARK: Colour = (80, 220, 160)
DYE: Colour = (255, 150, 40)

_TINT = 0.45
_SHIFT = 4  # OpenCV takes points in sixteenths of a pixel
_FONT_PX = 14
_FOOT_PX = 20
_DISCLAIMER = "Research use only. For orientation, not for diagnosis."


def canvas(height: int, width: int) -> Pixels:
    """An empty dark picture (height, width, 3)."""
    return np.full((height, width, 3), INK, dtype=np.uint8)


def polyline(pixels: Pixels, points: ArrayLike, colour: Colour, *, width: int = 1, closed: bool = False) -> None:
    """Draw a line through (N, 2) points (x, y) in pixels, in place."""
    whole = np.round(np.asarray(points, dtype=np.float64) * (1 << _SHIFT)).astype(np.int32)
    cv2.polylines(pixels, [whole.reshape(-1, 1, 2)], closed, colour, width, cv2.LINE_AA, _SHIFT)


def dashes(pixels: Pixels, points: ArrayLike, colour: Colour, *, dash: float = 5.0, width: int = 1) -> None:
    """Draw a broken line through (N, 2) points (x, y), `dash` pixels on and as many off, in place."""
    line = np.asarray(points, dtype=np.float64)
    along = arc_length(line)
    for start in np.arange(0.0, along[-1], 2 * dash):
        at = np.array([start, min(start + dash, float(along[-1]))])
        polyline(pixels, np.stack([np.interp(at, along, line[:, n]) for n in (0, 1)], axis=1), colour, width=width)


def ring(pixels: Pixels, at: ArrayLike, radius: float, colour: Colour, *, width: int = 2) -> None:
    """Draw a circle round (x, y), in place."""
    x, y = np.round(np.asarray(at, dtype=np.float64) * (1 << _SHIFT)).astype(int)
    cv2.circle(pixels, (int(x), int(y)), round(radius * (1 << _SHIFT)), colour, width, cv2.LINE_AA, _SHIFT)


def dot(pixels: Pixels, at: ArrayLike, radius: float, colour: Colour) -> None:
    """Draw a filled circle at (x, y), in place."""
    ring(pixels, at, radius, colour, width=-1)


def cross_hair(pixels: Pixels, at: ArrayLike, colour: Colour, *, hole: float = 12.0) -> None:
    """Draw a cross over the whole picture that leaves a hole round (x, y), so that it hides nothing, in place."""
    x, y = np.asarray(at, dtype=np.float64)
    height, width = pixels.shape[:2]
    for start, end in (((0, y), (x - hole, y)), ((x + hole, y), (width, y))):
        polyline(pixels, (start, end), colour)
    for start, end in (((x, 0), (x, y - hole)), ((x, y + hole), (x, height))):
        polyline(pixels, (start, end), colour)


@lru_cache(maxsize=512)
def _glyphs(words: str, size: int) -> tuple[Pixels, Pixels]:
    """The letters and the letters with a margin of two pixels, as coverage 0 to 255, each (h, w)."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(words, stroke_width=2)
    box = (max(1, int(np.ceil(right - left))), max(1, int(np.ceil(bottom - top))))
    masks = []
    for stroke in (0, 2):
        mask = PillowImage.new("L", box)
        ImageDraw.Draw(mask).text((-left, -top), words, font=font, fill=255, stroke_width=stroke)
        masks.append(np.asarray(mask))
    return masks[0], masks[1]


def text_width(words: str, *, size: int = _FONT_PX) -> int:
    """Width in pixels that `text` takes."""
    return int(_glyphs(words, size)[0].shape[1])


def text(pixels: Pixels, at: tuple[float, float], words: str, *, colour: Colour = WHITE, size: int = _FONT_PX) -> None:
    """Write words with their top left corner at (x, y), with a dark rim, moved inside the picture, in place."""
    letters, rim = _glyphs(words, size)
    height, width = letters.shape
    x = int(np.clip(round(at[0]), 0, max(0, pixels.shape[1] - width)))
    y = int(np.clip(round(at[1]), 0, max(0, pixels.shape[0] - height)))
    ground = pixels[y : y + height, x : x + width]
    rows, columns = ground.shape[:2]
    _blend(ground, rim[:rows, :columns], INK)
    _blend(ground, letters[:rows, :columns], colour)


def text_centred(
    pixels: Pixels, at: tuple[float, float], words: str, *, colour: Colour = WHITE, size: int = _FONT_PX
) -> None:
    """Write words with their middle at (x, y), in place."""
    height, width = _glyphs(words, size)[0].shape
    text(pixels, (at[0] - width / 2, at[1] - height / 2), words, colour=colour, size=size)


def tint(pixels: Pixels, chosen: NDArray[np.bool_], colour: Colour) -> None:
    """Mix a colour into chosen pixels (H, W), in place."""
    mixed = (1.0 - _TINT) * pixels[chosen] + _TINT * np.array(colour)
    pixels[chosen] = mixed.astype(pixels.dtype)


def _blend(ground: Pixels, coverage: Pixels, colour: Colour) -> None:
    """Lay a colour over part of a picture by its coverage, in place."""
    share = coverage[..., None].astype(np.float32) / 255.0
    ground[:] = np.round(ground * (1.0 - share) + np.asarray(colour, dtype=np.float32) * share).astype(np.uint8)


def edge_letters(pixels: Pixels, letters: tuple[str, str, str, str]) -> None:
    """Write what lies to the left, right, top and bottom at the middle of the edges, in place."""
    height, width = pixels.shape[:2]
    places = ((14, height / 2), (width - 14, height / 2), (width / 2, 14), (width / 2, height - 14))
    for words, place in zip(letters, places, strict=True):
        text_centred(pixels, place, words, size=16)


def scale_bar(pixels: Pixels, *, px_per_mm: float) -> None:
    """Draw a bar of a round length, with its millimetres, into the lower right corner, in place."""
    wanted = 0.25 * pixels.shape[1] / px_per_mm
    length_mm = max((n for n in (1, 2, 5, 10, 20, 50, 100, 200) if n <= wanted), default=1)
    right, y = pixels.shape[1] - 34.0, pixels.shape[0] - 12.0
    left = right - length_mm * px_per_mm
    polyline(pixels, ((left, y), (right, y)), WHITE, width=2)
    for x in (left, right):
        polyline(pixels, ((x, y - 4), (x, y + 4)), WHITE, width=2)
    text_centred(pixels, ((left + right) / 2, y - 12), f"{length_mm} mm", size=13)


def windowed(values: NDArray[np.float32], low: float, high: float) -> Pixels:
    """Show (H, W) values as grey (H, W, 3): `low` and below black, `high` and above white."""
    grey = np.clip((values - low) * (255.0 / (high - low)), 0.0, 255.0).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def beside(pictures: list[Pixels], *, gap: int = 6) -> Pixels:
    """Put pictures in a row, tops level."""
    made = canvas(max(p.shape[0] for p in pictures), sum(p.shape[1] for p in pictures) + gap * (len(pictures) - 1))
    x = 0
    for picture in pictures:
        made[: picture.shape[0], x : x + picture.shape[1]] = picture
        x += picture.shape[1] + gap
    return made


def below(pictures: list[Pixels], *, gap: int = 6) -> Pixels:
    """Put pictures in a column, left edges level."""
    made = canvas(sum(p.shape[0] for p in pictures) + gap * (len(pictures) - 1), max(p.shape[1] for p in pictures))
    y = 0
    for picture in pictures:
        made[y : y + picture.shape[0], : picture.shape[1]] = picture
        y += picture.shape[0] + gap
    return made


def as_png(pixels: Pixels) -> bytes:
    """Encode a picture, with a line beneath of what it may not be used for; equal pictures make equal bytes."""
    line = canvas(_FOOT_PX, pixels.shape[1])
    text(line, (8, 2), _DISCLAIMER, colour=GREY, size=12)
    done, encoded = cv2.imencode(".png", below([pixels, line], gap=0)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise ValueError(f"a picture of shape {pixels.shape} cannot be encoded")
    return bytes(encoded)
