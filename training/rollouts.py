"""Rollouts in batches: all rows say their turn in step, then every row that called the tool gets its crop at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from training import geometry as G
from training.base_stage import SQUARE
from training.chat import Chat
from training.environment import Reward, act
from training.model import SmallVLM
from training.patches import see
from training.prompts import IMAGE, PLAIN_SYSTEM, SYSTEM, USER, head
from training.scenes import Question, Scene

ROOM = 768
"""Tokens that a rollout may have, prompt and images included."""
TURN_TOKENS = 110


@dataclass
class Rollout:
    """One rollout as it grows. The lists of tokens run along the whole conversation."""

    scene: Scene
    question: Question
    prompt: int = 0
    """Tokens of the prompt."""
    ids: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    """1 on tokens that the policy said."""
    logprobs: list[float] = field(default_factory=list)
    positions: list[Tensor] = field(default_factory=list)
    visual: list[Tensor] = field(default_factory=list)
    following: int = 0
    """The next token's position."""
    turns: list[str] = field(default_factory=list)
    calls: int = 0
    """As the trainer counts them: steps of the environment that did not end the episode, refused calls included."""
    crops: list[np.ndarray] = field(default_factory=list)
    crop_turns: list[int] = field(default_factory=list)
    boxes: list[list[float]] = field(default_factory=list)
    cuts: list[list[float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    error_turns: list[int] = field(default_factory=list)
    ended: str = "finished"
    reward: Reward | None = None

    def add(self, ids: list[int], positions: Tensor, own: int, logprobs: list[float] | None = None) -> None:
        self.ids += ids
        self.own += [own] * len(ids)
        self.logprobs += logprobs if logprobs is not None else [0.0] * len(ids)
        self.positions.append(positions)

    @property
    def said(self) -> int:
        return sum(self.own)

    @property
    def targets(self) -> list[list[float]]:
        return [G.view_box(item.box) for item in self.question.targets]

    @property
    def ious(self) -> list[float]:
        """Of each crop, its best overlap with an object that is asked for."""
        return [max((G.iou(cut, target) for target in self.targets), default=0.0) for cut in self.cuts]

    @property
    def faithful(self) -> list[bool]:
        """For each thought after a crop: does it name the asked object which that crop shows best?

        Only crops that meet an asked object count: elsewhere there is nothing that should be named.
        """
        out = []
        for turn, cut in zip(self.crop_turns, self.cuts):
            overlap = [G.iou(cut, target) for target in self.targets]
            if overlap and max(overlap) > 0.1 and turn + 1 < len(self.turns):
                spoken = self.turns[turn + 1].split("</think>")[0]
                out.append(
                    self.question.targets[int(np.argmax(overlap))].name in spoken.split("I zoom")[0].split("I look")[0]
                )
        return out


class LayerCache:
    """Keys and values [rows, heads, places, depth] of one layer; new ones go to `at` [rows, tokens]."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.keys, self.values = keys, values
        self.at = torch.empty(0)
        self.end = 0

    def __call__(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        rows = torch.arange(keys.shape[0])[:, None]
        self.keys[rows, :, self.at] = keys.transpose(1, 2)
        self.values[rows, :, self.at] = values.transpose(1, 2)
        return self.keys[:, :, : self.end], self.values[:, :, : self.end]


class Engine:
    """The model with a cache of `rows` conversations."""

    def __init__(self, model: SmallVLM, rows: int, caches: list[LayerCache] | None = None) -> None:
        self.model = model
        if caches is None:
            config = model.config
            shape = (rows, config["num_key_value_heads"], ROOM, config["hidden_size"] // config["num_attention_heads"])
            caches = [LayerCache(torch.zeros(shape), torch.zeros(shape)) for _ in range(config["num_hidden_layers"])]
        self.caches = caches

    def take(self, rows: Tensor) -> Engine:
        """Some of the rows, as a copy."""
        return Engine(
            self.model, len(rows), [LayerCache(cache.keys[rows], cache.values[rows]) for cache in self.caches]
        )

    def put(self, rows: Tensor, part: Engine) -> None:
        """Writes back what `take` gave."""
        for cache, held in zip(self.caches, part.caches):
            cache.keys[rows], cache.values[rows] = held.keys, held.values

    def forward(self, x: Tensor, positions: Tensor, lengths: Tensor) -> Tensor:
        """Embeddings [rows, tokens, width] behind what each row holds already."""
        at = lengths[:, None] + torch.arange(x.shape[1])
        end = int(at.max()) + 1
        for cache in self.caches:
            cache.at, cache.end = at, end
        mask = torch.arange(end)[None, None, None] <= at[:, None, :, None]
        return self.model.model(x, positions, list(self.caches), mask)

    def prefill(self, rows: Sequence[tuple[list[int], Tensor, list[Tensor]]], lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens, positions and visual tokens of each row; gives each last token's logits and the new lengths."""
        counts = torch.tensor([len(ids) for ids, _, _ in rows])
        longest = int(counts.max())
        ids = torch.full((len(rows), longest), self.model.config["bos_token_id"])
        positions = torch.zeros(3, len(rows), longest, dtype=torch.long)
        for at, (own, places, _) in enumerate(rows):
            ids[at, : len(own)], positions[:, at, : len(own)] = torch.tensor(own), places
        visual = [tokens for _, _, images in rows for tokens in images]
        x = self.model.embed(ids, torch.cat(visual) if visual else None)
        hidden = self.forward(x, positions, lengths)
        return self.model.text_logits(hidden[torch.arange(len(rows)), counts - 1]), lengths + counts


class Sampler:
    """Chooses tokens: the likeliest at temperature 0."""

    def __init__(self, temperature: float, generator: torch.Generator | None = None) -> None:
        self.temperature, self.generator = temperature, generator

    def __call__(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        logprobs = torch.log_softmax(logits / (self.temperature or 1.0), -1)
        if self.temperature:
            tokens = torch.multinomial(logprobs.exp(), 1, generator=self.generator)[:, 0]
        else:
            tokens = logprobs.argmax(-1)
        return tokens, logprobs.gather(1, tokens[:, None])[:, 0]


@dataclass
class Spoken:
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    ended: bool = False


def _say(
    engine: Engine, rows: Tensor, logits: Tensor, lengths: Tensor, first: list[int], sampler: Sampler, end: int
) -> list[Spoken]:
    """One turn of `rows`; changes `lengths` (of all rows). `first` holds the position of each row's first token."""
    spoken = [Spoken() for _ in range(len(rows))]
    alive = torch.arange(len(rows))
    work, held = engine.take(rows), lengths[rows].clone()
    for count in range(TURN_TOKENS):
        tokens, logprobs = sampler(logits)
        for at, token, logprob in zip(alive.tolist(), tokens.tolist(), logprobs.tolist()):
            if not spoken[at].ended:
                spoken[at].tokens.append(token)
                spoken[at].logprobs.append(logprob)
        places = torch.tensor([first[at] + count for at in alive.tolist()]).view(1, -1, 1).expand(3, -1, 1)
        hidden = work.forward(engine.model.model.embed_tokens(tokens)[:, None], places, held)
        logits = engine.model.text_logits(hidden[:, 0])
        was = torch.tensor([not spoken[at].ended for at in alive.tolist()])
        held = held + was.long()  # the end's own token is kept as well
        for at, token, length in zip(alive.tolist(), tokens.tolist(), held.tolist()):
            if token == end or length >= ROOM - 60:
                spoken[at].ended = True
        going = torch.tensor([not spoken[at].ended for at in alive.tolist()])
        if not going.any():
            break
        if going.float().mean() < 0.6:
            engine.put(rows[alive], work)
            lengths[rows[alive]] = held
            alive, held, logits = alive[going], held[going], logits[going]
            work = engine.take(rows[alive])
    engine.put(rows[alive], work)
    lengths[rows[alive]] = held
    for one in spoken:
        one.ended = one.tokens[-1] == end
    return spoken


@torch.no_grad()
def roll_out(
    model: SmallVLM,
    chat: Chat,
    examples: Sequence[tuple[Scene, Question]],
    times: int,
    *,
    temperature: float = 1.0,
    max_turns: int = 4,
    tools: bool = True,
    generator: torch.Generator | None = None,
    sampler: Sampler | None = None,
) -> list[Rollout]:
    """`times` rollouts of each example, those of one example side by side.

    :param tools: False asks the question alone, with no tool declared, and takes the first reply as the end
    :param sampler: instead of temperature and generator
    """
    sampler = sampler or Sampler(temperature, generator)
    seen = see(model.visual, [G.view_of(scene) for scene, _ in examples])
    rollouts, prompts = [], []
    for (scene, question), tokens in zip(examples, seen):
        text = head(SYSTEM, IMAGE + question.text + USER) if tools else head(PLAIN_SYSTEM, IMAGE + question.text)
        ids, positions, following = chat.expand(text, [SQUARE])
        prompts.append((ids, positions, [tokens]))
        for _ in range(times):
            rollout = Rollout(scene, question, prompt=len(ids), visual=[tokens], following=following)
            rollout.add(list(ids), positions, 0)
            rollouts.append(rollout)
    small = Engine(model, len(prompts))
    logits, lengths = small.prefill(prompts, torch.zeros(len(prompts), dtype=torch.long))
    repeat = torch.arange(len(prompts)).repeat_interleave(times)
    engine, logits, lengths = small.take(repeat), logits[repeat], lengths[repeat]
    live = torch.arange(len(rollouts))
    for turn in range(max_turns):
        first = [rollouts[at].following for at in live.tolist()]
        spoken = _say(engine, live, logits, lengths, first, sampler, chat.end)
        answers = _answers(chat, rollouts, live, spoken, turn == max_turns - 1 or not tools)
        if not answers:
            break
        fresh = see(model.visual, [crop for _, _, crop in answers if crop is not None])
        rows, kept, left = [], [], iter(fresh)
        for at, text, crop in answers:
            visual = [next(left)] if crop is not None else []
            grids = [G.merged_grid(crop)] if crop is not None else []
            ids, positions, following = chat.expand(text, grids, rollouts[at].following)
            if int(lengths[at]) + len(ids) + TURN_TOKENS > ROOM:
                rollouts[at].ended = "length"
                continue
            rollouts[at].add(ids, positions, 0)
            rollouts[at].visual += visual
            rollouts[at].following = following
            rows.append((ids, positions, visual))
            kept.append(at)
        if not rows:
            break
        live = torch.tensor(kept)
        part = engine.take(live)
        logits, lengths[live] = part.prefill(rows, lengths[live])
        engine.put(live, part)
    return rollouts


def _answers(
    chat: Chat, rollouts: list[Rollout], live: Tensor, spoken: list[Spoken], last: bool
) -> list[tuple[int, str, np.ndarray | None]]:
    """Writes down what was said; gives row, text and crop of each row that goes on."""
    out = []
    for at, one in zip(live.tolist(), spoken):
        rollout, count = rollouts[at], len(one.tokens)
        rollout.add(one.tokens, (torch.arange(count) + rollout.following).expand(3, count), 1, one.logprobs)
        rollout.following += count
        text = chat.text(one.tokens).removesuffix("<|im_end|>")
        rollout.turns.append(text)
        if not one.ended:
            rollout.ended = "length"
            continue
        step = act(rollout.scene.picture, text)
        if step.text is None or last:
            rollout.ended = "finished" if step.text is None else "turnLimit"
            continue
        rollout.calls += 1
        if step.crop is None:
            rollout.errors.append(step.error or "")
            rollout.error_turns.append(len(rollout.turns) - 1)
        else:
            rollout.crops.append(step.crop)
            rollout.crop_turns.append(len(rollout.turns) - 1)
            rollout.boxes.append(step.box or [])
            rollout.cuts.append(step.cut or [])
        out.append((at, step.text, step.crop))
    return out
