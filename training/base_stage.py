"""Stage 2: the text model learns single skills on top of the finished vision tower.

The tower stays as it is, so its tokens are computed once. Where a text names an object of the scene, one group of heads in
one layer is also told to look at that object (cross-entropy over the scene's tokens); without that, binding a name to a
place takes far longer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training import pool as P
from training import skills as K
from training.chat import Chat, Encoded, Grid, constant_texts, save_tokenizer, train_tokenizer
from training.drawing import KINDS, LETTERS
from training.geometry import FACTOR, VIEW
from training.model import CONFIG, Layer, SmallVLM
from training.optim import Optimizers, schedule
from training.patches import to_patches
from training.prompts import SYSTEM, USER
from training.scenes import COLOR_NAMES
from training.vision import Vision
from training.vision_stage import Pool, cover

SQUARE = (VIEW // FACTOR, VIEW // FACTOR)


@dataclass
class BasePlan:
    steps: int = 900
    batch: int = 32
    muon: float = 0.01
    adam: float = 1.5e-3
    decay: float = 0.2
    look: float = 0.3
    """Weight of the loss on where one layer looks."""
    look_layer: int = 2
    admit: float = 0.12
    """Share of the turns of `reply` that ask for a letter and are answered "unknown": then the base rarely zooms unasked."""
    closeups: int = 16_000
    save_every: int = 50
    check_every: int = 100
    first_mix: tuple[float, ...] = (0.38, 0.22, 0.20, 0.12, 0.03, 0.03, 0.02)
    last_mix: tuple[float, ...] = (0.14, 0.14, 0.26, 0.10, 0.10, 0.16, 0.10)
    """Shares of the skills, in their order, at the beginning and at the end."""


def corpus(meta: np.ndarray, seed: int) -> Iterator[str]:
    """Texts for the tokenizer. Letters are left out, so that each stays one token whatever stands before it."""
    rng = np.random.default_rng((seed, 21))
    for index in range(2500):
        scene = K.things(meta[index % len(meta)])
        blank = [K.Thing(t.color, t.kind, "", t.box, t.largest) for t in scene]
        for name, make in K.SKILLS.items():
            talk = make(rng, blank, 0.4) if name == "reply" else make(rng, blank)
            for user, said in talk.turns:
                yield user.replace(USER, "")
                yield said
    for _ in range(3):
        yield SYSTEM
        yield USER
    yield from constant_texts()


class Look(NamedTuple):
    """Where an object is named (a token's place), where the scene's tokens begin, and the share of each that shows it."""

    at: int
    first: int
    cells: np.ndarray


class Sample(NamedTuple):
    encoded: Encoded
    images: list[Tensor]
    looks: list[Look]


@dataclass
class Tokens:
    """What the finished tower makes of a pool: half precision, close-ups by grid, and which of the pool's they are."""

    views: Tensor
    crops: dict[Grid, Tensor]
    chosen: dict[Grid, Tensor]


def tokens_of(pool: Pool, vision: Vision, closeups: int, seed: int, cache: Path | None = None) -> Tokens:
    """Computes the visual tokens of all views and of so many close-ups, or reads them from `cache`."""
    if cache and cache.exists():
        return Tokens(**torch.load(cache))
    rng = np.random.default_rng((seed, 13))
    share = min(1.0, closeups / sum(len(images) for images in pool.crops.values()))
    crops, chosen = {}, {}
    for grid, images in pool.crops.items():
        some = np.sort(rng.permutation(len(images))[: max(1, round(share * len(images)))])
        chosen[grid] = torch.from_numpy(some)
        crops[grid] = _tokens(vision, images[some], grid)
    tokens = Tokens(_tokens(vision, pool.views, SQUARE), crops, chosen)
    if cache:
        partial = cache.with_suffix(".partial")
        torch.save(vars(tokens), partial)
        partial.replace(cache)
    return tokens


class Data:
    """A pool as the text model needs it: visual tokens, objects, close-ups on which a letter can be read."""

    def __init__(self, pool: Pool, chat: Chat, tokens: Tokens) -> None:
        self.chat, self.meta = chat, pool.meta
        self.scenes = [K.things(rows) for rows in pool.meta]
        self.views, self.crops = tokens.views, tokens.crops
        self.of_thing: dict[tuple[int, int], list[tuple[Grid, int]]] = {}
        for grid, chosen in tokens.chosen.items():
            origin = pool.origin[grid][chosen.numpy()]
            glyph = pool.meta[origin[:, 0].astype(int), origin[:, 1].astype(int)][:, P.GLYPH]
            whole = (glyph[:, :2] >= origin[:, 2:4]).all(1) & (glyph[:, 2:] <= origin[:, 4:]).all(1)
            for at in np.nonzero(whole)[0]:
                key = int(origin[at, 0]), int(origin[at, 1])
                self.of_thing.setdefault(key, []).append((grid, int(at)))
        shared = cover(pool.meta[..., P.BOX], SQUARE).astype(np.float32)
        self.cells = shared / (shared.sum(-1, keepdims=True) + 1e-6)
        ids = chat.id_of
        self.colors = {ids(space + name): at for at, name in enumerate(COLOR_NAMES) for space in ("Ġ", "", '"')}
        self.kinds = {ids("Ġ" + name): at for at, name in enumerate(KINDS)}
        self.colors.pop(None, None)

    def sample(self, rng: np.random.Generator, skill: str, admit: float) -> Sample:
        """A conversation about a scene whose shown objects all have a readable close-up."""
        while True:
            at = int(rng.integers(len(self.scenes)))
            if len(self.scenes[at]) < 2:
                continue
            make = K.SKILLS[skill]
            talk = make(rng, self.scenes[at], admit) if skill == "reply" else make(rng, self.scenes[at])
            if all(shown is None or (at, shown) in self.of_thing for shown in talk.shows):
                return self._sample(rng, at, talk)

    def _sample(self, rng: np.random.Generator, scene: int, talk: K.Talk) -> Sample:
        images, grids = [], []
        for shown in talk.shows:
            if shown is None:
                images.append(self.views[scene])
                grids.append(SQUARE)
            else:
                choice = self.of_thing[scene, shown]
                grid, at = choice[rng.integers(len(choice))]
                images.append(self.crops[grid][at])
                grids.append(grid)
        encoded = self.chat.encode(talk.system, talk.turns, grids)
        looks = self._looks(scene, encoded.ids) if talk.shows[0] is None else []
        return Sample(encoded, images, looks)

    def _looks(self, scene: int, ids: list[int]) -> list[Look]:
        rows = {(int(row[0]), int(row[1])): at for at, row in enumerate(self.meta[scene]) if row[0] >= 0}
        first = ids.index(self.chat.image)
        looks = []
        for at in range(1, len(ids)):
            if ids[at] in self.kinds and ids[at - 1] in self.colors:
                row = rows.get((self.colors[ids[at - 1]], self.kinds[ids[at]]))
                if row is not None:
                    looks.append(Look(at, first, self.cells[scene, row]))
        return looks


@torch.no_grad()
def _tokens(vision: Vision, images: np.ndarray, grid: Grid) -> Tensor:
    parts = [vision(to_patches(images[at : at + 48]), grid).half() for at in range(0, len(images), 48)]
    return torch.cat(parts)


class Batch(NamedTuple):
    ids: Tensor
    labels: Tensor
    positions: Tensor
    visual: Tensor


def collate(samples: list[Sample], pad: int) -> Batch:
    """Conversations side by side; what follows a shorter one is padding that nothing looks at."""
    length = max(len(sample.encoded.ids) for sample in samples)
    ids = torch.full((len(samples), length), pad)
    labels = torch.full((len(samples), length), -100)
    positions = torch.zeros(3, len(samples), length, dtype=torch.long)
    for at, (encoded, _, _) in enumerate(samples):
        count = len(encoded.ids)
        ids[at, :count], labels[at, :count] = torch.tensor(encoded.ids), torch.tensor(encoded.labels)
        positions[:, at, :count] = encoded.positions
    return Batch(ids, labels, positions, torch.cat([image for sample in samples for image in sample.images]).float())


def text_loss(model: SmallVLM, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Mean cross-entropy of what the model is to say; and which tokens it would say, and should."""
    hidden = model.model(model.embed(batch.ids, batch.visual), batch.positions)
    wanted = batch.labels[:, 1:]
    said = wanted >= 0
    logits = model.logits(hidden[:, :-1][said])
    return F.cross_entropy(logits, wanted[said]), logits.argmax(-1), wanted[said]


def look_loss(layer: Layer, samples: list[Sample]) -> Tensor:
    """How far the layer's first group of heads looks past the objects that are named."""
    assert layer.self_attn.kept is not None
    q, k = layer.self_attn.kept
    places = [(row, look) for row, sample in enumerate(samples) for look in sample.looks]
    row = torch.tensor([at for at, _ in places])
    named = torch.tensor([look.at for _, look in places])
    first = torch.tensor([look.first for _, look in places])
    cells = torch.from_numpy(np.stack([look.cells for _, look in places]))
    heads = q.shape[1] // k.shape[1]
    scores = torch.einsum("mhd,mtd->mht", q[row, :heads, named], k[row, 0]) * q.shape[-1] ** -0.5
    later = torch.arange(scores.shape[-1])[None, None] > named[:, None, None]
    scores = scores.masked_fill(later, -1e9).log_softmax(-1)
    tokens = (first[:, None] + torch.arange(cells.shape[1]))[:, None].expand(-1, heads, -1)
    return -(scores.gather(2, tokens) * cells[:, None]).sum(-1).mean()


def make_config(chat: Chat) -> dict:
    """The model's configuration with the tokenizer's numbers in it."""
    size = (chat.tokenizer.get_vocab_size() + 15) // 16 * 16
    names = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
        "vision_token_id": "<|vision_pad|>",
        "bos_token_id": "<|endoftext|>",
        "eos_token_id": "<|im_end|>",
    }
    return CONFIG | {"vocab_size": size} | {name: chat.id_of(token) for name, token in names.items()}


def train_base(
    plan: BasePlan, files: list[Path], held_out: Path, tower: Path, out: Path, log: Path, seed: int = 0
) -> None:
    """Trains and writes a checkpoint folder with tokenizer; goes on where an earlier call was stopped."""
    resume, step = out / "resume.pt", 0
    state = torch.load(resume) if resume.exists() else None
    if state and state["step"] >= plan.steps:
        return
    torch.manual_seed(seed)
    pool = Pool(files)
    if not (out / "tokenizer.json").exists():
        save_tokenizer(train_tokenizer(corpus(pool.meta, seed)), out)
    chat = Chat(out)
    model = SmallVLM(make_config(chat))
    model.visual.load_state_dict(torch.load(tower)["tower"])
    model.visual.requires_grad_(False)
    optimizers = Optimizers(model.model.named_parameters(), plan.muon, plan.adam, plan.decay)
    if state:
        model.model.load_state_dict(state["text"])
        optimizers.restore(state["optimizers"])
        step = state["step"]
    data = Data(pool, chat, tokens_of(pool, model.visual, plan.closeups, seed, out / "tokens.pt"))
    del pool
    others = Pool([held_out])
    held = Data(others, chat, tokens_of(others, model.visual, 1000, seed))
    names = list(K.SKILLS)
    checks = {
        name: [held.sample(np.random.default_rng((5, at)), name, plan.admit) for at in range(32)] for name in names
    }
    layer = model.model.layers[plan.look_layer]
    layer.self_attn.keep = True
    begun, sums = time.time(), []
    while step < plan.steps:
        rng = np.random.default_rng((seed, 12, step))
        share = np.array(plan.first_mix) + (np.array(plan.last_mix) - np.array(plan.first_mix)) * step / plan.steps
        skill = names[rng.choice(len(names), p=share / share.sum())]
        count = plan.batch * 3 // 4 if skill == "detect" else plan.batch
        samples = [data.sample(rng, skill, plan.admit) for _ in range(count)]
        loss, _, _ = text_loss(model, collate(samples, chat.pad))
        row = {"loss": loss.item()}
        if any(sample.looks for sample in samples):
            looking = look_loss(layer, samples)
            row["look"] = looking.item()
            loss = loss + plan.look * looking
        loss.backward()
        optimizers.step(schedule(step, plan.steps))
        sums.append(row)
        step += 1
        if step % plan.save_every == 0 or step == plan.steps:
            looks = [r["look"] for r in sums if "look" in r]
            line = {
                "stage": "base",
                "step": step,
                "seconds": round(time.time() - begun, 1),
                "loss": round(float(np.mean([r["loss"] for r in sums])), 4),
                "look": round(float(np.mean(looks or [0])), 3),
            }
            sums = []
            if step % plan.check_every == 0 or step == plan.steps:
                line |= _check(model, chat, checks)
            print(json.dumps(line), flush=True)
            with open(log, "a", encoding="utf-8") as lines:
                lines.write(json.dumps(line) + "\n")
            model.save(out)
            partial = resume.with_suffix(".partial")
            torch.save({"text": model.model.state_dict(), "optimizers": optimizers.state(), "step": step}, partial)
            partial.replace(resume)


@torch.no_grad()
def _check(model: SmallVLM, chat: Chat, checks: dict[str, list[Sample]]) -> dict[str, float]:
    """Loss of each skill on held-out scenes, and how often digits (boxes and counts) and letters are right."""
    digits = {chat.id_of(digit) for digit in "0123456789"}
    letters = {chat.id_of(space + letter) for letter in LETTERS for space in ("", "Ġ")} - {None}
    out: dict[str, float] = {}
    for name, samples in checks.items():
        loss, said, wanted = text_loss(model, collate(samples, chat.pad))
        out[name] = round(loss.item(), 4)
        right = said == wanted
        for label, group in (("digit", digits), ("letter", letters)):
            where = torch.tensor([int(token) in group for token in wanted])
            if where.any():
                out[f"{name}/{label}"] = round(right[where].float().mean().item(), 3)
    return out
