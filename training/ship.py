"""Puts a finished run where the product looks for it.

    python -m training.ship RUN --model adaptive --out media/demo

Writes `model/` (checkpoint and card), `images/` (sample scenes with questions) and `runs/` (logs and rollouts of each
regime); what was in those folders goes. Refuses to write a checkpoint above 12 MB or runs above 15 MB.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from training import scenes as S
from training.drawing import LETTERS, SIDE
from training.geometry import VIEW
from training.logs import PROJECT

MODEL_BYTES, RUNS_BYTES = 12_000_000, 15_000_000
SAMPLES, SAMPLE_SEED = 9, 21
BOARD_STEPS, BOARD_ROWS = 3, 32
"""Of the RL Logging Board's dump: steps that are kept (the first, the middle and the last one), and rows of each."""
ROLLOUT_STEPS = 4


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_samples(folder: Path) -> None:
    """Scenes of a seed of their own, three of each kind of question; all JPEG but one."""
    fresh(folder)
    shares = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    with open(folder / "questions.jsonl", "w", encoding="utf-8") as lines:
        for at in range(SAMPLES):
            index = 0 if at == 0 else 3 * at + 1
            scene, question = S.make_example(SAMPLE_SEED, index, shares[at % 3])
            name = f"scene_{at:02d}.{'jpg' if scene.file else 'png'}"
            (folder / name).write_bytes(scene.file or S.png_bytes(scene.picture))
            boxes = [list(item.box) for item in question.targets]
            row = {
                "image": name,
                "question": question.text,
                "answer": question.answer,
                "boxes": boxes,
                "kind": question.kind,
            }
            lines.write(json.dumps(row) + "\n")
    (folder / "README.md").write_text(
        f"# Sample scenes\n\nDrawn by `training/scenes.py` (seed {SAMPLE_SEED}), never used in training. `questions.jsonl` holds a question for each.\n"
    )


def pick(items: list[Any], count: int) -> list[Any]:
    """`count` of them, evenly, first and last included."""
    if len(items) <= count:
        return items
    return [items[round(at * (len(items) - 1) / (count - 1))] for at in range(count)]


def copy_run(logs: Path, folder: Path) -> None:
    """The small logs as they are, of the large ones some steps."""
    fresh(folder)
    shutil.copy(logs / "console.log", folder)
    shutil.copy(logs / "settings.json", folder)
    for name in (PROJECT, "tensorboard_log"):
        shutil.copytree(logs / name, folder / name)
    for dump in logs.glob("rl_logging_board/*/*/rollout_data_rank0.jsonl"):
        lines = dump.read_text(encoding="utf-8").splitlines()
        steps = [json.loads(line)["step"] for line in lines]
        kept = set(pick(sorted(set(steps)), BOARD_STEPS))
        out = folder / dump.relative_to(logs)
        out.parent.mkdir(parents=True)
        some = [
            line + "\n"
            for step in sorted(kept)
            for line in [text for text, own in zip(lines, steps) if own == step][:BOARD_ROWS]
        ]
        out.write_text("".join(some), encoding="utf-8")
    out = folder / "rollouts"
    out.mkdir()
    for file in pick(sorted((logs / "rollouts").glob("*.imcot.jsonl")), ROLLOUT_STEPS):
        shutil.copy(file, out)
        images = file.with_name(file.name.removesuffix(".imcot.jsonl") + ".images")
        if images.exists():
            shutil.copytree(images, out / images.name)


def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def card(summary: dict[str, Any], model: str, parameters: float, count: int) -> str:
    """The model's card, with the figures that the run measured."""
    own = summary[model]
    rows = []
    for name, row in summary.items():
        greedy = row["greedy"]
        cells = [percent(greedy.get(kind, {}).get("accuracy")) for kind in ("read", "compare", "none")]
        zooms = [f"{greedy[kind]['zooms']:.2f}" if kind in greedy else "" for kind in ("read", "compare", "none")]
        rows.append(
            f"| {name} | {' | '.join(cells)} | {' / '.join(zooms)} | {greedy['all'].get('iou', 0):.3f} | {percent(greedy['all'].get('faithful'))} |"
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
Without the tool it answers "unknown" to questions for letters: it has no way to see them.

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
    args = parser.parse_args()
    source = args.run / "export" / args.model
    if size_of(source) > MODEL_BYTES:
        raise SystemExit(f"{source} takes {size_of(source)} bytes; {MODEL_BYTES} are allowed.")
    shutil.copytree(source, fresh(args.out / "model"), dirs_exist_ok=True)
    summary = json.loads((args.run / "summary.json").read_text())
    parameters = (source / "model.safetensors").stat().st_size / 2e6
    (args.out / "model" / "README.md").write_text(
        card(summary, args.model, parameters, summary[args.model]["greedy"]["all"]["count"])
    )
    write_samples(args.out / "images")
    runs = fresh(args.out / "runs")
    for logs in sorted((args.run / "logs").glob("grpo_*")):
        copy_run(logs, runs / logs.name)
    for stage in ("vision", "base"):
        shutil.copy(args.run / "logs" / f"{stage}.jsonl", runs)
    if size_of(runs) > RUNS_BYTES:
        raise SystemExit(
            f"{runs} takes {size_of(runs)} bytes; {RUNS_BYTES} are allowed: keep fewer steps (ROLLOUT_STEPS, BOARD_STEPS)."
        )
    print({folder.name: size_of(folder) for folder in (args.out / "model", args.out / "images", runs)})


if __name__ == "__main__":
    main()
