"""Stage 3: GRPO on whole rollouts, in one of four regimes of the tool's reward.

Groups of rollouts of one question; advantage (r - mean) / (standard deviation of the sample + 1e-6), on the policy's own
tokens only; clip 0.2 with dual clip 3, mean over tokens, no KL term, no entropy term. The vision tower stays as it is.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training import scenes as S
from training.chat import Chat
from training.environment import reward
from training.logs import RunLog, held_out, summary
from training.model import SmallVLM
from training.rollouts import Rollout, roll_out


@dataclass
class GrpoPlan:
    steps: int = 100
    prompts: int = 16
    rollouts: int = 8
    updates: int = 2
    """Optimiser steps per batch of rollouts."""
    micro: int = 32
    lr: float = 1e-4
    warmup: int = 5
    clip: float = 0.2
    dual_clip: float = 3.0
    max_turns: int = 4
    share: tuple[float, float, float] = (0.36, 0.40, 0.24)
    """Of questions that need one zoom, two, and none."""
    seed: int = 1000
    held: int = 60
    held_seed: int = 7
    check_every: int = 10
    dump_every: int = 5
    dump_groups: int = 2
    save_every: int = 5


class Batch:
    """Rollouts side by side, as the policy's update needs them."""

    def __init__(self, rollouts: list[Rollout], pad: int) -> None:
        length = max(len(rollout.ids) for rollout in rollouts)
        self.ids = torch.full((len(rollouts), length), pad)
        self.own, self.old = torch.zeros(len(rollouts), length), torch.zeros(len(rollouts), length)
        self.positions = torch.zeros(3, len(rollouts), length, dtype=torch.long)
        for at, rollout in enumerate(rollouts):
            count = len(rollout.ids)
            self.ids[at, :count] = torch.tensor(rollout.ids)
            self.own[at, :count] = torch.tensor(rollout.own, dtype=torch.float)
            self.old[at, :count] = torch.tensor(rollout.logprobs)
            self.positions[:, at, :count] = torch.cat(rollout.positions, 1)
        self.visual = torch.cat([tokens for rollout in rollouts for tokens in rollout.visual])


def advantages(scores: Tensor, size: int) -> Tensor:
    """Of rollouts whose groups of `size` stand side by side; a group of equal rewards has none."""
    groups = scores.view(-1, size)
    return ((groups - groups.mean(1, keepdim=True)) / (groups.std(1, keepdim=True) + 1e-6)).flatten()


def policy_loss(
    model: SmallVLM, batch: Batch, gains: Tensor, plan: GrpoPlan, tokens: int
) -> tuple[Tensor, dict[str, float]]:
    """The clipped loss of a part of a batch that holds `tokens` of the policy's tokens in all."""
    hidden = model.model(model.embed(batch.ids, batch.visual), batch.positions)
    said = batch.own[:, 1:] > 0
    table = torch.log_softmax(model.text_logits(hidden[:, :-1][said]), -1)
    logprobs = table.gather(1, batch.ids[:, 1:][said][:, None])[:, 0]
    gain = gains[:, None].expand_as(batch.own)[:, 1:][said]
    change = logprobs - batch.old[:, 1:][said]
    ratio = change.exp()
    free, bound = -gain * ratio, -gain * ratio.clamp(1 - plan.clip, 1 + plan.clip)
    loss = torch.maximum(free, bound)
    lower = torch.minimum(loss, -gain * plan.dual_clip)
    clipped_low = (lower < loss) & (gain < 0)
    loss = torch.where(gain < 0, lower, loss)
    with torch.no_grad():
        stats = {
            "actor/pg_loss": loss.sum().item(),
            "actor/pg_clipfrac": (bound > free).float().sum().item(),
            "actor/pg_clipfrac_lower": clipped_low.float().sum().item(),
            "actor/ppo_kl": (-change).sum().item(),
            "actor/entropy": -(table.exp() * table).sum().item(),
        }
    return loss.sum() / tokens, {name: value / tokens for name, value in stats.items()}


def update(
    model: SmallVLM,
    optimizer: torch.optim.Optimizer,
    rollouts: list[Rollout],
    gains: Tensor,
    plan: GrpoPlan,
    chat: Chat,
    order: Tensor,
) -> dict[str, float]:
    """The optimiser's steps on one batch of rollouts; figures are means over them."""
    weights = list(model.model.parameters())
    rows: list[dict[str, float]] = []
    for chunk in order.chunk(plan.updates):
        # A group without advantage adds nothing; its tokens still count for the mean.
        tokens = sum(rollouts[at].said for at in chunk.tolist())
        use = sorted(chunk[gains[chunk] != 0].tolist(), key=lambda at: len(rollouts[at].ids))
        sums: dict[str, float] = {}
        for start in range(0, len(use), plan.micro):
            part = use[start : start + plan.micro]
            loss, stats = policy_loss(model, Batch([rollouts[at] for at in part], chat.pad), gains[part], plan, tokens)
            loss.backward()
            for name, value in stats.items():
                sums[name] = sums.get(name, 0.0) + value
        if use:
            sums["actor/grad_norm"] = torch.nn.utils.clip_grad_norm_(weights, 1.0).item()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            rows.append(sums)
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]} if rows else {}


def judge(rollouts: list[Rollout], regime: str) -> Tensor:
    """Gives every rollout its reward."""
    for rollout in rollouts:
        question = rollout.question
        rollout.reward = reward(
            regime, question.kind, "\n".join(rollout.turns), question.answer, rollout.cuts, rollout.targets
        )
    return torch.tensor([rollout.reward.score for rollout in rollouts if rollout.reward])


def train_grpo(plan: GrpoPlan, regime: str, base: Path, out: Path, logs: Path) -> None:
    """Trains from the checkpoint `base`, writes checkpoint `out` and logs; goes on where an earlier call was stopped."""
    chat = Chat(base)
    resume = out / "resume.pt"
    state = torch.load(resume) if resume.exists() else None
    model = SmallVLM.load(out if state else base)
    model.visual.requires_grad_(False)
    optimizer = torch.optim.Adam(model.model.parameters(), plan.lr, betas=(0.9, 0.95), fused=True)
    done = 0
    if state:
        model.model.load_state_dict(state["text"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["step"]
    experiment = f"grpo_{regime}"
    log = RunLog(logs, experiment, done)
    held = [S.make_example(plan.held_seed, at) for at in range(plan.held)]
    (logs / "settings.json").write_text(json.dumps({"regime": regime} | vars(plan), indent=2) + "\n")
    for step in range(done + 1, plan.steps + 1):
        begun = time.time()
        figures: dict[str, float] = {}
        if step == 1 or step % plan.check_every == 0:
            checked = roll_out(model, chat, held, 1, temperature=0.0, max_turns=plan.max_turns)
            judge(checked, regime)
            figures |= held_out(checked)
            figures["timing_s/testing"] = time.time() - begun
        asked = time.time()
        examples = [S.make_example(plan.seed, (step - 1) * plan.prompts + at, plan.share) for at in range(plan.prompts)]
        drawn = time.time()
        generator = torch.Generator().manual_seed(plan.seed * 100_003 + step)
        rollouts = roll_out(model, chat, examples, plan.rollouts, max_turns=plan.max_turns, generator=generator)
        generated = time.time()
        gains = advantages(judge(rollouts, regime), plan.rollouts)
        for group in optimizer.param_groups:
            group["lr"] = plan.lr * min(1.0, step / plan.warmup)
        learnt = update(
            model, optimizer, rollouts, gains, plan, chat, torch.randperm(len(rollouts), generator=generator)
        )
        updated = time.time()
        figures |= summary(rollouts) | learnt
        figures |= {
            f"critic/advantages/{name}": value
            for name, value in (("mean", gains.mean().item()), ("max", gains.max().item()), ("min", gains.min().item()))
        }
        figures["group/dead"] = (gains.view(-1, plan.rollouts).abs().amax(1) == 0).float().mean().item()
        total = sum(len(rollout.ids) for rollout in rollouts)
        figures |= {
            "actor/lr": optimizer.param_groups[0]["lr"],
            "timing_s/scenes": drawn - asked,
            "timing_s/gen": generated - drawn,
            "timing_s/update_actor": updated - generated,
            "timing_s/step": updated - begun,
            "perf/total_num_tokens": total,
            "perf/throughput": total / (updated - drawn),
            "training/global_step": step,
        }
        log.metrics(step, figures)
        if step == 1 or step % plan.dump_every == 0:
            log.board(step, rollouts, chat)
            groups = [at for at, (scene, _) in enumerate(examples) if scene.file][: plan.dump_groups]
            rows = [at * plan.rollouts + turn for at in groups for turn in range(plan.rollouts)]
            names = [f"{step}-{at}" for at in groups for _ in range(plan.rollouts)]
            log.rollouts(step, [rollouts[at] for at in rows], names, regime, chat, experiment)
        if step % plan.save_every == 0 or step == plan.steps:
            model.save(out)
            partial = resume.with_suffix(".partial")
            torch.save({"text": model.model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, partial)
            partial.replace(resume)
    log.close()
