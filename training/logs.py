"""Logs of a GRPO run, as verl writes them.

Console lines, the file logger and TensorBoard are verl's own code, loaded from its files: the package's other needs (Ray
among them) are not needed for that. The dump for RL Logging Board is ours, in the format of DeepEyes' fork of verl, which
is no package. Rollouts with their images go through the project's `python/imcot_recorder.py`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from training import scenes as S
from training.chat import Chat
from training.environment import WEIGHTS
from training.geometry import CROP_PIXELS, VIEW
from training.prompts import IMAGE, OBSERVATION, SYSTEM, USER, next_turn
from training.rollouts import Rollout

PROJECT = "imcot-demo"
CROP = {"minPixels": CROP_PIXELS, "maxPixels": CROP_PIXELS}
REPOSITORY = Path(__file__).resolve().parents[1]


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file that can be loaded.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _verl(path: str) -> ModuleType:
    spec = importlib.util.find_spec("verl")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("verl is missing: install training/requirements.txt with --no-deps.")
    return _load("verl_" + Path(path).stem, Path(spec.submodule_search_locations[0]) / path)


class RunLog:
    """Everything that a run writes under its folder; goes on behind `done` steps that an earlier call wrote."""

    def __init__(self, folder: Path, experiment: str, done: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.console = open(folder / "console.log", "a", encoding="utf-8")  # noqa: SIM115
        aggregate, tracking = _verl("utils/logger/aggregate_logger.py"), _verl("utils/tracking.py")
        self._line = aggregate.concat_dict_to_str
        file = folder / PROJECT / f"{experiment}.jsonl"
        file.parent.mkdir(exist_ok=True)
        earlier = file.read_text().splitlines() if file.exists() else []
        os.environ["VERL_FILE_LOGGER_PATH"] = str(file)
        os.environ["TENSORBOARD_DIR"] = str(folder / "tensorboard_log" / PROJECT / experiment)
        self._file = tracking.FileLogger(PROJECT, experiment)  # it begins its file anew
        self._board = tracking._TensorboardAdapter(PROJECT, experiment)
        for line in map(json.loads, earlier):
            if line["step"] <= done:
                self._file.log(line["data"], line["step"])
        self._rollouts = folder / "rl_logging_board" / PROJECT / experiment / "rollout_data_rank0.jsonl"
        self._rollouts.parent.mkdir(parents=True, exist_ok=True)
        _cut(self._rollouts, done)
        self._dumps = folder / "rollouts"

    def metrics(self, step: int, data: dict[str, float]) -> None:
        """One step's figures to console, file and TensorBoard."""
        line = self._line(data, step=step)
        print(line, flush=True)
        self.console.write(line + "\n")
        self.console.flush()
        self._file.log(data, step)
        self._board.log(data, step)

    def board(self, step: int, rollouts: list[Rollout], chat: Chat) -> None:
        """Appends rollouts as DeepEyes' trainer dumps them: special tokens kept, each token decoded alone, no images."""
        with open(self._rollouts, "a", encoding="utf-8") as lines:
            for rollout in rollouts:
                ids, said = rollout.ids[rollout.prompt :], rollout.logprobs[rollout.prompt :]
                assert rollout.reward is not None
                rewards = [0.0] * len(ids)
                rewards[-1] = rollout.reward.score
                row = {
                    "step": step,
                    "prompt": chat.text(rollout.ids[: rollout.prompt]),
                    "response": chat.text(ids),
                    "response_tokens": [chat.text([token]) for token in ids],
                    "logprobs": [round(value, 5) for value in said],
                    "token_rewards": rewards,
                    "reward": rollout.reward.score,
                    "ground_truth": rollout.question.answer,
                }
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")

    def rollouts(
        self, step: int, rollouts: list[Rollout], groups: list[str], regime: str, chat: Chat, model: str
    ) -> None:
        """Writes rollouts with their images in the project's own format; `groups` names each one's question."""
        recorder_of = _load("imcot_recorder", REPOSITORY / "python" / "imcot_recorder.py")
        path = self._dumps / f"step_{step:03d}.imcot.jsonl"
        path.unlink(missing_ok=True)
        with recorder_of.Recorder(str(path), strict=True) as recorder:
            for rollout, group in zip(rollouts, groups):
                record(recorder, rollout, chat, step=step, group=group, model=model, regime=regime)

    def close(self) -> None:
        self._file.finish()
        self._board.finish()
        self.console.close()


def record(
    recorder: Any, rollout: Rollout, chat: Chat, *, step: int | None, group: str | None, model: str, regime: str
) -> None:
    """One rollout through the project's recorder."""
    question = rollout.question
    picture = rollout.scene.file or S.png_bytes(rollout.scene.picture)
    held = recorder.trajectory(
        IMAGE + question.text + USER,
        images=[picture],
        system=SYSTEM,
        question=question.text,
        model=model,
        step=step,
        group=group,
        split=question.kind,
        ground_truth=question.answer,
        boxes=[list(item.box) for item in question.targets],
        frame="resized",
        zoom_variant="trainingV2",
        semantics="trainingV2",
        settings={"temperature": 1.0, "view": {"maxPixels": VIEW * VIEW}, "crop": CROP},
        extras={"kind": question.kind, "regime": regime},
    )
    said = iter(_spoken(rollout, chat))
    crops, errors = dict(zip(rollout.crop_turns, rollout.crops)), dict(zip(rollout.error_turns, rollout.errors))
    for turn, text in enumerate(rollout.turns):
        tokens, logprobs = next(said)
        held.text(turn, text, tokens=tokens, logprobs=logprobs)
        if turn in crops:
            held.observation(turn, next_turn(OBSERVATION), images=[S.png_bytes(crops[turn])])
        elif turn in errors:
            held.observation(turn, next_turn(errors[turn]), error=errors[turn])
    if rollout.reward is not None:
        parts = {"acc": rollout.reward.acc, "format": rollout.reward.format, "tool": rollout.reward.tool}
        held.verdict(rollout.reward.acc > 0.5, by="rule: equal text")
        held.reward(
            rollout.reward.score,
            parts,
            weights={"acc": WEIGHTS.accuracy, "format": WEIGHTS.format, "tool": WEIGHTS.tool},
        )
    held.end(rollout.ended, prediction=rollout.reward.prediction if rollout.reward else None)


def _spoken(rollout: Rollout, chat: Chat) -> list[tuple[list[str], list[float]]]:
    """Tokens and log-probabilities of each turn; the token that ends a turn is no text of it."""
    out: list[tuple[list[str], list[float]]] = []
    before = 0
    for token, own, logprob in zip(rollout.ids, rollout.own, rollout.logprobs):
        if own and not before:
            out.append(([], []))
        if own and token != chat.end:
            out[-1][0].append(chat.text([token]))
            out[-1][1].append(round(logprob, 5))
        before = own
    return out


def _cut(path: Path, done: int) -> None:
    """Drops the lines of steps after `done`, which a call that was stopped may have written."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if json.loads(line)["step"] <= done]
    if len(kept) < len(lines):
        path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def summary(rollouts: list[Rollout]) -> dict[str, float]:
    """Figures of a batch under verl's names, and the project's own."""

    def mean(values: list[float]) -> float:
        return float(np.mean(values)) if values else 0.0

    def spread(name: str, values: list[float]) -> dict[str, float]:
        return {f"{name}/mean": mean(values), f"{name}/max": float(max(values)), f"{name}/min": float(min(values))}

    rewards = [rollout.reward for rollout in rollouts if rollout.reward is not None]
    scores = [reward.score for reward in rewards]
    said = [float(rollout.said) for rollout in rollouts]
    calls = [float(rollout.calls) for rollout in rollouts]
    out = spread("critic/score", scores) | spread("critic/rewards", scores) | spread("response_length", said)
    out |= spread("obs_length", [float(len(r.ids) - r.prompt - r.said) for r in rollouts])
    out |= spread("prompt_length", [float(r.prompt) for r in rollouts])
    out |= {name.replace("call/", "call_"): value for name, value in spread("agent/tool_call", calls).items()}
    out["response_length/clip_ratio"] = mean([float(r.ended == "length") for r in rollouts])
    out |= {
        "reward/accuracy_ratio": mean([r.acc for r in rewards]),
        "reward/format": mean([r.format for r in rewards]),
        "reward/tool": mean([r.tool for r in rewards]),
    }
    out["agent/crop_mean"] = mean([float(len(r.crops)) for r in rollouts])
    out["agent/error_mean"] = mean([float(len(r.errors)) for r in rollouts])
    asked = [r for r in rollouts if r.question.targets]
    out["grounding/iou_mean"] = mean([value for r in asked for value in r.ious])
    out["faithful/mean"] = mean([float(value) for r in asked for value in r.faithful])
    for label, kinds in (("read", ("read",)), ("compare", ("compare",)), ("plain", ("count", "color"))):
        some = [r for r in rollouts if r.question.kind in kinds]
        if some:
            out[f"kind/{label}/acc"] = mean([r.reward.acc for r in some if r.reward])
            out[f"kind/{label}/zooms"] = mean([float(len(r.crops)) for r in some])
    return out


def held_out(rollouts: list[Rollout]) -> dict[str, float]:
    """Figures of the fixed validation scenes under verl's names for a data source."""
    out = {}
    for name, value in summary(rollouts).items():
        if name == "reward/accuracy_ratio":
            out["val-core/evening_sky/acc/mean@1"] = value
        elif not name.endswith(("/max", "/min", "_max", "_min")) and not name.startswith("critic/rewards"):
            out[f"val-aux/evening_sky/{name.removesuffix('/mean')}/mean@1"] = value
    return out
