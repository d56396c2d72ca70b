"""Muon for the hidden matrices, Adam for everything else.

Muon: momentum, orthogonalised by five Newton-Schulz steps (K. Jordan, 2024). Queries and keys stay with Adam: under Muon
their norm grows by the learning rate at each step, and attention ends up on one token.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

ADAM_ONLY = ("embed_tokens", "patch_embed", "heads.", "q_proj", "k_proj")


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """The nearest matrix, roughly, whose singular values are all 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, weights: list[nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.01) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                held = self.state[weight]
                if "momentum" not in held:
                    held["momentum"] = torch.zeros_like(weight)
                held["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                gradient = weight.grad.lerp(held["momentum"], group["momentum"]).flatten(1)
                change = orthogonal(gradient) * max(1.0, gradient.shape[0] / gradient.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"]).add_(change.view_as(weight), alpha=-group["lr"])


class Optimizers:
    """Both as one; `step(scale)` multiplies every learning rate."""

    def __init__(self, named: Iterable[tuple[str, nn.Parameter]], muon: float, adam: float, decay: float) -> None:
        named = [(name, weight) for name, weight in named if weight.requires_grad]
        hidden = [w for name, w in named if w.dim() > 1 and not any(part in name for part in ADAM_ONLY)]
        chosen = {id(weight) for weight in hidden}
        rest = [weight for _, weight in named if id(weight) not in chosen]
        self.all: list[tuple[torch.optim.Optimizer, float]] = [
            (Muon(hidden, muon, decay=decay), muon),
            (torch.optim.Adam(rest, adam, betas=(0.9, 0.98), fused=True), adam),
        ]

    def step(self, scale: float) -> None:
        for optimizer, lr in self.all:
            for group in optimizer.param_groups:
                group["lr"] = lr * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> list[dict[str, Any]]:
        return [optimizer.state_dict() for optimizer, _ in self.all]

    def restore(self, states: list[dict[str, Any]]) -> None:
        for (optimizer, _), state in zip(self.all, states):
            optimizer.load_state_dict(state)


def schedule(step: int, steps: int, warmup: int = 30, hold: float = 0.3) -> float:
    """Rises over `warmup` steps, stays for a share of the run, then falls in a line to 2 %."""
    left = 1 - step / steps
    return min(1.0, (step + 1) / warmup) * min(1.0, left / (1 - hold) + 0.02)
