"""Draws the evening sky and what flies in it. numpy and Pillow only; no fonts and no files are read.

Colours are RGB, 0 to 255. A sprite is RGBA, drawn large and reduced once per kind, colour and size.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 1344
SKIES = 8

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (222, 48, 44),
    "yellow": (250, 208, 52),
    "green": (52, 178, 92),
    "blue": (48, 118, 240),
    "white": (244, 244, 240),
    "pink": (252, 130, 196),
}
KINDS = ("balloon", "kite", "lantern")
LETTERS = "ACEHKLTVXZ"
BADGE = (255, 250, 232)
INK = (34, 26, 54)

# Letters as strokes in a box of width and height 1; the curve of C is a run of short ones.
_ARC = [(0.5 + 0.5 * float(np.cos(a)), 0.5 - 0.5 * float(np.sin(a))) for a in np.linspace(0.75, 2 * np.pi - 0.75, 17)]
STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.18, 0.66), (0.82, 0.66)]],
    "C": [_ARC],
    "E": [[(1, 0), (0, 0), (0, 1), (1, 1)], [(0, 0.5), (0.8, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0.5), (1, 0.5)]],
    "K": [[(0, 0), (0, 1)], [(1, 0), (0, 0.58)], [(0.36, 0.4), (1, 1)]],
    "L": [[(0, 0), (0, 1), (1, 1)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "V": [[(0, 0), (0.5, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "Z": [[(0, 0), (1, 0), (0, 1), (1, 1)]],
}


@cache
def letter_mask(letter: str, height: int) -> np.ndarray:
    """How much ink each pixel of a letter `height` pixels high holds, 0 to 1, [h, w, 1]."""
    fine, pen = 8, 0.2
    h = height * fine
    w = round(h * (0.86 if letter in "ACHKVXZ" else 0.7))
    half = round(h * pen / 2)
    image = Image.new("L", (w, h))
    draw = ImageDraw.Draw(image)
    for stroke in STROKES[letter]:
        points = [(half + x * (w - 1 - 2 * half), half + y * (h - 1 - 2 * half)) for x, y in stroke]
        draw.line(points, fill=255, width=2 * half, joint="curve")
        for x, y in points:
            draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
    small = image.resize((max(1, w // fine), height), Image.Resampling.BOX)
    return np.asarray(small, np.float32)[..., None] / 255


def _mix(color: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    return tuple(round(c + (o - c) * share) for c, o in zip(color, other))  # type: ignore[return-value]


def sprite_size(kind: str, size: int) -> tuple[int, int]:
    """Width and height of an object of nominal size, in pixels."""
    return {
        "balloon": (size, round(size * 1.18)),
        "kite": (size, round(size * 1.12)),
        "lantern": (round(size * 0.86), size),
    }[kind]


def badge_centre(kind: str, width: int, height: int) -> tuple[float, float]:
    """Where an object's badge has its middle, in pixels from its upper left corner."""
    return width / 2, height * {"balloon": 0.40, "kite": 0.40, "lantern": 0.5}[kind]


def _balloon(draw: ImageDraw.ImageDraw, w: int, h: int, color: tuple[int, int, int]) -> None:
    dark, light = _mix(color, (40, 10, 60), 0.28), _mix(color, (255, 255, 255), 0.25)
    round_h = h * 0.80
    draw.line([(w * 0.36, round_h * 0.9), (w * 0.42, h * 0.88)], fill=(70, 50, 50, 255), width=max(2, w // 70))
    draw.line([(w * 0.64, round_h * 0.9), (w * 0.58, h * 0.88)], fill=(70, 50, 50, 255), width=max(2, w // 70))
    draw.rounded_rectangle((w * 0.39, h * 0.87, w * 0.61, h - 1), radius=w * 0.04, fill=(136, 84, 50, 255))
    draw.polygon(
        [
            (w * 0.06, round_h * 0.60),
            (w * 0.94, round_h * 0.60),
            (w * 0.62, round_h * 1.04),
            (w * 0.38, round_h * 1.04),
        ],
        fill=(*dark, 255),
    )
    draw.ellipse((0, 0, w - 1, round_h), fill=(*dark, 255))
    draw.polygon(
        [
            (w * 0.16, round_h * 0.66),
            (w * 0.84, round_h * 0.66),
            (w * 0.58, round_h * 1.04),
            (w * 0.42, round_h * 1.04),
        ],
        fill=(*color, 255),
    )
    draw.ellipse((w * 0.10, 0, w * 0.90, round_h), fill=(*color, 255))
    draw.ellipse((w * 0.32, 0, w * 0.68, round_h), fill=(*light, 255))


def _kite(draw: ImageDraw.ImageDraw, w: int, h: int, color: tuple[int, int, int]) -> None:
    dark, light = _mix(color, (40, 10, 60), 0.28), _mix(color, (255, 255, 255), 0.25)
    top, left, right, bottom, middle = (w / 2, 0), (0, h * 0.40), (w - 1, h * 0.40), (w / 2, h - 1), (w / 2, h * 0.40)
    for corners, fill in (
        ((top, left, middle), light),
        ((top, right, middle), color),
        ((left, bottom, middle), color),
        ((right, bottom, middle), dark),
    ):
        draw.polygon(corners, fill=(*fill, 255))
    draw.line([top, bottom], fill=(*dark, 255), width=max(2, w // 60))
    draw.line([left, right], fill=(*dark, 255), width=max(2, w // 60))


def _lantern(draw: ImageDraw.ImageDraw, w: int, h: int, color: tuple[int, int, int]) -> None:
    dark, light = _mix(color, (40, 10, 60), 0.30), _mix(color, (255, 255, 220), 0.40)
    draw.polygon(
        [(w * 0.04, h * 0.04), (w * 0.96, h * 0.04), (w * 0.84, h * 0.93), (w * 0.16, h * 0.93)], fill=(*color, 255)
    )
    for share in np.linspace(0, 1, 12):
        y = h * (0.58 + 0.34 * share)
        draw.rectangle((w * 0.19, y, w * 0.81, y + h * 0.03), fill=(*_mix(color, light, float(share)), 255))
    draw.rectangle((0, 0, w - 1, h * 0.07), fill=(*dark, 255))
    draw.rectangle((w * 0.13, h * 0.92, w * 0.87, h - 1), fill=(92, 60, 44, 255))


@cache
def sprite(kind: str, color: str, size: int, badge: int) -> np.ndarray:
    """An object with its empty badge, premultiplied colour and cover, float32 [h, w, 4], 0 to 255 and 0 to 1.

    `badge` is the badge's diameter in pixels.
    """
    fine = 4
    w, h = sprite_size(kind, size)
    image = Image.new("RGBA", (w * fine, h * fine))
    draw = ImageDraw.Draw(image)
    {"balloon": _balloon, "kite": _kite, "lantern": _lantern}[kind](draw, w * fine, h * fine, COLORS[color])
    x, y = (v * fine for v in badge_centre(kind, w, h))
    r = badge * fine / 2
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(*_mix(COLORS[color], INK, 0.62), 255))
    r -= fine * 1.5
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(*BADGE, 255))
    full = np.asarray(image, np.float32)
    full = np.concatenate((full[..., :3] * full[..., 3:] / 255, full[..., 3:] / 255), -1)
    return full.reshape(h, fine, w, fine, 4).mean((1, 3))


@cache
def glow(radius: int) -> np.ndarray:
    """A lantern's light: how strong it is at each pixel of a square of side 2 * radius, 0 to 1."""
    at = (np.arange(2 * radius) - radius + 0.5) / radius
    distance = np.sqrt(at[:, None] ** 2 + at[None] ** 2)
    return (np.clip(1 - distance, 0, 1) ** 2).astype(np.float32)[..., None]


@cache
def sky(number: int) -> np.ndarray:
    """One of `SKIES` evening skies, uint8 [SIDE, SIDE, 3].

    From above to below the sky grows warmer and brighter, from the left, where the sun went down, to the right colder:
    so each place looks its own, which the model needs, since its vision tower knows only relative positions.
    """
    rng = np.random.default_rng((77, number))
    coarse = SIDE // 4
    at = np.linspace(0, 1, coarse, dtype=np.float32)
    y, x = at[:, None, None], at[None, :, None]
    stops = np.array([0, 0.34, 0.62, 0.85, 1], np.float32)
    ramp = np.array([(16, 18, 66), (52, 36, 104), (112, 54, 124), (176, 92, 118), (206, 132, 112)], np.float32)
    column = np.stack([np.interp(at, stops, ramp[:, c]) for c in range(3)], -1)[:, None]
    smooth = column + (0.5 - x) * (0.5 + 0.5 * y) * np.array((84, 14, -78), np.float32)
    sun = np.exp(-(((x - 0.16) / 0.42) ** 2 + ((y - 0.96) / 0.30) ** 2))
    smooth = smooth + sun * np.array((52, 44, -14), np.float32)
    for _ in range(9):
        cx, cy = rng.uniform(0, 1), rng.uniform(0.3, 0.85)
        length, thick = rng.uniform(0.12, 0.3), rng.uniform(0.006, 0.014)
        cloud = np.exp(-(((x - cx) / length) ** 2 + ((y - cy) / thick) ** 2)) * rng.uniform(8, 20)
        smooth = smooth + cloud * np.array((1, 0.75, 0.8), np.float32)
    size = (SIDE, SIDE)
    channels = [Image.fromarray(np.ascontiguousarray(smooth[..., c], np.float32)) for c in range(3)]
    image = np.stack([np.asarray(c.resize(size, Image.Resampling.BILINEAR), np.float32) for c in channels], -1)
    stars = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(170):
        sx, sy, r = rng.uniform(0, SIDE), SIDE * 0.55 * rng.uniform(0, 1) ** 1.6, rng.choice((1, 1, 2))
        ImageDraw.Draw(pen := Image.new("L", (9, 9))).ellipse(
            (4 - r, 4 - r, 4 + r, 4 + r), fill=int(rng.integers(90, 220))
        )
        top, left = int(sy), min(int(sx), SIDE - 9)
        stars[top : top + 9, left : left + 9] = np.maximum(
            stars[top : top + 9, left : left + 9], np.asarray(pen.filter(ImageFilter.GaussianBlur(0.7)))
        )
    upper = slice(0, int(SIDE * 0.6))
    image[upper] += (255 - image[upper]) * (stars[upper, :, None].astype(np.float32) / 255)
    at = np.linspace(0, 1, SIDE, dtype=np.float32)
    for depth, (tone, base) in enumerate((((104, 66, 112), 0.915), ((66, 44, 88), 0.945), ((36, 26, 56), 0.972))):
        edge = np.full(SIDE, base, np.float32)
        for wave in range(1, 5):
            edge += np.sin(2 * np.pi * (at * wave * (0.8 + 0.4 * depth) + rng.uniform())) * 0.016 / wave
        top = int(edge.min() * SIDE)
        rows = np.arange(top, SIDE, dtype=np.float32)[:, None] / SIDE
        under = np.clip((rows - edge[None]) * SIDE, 0, 1)[..., None]
        image[top:] = image[top:] * (1 - under) + np.array(tone, np.float32) * under
    dither = rng.uniform(-0.5, 0.5, (SIDE, SIDE, 1)).astype(np.float32)
    return np.clip(image + dither, 0, 255).round().astype(np.uint8)


def paste(picture: np.ndarray, stamp: np.ndarray, left: int, top: int) -> None:
    """Lays a premultiplied sprite over a uint8 picture, in place; it must lie within."""
    h, w = stamp.shape[:2]
    part = picture[top : top + h, left : left + w]
    part[:] = (part * (1 - stamp[..., 3:]) + stamp[..., :3] + 0.5).astype(np.uint8)


def ink(picture: np.ndarray, letter: str, height: int, centre: tuple[float, float]) -> tuple[int, int, int, int]:
    """Writes a letter around a place, in place, and tells its box in pixels."""
    mask = letter_mask(letter, height)
    h, w = mask.shape[:2]
    left, top = round(centre[0] - w / 2), round(centre[1] - h / 2)
    part = picture[top : top + h, left : left + w]
    part[:] = (part * (1 - mask) + np.array(INK, np.float32) * mask + 0.5).astype(np.uint8)
    return left, top, left + w, top + h


def tail(
    picture: np.ndarray, start: tuple[float, float], length: int, lean: float, color: str
) -> tuple[int, int, int, int]:
    """A kite's tail with bows, from its lower corner downwards, cut off at the picture's edge; gives the box it is in."""
    fine, margin = 3, 30
    left, top = int(start[0]) - margin, int(start[1]) - 2
    right, bottom = left + 2 * margin, top + length + 4
    box = (max(0, left), max(0, top), min(SIDE, right), min(SIDE, bottom))
    if box[2] - box[0] < 4 or box[3] - box[1] < 4:
        return box[0], box[1], box[0], box[1]
    image = Image.new("RGBA", (2 * margin * fine, (length + 4) * fine))
    draw = ImageDraw.Draw(image)
    steps = np.linspace(0, 1, 24)
    points = [
        ((margin + 11 * np.sin(t * 5.2 + lean) * t + lean * 6 * t) * fine, (2 + t * length) * fine) for t in steps
    ]
    draw.line(points, fill=(236, 226, 236, 255), width=2 * fine)
    for at in (9, 15, 21):
        x, y = points[at]
        for side in (-1, 1):
            draw.polygon(
                [(x, y), (x + side * 8 * fine, y - 4 * fine), (x + side * 8 * fine, y + 4 * fine)],
                fill=(*COLORS[color], 255),
            )
    full = np.asarray(image, np.float32)
    full = np.concatenate((full[..., :3] * full[..., 3:] / 255, full[..., 3:] / 255), -1)
    small = full.reshape(length + 4, fine, 2 * margin, fine, 4).mean((1, 3))
    paste(picture, small[box[1] - top : box[3] - top, box[0] - left : box[2] - left], box[0], box[1])
    return box
