"""Writes the folder that is shipped: bfloat16 weights and all that a reader of Qwen2.5-VL checkpoints looks for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch

from training import geometry as G
from training.chat import TEMPLATE
from training.drawing import SIDE
from training.model import SmallVLM
from training.rollouts import TURN_TOKENS

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt")


def export(checkpoint: Path, tokenizer: Path, out: Path) -> None:
    """`checkpoint` has the weights, `tokenizer` the tokenizer's files."""
    out.mkdir(parents=True, exist_ok=True)
    model = SmallVLM.load(checkpoint)
    model.save(out, torch.bfloat16)
    for name in TOKENIZER:
        if (tokenizer / name).resolve() != (out / name).resolve():
            shutil.copy(tokenizer / name, out / name)

    def write(name: str, value: Any) -> None:
        (out / name).write_text(json.dumps(value, indent=2) + "\n")

    area = G.VIEW * G.VIEW
    write(
        "preprocessor_config.json",
        {
            "image_processor_type": "Qwen2VLImageProcessor",
            "processor_class": "Qwen2_5_VLProcessor",
            "min_pixels": G.CROP_PIXELS,
            "max_pixels": area,
            "patch_size": G.PATCH,
            "temporal_patch_size": 2,
            "merge_size": G.MERGE,
            "image_mean": [float(value) for value in G.MEAN],
            "image_std": [float(value) for value in G.STD],
        },
    )
    config = model.config
    write(
        "generation_config.json",
        {
            "bos_token_id": config["bos_token_id"],
            "pad_token_id": config["bos_token_id"],
            "eos_token_id": [config["eos_token_id"], config["bos_token_id"]],
            "do_sample": True,
            "temperature": 1.0,
        },
    )
    write("chat_template.json", {"chat_template": TEMPLATE})
    write(
        "rollout_config.json",
        {
            "protocol": "deepeyes-v2",
            "answers": "exact",
            "space": "resized",
            "view_max_pixels": area,
            "crop_min_pixels": G.CROP_PIXELS,
            "crop_max_pixels": G.CROP_PIXELS,
            "crop_source": "original image",
            "max_turns": 5,
            "max_tokens_per_turn": TURN_TOKENS,
            "min_box_side_original_pixels": G.MIN_SIDE,
            "resample": "bicubic",
            "scene_side": SIDE,
        },
    )
