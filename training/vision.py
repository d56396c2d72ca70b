"""Qwen2.5-VL's vision tower in plain PyTorch, with the weight names of released checkpoints.

Images of one grid go through together. Attention is within windows, in some layers over the whole image.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RMSNorm(nn.Module):
    def __init__(self, width: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


class GatedMLP(nn.Module):
    def __init__(self, width: int, hidden: int, bias: bool) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(width, hidden, bias=bias)
        self.up_proj = nn.Linear(width, hidden, bias=bias)
        self.down_proj = nn.Linear(hidden, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


def turns(angles: Tensor) -> tuple[Tensor, Tensor]:
    """What `rotate` takes, of the angle of each pair."""
    half = angles.sin()
    whole = angles.cos()
    return torch.cat((whole, whole), -1), torch.cat((-half, half), -1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turns pairs of features (first half with second half) by their angles; the first half's sines are negative."""
    first, second = x.chunk(2, -1)
    return torch.addcmul(x * cos, torch.cat((second, first), -1), sin)


class Geometry(NamedTuple):
    """Of one patch grid: the order of tokens by window, its inverse, rotary tables, and the windows."""

    order: Tensor
    back: Tensor
    cos: Tensor
    sin: Tensor
    window: int
    """Patches in a window where all are equal, 0 where one window holds everything, -1 where `mask` tells."""
    mask: Tensor | None


class VisionAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, geometry: Geometry, everywhere: bool) -> Tensor:
        batch, count, width = x.shape
        depth = width // self.heads
        q, k, v = self.qkv(x).view(batch, count, 3, self.heads, depth).permute(2, 0, 3, 1, 4)
        q, k = rotate(q, geometry.cos, geometry.sin), rotate(k, geometry.cos, geometry.sin)
        window = 0 if everywhere else geometry.window
        if window > 0:
            parts = (t.reshape(batch, self.heads, -1, window, depth).transpose(1, 2).flatten(0, 1) for t in (q, k, v))
            out = F.scaled_dot_product_attention(*parts)
            out = out.view(batch, -1, self.heads, window, depth).transpose(2, 3).reshape(batch, count, width)
        else:
            mask = geometry.mask if window < 0 else None
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            out = out.transpose(1, 2).reshape(batch, count, width)
        return self.proj(out)


class VisionBlock(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width = config["hidden_size"]
        self.norm1, self.norm2 = RMSNorm(width), RMSNorm(width)
        self.attn = VisionAttention(width, config["num_heads"])
        self.mlp = GatedMLP(width, config["intermediate_size"], True)

    def forward(self, x: Tensor, geometry: Geometry, everywhere: bool) -> Tensor:
        x = x + self.attn(self.norm1(x), geometry, everywhere)
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    """The released weights are those of a convolution; its stride is its size, so it is a matrix.

    An image's two time steps are the same: patches of one of them are enough, and the weights of both are added.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        kernel = (config["temporal_patch_size"], config["patch_size"], config["patch_size"])
        self.proj = nn.Conv3d(config["in_channels"], config["hidden_size"], kernel, kernel, bias=False)

    def forward(self, patches: Tensor) -> Tensor:
        once = patches.shape[-1] * 2 == self.proj.weight[0].numel()
        return F.linear(patches, (self.proj.weight.sum(2) if once else self.proj.weight).flatten(1))


class Merger(nn.Module):
    """Four patches become one token of the text model's width."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.width = config["hidden_size"] * config["spatial_merge_size"] ** 2
        self.ln_q = RMSNorm(config["hidden_size"])
        self.mlp = nn.Sequential(
            nn.Linear(self.width, self.width), nn.GELU(), nn.Linear(self.width, config["out_hidden_size"])
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(self.ln_q(x).reshape(x.shape[0], -1, self.width))


class Vision(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.config = config
        self.patch_embed = PatchEmbed(config)
        self.blocks = nn.ModuleList(VisionBlock(config) for _ in range(config["depth"]))
        self.merger = Merger(config)
        self._known: dict[tuple[int, int], Geometry] = {}

    def geometry(self, grid: tuple[int, int]) -> Geometry:
        """Of a grid of tokens (rows, columns after merging)."""
        if grid not in self._known:
            self._known[grid] = self._geometry(*grid)
        return self._known[grid]

    def _geometry(self, rows: int, columns: int) -> Geometry:
        merge = self.config["spatial_merge_size"]
        side = self.config["window_size"] // self.config["patch_size"] // merge
        row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        window_of = ((row // side) * (-(-columns // side)) + column // side).flatten()
        order = torch.argsort(window_of, stable=True)
        inner = torch.arange(merge)
        shape = (rows, columns, merge, merge)
        y = (row[..., None, None] * merge + inner[:, None]).expand(shape).reshape(-1, merge**2)[order].flatten()
        x = (column[..., None, None] * merge + inner[None]).expand(shape).reshape(-1, merge**2)[order].flatten()
        half = self.config["hidden_size"] // self.config["num_heads"] // 2
        speed = 1.0 / 10000.0 ** (torch.arange(0, half, 2).float() / half)
        angles = torch.cat((y[:, None] * speed, x[:, None] * speed), -1)
        window, mask = -1, None
        if rows % side == 0 and columns % side == 0:
            window = (side * merge) ** 2
        elif rows <= side and columns <= side:
            window = 0
        else:
            owner = window_of[order].repeat_interleave(merge**2)
            mask = owner[:, None] == owner[None]
        return Geometry(order, torch.argsort(order), *turns(angles), window, mask)

    def forward(self, patches: Tensor, grid: tuple[int, int]) -> Tensor:
        """Patches [images, patches, values] of one grid of tokens become [images, tokens, text width]."""
        geometry = self.geometry(grid)
        x = self.patch_embed(patches)
        batch, count, width = x.shape
        four = self.config["spatial_merge_size"] ** 2
        x = x.view(batch, count // four, four, width)[:, geometry.order].reshape(batch, count, width)
        for at, block in enumerate(self.blocks):
            x = block(x, geometry, at in self.config["fullatt_block_indexes"])
        return self.merger(x)[:, geometry.back]
