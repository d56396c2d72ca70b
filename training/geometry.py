"""What the model sees of a picture: the small view, a crop after a zoom, patches; and boxes.

The model's boxes are [x1, y1, x2, y2] in pixels of the view ("resized" frame); `SCALE` takes them to the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image

from training.drawing import SIDE, sky
from training.scenes import Scene

VIEW = 224
SCALE = SIDE // VIEW
PATCH, MERGE = 14, 2
FACTOR = PATCH * MERGE
CROP_PIXELS = 168 * 168
"""Least and largest area of a crop, before its sides become multiples of `FACTOR`: 36 tokens, more or less."""
MIN_SIDE = 30
"""The tool refuses a box whose shorter side is not longer than this, in pixels of the picture."""
MAX_ASPECT = 100
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

Box = Sequence[float]


def smart_resize(
    height: int, width: int, min_pixels: int = CROP_PIXELS, max_pixels: int = CROP_PIXELS
) -> tuple[int, int]:
    """Height and width as the Qwen2-VL processor chooses them (`smart_resize` of qwen-vl-utils)."""
    h, w = (max(FACTOR, round(side / FACTOR) * FACTOR) for side in (height, width))
    if h * w > max_pixels:
        shrink = math.sqrt(height * width / max_pixels)
        h, w = (max(FACTOR, math.floor(side / shrink / FACTOR) * FACTOR) for side in (height, width))
    elif h * w < min_pixels:
        grow = math.sqrt(min_pixels / (height * width))
        h, w = (math.ceil(side * grow / FACTOR) * FACTOR for side in (height, width))
    return h, w


def shrunk(picture: np.ndarray) -> np.ndarray:
    """A whole picture as the model sees it first, uint8 [VIEW, VIEW, 3]."""
    return np.asarray(Image.fromarray(picture).resize((VIEW, VIEW), Image.Resampling.BICUBIC))


@cache
def _sky_view(number: int) -> np.ndarray:
    return shrunk(sky(number))


def view_of(scene: Scene) -> np.ndarray:
    """A scene as the model sees it first: the same pixels as `shrunk`, but only what was painted is worked out anew."""
    if scene.sky < 0:
        return shrunk(scene.picture)
    view = _sky_view(scene.sky).copy()
    reach = 3  # pixels of the view that the bicubic filter and one of safety take in
    for box in scene.painted:
        x1, y1 = (max(0, v // SCALE - reach) for v in box[:2])
        x2, y2 = (min(VIEW, -(-v // SCALE) + reach) for v in box[2:])
        wide = (max(0, x1 - reach), max(0, y1 - reach), min(VIEW, x2 + reach), min(VIEW, y2 + reach))
        part = scene.picture[wide[1] * SCALE : wide[3] * SCALE, wide[0] * SCALE : wide[2] * SCALE]
        small = Image.fromarray(part).resize((wide[2] - wide[0], wide[3] - wide[1]), Image.Resampling.BICUBIC)
        view[y1:y2, x1:x2] = np.asarray(small)[y1 - wide[1] : y2 - wide[1], x1 - wide[0] : x2 - wide[0]]
    return view


def zoom(picture: np.ndarray, box: Box) -> tuple[np.ndarray, tuple[int, int, int, int]] | None:
    """What the tool answers to a box in the view's frame: the crop, and what was cut in pixels of the picture.

    None where it refuses the box: empty, too small or too slim (rules of DeepEyes' visual_toolbox_v2).
    """
    side = picture.shape[0]
    left, top = (max(0.0, v * SCALE) for v in box[:2])
    right, bottom = (min(float(side), v * SCALE) for v in box[2:])
    if not (left < right and top < bottom):
        return None
    short, long = sorted((right - left, bottom - top))
    if short <= MIN_SIDE or long / short > MAX_ASPECT:
        return None
    cut = (round(left), round(top), round(right), round(bottom))
    h, w = smart_resize(cut[3] - cut[1], cut[2] - cut[0])
    part = Image.fromarray(picture[cut[1] : cut[3], cut[0] : cut[2]])
    return np.asarray(part.resize((w, h), Image.Resampling.BICUBIC)), cut


def merged_grid(image: np.ndarray) -> tuple[int, int]:
    """Rows and columns of an image's tokens."""
    return image.shape[0] // FACTOR, image.shape[1] // FACTOR


def iou(a: Box, b: Box) -> float:
    """Shared area of two boxes by the area that either covers; 0 where both are empty."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    total = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / total if total > 0 else 0.0


def view_box(box: Box) -> list[float]:
    """A box of the picture in the view's frame."""
    return [v / SCALE for v in box]
