"""The texts around a question and a crop.

`SYSTEM` and `USER` are DeepEyes' SYSTEM_PROMPT_V2 and USER_PROMPT_V2, byte for byte (Visual-Agent/DeepEyes, Apache-2.0; see
THIRD_PARTY_NOTICES): another wording is another input. Do not edit: `training.smoke` knows their hashes.
"""

from __future__ import annotations

import json

from training.geometry import Box

PLAIN_SYSTEM = "You are a helpful assistant."
SYSTEM = (
    "You are a helpful assistant.\n"
    "\n"
    "# Tools\n"
    "You may call one or more functions to assist with the user query.\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n"
    "<tools>\n"
    '{"type":"function","function":{"name":"image_zoom_in_tool","description":"Zoom in on a specific region of an image by cropping it based on a bounding box (bbox) and an optional object label.","parameters":{"type":"object","properties":{"bbox_2d":{"type":"array","items":{"type":"number"},"minItems":4,"maxItems":4,"description":"The bounding box of the region to zoom in, as [x1, y1, x2, y2], where (x1, y1) is the top-left corner and (x2, y2) is the bottom-right corner."},"label":{"type":"string","description":"The name or label of the object in the specified bounding box (optional)."}},"required":["bbox"]}}}\n'
    "</tools>\n"
    "\n"
    "# How to call a tool\n"
    "Return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n"
    "<tool_call>\n"
    '{"name": <function-name>, "arguments": <args-json-object>}\n'
    "</tool_call>\n"
    "\n"
    "**Example**:  \n"
    "<tool_call>  \n"
    '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [10, 20, 100, 200], "label": "the apple on the desk"}}  \n'
    "</tool_call>"
)
USER = (
    "\n"
    "Think first, call **image_zoom_in_tool** if needed, then answer. Format strictly as:  <think>...</think>  <tool_call>...</tool_call> (if tools needed)  <answer>...</answer> "
)
IMAGE = "<|vision_start|><|image_pad|><|vision_end|>"
TOOL = "image_zoom_in_tool"
UNKNOWN = "unknown"


def next_turn(user: str) -> str:
    """What stands between the end of a reply and the next one."""
    return f"\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


OBSERVATION = f"<tool_response>{IMAGE}{USER}</tool_response>"
"""What the environment answers to a zoom."""


def head(system: str, user: str) -> str:
    """The prompt up to the place where the model replies."""
    return f"<|im_start|>system\n{system}<|im_end|>" + next_turn(user)


def thought(text: str) -> str:
    return f"<think>{text}</think>\n"


def answer(text: str) -> str:
    return f"<answer>{text}</answer>"


def tool_call(box: Box, label: str) -> str:
    call = {"name": TOOL, "arguments": {"bbox_2d": list(box), "label": label}}
    return f"<tool_call>\n{json.dumps(call)}\n</tool_call>"
