"""Scenes and close-ups drawn once, for the stages that see each picture many times.

    python -m training.pool --seed 1 --count 400 --out FILE.npz

`meta` [scenes, 6, 12] is -1 where no object is, else: colour, kind, letter (indices), box (4) and letter's box (4) in
pixels of the view, 1 for the largest of its kind. Close-ups are kept by grid: `crop_R_C` pixels, `from_R_C` scene, object
and the box that was cut, in pixels of the view.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from training import geometry as G
from training import scenes as S
from training.drawing import KINDS, LETTERS

COLOR, KIND, LETTER, BOX, GLYPH, LARGEST = 0, 1, 2, slice(3, 7), slice(7, 11), 11


def loose_box(rng: np.random.Generator, item: S.Item) -> list[int]:
    """A box around an object in whole pixels of the view, as a careless hand would draw it."""
    x1, y1, x2, y2 = G.view_box(item.box)
    w, h = x2 - x1, y2 - y1
    grow = np.exp(rng.uniform(np.log(0.85), np.log(1.8)))
    cx = (x1 + x2) / 2 + rng.normal(0, 0.12) * w
    cy = (y1 + y2) / 2 + rng.normal(0, 0.12) * h
    w, h = grow * w * np.exp(rng.normal(0, 0.08)), grow * h * np.exp(rng.normal(0, 0.08))
    corners = (max(0, cx - w / 2), max(0, cy - h / 2), min(G.VIEW, cx + w / 2), min(G.VIEW, cy + h / 2))
    return [round(float(v)) for v in corners]


def describe(scene: S.Scene) -> np.ndarray:
    """One scene's rows of `meta`."""
    rows = -np.ones((6, 12), np.float32)
    for at, item in enumerate(scene.items):
        kinds = (S.COLOR_NAMES.index(item.color), KINDS.index(item.kind), LETTERS.index(item.letter))
        rows[at] = [*kinds, *G.view_box(item.box), *G.view_box(item.letter_box), item.largest]
    return rows


def build(seed: int, count: int, closeups: int = 2) -> dict[str, np.ndarray]:
    """Draws `count` scenes with so many close-ups of each object."""
    views = np.empty((count, G.VIEW, G.VIEW, 3), np.uint8)
    meta = np.empty((count, 6, 12), np.float32)
    crops: dict[tuple[int, int], list[np.ndarray]] = {}
    origin: dict[tuple[int, int], list[list[float]]] = {}
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        scene = S.make_scene(rng)
        if index % 6 == 0:
            scene = S.as_jpeg(scene)
        views[index], meta[index] = G.view_of(scene), describe(scene)
        for at, item in enumerate(scene.items):
            for _ in range(closeups):
                seen = G.zoom(scene.picture, loose_box(rng, item))
                if seen is None:
                    continue
                grid = G.merged_grid(seen[0])
                crops.setdefault(grid, []).append(seen[0])
                origin.setdefault(grid, []).append([index, at, *G.view_box(seen[1])])
    out: dict[str, np.ndarray] = {"views": views, "meta": meta}
    for rows, columns in list(crops):
        out[f"crop_{rows}_{columns}"] = np.stack(crops.pop((rows, columns)))
        out[f"from_{rows}_{columns}"] = np.array(origin[rows, columns], np.float32)
    return out


def write(seed: int, count: int, out: Path) -> None:
    """Draws a pool into a file, unless it is there."""
    if out.exists():
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".partial.npz")
    np.savez(partial, **build(seed, count))
    partial.replace(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    write(args.seed, args.count, args.out)


if __name__ == "__main__":
    main()
