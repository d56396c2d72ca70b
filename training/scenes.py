"""Scenes of an evening sky with balloons, kites and lanterns, and questions about them.

    python training/scenes.py --seed 5 --count 100 --out DIR

writes pictures (JPEG and PNG) and `questions.jsonl` with image, question, answer, boxes and kind. Same seed, same files.
A picture is 1344 x 1344 pixels; a model that sees it as 224 x 224 finds letters of 3 pixels, and must zoom to read them.
Needs numpy and Pillow only.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

if __name__ == "__main__":  # run as a file, the package's folder is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from training import drawing
from training.drawing import COLORS, KINDS, LETTERS, SIDE

COLOR_NAMES = tuple(COLORS)
SIZES = tuple(range(84, 115, 6))
LARGE_SIZES = tuple(range(138, 157, 6))
LETTER_HEIGHTS = (15, 16, 17, 18)
BADGE_SIDE = 30
GAP = 16
JPEG_QUALITY = 92


@dataclass(frozen=True)
class Item:
    """One flying object: its boxes are [x1, y1, x2, y2] in pixels of the picture; the tail of a kite is no part of it."""

    color: str
    kind: str
    letter: str
    box: tuple[int, int, int, int]
    letter_box: tuple[int, int, int, int]
    largest: bool

    @property
    def name(self) -> str:
        return f"{self.color} {self.kind}"


@dataclass(frozen=True)
class Scene:
    """A picture, uint8 [SIDE, SIDE, 3], what is in it, and where it comes from a file, that file.

    `sky` and `painted` spare work: all outside the painted boxes is still that sky. -1 where that does not hold.
    """

    picture: np.ndarray
    items: tuple[Item, ...]
    file: bytes = b""
    sky: int = -1
    painted: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True)
class Question:
    """A question about a scene, its answer, the objects that must be read for it, and its kind: read, compare, count or color."""

    text: str
    answer: str
    targets: tuple[Item, ...]
    kind: str


@dataclass(frozen=True)
class _Plan:
    color: str
    kind: str
    size: int
    largest: bool


def _plan(rng: np.random.Generator) -> list[_Plan]:
    """What flies: 3 to 6 objects, no two of one name; at most one of a kind is clearly larger than the rest."""
    count = int(rng.integers(3, 7))
    names = rng.permutation(len(COLOR_NAMES) * len(KINDS))[:count]
    large = {kind for kind in KINDS if rng.random() < 0.75}
    plans, seen = [], set()
    for name in names:
        kind = KINDS[name % len(KINDS)]
        first = kind in large and kind not in seen
        size = int(rng.choice(LARGE_SIZES if first else SIZES))
        plans.append(_Plan(COLOR_NAMES[name // len(KINDS)], kind, size, first))
        seen.add(kind)
    return plans


def _place(rng: np.random.Generator, plans: list[_Plan]) -> list[tuple[_Plan, tuple[int, int, int, int]]]:
    """A place for each object, none over another. What finds no place in 60 tries stays away."""
    placed: list[tuple[_Plan, tuple[int, int, int, int]]] = []
    for plan in plans:
        w, h = drawing.sprite_size(plan.kind, plan.size)
        for _ in range(60):
            x, y = int(rng.integers(6, SIDE - w - 6)), int(rng.integers(6, SIDE - h - 6))
            if all(x + w + GAP < b[0] or b[2] + GAP < x or y + h + GAP < b[1] or b[3] + GAP < y for _, b in placed):
                placed.append((plan, (x, y, x + w, y + h)))
                break
    return placed


def make_scene(rng: np.random.Generator) -> Scene:
    """Draws one scene."""
    sky = int(rng.integers(drawing.SKIES))
    picture = drawing.sky(sky).copy()
    placed = _place(rng, _plan(rng))
    painted: list[tuple[int, int, int, int]] = []
    for plan, (x1, y1, x2, y2) in placed:
        if plan.kind == "kite":
            length, lean = int(rng.integers(60, 110)), float(rng.uniform(-1, 1))
            painted.append(drawing.tail(picture, ((x1 + x2) / 2, y2 - 2), length, lean, plan.color))
        elif plan.kind == "lantern":
            painted.append(_light(picture, ((x1 + x2) // 2, (y1 + y2) // 2), (y2 - y1)))
    items = []
    for plan, (x1, y1, x2, y2) in placed:
        stamp = drawing.sprite(plan.kind, plan.color, plan.size, BADGE_SIDE)
        drawing.paste(picture, stamp, x1, y1)
        letter = LETTERS[rng.integers(len(LETTERS))]
        dx, dy = drawing.badge_centre(plan.kind, x2 - x1, y2 - y1)
        shift = rng.uniform(-1.5, 1.5, 2)
        height = int(rng.choice(LETTER_HEIGHTS))
        written = drawing.ink(picture, letter, height, (x1 + dx + float(shift[0]), y1 + dy + float(shift[1])))
        items.append(Item(plan.color, plan.kind, letter, (x1, y1, x2, y2), written, plan.largest))
    painted += [item.box for item in items]
    return Scene(picture, tuple(items), sky=sky, painted=tuple(painted))


def _light(picture: np.ndarray, centre: tuple[int, int], radius: int) -> tuple[int, int, int, int]:
    shine = drawing.glow(radius)
    x, y = centre[0] - radius, centre[1] - radius
    left, top, right, bottom = max(0, x), max(0, y), min(SIDE, x + 2 * radius), min(SIDE, y + 2 * radius)
    shine = shine[top - y : bottom - y, left - x : right - x] * 0.45
    part = picture[top:bottom, left:right]
    part[:] = (part * (1 - shine) + np.array((255, 190, 110), np.float32) * shine + 0.5).astype(np.uint8)
    return left, top, right, bottom


def relabel(scene: Scene, rng: np.random.Generator, first: int, second: int) -> Scene:
    """The scene with the letter of one object written on another too."""
    source, target = scene.items[first], scene.items[second]
    if source.letter == target.letter:
        return scene
    plan_size = target.box[2] - target.box[0]
    x1, y1, x2, y2 = target.box
    size = next(s for s in (*SIZES, *LARGE_SIZES) if drawing.sprite_size(target.kind, s) == (plan_size, y2 - y1))
    drawing.paste(scene.picture, drawing.sprite(target.kind, target.color, size, BADGE_SIDE), x1, y1)
    dx, dy = drawing.badge_centre(target.kind, x2 - x1, y2 - y1)
    written = drawing.ink(scene.picture, source.letter, int(rng.choice(LETTER_HEIGHTS)), (x1 + dx, y1 + dy))
    changed = Item(target.color, target.kind, source.letter, target.box, written, target.largest)
    items = tuple(changed if at == second else item for at, item in enumerate(scene.items))
    return replace(scene, items=items)


READ = (
    "What letter is on the {0}?",
    "Read the letter on the {0}.",
    "Which letter does the {0} carry?",
    "Tell me the letter on the {0}.",
)
COMPARE = (
    "Do the {0} and the {1} carry the same letter?",
    "Is the letter on the {0} the same as on the {1}?",
    "Do the {0} and the {1} have the same letter?",
)
COUNT = ("How many {0}s are there?", "Count the {0}s.", "How many {0}s do you see?")
LARGEST = ("What color is the largest {0}?", "Which color has the largest {0}?")
ONLY = ("What color is the {0}?", "Which color has the {0}?")


def _pick(rng: np.random.Generator, phrases: tuple[str, ...]) -> str:
    return phrases[rng.integers(len(phrases))]


def ask_read(rng: np.random.Generator, scene: Scene) -> Question:
    """Needs one zoom."""
    item = scene.items[rng.integers(len(scene.items))]
    return Question(_pick(rng, READ).format(item.name), item.letter, (item,), "read")


def ask_compare(rng: np.random.Generator, scene: Scene) -> tuple[Scene, Question]:
    """Needs two zooms. Half of these questions have the answer yes, for which a letter of the scene is written anew."""
    first, second = (int(at) for at in rng.permutation(len(scene.items))[:2])
    if rng.random() < 0.45:
        scene = relabel(scene, rng, first, second)
    a, b = scene.items[first], scene.items[second]
    answer = "yes" if a.letter == b.letter else "no"
    return scene, Question(_pick(rng, COMPARE).format(a.name, b.name), answer, (a, b), "compare")


def ask_plain(rng: np.random.Generator, scene: Scene) -> Question:
    """Needs no zoom: how many there are of a kind, or the colour of the only or the largest one."""
    kind = KINDS[rng.integers(len(KINDS))]
    kinds = [item for item in scene.items if item.kind == kind]
    if kinds and rng.random() < 0.55:
        if len(kinds) == 1:
            return Question(_pick(rng, ONLY).format(kind), kinds[0].color, (), "color")
        large = [item for item in kinds if item.largest]
        if large:
            return Question(_pick(rng, LARGEST).format(kind), large[0].color, (), "color")
    present = sorted({item.kind for item in scene.items})
    kind = kind if kinds else present[rng.integers(len(present))]
    count = sum(item.kind == kind for item in scene.items)
    return Question(_pick(rng, COUNT).format(kind), str(count), (), "count")


def make_example(
    seed: int, index: int, share: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)
) -> tuple[Scene, Question]:
    """Scene and question number `index` of a seed; `share` is that of one, two and no zooms. A JPEG's losses are in it.

    Which pictures are JPEG goes by `is_jpeg`.
    """
    scene, question = _drawn(np.random.default_rng((seed, index)), share)
    return (as_jpeg(scene) if is_jpeg(index) else scene), question


def _drawn(rng: np.random.Generator, share: tuple[float, float, float]) -> tuple[Scene, Question]:
    scene = make_scene(rng)
    kind = rng.choice(3, p=np.array(share) / sum(share))
    if kind == 0:
        return scene, ask_read(rng, scene)
    if kind == 1:
        return ask_compare(rng, scene)
    return scene, ask_plain(rng, scene)


def is_jpeg(index: int) -> bool:
    """Two of three pictures are JPEG, the others PNG."""
    return index % 3 != 0


def jpeg_bytes(picture: np.ndarray) -> bytes:
    """The file of a JPEG picture."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "JPEG", quality=JPEG_QUALITY)
    return held.getvalue()


def png_bytes(picture: np.ndarray) -> bytes:
    """The file of a PNG picture."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "PNG", optimize=True)
    return held.getvalue()


def as_jpeg(scene: Scene) -> Scene:
    """The scene as it reads back from a JPEG file."""
    file = jpeg_bytes(scene.picture)
    return Scene(np.array(Image.open(io.BytesIO(file)).convert("RGB")), scene.items, file)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw scenes and ask about them.")
    parser.add_argument("--seed", type=int, required=True, help="scenes of one seed are always the same")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--kind", choices=("read", "compare", "none"), help="only questions that need one, two or no zooms"
    )
    args = parser.parse_args()
    share = {"read": (1, 0, 0), "compare": (0, 1, 0), "none": (0, 0, 1), None: (1, 1, 1)}[args.kind]
    args.out.mkdir(parents=True, exist_ok=True)
    with open(args.out / "questions.jsonl", "w", encoding="utf-8") as lines:
        for index in range(args.count):
            rng = np.random.default_rng((args.seed, index))
            name = f"scene_{index:05d}.{'jpg' if is_jpeg(index) else 'png'}"
            scene, question = _drawn(rng, share)
            if is_jpeg(index):
                (args.out / name).write_bytes(jpeg_bytes(scene.picture))
            else:
                (args.out / name).write_bytes(png_bytes(scene.picture))
            boxes = [list(item.box) for item in question.targets]
            line = {
                "image": name,
                "question": question.text,
                "answer": question.answer,
                "boxes": boxes,
                "kind": question.kind,
            }
            lines.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
