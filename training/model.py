"""Qwen2.5-VL at a very small size: the whole model, and its checkpoint folder in the layout of Hugging Face.

The arithmetic is that of transformers' `Qwen2_5_VLForConditionalGeneration`; `training.evaluate --parity` compares them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.vision import GatedMLP, RMSNorm, Vision, rotate, turns

CONFIG: dict[str, Any] = {
    "architectures": ["Qwen2_5_VLForConditionalGeneration"],
    "model_type": "qwen2_5_vl",
    "hidden_size": 192,
    "intermediate_size": 384,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000.0,
    "rope_scaling": {"type": "mrope", "mrope_section": [4, 6, 6]},
    "max_position_embeddings": 2048,
    "initializer_range": 0.02,
    "attention_dropout": 0.0,
    "use_sliding_window": False,
    "sliding_window": 2048,
    "max_window_layers": 5,
    "use_cache": True,
    "tie_word_embeddings": True,
    "vision_config": {
        "model_type": "qwen2_5_vl",
        "depth": 4,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_heads": 4,
        "hidden_act": "silu",
        "in_chans": 3,
        "in_channels": 3,
        "patch_size": 14,
        "spatial_patch_size": 14,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "window_size": 112,
        "fullatt_block_indexes": [1, 3],
        "out_hidden_size": 192,
        "tokens_per_second": 2,
    },
}

Cache = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Takes the keys and values of new tokens and gives those of all that they look at."""


class Attention(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width = config["hidden_size"]
        self.queries, self.keys = config["num_attention_heads"], config["num_key_value_heads"]
        self.depth = width // self.queries
        self.q_proj = nn.Linear(width, self.queries * self.depth)
        self.k_proj = nn.Linear(width, self.keys * self.depth)
        self.v_proj = nn.Linear(width, self.keys * self.depth)
        self.o_proj = nn.Linear(self.queries * self.depth, width, bias=False)
        self.keep = False
        self.kept: tuple[Tensor, Tensor] | None = None

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: Cache | None, mask: Tensor | None) -> Tensor:
        batch, count, _ = x.shape
        q = rotate(self.q_proj(x).view(batch, count, self.queries, self.depth).transpose(1, 2), cos, sin)
        k = rotate(self.k_proj(x).view(batch, count, self.keys, self.depth).transpose(1, 2), cos, sin)
        v = self.v_proj(x).view(batch, count, self.keys, self.depth).transpose(1, 2)
        if self.keep:
            self.kept = q, k
        if cache is not None:
            k, v = cache(k, v)
        share = self.queries // self.keys
        if count == 1:  # heads that share keys become rows of one query: nothing is repeated
            q = q.view(batch, self.keys, share, self.depth)
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).reshape(batch, 1, -1)
        else:
            k, v = k.repeat_interleave(share, 1), v.repeat_interleave(share, 1)
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
            out = out.transpose(1, 2).reshape(batch, count, -1)
        return self.o_proj(out)


class Layer(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = GatedMLP(config["hidden_size"], config["intermediate_size"], False)
        self.input_layernorm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        self.post_attention_layernorm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])

    def forward(self, x: Tensor, *rest: Any) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), *rest)
        return x + self.mlp(self.post_attention_layernorm(x))


class Text(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        depth = config["hidden_size"] // config["num_attention_heads"]
        speed = 1.0 / config["rope_theta"] ** (torch.arange(0, depth, 2).float() / depth)
        self.register_buffer("speed", speed, persistent=False)
        self.section = config["rope_scaling"]["mrope_section"]

    def angles(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Positions [3, batch, tokens] (time, row, column) to cosines and sines [batch, 1, tokens, depth]."""
        turned = positions[..., None].float() * self.speed
        turned = torch.cat([part[axis] for axis, part in enumerate(turned.split(self.section, -1))], -1)
        return turns(turned[:, None])

    def forward(
        self, x: Tensor, positions: Tensor, caches: list[Cache] | None = None, mask: Tensor | None = None
    ) -> Tensor:
        cos, sin = self.angles(positions)
        for at, layer in enumerate(self.layers):
            x = layer(x, cos, sin, None if caches is None else caches[at], mask)
        return self.norm(x)


class SmallVLM(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.config = config
        self.visual = Vision(config["vision_config"])
        self.model = Text(config)
        self._start()

    def _start(self) -> None:
        """First weights: small embeddings, the rest by the size of what comes in, what is added to the stream halved."""
        for name, weight in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(weight)
            elif weight.dim() > 1:
                std = 0.02 if "embed_tokens" in name else 0.7 * weight.flatten(1).shape[1] ** -0.5
                adds = any(part in name for part in ("down_proj", "o_proj", "attn.proj"))
                nn.init.normal_(weight, 0, std * (0.5 if adds else 1))

    def embed(self, ids: Tensor, visual: Tensor | None = None) -> Tensor:
        """Embeddings of tokens; the placeholders of images are filled with visual tokens in order."""
        x = self.model.embed_tokens(ids)
        if visual is not None and len(visual):
            x = x.masked_scatter((ids == self.config["image_token_id"])[..., None], visual.to(x.dtype))
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.model.embed_tokens.weight)

    def text_logits(self, hidden: Tensor) -> Tensor:
        """Logits to sample from: nobody can say the placeholder of an image or a video."""
        out = self.logits(hidden)
        out[..., [self.config["image_token_id"], self.config["video_token_id"]]] = -1e9
        return out

    def save(self, folder: Path, dtype: torch.dtype = torch.float32) -> None:
        """Writes weights and config; a reader never finds half of a file."""
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / "model.safetensors.partial"
        weights = {name: held.detach().to(dtype).contiguous() for name, held in self.state_dict().items()}
        save_file(weights, partial, metadata={"format": "pt"})
        partial.replace(folder / "model.safetensors")
        config = dict(self.config, torch_dtype=str(dtype).removeprefix("torch."))
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> SmallVLM:
        """Reads what `save` wrote, as float32."""
        model = cls(json.loads((folder / "config.json").read_text()))
        model.load_state_dict({name: held.float() for name, held in load_file(folder / "model.safetensors").items()})
        return model


def rope_positions(parts: list[int | tuple[int, int]]) -> tuple[Tensor, int]:
    """Positions [3, tokens] of runs of text (their length) and images (rows, columns) in order, and the next position."""
    out, at = [], 0
    for part in parts:
        if isinstance(part, int):
            out.append(torch.arange(at, at + part).expand(3, part))
            at += part
        else:
            row, column = torch.meshgrid(torch.arange(part[0]), torch.arange(part[1]), indexing="ij")
            out.append(torch.stack((torch.zeros(row.numel(), dtype=torch.long), row.flatten(), column.flatten())) + at)
            at += max(part)
    return torch.cat(out, 1), at
