"""Stage 2's conversations: single skills, the ones that a base model brings along.

None is a rollout: no conversation shows anything after a tool call. A call is always the last thing said.

- `detect`: name every object of a scene with its box.
- `ask`: several short questions about a scene: where is an object, what is at a box, how many, what colour; and, rarely,
  for a letter, which is answered "unknown".
- `reply`: the same plain questions in the form thought and answer; then, perhaps, an order to zoom, which is answered by
  one call: "Zoom in on ...", or nothing but a question for letters. With `admit` above 0 the same question is also
  answered "unknown", for the letter is too small: how often sets how often the base zooms unasked.
- `read`: close-ups that the user shows, one or two; which object, which letter.
- `pair`: two close-ups and the question whether they carry the same letter.
- `chat`: a scene and an ordinary question, then a close-up or two of its objects, with or without a question; or a scene
  and a question for letters that is put off until what it asks for is shown, at once or one by one.
- `follow`: a scene and the question whether two letters are the same, put off, or an order; then a close-up of the first,
  after which the other is to be zoomed in on.

In `read`, `chat` and `follow` a part of the close-ups stands inside the wrapper of a tool's answer, though no tool was
called. Every object that a thought names is the one that the close-up shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.drawing import KINDS, LETTERS
from training.prompts import IMAGE, OBSERVATION, PLAIN_SYSTEM, SYSTEM, UNKNOWN, USER, answer, thought, tool_call
from training.scenes import COLOR_NAMES, COMPARE, COUNT, LARGEST, ONLY, READ

Random = np.random.Generator
SHOW_WRAPPED = 0.4
"""Share of the unasked close-ups that stand inside the wrapper of a tool's answer."""


@dataclass(frozen=True)
class Thing:
    """An object as the texts need it; the box is in whole pixels of the view."""

    color: str
    kind: str
    letter: str
    box: tuple[int, ...]
    largest: bool

    @property
    def name(self) -> str:
        return f"{self.color} {self.kind}"


def things(meta: np.ndarray) -> list[Thing]:
    """The objects in one scene's rows of a pool's `meta`."""
    out = []
    for row in meta:
        if row[0] >= 0:
            box = tuple(round(float(v)) for v in row[3:7])
            out.append(Thing(COLOR_NAMES[int(row[0])], KINDS[int(row[1])], LETTERS[int(row[2])], box, row[11] > 0))
    return out


@dataclass
class Talk:
    """A conversation. `shows` holds, for each image in order, None for the scene or the index of the object in a close-up."""

    system: str
    turns: list[tuple[str, str]] = field(default_factory=list)
    shows: list[int | None] = field(default_factory=list)


def _pick(rng: Random, phrases: tuple[str, ...]) -> str:
    return phrases[rng.integers(len(phrases))]


def _place(thing: Thing) -> str:
    """The name first: it decides the box."""
    return json.dumps({"label": thing.name, "bbox_2d": list(thing.box)})


def plain_question(rng: Random, scene: list[Thing]) -> tuple[str, str, str]:
    """A question that needs no zoom, the thought that answers it, and the answer."""
    kind = KINDS[rng.integers(len(KINDS))]
    own = [thing for thing in scene if thing.kind == kind]
    if own and rng.random() < 0.5:
        if len(own) == 1:
            return _pick(rng, ONLY).format(kind), f"The {kind} is {own[0].color}.", own[0].color
        large = [thing for thing in own if thing.largest]
        if large:
            return _pick(rng, LARGEST).format(kind), f"The largest {kind} is {large[0].color}.", large[0].color
    if not own:
        kind = scene[rng.integers(len(scene))].kind
    counted = [thing for thing in scene if thing.kind == kind]
    listed = ", ".join(f"the {counted[at].name} ({turn})" for turn, at in enumerate(rng.permutation(len(counted)), 1))
    return _pick(rng, COUNT).format(kind), f"I count {listed}.", str(len(counted))


def letter_thought(rng: Random, thing: Thing) -> str:
    return _pick(rng, ("The {0} carries the letter {1}.", "The letter on the {0} is {1}.")).format(
        thing.name, thing.letter
    )


def zoom_thought(rng: Random, thing: Thing) -> str:
    return _pick(rng, ("I zoom in on the {0}.", "I look closer at the {0}.")).format(thing.name)


def zoom_reply(rng: Random, thing: Thing, before: str = "") -> str:
    return thought(before + zoom_thought(rng, thing)) + tool_call(thing.box, thing.name)


def compared(rng: Random, a: Thing, b: Thing) -> str:
    said = f"The {a.name} carries the letter {a.letter}. The {b.name} carries the letter {b.letter}."
    return thought(said) + answer("yes" if a.letter == b.letter else "no")


def too_small(*shown: Thing) -> str:
    """Of one object or two."""
    if len(shown) == 1:
        said = f"The letter on the {shown[0].name} is too small to read."
    else:
        said = f"The letters on the {shown[0].name} and the {shown[1].name} are too small to read."
    return thought(said) + answer(UNKNOWN)


def put_off(rng: Random, question: str, asked: tuple[Thing, ...]) -> tuple[str, str]:
    """A question for letters that is not answered yet, and what is said instead; a close-up of the first object follows."""
    first = asked[0]
    luck = rng.random()
    if luck < 0.35:
        return question, too_small(*asked)
    if luck < 0.6:
        return f"{question} I show you the {first.name}.", thought(f"I wait for the {first.name}.") + answer("ready")
    return f"{question} First, where is the {first.name}?", thought(f"I look for the {first.name}.") + _place(first)


def _unasked(rng: Random, images: str = IMAGE) -> str:
    """Close-ups that the user shows without a word."""
    return OBSERVATION.replace(IMAGE, images) if rng.random() < SHOW_WRAPPED else images + USER


def two(rng: Random, scene: list[Thing]) -> tuple[int, int]:
    """Two objects; in half of the cases with the same letter, if there are such."""
    first, second = (int(at) for at in rng.permutation(len(scene))[:2])
    if rng.random() < 0.5:
        same = [at for at, thing in enumerate(scene) if at != first and thing.letter == scene[first].letter]
        if same:
            second = same[rng.integers(len(same))]
    return first, second


def detect(rng: Random, scene: list[Thing]) -> Talk:
    """In random order: an object's box goes by its name, not by its turn."""
    said = ", ".join(_place(scene[at]) for at in rng.permutation(len(scene)))
    return Talk(PLAIN_SYSTEM, [(IMAGE + "List all objects.", f"[{said}]")], [None])


def ask(rng: Random, scene: list[Thing]) -> Talk:
    turns = []
    for _ in range(4):
        thing = scene[rng.integers(len(scene))]
        luck = rng.random()
        if luck < 0.45:
            turns.append((_pick(rng, ("Where is the {0}?", "Locate the {0}.")).format(thing.name), _place(thing)))
        elif luck < 0.55:
            turns.append((f"What is at {json.dumps(list(thing.box))}?", thing.name))
        elif luck < 0.62:
            turns.append((_pick(rng, READ).format(thing.name), UNKNOWN))
        else:
            question, _, said = plain_question(rng, scene)
            turns.append((question, said))
    turns[0] = (IMAGE + turns[0][0], turns[0][1])
    return Talk(PLAIN_SYSTEM, turns, [None])


def _letters_too_small(rng: Random, scene: list[Thing]) -> tuple[str, str]:
    if rng.random() < 0.5:
        thing = scene[rng.integers(len(scene))]
        return _pick(rng, READ).format(thing.name), too_small(thing)
    a, b = (scene[at] for at in two(rng, scene))
    return _pick(rng, COMPARE).format(a.name, b.name), too_small(a, b)


def _zoom_order(rng: Random, a: Thing, b: Thing) -> str:
    luck = rng.random()
    if luck < 0.15:
        return _pick(rng, READ).format(a.name)
    if luck < 0.3:
        return _pick(rng, COMPARE).format(a.name, b.name)
    order = _pick(rng, ("Zoom in on the {0}.", "Look closer at the {0}.", "Zoom in on the {0} and the {1}."))
    return order.format(a.name, b.name)


def reply(rng: Random, scene: list[Thing], admit: float) -> Talk:
    """`admit`: share of the turns that ask for a letter, which is then said to be too small."""
    turns = []
    ends_with_order = rng.random() < 0.75
    for _ in range(int(rng.integers(0, 3)) if ends_with_order else int(rng.integers(1, 4))):
        if rng.random() < admit:
            question, said = _letters_too_small(rng, scene)
        else:
            question, why, short = plain_question(rng, scene)
            said = thought(why) + answer(short)
        turns.append((question + USER, said))
    if ends_with_order:
        a, b = (scene[at] for at in two(rng, scene))
        turns.append((_zoom_order(rng, a, b) + USER, zoom_reply(rng, a)))
    turns[0] = (IMAGE + turns[0][0], turns[0][1])
    return Talk(SYSTEM, turns, [None])


def _shown(rng: Random, thing: Thing) -> tuple[str, str]:
    """A close-up in the form thought and answer: with a question or without."""
    luck = rng.random()
    if luck < 0.3:
        user = IMAGE + _pick(rng, READ).format(thing.name) + USER
    elif luck < 0.45:
        user = IMAGE + "What letter is this?" + USER
    else:
        user = _unasked(rng)
    return user, thought(letter_thought(rng, thing)) + answer(thing.letter)


def read(rng: Random, scene: list[Thing]) -> Talk:
    picked = [int(at) for at in rng.permutation(len(scene))[:2]]
    if rng.random() < 0.7:
        return Talk(SYSTEM, [_shown(rng, scene[at]) for at in picked], list(picked))
    turns = []
    for at in picked:
        thing = scene[at]
        if rng.random() < 0.4:
            turns.append((IMAGE + "What is this?", thing.name))
        else:
            turns.append((IMAGE + _pick(rng, ("What letter is this?", *READ)).format(thing.name), thing.letter))
    return Talk(PLAIN_SYSTEM, turns, list(picked))


def pair(rng: Random, scene: list[Thing]) -> Talk:
    first, second = two(rng, scene)
    a, b = scene[first], scene[second]
    question = _pick(rng, COMPARE).format(a.name, b.name) + USER
    if rng.random() < 0.5:
        return Talk(SYSTEM, [(IMAGE + IMAGE + question, compared(rng, a, b))], [first, second])
    user, said = _shown(rng, a)
    return Talk(SYSTEM, [(user, said), (IMAGE + question, compared(rng, a, b))], [first, second])


def chat(rng: Random, scene: list[Thing]) -> Talk:
    question, why, short = plain_question(rng, scene)
    first, second = two(rng, scene)
    opening = (IMAGE + question + USER, thought(why) + answer(short))
    a, b = scene[first], scene[second]
    luck = rng.random()
    if luck < 0.25:
        return Talk(SYSTEM, [opening, _shown(rng, a)], [None, first])
    if luck < 0.55:
        asked, said = put_off(rng, _pick(rng, READ).format(a.name), (a,))
        last = thought(letter_thought(rng, a)) + answer(a.letter)
        return Talk(SYSTEM, [(IMAGE + asked + USER, said), (_unasked(rng), last)], [None, first])
    return _both(rng, opening, (first, a), (second, b))


def _both(rng: Random, opening: tuple[str, str], one: tuple[int, Thing], other: tuple[int, Thing]) -> Talk:
    """Whether two letters are the same, once both close-ups were shown: behind an ordinary question, at once, one by one."""
    (first, a), (second, b) = one, other
    shows = [None, first, second]
    question = _pick(rng, COMPARE).format(a.name, b.name)
    luck = rng.random()
    if luck < 0.2:
        return Talk(SYSTEM, [opening, (IMAGE + IMAGE + question + USER, compared(rng, a, b))], shows)
    if luck < 0.4:
        ready = thought(f"I wait for the {a.name} and the {b.name}.") + answer("ready")
        both = (_unasked(rng, IMAGE + IMAGE), compared(rng, a, b))
        return Talk(SYSTEM, [(f"{IMAGE}{question} I show you both.{USER}", ready), both], shows)
    asked, said = put_off(rng, question, (a, b))
    read = letter_thought(rng, a)
    if rng.random() < 0.5:
        then = f"I show you the {b.name}, too.", thought(f"{read} I wait for the {b.name}.") + answer("ready")
    else:
        then = f"Where is the {b.name}?", thought(f"{read} I look for the {b.name}.") + _place(b)
    middle = (IMAGE + then[0] + USER, then[1])
    return Talk(SYSTEM, [(IMAGE + asked + USER, said), middle, (_unasked(rng), compared(rng, a, b))], shows)


def follow(rng: Random, scene: list[Thing]) -> Talk:
    first, second = two(rng, scene)
    a, b = scene[first], scene[second]
    if rng.random() < 0.3:
        order = _pick(
            rng, ("I show you the {0}. Then zoom in on the {1}.", "Read the {0}, then look closer at the {1}.")
        )
        asked, said = order.format(a.name, b.name), thought(f"I wait for the {a.name}.") + answer("ready")
    else:
        asked, said = put_off(rng, _pick(rng, COMPARE).format(a.name, b.name), (a, b))
    last = zoom_reply(rng, b, letter_thought(rng, a) + " ")
    return Talk(SYSTEM, [(IMAGE + asked + USER, said), (_unasked(rng), last)], [None, first])


SKILLS: dict[str, Callable[..., Talk]] = {
    "detect": detect,
    "ask": ask,
    "reply": reply,
    "read": read,
    "pair": pair,
    "chat": chat,
    "follow": follow,
}
