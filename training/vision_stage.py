"""Stage 1: the vision tower alone, supervised at each of its tokens.

Linear heads that are thrown away afterwards name, for every token, the object that it covers: colour, kind, box, whether it
is the largest of its kind, and the letter where the letter lies. Whole views teach all but the
letter, close-ups all but boxes. On views the letter's head is only a probe: no gradient reaches the tower,
and its accuracy tells how much of a letter can be seen without a zoom.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import pool as P
from training.drawing import KINDS, LETTERS
from training.geometry import FACTOR, VIEW
from training.model import CONFIG
from training.optim import Optimizers, schedule
from training.patches import to_patches
from training.scenes import COLOR_NAMES
from training.vision import Vision

BINS = 28
SIZES = {
    "color": len(COLOR_NAMES) + 1,
    "kind": len(KINDS) + 1,
    "letter": len(LETTERS) + 1,
    "bins": 4 * BINS,
    "edge": 4,
    "largest": 2,
}


class Heads(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.Linear(width, sum(SIZES.values()))

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        return dict(zip(SIZES, self.heads(tokens).split(list(SIZES.values()), -1)))


class Pool:
    """Pool files in memory: views with what is in them, close-ups by grid."""

    def __init__(self, files: list[Path]) -> None:
        parts = [np.load(file) for file in files]
        self.views = np.concatenate([part["views"] for part in parts])
        self.meta = np.concatenate([part["meta"] for part in parts])
        self.crops: dict[tuple[int, int], np.ndarray] = {}
        self.origin: dict[tuple[int, int], np.ndarray] = {}
        first = np.cumsum([0, *[len(part["views"]) for part in parts]])
        names = sorted({name for part in parts for name in part.files if name.startswith("crop_")})
        for name in names:
            grid = tuple(int(v) for v in name.split("_")[1:])
            have = [(at, part) for at, part in enumerate(parts) if name in part.files]
            self.crops[grid] = np.concatenate([part[name] for _, part in have])
            origins = [
                part[name.replace("crop", "from")] + np.array([first[at], 0, 0, 0, 0, 0], np.float32)
                for at, part in have
            ]
            self.origin[grid] = np.concatenate(origins)

    def crop_meta(self, grid: tuple[int, int], which: np.ndarray) -> np.ndarray:
        """What is in close-ups, in pixels of the close-up."""
        origin = self.origin[grid][which]
        meta = self.meta[origin[:, 0].astype(int)].copy()
        left, top, right, bottom = (origin[:, 2 + k, None] for k in range(4))
        for column in (3, 5, 7, 9):
            meta[..., column] = (meta[..., column] - left) * (grid[1] * FACTOR / (right - left))
        for column in (4, 6, 8, 10):
            meta[..., column] = (meta[..., column] - top) * (grid[0] * FACTOR / (bottom - top))
        return meta


def cover(boxes: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Area in pixels that each box [..., 4] shares with each token of a grid: [..., tokens]."""
    x, y = np.arange(grid[1]) * FACTOR, np.arange(grid[0]) * FACTOR
    wide = np.clip(np.minimum(boxes[..., 2, None], x + FACTOR) - np.maximum(boxes[..., 0, None], x), 0, None)
    high = np.clip(np.minimum(boxes[..., 3, None], y + FACTOR) - np.maximum(boxes[..., 1, None], y), 0, None)
    return (high[..., :, None] * wide[..., None, :]).reshape(*boxes.shape[:-1], -1)


def targets(meta: np.ndarray, grid: tuple[int, int]) -> dict[str, Tensor]:
    """What each token shows: [images, tokens] indices (the last one: nothing), and boxes [images, tokens, 4]."""
    here = meta[..., P.COLOR] >= 0
    shared = cover(meta[..., P.BOX], grid) / FACTOR**2
    shared[~here] = 0
    owner, most = shared.argmax(1), shared.max(1)
    size = (meta[..., 5] - meta[..., 3]) * (meta[..., 6] - meta[..., 4])
    part = np.take_along_axis(shared * FACTOR**2 / np.maximum(size, 1)[..., None], owner[:, None], 1)[:, 0]
    nothing = (most < 0.12) & (part < 0.4)

    def of_owner(column: int) -> np.ndarray:
        return np.take_along_axis(meta[..., column], owner, 1)

    color, kind = of_owner(P.COLOR).astype(int), of_owner(P.KIND).astype(int)
    color[nothing], kind[nothing] = len(COLOR_NAMES), len(KINDS)
    glyph = meta[..., P.GLYPH]
    area = np.maximum((glyph[..., 2] - glyph[..., 0]) * (glyph[..., 3] - glyph[..., 1]), 1e-6)
    limit = np.array([grid[1] * FACTOR, grid[0] * FACTOR] * 2) + 1
    whole = here & (glyph[..., :2] >= -1).all(-1) & (glyph <= limit).all(-1)
    held = np.where(whole[..., None], cover(glyph, grid) / area[..., None], 0)
    letter = np.take_along_axis(meta[..., P.LETTER], held.argmax(1), 1).astype(int)
    letter[held.max(1) < 0.25] = len(LETTERS)
    indices = {
        "color": color,
        "kind": kind,
        "letter": letter,
        "largest": of_owner(P.LARGEST).clip(0).astype(int),
    }
    out = {name: torch.from_numpy(held) for name, held in indices.items()}
    out["box"] = torch.from_numpy(np.stack([of_owner(k) for k in range(3, 7)], -1))
    return out


def _classes(scores: Tensor, wanted: Tensor, shown: Tensor) -> Tensor:
    """Cross-entropy; tokens that show nothing count less, since they are many."""
    loss = F.cross_entropy(scores.flatten(0, 1), wanted.flatten(), reduction="none").view_as(wanted)
    return loss[shown].mean() + 0.3 * loss[~shown].mean()


def _hit(scores: Tensor, wanted: Tensor, where: Tensor) -> float:
    return (scores.argmax(-1) == wanted)[where].float().mean().item()


def view_loss(heads: Heads, tokens: Tensor, want: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Loss and accuracies on whole views."""
    said = heads(tokens)
    shown, written = want["color"] < len(COLOR_NAMES), want["letter"] < len(LETTERS)
    probe = heads(tokens.detach())["letter"]
    box = want["box"][shown]
    bins = (box / (VIEW / BINS)).floor().clamp(0, BINS - 1).long()
    scores = said["bins"][shown].view(-1, 4, BINS)
    off = (said["edge"][shown] - (box / (VIEW / 2) - 1)).abs().mean()
    loss = 0.5 * _classes(said["color"], want["color"], shown) + 2.0 * _classes(said["kind"], want["kind"], shown)
    loss = loss + 2.0 * F.cross_entropy(scores.flatten(0, 1), bins.flatten()) + 8 * off
    loss = loss + 0.5 * F.cross_entropy(said["largest"][shown], want["largest"][shown])
    loss = loss + 0.1 * F.cross_entropy(probe[written], want["letter"][written])
    with torch.no_grad():
        stats = {name: _hit(said[name], want[name], shown) for name in ("color", "kind", "largest")}
        stats |= {"probe": _hit(probe, want["letter"], written), "pixels": off.item() * VIEW / 2}
    return loss, stats


def crop_loss(heads: Heads, tokens: Tensor, want: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Loss and accuracies on close-ups. A loss term's share is its learning rate under Muon: the letter is the hard one."""
    said = heads(tokens)
    shown, written = want["color"] < len(COLOR_NAMES), want["letter"] < len(LETTERS)
    letters = F.cross_entropy(said["letter"].flatten(0, 1), want["letter"].flatten(), reduction="none").view_as(
        want["letter"]
    )
    loss = 0.5 * _classes(said["color"], want["color"], shown) + 0.5 * _classes(said["kind"], want["kind"], shown)
    loss = loss + 2.0 * letters[written].mean() + 0.3 * letters[~written].mean()
    with torch.no_grad():
        stats = {name: _hit(said[name], want[name], shown) for name in ("color", "kind")}
        stats["letter"] = _hit(said["letter"][..., : len(LETTERS)], want["letter"], written)
    return loss, stats


@dataclass
class VisionPlan:
    steps: int = 1000
    views: int = 12
    crops: int = 16
    muon: float = 0.02
    adam: float = 2e-3
    save_every: int = 50


def train_vision(plan: VisionPlan, files: list[Path], held_out: Path, out: Path, log: Path, seed: int = 0) -> None:
    """Trains the tower and writes `out` (tower, heads, state to go on from)."""
    state = torch.load(out) if out.exists() else None
    if state and state["step"] >= plan.steps:
        return
    torch.manual_seed(seed)
    pool, held = Pool(files), Pool([held_out])
    tower, heads = Vision(CONFIG["vision_config"]), Heads(CONFIG["hidden_size"])
    _start(tower)
    named = [*tower.named_parameters(), *heads.named_parameters()]
    optimizers = Optimizers(named, plan.muon, plan.adam, decay=0.01)
    step = 0
    if state:
        tower.load_state_dict(state["tower"])
        heads.load_state_dict(state["heads"])
        optimizers.restore(state["optimizers"])
        step = state["step"]
    grids = list(pool.crops)
    share = np.array([len(pool.crops[grid]) for grid in grids], float)

    def losses(
        data: Pool, views: np.ndarray, grid: tuple[int, int], crops: np.ndarray
    ) -> tuple[Tensor, dict[str, float]]:
        square = (VIEW // FACTOR, VIEW // FACTOR)
        first, a = view_loss(heads, tower(to_patches(data.views[views]), square), targets(data.meta[views], square))
        seen = tower(to_patches(data.crops[grid][crops]), grid)
        second, b = crop_loss(heads, seen, targets(data.crop_meta(grid, crops), grid))
        stats = {f"view/{name}": value for name, value in a.items()} | {
            f"crop/{name}": value for name, value in b.items()
        }
        return first + second, stats

    def save() -> None:
        partial = out.with_suffix(".partial")
        torch.save(
            {"tower": tower.state_dict(), "heads": heads.state_dict(), "optimizers": optimizers.state(), "step": step},
            partial,
        )
        partial.replace(out)

    begun, sums = time.time(), []
    while step < plan.steps:
        rng = np.random.default_rng((seed, 11, step))
        grid = grids[rng.choice(len(grids), p=share / share.sum())]
        views = rng.integers(len(pool.views), size=plan.views)
        loss, stats = losses(pool, views, grid, rng.integers(len(pool.crops[grid]), size=plan.crops))
        loss.backward()
        optimizers.step(schedule(step, plan.steps))
        sums.append(stats | {"loss": loss.item()})
        step += 1
        if step % plan.save_every == 0 or step == plan.steps:
            row = {name: round(float(np.nanmean([s[name] for s in sums])), 4) for name in sums[0]}
            sums = []
            with torch.no_grad():
                common = max(held.crops, key=lambda g: len(held.crops[g]))
                _, stats = losses(
                    held, np.arange(len(held.views))[:60], common, np.arange(len(held.crops[common]))[:100]
                )
            row |= {"held/" + name: round(value, 4) for name, value in stats.items()}
            line = json.dumps({"stage": "vision", "step": step, "seconds": round(time.time() - begun, 1)} | row)
            print(line, flush=True)
            with open(log, "a", encoding="utf-8") as lines:
                lines.write(line + "\n")
            save()


def _start(tower: Vision) -> None:
    for name, weight in tower.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(weight)
        elif weight.dim() > 1:
            adds = "down_proj" in name or "attn.proj" in name
            nn.init.normal_(weight, 0, 0.7 * weight.flatten(1).shape[1] ** -0.5 * (0.5 if adds else 1))
