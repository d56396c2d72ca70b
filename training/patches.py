"""Pictures to the patches that the vision tower reads, in the order of the Qwen2-VL processor."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from training.geometry import FACTOR, MEAN, MERGE, PATCH, STD
from training.vision import Vision


def to_patches(images: np.ndarray, times: int = 1) -> Tensor:
    """uint8 [images, height, width, 3] of one size to float [images, patches, 3 * times * 14 * 14].

    The processor gives 2 times, both the same; the tower of this package takes one for both.
    """
    x = torch.from_numpy(np.array(images, np.float32))
    x = x.mul_(torch.from_numpy(1 / (255 * STD))).sub_(torch.from_numpy(MEAN / STD))
    count, height, width, _ = x.shape
    x = x.view(count, height // FACTOR, MERGE, PATCH, width // FACTOR, MERGE, PATCH, 3)
    x = x.permute(0, 1, 4, 2, 5, 7, 3, 6).unsqueeze(-3)
    x = x.expand(*x.shape[:-3], times, PATCH, PATCH)
    return x.reshape(count, (height // PATCH) * (width // PATCH), -1)


@torch.no_grad()
def see(vision: Vision, images: list[np.ndarray], batch: int = 32) -> list[Tensor]:
    """The visual tokens of each image, whatever its size."""
    out: list[Tensor | None] = [None] * len(images)
    by_size: dict[tuple[int, int], list[int]] = {}
    for at, image in enumerate(images):
        by_size.setdefault(image.shape[:2], []).append(at)
    for (height, width), places in by_size.items():
        for start in range(0, len(places), batch):
            part = places[start : start + batch]
            tokens = vision(to_patches(np.stack([images[at] for at in part])), (height // FACTOR, width // FACTOR))
            for at, held in zip(part, tokens):
                out[at] = held
    return out  # type: ignore[return-value]
