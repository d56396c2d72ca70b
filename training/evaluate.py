"""Measures a checkpoint on scenes that no training saw.

    python -m training.evaluate CHECKPOINT --count 300 --seed 9 [--temperature 1] [--parity] [--out FILE]

Prints accuracy, zooms, IoU and faithful thoughts by kind of question, and accuracy of the direct answer without the tool.
"""

from __future__ import annotations

import argparse
import inspect
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import geometry as G
from training import scenes as S
from training.chat import Chat
from training.grpo import judge
from training.model import SmallVLM
from training.patches import see, to_patches
from training.prompts import IMAGE, OBSERVATION, SYSTEM, USER, head, next_turn
from training.rollouts import Rollout, roll_out

KINDS = {
    "read": ("read",),
    "compare": ("compare",),
    "none": ("count", "color"),
    "all": ("read", "compare", "count", "color"),
}


def figures(rollouts: list[Rollout]) -> dict[str, dict[str, float]]:
    """By the zooms that a question needs: accuracy, zooms, IoU, faithful thoughts, errors, tokens."""
    out = {}
    for name, kinds in KINDS.items():
        some = [r for r in rollouts if r.question.kind in kinds]
        if not some:
            continue
        ious, named = [v for r in some if r.targets for v in r.ious], [v for r in some for v in r.faithful]
        row = {
            "count": len(some),
            "accuracy": np.mean([r.reward.acc for r in some if r.reward]),
            "zooms": np.mean([len(r.crops) for r in some]),
            "calls": np.mean([r.calls for r in some]),
            "format": np.mean([r.reward.format for r in some if r.reward]),
            "errors": np.mean([len(r.errors) for r in some]),
            "tokens": np.mean([r.said for r in some]),
        }
        if ious:
            row |= {"iou": np.mean(ious)}
        if named:
            row |= {"faithful": np.mean(named), "thoughts": len(named)}
        out[name] = {label: round(float(value), 4) for label, value in row.items()}
    return out


def measure(
    folder: Path, count: int, seed: int, temperature: float = 0.0, tools: bool = True, batch: int = 40
) -> list[Rollout]:
    """Rolls out questions 0 to `count` of a seed."""
    chat, model = Chat(folder), SmallVLM.load(folder)
    out: list[Rollout] = []
    for start in range(0, count, batch):
        examples = [S.make_example(seed, at) for at in range(start, min(count, start + batch))]
        generator = torch.Generator().manual_seed(start)
        part = roll_out(
            model, chat, examples, 1, temperature=temperature, tools=tools, generator=generator, max_turns=5
        )
        judge(part, "conditional")
        for rollout in part:  # the pictures are large
            rollout.scene = S.Scene(np.empty((0, 0, 3), np.uint8), rollout.scene.items)
        out += part
    return out


@torch.no_grad()
def parity(folder: Path) -> dict[str, Any]:
    """How far the logits of a conversation with two images are from those of transformers."""
    from transformers import Qwen2_5_VLForConditionalGeneration

    theirs, loading = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    theirs = theirs.eval()
    chat, model = Chat(folder), SmallVLM.load(folder)
    scene, question = S.make_example(11, 0, (1, 0, 0))
    seen = G.zoom(scene.picture, G.view_box(scene.items[0].box))
    assert seen is not None
    images = [G.view_of(scene), seen[0]]
    grids = [G.merged_grid(image) for image in images]
    text = head(SYSTEM, IMAGE + question.text + USER) + "<think>I look.</think><|im_end|>" + next_turn(OBSERVATION)
    ids, positions, _ = chat.expand(text, grids)
    tokens = torch.tensor([ids])
    mine = model.logits(model.model(model.embed(tokens, torch.cat(see(model.visual, images))), positions[:, None]))
    given: dict[str, Any] = {
        "input_ids": tokens,
        "attention_mask": torch.ones_like(tokens),
        "pixel_values": torch.cat([to_patches(image[None], 2)[0] for image in images]),
        "image_grid_thw": torch.tensor([[1, rows * G.MERGE, columns * G.MERGE] for rows, columns in grids]),
    }
    if "mm_token_type_ids" in inspect.signature(theirs.forward).parameters:
        given["mm_token_type_ids"] = (tokens == chat.image).int()
    other = theirs(**given).logits
    return {
        "largest_difference": (mine - other).abs().max().item(),
        "same_choice": (mine.argmax(-1) == other.argmax(-1)).float().mean().item(),
        "missing": sorted(map(str, loading["missing_keys"])),
        "unexpected": sorted(map(str, loading["unexpected_keys"])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--parity", action="store_true", help="also compare with transformers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    begun = time.time()
    rollouts = measure(args.checkpoint, args.count, args.seed, args.temperature)
    result: dict[str, Any] = {"seed": args.seed, "temperature": args.temperature, "with_tool": figures(rollouts)}
    result["rollouts_per_second"] = round(args.count / (time.time() - begun), 2)
    direct = figures(measure(args.checkpoint, args.count, args.seed, tools=False))
    result["without_tool"] = {
        name: {"count": row["count"], "accuracy": row["accuracy"]} for name, row in direct.items()
    }
    if args.parity:
        result["parity"] = parity(args.checkpoint)
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
