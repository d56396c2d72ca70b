"""The zoom environment, with the rules of DeepEyes' visual_toolbox_v2, scaled to this world; and the rewards."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from training import geometry as G
from training.prompts import OBSERVATION, TOOL, next_turn

ANSWER = re.compile(r"<answer>(.*?)</answer>", re.S)
CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.S)
REFUSED = "Error: ZOOM IN ARGUMENTS ARE INVALID"


class Step(NamedTuple):
    """What the environment makes of a turn. `text` is None at the end, else what is appended; `crop` goes with an image."""

    text: str | None
    crop: np.ndarray | None = None
    box: list[float] | None = None
    """As the model said it."""
    cut: list[float] | None = None
    """What was cut out after clamping, in the view's frame."""
    error: str | None = None


END = Step(None)


def _refuse(why: str) -> Step:
    return Step(next_turn(why), error=why)


def act(picture: np.ndarray, turn: str) -> Step:
    """One turn: an answer ends the episode, the last call is carried out, nothing of both ends it too."""
    if any(found.strip() for found in ANSWER.findall(turn)):
        return END
    calls = CALL.findall(turn)
    if not calls:
        return END
    raw = calls[-1].strip()
    try:
        call = json.loads(raw)
    except ValueError as fault:
        return _refuse(f"Error: Invalid tool call format: {raw}. Error: {fault}")
    try:
        if call["name"] != TOOL:
            return _refuse(f"Error: Unknown tool name: {call['name']}")
        box = [float(value) for value in call["arguments"]["bbox_2d"]]
    except KeyError as fault:
        return _refuse(f"Error: {fault}")
    except (TypeError, ValueError):
        return _refuse(REFUSED)
    if len(box) != 4 or not all(math.isfinite(value) for value in box):
        return _refuse(REFUSED)
    seen = G.zoom(picture, box)
    if seen is None:
        return _refuse(REFUSED)
    return Step(next_turn(OBSERVATION), seen[0], box, G.view_box(seen[1]))


ALLOWANCE = {"read": 1, "compare": 2, "count": 0, "color": 0}
"""Zooms that a question of a kind needs."""
REGIMES = ("none", "unconditional", "conditional", "adaptive")


@dataclass(frozen=True)
class Weights:
    """R = accuracy * acc + format * fmt + tool * tool: those of DeepEyes' released code."""

    accuracy: float = 0.8
    format: float = 0.2
    tool: float = 1.2
    decay: float = 1.0
    """Adaptive: how fast the tool's reward falls with the distance from the allowance."""
    deeper: float = 0.1
    """Adaptive: for each zoom into the last box (paid) or away from it without need (charged)."""


WEIGHTS = Weights()


class Reward(NamedTuple):
    acc: float
    format: float
    tool: float
    score: float
    prediction: str


def predicted(response: str) -> tuple[str, bool]:
    """The answer in the turns of a rollout joined, and whether their form is at fault (rules of DeepEyes' vl_agent.py)."""
    rest = response.rsplit("</think>", 1)[-1]
    fault = response.count("<think>") != response.count("</think>") or rest.count("<answer>") != rest.count("</answer>")
    said = rest.split("<answer>")[-1].split("</answer>")[0] if "<answer>" in rest else rest
    return said.replace("<|im_end|>", "").strip(), fault


def chain(cuts: Sequence[G.Box], targets: Sequence[G.Box]) -> float:
    """Zooms that go deeper, less those that drift, over a rollout's boxes in order.

    A box inside the last one (and smaller) goes deeper. One that holds the last goes back: nothing. Anything else
    drifts, unless it is the first that meets an object which is asked for and was not yet met.
    """
    met: set[int] = set()
    total = 0.0
    last: G.Box | None = None
    for box in cuts:
        now = {at for at, target in enumerate(targets) if G.iou(box, target) > 0.1}
        if last is not None:
            inside = last[0] <= box[0] and last[1] <= box[1] and box[2] <= last[2] and box[3] <= last[3]
            holds = box[0] <= last[0] and box[1] <= last[1] and last[2] <= box[2] and last[3] <= box[3]
            if inside and not holds:
                total += 1
            elif not holds and not now - met:
                total -= 1
        met |= now
        last = box
    return total


def reward(
    regime: str,
    kind: str,
    response: str,
    truth: str,
    cuts: Sequence[G.Box],
    targets: Sequence[G.Box],
    weights: Weights = WEIGHTS,
) -> Reward:
    """The reward of a whole rollout. `cuts` are the crops that the model got, `targets` the boxes of what is asked."""
    said, fault = predicted(response)
    acc = float(said.lower() == truth.lower())
    form = -1.0 if fault else 0.0
    used = float(len(cuts) > 0)
    if regime == "none":
        tool = 0.0
    elif regime == "unconditional":
        tool = used
    elif regime == "conditional":
        tool = used * acc
    elif regime == "adaptive":
        tool = acc * math.exp(-weights.decay * abs(len(cuts) - ALLOWANCE[kind]))
    else:
        raise ValueError(f"There is no regime {regime!r}; there are {', '.join(REGIMES)}.")
    score = weights.accuracy * acc + weights.format * form + weights.tool * tool
    if regime == "adaptive":
        score += weights.deeper * acc * chain(cuts, targets)
    return Reward(acc, form, tool, score, said)
