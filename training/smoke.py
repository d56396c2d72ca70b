"""A step of each stage on a few scenes, in a folder that is thrown away; what comes out is loaded by transformers.

    python -m training.smoke

Ends with 'N passed, 0 failed', or with 1 and what went wrong.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from training import geometry as G
from training import scenes as S
from training.base_stage import BasePlan
from training.chat import Chat
from training.environment import REGIMES, act, chain, predicted, reward
from training.grpo import Batch, GrpoPlan, advantages
from training.logs import PROJECT
from training.model import SmallVLM
from training.prompts import SYSTEM, USER, answer, thought, tool_call
from training.rollouts import Sampler, roll_out
from training.run import Chain, Plan
from training.vision_stage import VisionPlan

SMALL = Plan(
    pool_seeds=(1, 2),
    pool_count=12,
    held_count=8,
    vision=VisionPlan(steps=2, views=4, crops=4, save_every=1),
    base=BasePlan(steps=2, batch=4, save_every=1, check_every=2),
    grpo=GrpoPlan(steps=1, prompts=4, rollouts=2, held=3, dump_every=1, dump_groups=2, micro=4),
    regimes=REGIMES,
    evaluate=4,
)


def same_scenes_from_a_seed() -> None:
    first, second = (S.make_example(5, 3) for _ in range(2))
    assert (first[0].picture == second[0].picture).all() and first[1] == second[1]


def questions_are_true() -> None:
    kinds = set()
    for index in range(60):
        scene, question = S.make_example(6, index)
        kinds.add(question.kind)
        letters = [item.letter for item in question.targets]
        if question.kind == "read":
            assert letters == [question.answer] and question.targets[0].name in question.text
        elif question.kind == "compare":
            assert question.answer == ("yes" if letters[0] == letters[1] else "no")
        elif question.kind == "count":
            kind = next(kind for kind in S.KINDS if kind in question.text)
            assert question.answer == str(sum(item.kind == kind for item in scene.items))
        else:
            kind = next(kind for kind in S.KINDS if kind in question.text)
            largest = max(
                (item for item in scene.items if item.kind == kind), key=lambda item: item.box[3] - item.box[1]
            )
            assert question.answer == largest.color
        assert all(item in scene.items for item in question.targets)
    assert kinds == {"read", "compare", "count", "color"}


def quick_views_are_exact() -> None:
    for index in range(4):
        scene, _ = S.make_example(7, index * 3)  # PNG: only these take the quick way
        assert (G.view_of(scene) == G.shrunk(scene.picture)).all()


def script_writes_files() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(S.__file__)
        subprocess.run([sys.executable, str(script), "--seed", "4", "--count", "3", "--out", folder], check=True)
        rows = [json.loads(line) for line in (Path(folder) / "questions.jsonl").read_text().splitlines()]
        assert len(rows) == 3 and all((Path(folder) / row["image"]).exists() for row in rows)
        assert set(rows[0]) == {"image", "question", "answer", "boxes", "kind"}


def prompts_are_the_published_ones() -> None:
    for text, start in ((SYSTEM, "1fc5b8b5ebdc9b24"), (USER, "e46e076069f511f8")):
        assert hashlib.sha256(text.encode()).hexdigest().startswith(start)


def environment_has_its_rules() -> None:
    scene, _ = S.make_example(8, 0)
    call = thought("x") + tool_call([10, 10, 60, 60], "x")
    seen = act(scene.picture, call)
    assert seen.crop is not None and seen.cut == [10, 10, 60, 60]
    assert act(scene.picture, call + answer("A")).text is None, "an answer beats a call"
    assert act(scene.picture, call.replace("</tool_call>", "")).text is None, "a call that is not closed ends it"
    assert act(scene.picture, thought("x") + tool_call([10, 10, 15, 60], "x")).error, "30 pixels are too few"
    assert act(scene.picture, "<tool_call>{</tool_call>").error
    assert predicted("<think>a</think>\n<answer>K</answer>") == ("K", False)
    assert predicted("<think>a\n<answer>K</answer>") == ("K", True)


def regimes_pay_as_they_say() -> None:
    right, wrong = thought("x") + answer("K"), thought("x") + answer("Z")
    box = [0.0, 0.0, 10.0, 10.0]

    def pays(regime: str, kind: str, text: str, zooms: int) -> float:
        return round(reward(regime, kind, text, "K", [box] * zooms, [box]).score, 3)

    assert [pays(regime, "read", right, 1) for regime in REGIMES] == [0.8, 2.0, 2.0, 2.0]
    assert [pays(regime, "read", wrong, 1) for regime in REGIMES] == [0.0, 1.2, 0.0, 0.0]
    assert [pays(regime, "count", right, 0) for regime in REGIMES] == [0.8, 0.8, 0.8, 2.0]
    assert pays("adaptive", "count", right, 1) < 1.3 and pays("conditional", "count", right, 1) == 2.0
    assert chain([[0, 0, 10, 10], [2, 2, 8, 8]], [box]) == 1
    assert chain([[0, 0, 10, 10], [40, 40, 50, 50]], [box]) == -1
    assert chain([[0, 0, 10, 10], [40, 40, 50, 50]], [box, [40, 40, 50, 50]]) == 0
    gains = advantages(torch.tensor([1.0, 0.0, 1.0, 1.0]), 2)
    assert torch.allclose(gains, torch.tensor([0.70710, -0.70710, 0.0, 0.0]), atol=1e-4), "the sample's deviation"


class Script(Sampler):
    """Says the same turns in every row, whatever the model thinks."""

    def __init__(self, turns: list[list[int]]) -> None:
        super().__init__(1.0)
        self.tokens = [token for turn in turns for token in turn]
        self.at = 0

    def __call__(self, logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = torch.full((len(logits),), self.tokens[self.at])
        self.at += 1
        return tokens, torch.log_softmax(logits, -1).gather(1, tokens[:, None])[:, 0]


@torch.no_grad()
def rollouts_and_updates_agree(folder: Path) -> None:
    chat, model = Chat(folder / "base"), SmallVLM.load(folder / "base")
    texts = [
        thought("I zoom.") + tool_call([20, 30, 60, 80], "x"),
        thought("Again.") + tool_call([5, 5, 9, 9], "x"),
        thought("More.") + tool_call([90, 100, 130, 125], "y"),
        thought("Read.") + answer("K"),
    ]
    script = Script([[*chat.ids(text), chat.end] for text in texts])
    examples = [S.make_example(12, index) for index in range(3)]
    rollouts = roll_out(model, chat, examples, 2, sampler=script)
    for rollout in rollouts:
        assert rollout.turns == texts and rollout.calls == 3 and len(rollout.crops) == 2 and len(rollout.errors) == 1
    batch = Batch(rollouts, chat.pad)
    hidden = model.model(model.embed(batch.ids, batch.visual), batch.positions)
    logprobs = torch.log_softmax(model.text_logits(hidden[:, :-1]), -1).gather(2, batch.ids[:, 1:, None])[..., 0]
    said = batch.own[:, 1:] > 0
    assert (logprobs - batch.old[:, 1:])[said].abs().max() < 1e-4, "the cache and the whole sequence differ"


def chain_runs_and_goes_on(folder: Path) -> None:
    Chain(SMALL, folder).run()
    held = json.loads((folder / "summary.json").read_text())
    assert set(held) == {"base", *REGIMES}
    for name, row in held.items():
        compared = row["parity"]
        assert not compared["missing"] and not compared["unexpected"], name
        assert compared["largest_difference"] < 1e-3 and compared["same_choice"] == 1, compared
    for regime in REGIMES:
        logs = folder / "logs" / f"grpo_{regime}"
        line = json.loads((logs / PROJECT / f"grpo_{regime}.jsonl").read_text().splitlines()[-1])
        assert line["step"] == 1 and np.isfinite(line["data"]["critic/score/mean"])
        assert (logs / "console.log").read_text().startswith("step:1 - ")
        assert list((logs / "tensorboard_log").rglob("events.*"))
        assert len(next((logs / "rl_logging_board").rglob("*.jsonl")).read_text().splitlines()) == 8
        assert (logs / "rollouts" / "step_001.imcot.jsonl").read_text().count('"outcome"') == 4
    before = (folder / "grpo_adaptive" / "model.safetensors").stat().st_mtime_ns
    Chain(SMALL, folder).run()
    assert (folder / "grpo_adaptive" / "model.safetensors").stat().st_mtime_ns == before, "nothing was left to do"


def main() -> None:
    torch.set_num_threads(2)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        checks: list[Callable[[], None]] = [
            same_scenes_from_a_seed,
            questions_are_true,
            quick_views_are_exact,
            script_writes_files,
            prompts_are_the_published_ones,
            environment_has_its_rules,
            regimes_pay_as_they_say,
            lambda: chain_runs_and_goes_on(Path(folder)),
            lambda: rollouts_and_updates_agree(Path(folder)),
        ]
        for check in checks:
            try:
                check()
            except Exception:
                failed += 1
                traceback.print_exc()
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
