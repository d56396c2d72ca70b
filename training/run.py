"""The whole chain from one command: pools, vision tower, single skills, GRPO in four regimes, evaluation, export.

    python -m training.run --out DIR [--regimes conditional,adaptive] [--threads 2]

What is done is not done again: stopped at any time, the same command goes on. `DIR/summary.json` holds the figures,
`DIR/times.jsonl` the seconds that each stage took in each call.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch

from training.base_stage import BasePlan, train_base
from training.environment import REGIMES
from training.evaluate import figures, measure, parity
from training.export import export
from training.grpo import GrpoPlan, train_grpo
from training.vision_stage import VisionPlan, train_vision


@dataclass
class Plan:
    """The recipe. Seeds of pools, GRPO, validation and evaluation are all different."""

    pool_seeds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    pool_count: int = 400
    held_count: int = 150
    vision: VisionPlan = field(default_factory=VisionPlan)
    base: BasePlan = field(default_factory=BasePlan)
    grpo: GrpoPlan = field(default_factory=GrpoPlan)
    regimes: tuple[str, ...] = ("conditional", "adaptive", "none", "unconditional")
    evaluate: int = 600
    evaluate_seed: int = 9
    ship: str = "adaptive"


class Chain:
    """The stages in order, each under a name by which its time is kept."""

    def __init__(self, plan: Plan, out: Path) -> None:
        self.plan, self.out = plan, out
        out.mkdir(parents=True, exist_ok=True)
        self.logs = out / "logs"
        self.logs.mkdir(exist_ok=True)

    def timed(self, name: str, work: Callable[[], None]) -> None:
        begun, used = time.time(), time.process_time()
        work()
        row = {
            "stage": name,
            "seconds": round(time.time() - begun, 1),
            "processor_seconds": round(time.process_time() - used, 1),
        }
        with open(self.out / "times.jsonl", "a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)

    def pools(self) -> None:
        """Two processes draw side by side."""
        plan, folder = self.plan, self.out / "data"
        wanted = [(0, plan.held_count, folder / "held.npz")]
        wanted += [(seed, plan.pool_count, folder / f"pool{seed}.npz") for seed in plan.pool_seeds]
        missing = [job for job in wanted if not job[2].exists()]
        for at in range(0, len(missing), 2):
            processes = [
                subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "training.pool",
                        "--seed",
                        str(seed),
                        "--count",
                        str(count),
                        "--out",
                        str(path),
                    ]
                )
                for seed, count, path in missing[at : at + 2]
            ]
            if any([process.wait() for process in processes]):
                raise RuntimeError("A pool could not be drawn; its message stands above.")

    def run(self) -> None:
        plan, out, data = self.plan, self.out, self.out / "data"
        files, held = [data / f"pool{seed}.npz" for seed in plan.pool_seeds], data / "held.npz"
        tower, base = out / "vision.pt", out / "base"
        self.timed("pools", self.pools)
        self.timed("vision", lambda: train_vision(plan.vision, files, held, tower, self.logs / "vision.jsonl"))
        self.timed("base", lambda: train_base(plan.base, files, held, tower, base, self.logs / "base.jsonl"))
        self.figures("base", base, base)
        for regime in plan.regimes:
            checkpoint = out / f"grpo_{regime}"
            self.timed(regime, partial(train_grpo, plan.grpo, regime, base, checkpoint, self.logs / f"grpo_{regime}"))
            self.figures(regime, checkpoint, base)

    def figures(self, name: str, checkpoint: Path, tokenizer: Path) -> None:
        """Measures the exported folder, once."""
        folder, file = self.out / "export" / name, self.out / "summary.json"
        held = json.loads(file.read_text()) if file.exists() else {}
        if name in held:
            return
        export(checkpoint, tokenizer, folder)

        def work() -> None:
            plan = self.plan
            greedy = figures(measure(folder, plan.evaluate, plan.evaluate_seed))
            sampled = figures(measure(folder, plan.evaluate // 2, plan.evaluate_seed, 1.0))
            direct = figures(measure(folder, plan.evaluate // 2, plan.evaluate_seed, tools=False))
            held[name] = {"greedy": greedy, "sampled": sampled, "without_tool": direct, "parity": parity(folder)}
            file.write_text(json.dumps(held, indent=2) + "\n")

        self.timed(f"evaluate {name}", work)


SETTINGS = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "268435456",
}
"""Threads that wait without spinning, and an allocator that keeps its memory instead of asking for the same pages anew."""


def settle() -> None:
    """Starts this program anew with `SETTINGS`, which count only from a process' beginning."""
    if any(name not in os.environ for name in SETTINGS):
        os.execve(sys.executable, [sys.executable, "-m", "training.run", *sys.argv[1:]], SETTINGS | dict(os.environ))


def main() -> None:
    settle()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--regimes", default=",".join(Plan().regimes), help=f"of {', '.join(REGIMES)}")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    Chain(Plan(regimes=tuple(args.regimes.split(","))), args.out).run()


if __name__ == "__main__":
    main()
