"""Puts a finished run where the product looks for it.

    python -m training.ship RUN --model adaptive --out media/demo [--scenes test/fixtures/demo-scenes]

Writes `model/` (checkpoint and card), `images/` (sample scenes with questions) and `runs/` (logs and rollouts of each
regime); what was in those folders goes. `--scenes` names a folder for further scenes, which only tests know. Refuses to
write a checkpoint above 12 MB, and keeps fewer steps of rollouts where the runs would take more than 15 MB.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from training import scenes as S
from training.drawing import LETTERS, SIDE
from training.environment import REGIMES
from training.geometry import VIEW
from training.logs import PROJECT

MODEL_BYTES, RUNS_BYTES = 12_000_000, 15_000_000
SAMPLES, SAMPLE_SEED = 9, 21
MORE_SAMPLES, MORE_SEED = 15, 22
BOARD_STEPS, BOARD_ROWS = 3, 32
"""Of the RL Logging Board's dump: steps that are kept (the first, the middle and the last one), and rows of each."""
ROLLOUT_STEPS = (6, 5, 4, 3, 2)
"""Steps whose rollouts are kept with their images: the first number with which all fits."""
SHARES = {"read": (1, 0, 0), "compare": (0, 1, 0), "count": (0, 0, 1), "color": (0, 0, 1)}
EVENTS = re.compile(r"^(events\.out\.tfevents\.\d+)\..*\.(\d+\.\d+)$")


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy(source: Path, folder: Path) -> None:
    """A file as anybody may read it, whoever wrote it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / source.name)


def sample(seed: int, at: int) -> tuple[S.Scene, S.Question]:
    """Scene `at` of a seed: of each three one needs one zoom, one two and one none, and the first of all is a PNG."""
    kind = ("read", "compare", ("count", "color")[at // 3 % 2])[at % 3]
    index = 99 * at + (at > 0)  # 3 divides the index of a PNG
    while True:
        scene, question = S.make_example(seed, index, SHARES[kind])
        if question.kind == kind:
            return scene, question
        index += 3


def write_samples(folder: Path, seed: int, count: int) -> None:
    """Scenes of a seed of their own; all JPEG but the first."""
    fresh(folder)
    with open(folder / "questions.jsonl", "w", encoding="utf-8") as lines:
        for at in range(count):
            scene, question = sample(seed, at)
            name = f"scene_{at:02d}.{'jpg' if scene.file else 'png'}"
            (folder / name).write_bytes(scene.file or S.png_bytes(scene.picture))
            row = {
                "image": name,
                "question": question.text,
                "answer": question.answer,
                "boxes": [list(item.box) for item in question.targets],
                "kind": question.kind,
            }
            lines.write(json.dumps(row) + "\n")
    (folder / "README.md").write_text(
        f"# Sample scenes\n\nDrawn by `training/scenes.py` (seed {seed}), never used in training. `questions.jsonl` holds a question for each.\n"
    )


def pick(items: list[Any], count: int) -> list[Any]:
    """`count` of them, evenly, first and last included."""
    if len(items) <= count:
        return items
    return [items[round(at * (len(items) - 1) / (count - 1))] for at in range(count)]


def copy_logs(logs: Path, folder: Path) -> None:
    """The small logs as they are, of RL Logging Board's dump some rows."""
    copy(logs / "console.log", folder)
    copy(logs / "settings.json", folder)
    for file in sorted((logs / PROJECT).glob("*.jsonl")):
        copy(file, folder / PROJECT)
    for file in sorted((logs / "tensorboard_log").rglob("events.*")):
        out = folder / file.relative_to(logs)
        out.parent.mkdir(parents=True, exist_ok=True)
        # TensorBoard writes the computer's name into that of the file, and that is nobody's business.
        shutil.copyfile(file, out.with_name(EVENTS.sub(r"\1.localhost.\2", file.name)))
    for dump in logs.glob("rl_logging_board/*/*/rollout_data_rank0.jsonl"):
        lines = dump.read_text(encoding="utf-8").splitlines()
        steps = [json.loads(line)["step"] for line in lines]
        out = folder / dump.relative_to(logs)
        out.parent.mkdir(parents=True)
        some = [
            line + "\n"
            for step in pick(sorted(set(steps)), BOARD_STEPS)
            for line in [text for text, own in zip(lines, steps) if own == step][:BOARD_ROWS]
        ]
        out.write_text("".join(some), encoding="utf-8")


@cache
def stored(source: Path) -> tuple[bytes, str, dict[str, int]]:
    """A picture as it ships: its bytes, the end of its name, its size. PNG becomes lossless WebP, three quarters as large."""
    data, suffix = source.read_bytes(), source.suffix
    picture = Image.open(io.BytesIO(data))
    if suffix == ".png":
        held = io.BytesIO()
        picture.save(held, "WEBP", lossless=True, quality=100, method=4)
        data, suffix = held.getvalue(), ".webp"
    return data, suffix, {"width": picture.width, "height": picture.height}


class RolloutFile:
    """One log with the rollouts of several steps, images beside it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "rollouts.imcot.jsonl"
        self.images = fresh(folder / "rollouts.images")
        self.file.write_text("")

    def add(self, log: Path) -> None:
        """Logs may be joined: a header within a file begins a new numbering."""
        with open(self.file, "a", encoding="utf-8") as out:
            for line in log.read_text(encoding="utf-8").splitlines():
                event = json.loads(line)
                for held in (event, event.get("prompt", {})):
                    if "images" in held:
                        held["images"] = [self.image(log.parent, image) for image in held["images"]]
                out.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")

    def image(self, folder: Path, image: dict[str, Any]) -> dict[str, Any]:
        if image["kind"] != "file":
            return image
        data, suffix, size = stored(folder / image["path"])
        file = self.images / (hashlib.sha256(data).hexdigest() + suffix)
        if not file.exists():
            file.write_bytes(data)
        return image | {"path": f"{self.images.name}/{file.name}", "size": size}


def copy_runs(source: Path, runs: Path) -> None:
    """Logs of all regimes and stages, with the rollouts of as many steps as there is room for."""
    fresh(runs)
    regimes = [name for name in REGIMES if (source / f"grpo_{name}").exists()]
    for name in regimes:
        copy_logs(source / f"grpo_{name}", runs / f"grpo_{name}")
    for stage in ("vision", "base"):
        copy(source / f"{stage}.jsonl", runs)
    for count in ROLLOUT_STEPS:
        for name in regimes:
            out = RolloutFile(runs / f"grpo_{name}")
            for log in pick(sorted((source / f"grpo_{name}" / "rollouts").glob("*.imcot.jsonl")), count):
                out.add(log)
        if size_of(runs) <= RUNS_BYTES - 100_000:
            break
    else:
        raise SystemExit(f"{runs} takes {size_of(runs)} bytes; {RUNS_BYTES} are allowed: keep less (BOARD_ROWS).")
    (runs / "README.md").write_text(runs_readme(regimes, runs))


def runs_readme(regimes: list[str], runs: Path) -> str:
    rollouts = sum(
        line.count('"event":"start"') for file in runs.rglob("*.imcot.jsonl") for line in file.read_text().splitlines()
    )
    rows = "\n".join(f"- `grpo_{name}/`" for name in regimes)
    return f"""# Runs of the demo model

What one training wrote (`python -m training.run`, `docs/training.md`): the same base model, the same questions and the same
seeds, under {len(regimes)} rewards for the tool.

{rows}

In each: `console.log`, `{PROJECT}/*.jsonl` (file logger) and `tensorboard_log/`, three records of the same curves by verl's own
writers; `rl_logging_board/`, {BOARD_ROWS} rollouts of {BOARD_STEPS} steps in the form of DeepEyes' dump; and
`rollouts.imcot.jsonl`, rollouts of some steps with the images that the policy saw ({rollouts} in all). `settings.json` has the
recipe. `vision.jsonl` and `base.jsonl` are the curves of the stages before. Crops were PNG and are lossless WebP here;
nothing else was changed.

Open a folder in the curves, a log in the trajectory editor, or:

```
imcot metrics grpo_adaptive
imcot stages grpo_adaptive/console.log
imcot summarize grpo_adaptive/rollouts.imcot.jsonl
```
"""


def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def card(summary: dict[str, Any], model: str, parameters: float, count: int) -> str:
    """The model's card, with the figures that the run measured."""
    own = summary[model]
    rows = []
    for name in [name for name in ("base", *REGIMES) if name in summary]:
        row = summary[name]
        greedy = row["greedy"]
        cells = [percent(greedy.get(kind, {}).get("accuracy")) for kind in ("read", "compare", "none")]
        zooms = [f"{greedy[kind]['zooms']:.2f}" if kind in greedy else "" for kind in ("read", "compare", "none")]
        rows.append(
            f"| {name} | {' | '.join(cells)} | {' / '.join(zooms)} | {number(greedy['all'].get('iou'))} | {percent(greedy['all'].get('faithful'))} |"
        )
    direct = own["without_tool"]
    return f"""---
license: mit
pipeline_tag: image-text-to-text
---

# Demo checkpoint

A very small vision-language model that zooms. It sees a drawn evening sky too small to read the letters on balloons, kites
and lanterns, names boxes, gets close-ups and answers from them. It shows what a rollout with images in its thoughts looks
like, on any computer and without a download. It is a toy, not a judge of anything.

- Architecture: Qwen2.5-VL, complete, in small: vision 4 layers of 128, text 5 layers of 192; {parameters:.2f} million
  parameters in bfloat16.
- Made by `training/` of this project, from nothing, regime `{model}`; `docs/training.md` tells how, `runs/` beside it holds the logs.
- Licence: MIT, weights and tokenizer included. The two prompt texts in the tokenizer are DeepEyes' (Apache-2.0, see
  `THIRD_PARTY_NOTICES`).

## What it can do

Pictures of `training/scenes.py`: {SIDE} x {SIDE} pixels, seen as {VIEW} x {VIEW}; letters {" ".join(LETTERS)}. Questions for the
letter of one object, whether two objects carry the same letter, how many there are of a kind, and the colour of the largest.
It expects the protocol `deepeyes-v2` with its texts unchanged, and boxes in the resized frame (`rollout_config.json`).

## What it can't do

Anything else. Photographs, other questions, other words, an edited prompt: it will answer with a letter, or with nonsense.
Without the tool it can't read letters: it says so ("unknown") or guesses.

## Figures

{count} scenes of a seed that no training saw, temperature 0. Zooms are means for questions that need one, two and none.

| policy | right: one zoom | two zooms | none | zooms | IoU | thoughts that name what the crop shows |
| --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

With the tool switched off, `{model}` is right in {percent(direct["read"]["accuracy"])} (one zoom needed), {percent(direct["compare"]["accuracy"])} (two) and {percent(direct["none"]["accuracy"])} (none).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", default="adaptive", help="whose checkpoint is shipped")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=Path, help="a folder for further scenes, which only tests know")
    args = parser.parse_args()
    source, model = args.run / "export" / args.model, args.out / "model"
    if size_of(source) > MODEL_BYTES:
        raise SystemExit(f"{source} takes {size_of(source)} bytes; {MODEL_BYTES} are allowed.")
    fresh(model)
    for file in sorted(source.iterdir()):
        copy(file, model)
    summary = json.loads((args.run / "summary.json").read_text())
    parameters = (source / "model.safetensors").stat().st_size / 2e6
    (model / "README.md").write_text(
        card(summary, args.model, parameters, int(summary[args.model]["greedy"]["all"]["count"]))
    )
    write_samples(args.out / "images", SAMPLE_SEED, SAMPLES)
    if args.scenes:
        write_samples(args.scenes, MORE_SEED, MORE_SAMPLES)
    copy_runs(args.run / "logs", args.out / "runs")
    print({name: size_of(args.out / name) for name in ("model", "images", "runs")})


if __name__ == "__main__":
    main()
