"""The tokenizer, and conversations as tokens.

A byte-level BPE with Qwen2's splitting and Qwen2.5-VL's special tokens. DeepEyes' two constant texts are one token each:
that keeps prompts short, and means that the model knows these very texts and no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor

from training.model import rope_positions
from training.prompts import SYSTEM, USER, head, next_turn

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
ADDED = ["<tool_call>", "</tool_call>", SYSTEM, USER]
VOCABULARY = 900
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
TEMPLATE = (
    "{%- if messages[0]['role'] != 'system' -%}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif -%}"
    "{%- for message in messages -%}<|im_start|>{{ message['role'] }}\n"
    "{%- if message['content'] is string -%}{{ message['content'] }}"
    "{%- else -%}{%- for part in message['content'] -%}"
    "{%- if part['type'] == 'image' or 'image' in part or 'image_url' in part -%}<|vision_start|><|image_pad|><|vision_end|>"
    "{%- elif 'text' in part -%}{{ part['text'] }}{%- endif -%}{%- endfor -%}{%- endif -%}<|im_end|>\n{% endfor -%}"
    "{%- if add_generation_prompt -%}<|im_start|>assistant\n{% endif -%}"
)


def train_tokenizer(corpus: Iterable[str]) -> Tokenizer:
    """Learns the merges from texts of the kind that the model will read."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(SPLIT), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, min_frequency=2, show_progress=False, initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in SPECIAL])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ADDED])
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Writes tokenizer.json and what older readers want beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    held = json.loads(tokenizer.to_str())
    (folder / "vocab.json").write_text(json.dumps(held["model"]["vocab"], ensure_ascii=False))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in held["model"]["merges"]]
    (folder / "merges.txt").write_text("\n".join(merges) + "\n")
    added = {
        str(token["id"]): {name: value for name, value in token.items() if name != "id"}
        for token in held["added_tokens"]
    }
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "add_prefix_space": False,
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "errors": "replace",
        "model_max_length": 2048,
        "split_special_tokens": False,
        "clean_up_tokenization_spaces": False,
        "additional_special_tokens": SPECIAL[1:],
        "added_tokens_decoder": added,
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


Grid = tuple[int, int]


class Encoded(NamedTuple):
    """Tokens, which of them the model is to say (labels, else -100), and positions [3, tokens]."""

    ids: list[int]
    labels: list[int]
    positions: Tensor


class Chat:
    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.pad, self.image, self.end = (self.id_of(text) for text in ("<|endoftext|>", "<|image_pad|>", "<|im_end|>"))
        self._known: dict[str, list[int]] = {}

    def id_of(self, token: str) -> int:
        return self.tokenizer.token_to_id(token)

    def ids(self, text: str) -> list[int]:
        found = self._known.get(text)
        if found is None:
            found = self.tokenizer.encode(text, add_special_tokens=False).ids
            if len(self._known) < 100_000:
                self._known[text] = found
        return found

    def text(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=False)

    def expand(self, text: str, grids: Sequence[Grid], at: int = 0) -> tuple[list[int], Tensor, int]:
        """A text with one placeholder per image becomes tokens with one per visual token, their positions, and the next."""
        ids: list[int] = []
        parts: list[int | Grid] = []
        run, left = 0, iter(grids)
        for token in self.ids(text):
            if token == self.image:
                grid = next(left)
                if run:
                    parts.append(run)
                parts.append(grid)
                run = 0
                ids += [token] * (grid[0] * grid[1])
            else:
                ids.append(token)
                run += 1
        if run:
            parts.append(run)
        positions, following = rope_positions(parts)
        return ids, positions + at, following + at

    def encode(self, system: str, turns: Sequence[tuple[str, str]], grids: Sequence[Grid]) -> Encoded:
        """A conversation of (user, assistant) turns."""
        ids: list[int] = []
        labels: list[int] = []
        positions: list[Tensor] = []
        at, left = 0, iter(grids)
        for turn, (user, reply) in enumerate(turns):
            text = head(system, user) if turn == 0 else next_turn(user)
            own = [next(left) for _ in range(user.count("<|image_pad|>"))]
            more, places, at = self.expand(text, own, at)
            ids += more
            labels += [-100] * len(more)
            positions.append(places)
            more, places, at = self.expand(reply + "<|im_end|>", (), at)
            ids += more
            labels += more
            positions.append(places)
        return Encoded(ids, labels, torch.cat(positions, 1))


def constant_texts() -> Iterator[str]:
    """What every corpus must hold, so that it takes few tokens."""
    for role in ("user", "assistant", "system"):
        yield from [f"{role}\n"] * 50
    yield from [
        "<tool_response></tool_response> Error: Invalid tool call format: Error: ZOOM IN ARGUMENTS ARE INVALID"
    ] * 20
