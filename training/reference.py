"""Records greedy rollouts of a checkpoint with transformers alone, for other programs to repeat.

    python -m training.reference CHECKPOINT --count 20 --seed 9 --out DIR

Writes DIR/checkpoint and DIR/samples (rollouts.jsonl and its pictures): what `npm run verify:rollouts -- DIR` reads. The
model of this package takes no part: transformers loads the folder, sees the pixels and picks each token.
"""

from __future__ import annotations

import argparse
import inspect
import json
import shutil
from pathlib import Path
from typing import Any

import torch

from training import geometry as G
from training import scenes as S
from training.chat import Chat
from training.environment import act, predicted
from training.patches import to_patches
from training.prompts import IMAGE, SYSTEM, USER, head
from training.rollouts import TURN_TOKENS

MAX_TURNS = 5


class Speaker:
    """A checkpoint in transformers, asked for one turn at a time."""

    def __init__(self, folder: Path) -> None:
        from transformers import Qwen2_5_VLForConditionalGeneration

        self.model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
        self.chat = Chat(folder)
        self.has_types = "mm_token_type_ids" in inspect.signature(self.model.forward).parameters

    def say(self, text: str, images: list[Any]) -> list[int]:
        """The most likely tokens after a conversation, up to the one that ends the turn."""
        ids, _, _ = self.chat.expand(text, [G.merged_grid(image) for image in images])
        grids = [[1, image.shape[0] // G.PATCH, image.shape[1] // G.PATCH] for image in images]
        given: dict[str, Any] = {
            "pixel_values": torch.cat([to_patches(image[None], 2)[0] for image in images]),
            "image_grid_thw": torch.tensor(grids),
        }
        said: list[int] = []
        while len(said) < TURN_TOKENS:
            tokens = torch.tensor([ids + said])
            if self.has_types:
                given["mm_token_type_ids"] = (tokens == self.chat.image).int()
            out = self.model(input_ids=tokens, attention_mask=torch.ones_like(tokens), use_cache=False, **given)
            said.append(int(out.logits[0, -1].argmax()))
            if said[-1] == self.chat.end:
                break
        return said


@torch.no_grad()
def rollout(speaker: Speaker, scene: S.Scene, question: S.Question) -> dict[str, Any]:
    text, images = head(SYSTEM, IMAGE + question.text + USER), [G.view_of(scene)]
    turns: list[str] = []
    boxes: list[list[float]] = []
    count = 0
    while len(turns) < MAX_TURNS:
        said = speaker.say(text, images)
        count += len(said)
        turns.append(speaker.chat.text(said).removesuffix("<|im_end|>"))
        seen = act(scene.picture, turns[-1])
        if seen.text is None or said[-1] != speaker.chat.end or len(turns) == MAX_TURNS:
            break
        if seen.crop is not None and seen.box is not None:
            images.append(seen.crop)
            boxes.append(seen.box)
        text += turns[-1] + "<|im_end|>" + seen.text
    last, _ = predicted(turns[-1])
    return {
        "question": question.text,
        "gts": question.answer,
        "turns": turns,
        "boxes": boxes,
        "answer": last,
        "response_tokens": count,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    samples = args.out / "samples"
    shutil.rmtree(args.out, ignore_errors=True)
    samples.mkdir(parents=True)
    shutil.copytree(args.checkpoint, args.out / "checkpoint")
    speaker = Speaker(args.checkpoint)
    with open(samples / "rollouts.jsonl", "w", encoding="utf-8") as lines:
        for at in range(args.count):
            scene, question = S.make_example(args.seed, at)
            name = f"scene_{at:05d}.{'jpg' if scene.file else 'png'}"
            (samples / name).write_bytes(scene.file or S.png_bytes(scene.picture))
            lines.write(json.dumps({"image": name} | rollout(speaker, scene, question)) + "\n")


if __name__ == "__main__":
    main()
