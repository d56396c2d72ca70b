"""Writes rollouts of a trainer as ``*.imcot.jsonl``, the event log of iMCoT Debugger, with their images.

One file, Python 3.8 or newer, nothing but the standard library: copy it beside your trainer. docs/recorder.md shows how
to call it from verl and TRL, docs/trajectory-format.md describes what it writes.

    recorder = Recorder(rank_path("rollouts/run.imcot.jsonl"))
    rollout = recorder.trajectory(prompt="What colour is the kite?", images=[photo], step=12, group="question-7")
    rollout.text(0, "<think>...</think><tool_call>...</tool_call>")
    rollout.observation(0, "<tool_response><image></tool_response>", images=[crop])
    rollout.text(1, "<answer>red</answer>")
    rollout.reward(1.0, {"accuracy": 1.0})
    rollout.end("finished")

Every call is one line, handed to the system before the call returns: killing the process loses no line that was
written. Nothing here raises into the trainer unless ``strict=True``; what went wrong is logged once per kind of fault
by the logger ``imcot_recorder``, and ``Recorder.lost`` counts the events that are not in the file.
"""

import base64
import enum
import functools
import hashlib
import io
import json
import logging
import os
import re
import socket
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes, urlsplit

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__all__ = ["Recorder", "Trajectory", "rank_path"]
__version__ = "0.1.0"

FORMAT_VERSION = 1
#: Images up to this many bytes stand inside the log; larger ones in files beside it.
INLINE_IMAGE_BYTES = 8192
FRAMES = ("original", "resized", "relative1000", "relative1")
ZOOM_VARIANTS = ("trainingV2", "trainingV5", "evaluation", "verl", "msSwift", "qwen3Vl", "miniO3", "chainOfFocus")
SEMANTICS = ("trainingV2", "trainingV5", "evaluation")
PROVENANCES = ("stored", "recovered", "recomputed")
STATUSES = ("finished", "length", "turnLimit", "error", "cancelled")

_MAX_DEPTH = 100
_MAX_REPR = 1000
_SUFFIX = re.compile(r"(?:\.imcot)?\.jsonl$")
_IMAGE = "<image>"
_BLANK = {"kind": "blank"}
_log = logging.getLogger("imcot_recorder")


# --- Values -----------------------------------------------------------------------------------------------------------


def _plain(value, depth=0, above=()):
    """A value as ``json`` can write it. Arrays and scalars of numpy, torch and the like are known by ``tolist``."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value, depth, above)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if depth >= _MAX_DEPTH or id(value) in above:
        return repr(type(value))
    above = above + (id(value),)
    if isinstance(value, Mapping):
        return {_key(key): _plain(held, depth + 1, above) for key, held in value.items()}
    if isinstance(value, (Sequence, set, frozenset)):
        return [_plain(held, depth + 1, above) for held in value]
    if callable(getattr(value, "tolist", None)):
        return _plain(value.tolist(), depth + 1, above)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if callable(getattr(value, "model_dump", None)):
        return _plain(value.model_dump(), depth + 1, above)
    if callable(getattr(value, "__float__", None)):
        return float(value)
    return repr(value)[:_MAX_REPR]


def _shown(value):
    return repr(value)[:200]


def _key(key):
    return str.__str__(key) if isinstance(key, str) else str(key)


def _text(value):
    """A text; anything else as its JSON, so that a ground truth that is a number or a list stays readable."""
    value = _plain(value)
    if value is None:
        raise ValueError("it should be a text and is None")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _number(value):
    value = _plain(value)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, (int, float)):
        raise ValueError("it should be a number and is %s" % _shown(value))
    return value


def _count(value):
    number = _number(value)
    if number != number or number < 0 or number != int(number):
        raise ValueError("it should be a whole number from 0 and is %r" % (number,))
    return int(number)


def _truth(value):
    number = _number(value)
    if number not in (0, 1):
        raise ValueError("it should be true or false and is %r; a score belongs into reward()" % (number,))
    return bool(number)


def _list(value):
    value = _plain(value)
    if not isinstance(value, list):
        raise ValueError("it should be a list and is %s" % _shown(value))
    return value


def _numbers(value):
    # A trainer that has no log-probability for a token says None; the format says NaN.
    return [float("nan") if held is None else _number(held) for held in _list(value)]


def _texts(value):
    texts = _list(value)
    if not all(isinstance(held, str) for held in texts):
        raise ValueError("it should be a list of texts: give each token decoded alone, not its id")
    return texts


def _boxes(value):
    boxes = _list(value)
    if len(boxes) == 4 and not any(isinstance(held, list) for held in boxes):
        boxes = [boxes]
    boxes = [_numbers(box) for box in boxes]
    if any(len(box) != 4 for box in boxes):
        raise ValueError("each box should be [x1, y1, x2, y2]")
    return boxes


def _object(value):
    value = _plain(value)
    if not isinstance(value, dict):
        raise ValueError("it should be a dict and is %s" % _shown(value))
    return value


def _pairs(value):
    return [[name, held] for name, held in _object(value).items()]


def _group(value):
    return {"key": _text(value), "provenance": "uid"}


def _word(words):
    def convert(value):
        if value not in words:
            raise ValueError("it is %s and should be one of %s" % (_shown(value), ", ".join(words)))
        return str(value)

    return convert


def _line(value):
    """One line in UTF-8. Lone surrogates have no UTF-8: such a line is escaped to ASCII, which keeps them."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, separators=(",", ":")).encode("ascii")
    return text + b"\n"


def _now():
    seconds = time.time()
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)), int(seconds * 1000) % 1000)


# --- Images -----------------------------------------------------------------------------------------------------------

_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "bmp": "image/bmp"}


def _extension(data):
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "bmp" if data.startswith(b"BM") else "bin"


def _is_picture(value):
    """Whether this is a Pillow image, without importing Pillow."""
    return callable(getattr(value, "save", None)) and hasattr(value, "mode") and hasattr(value, "size")


def _png(picture):
    if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        picture = picture.convert("RGB")
    target = io.BytesIO()
    picture.save(target, format="PNG", compress_level=1)
    return target.getvalue()


def _from_address(text):
    """The bytes of a data URL, or the path that a text names."""
    if text[:5].lower() == "data:":
        head, comma, body = text.partition(",")
        if not comma:
            raise ValueError("a data URL without a comma")
        raw = unquote_to_bytes(body)
        return base64.b64decode(raw) if head.lower().endswith(";base64") else raw
    if text[:7].lower() == "file://":
        return os.fsdecode(unquote_to_bytes(urlsplit(text).path))
    return text


_IMAGE_KEYS = ("data", "bytes", "base64", "image", "image_url", "source", "url", "path")


def _unwrap(image):
    """Takes the image out of the dicts that data sets and chat parts keep it in."""
    for _ in range(4):
        if not isinstance(image, Mapping) or "kind" in image:
            break
        key = next((key for key in _IMAGE_KEYS if image.get(key) is not None), None)
        image = None if key is None else image[key]
        if key in ("data", "bytes", "base64") and isinstance(image, str) and not image.startswith("data:"):
            return base64.b64decode(image)
    return image


def _image_list(images):
    """The images as a list, also where one was given alone."""
    if images is None:
        return []
    alone = isinstance(images, (str, bytes, bytearray, memoryview, Mapping, os.PathLike)) or _is_picture(images)
    return [images] if alone else list(images)


def _reference(record):
    """An image reference that is in the log's own form already."""
    kept = {key: _plain(record[key]) for key in ("kind", "path", "size", "visualTokens") if key in record}
    if kept.get("kind") != "blank" and not (kept.get("kind") == "file" and isinstance(kept.get("path"), str)):
        raise ValueError("%s is no image reference" % _shown(kept))
    return kept


# --- Chat messages ----------------------------------------------------------------------------------------------------

_ROLES = {"developer": "system", "human": "user", "gpt": "assistant", "model": "assistant", "function": "tool"}
_ERROR = re.compile(r"(?:Error\b|Tool Execution Error\b)")
_TAGS = re.compile(r"</?tool_response>|<image>")


class _Message:
    """One chat message: who speaks, the texts joined, the images in reading order, the calls beside the text."""

    def __init__(self, message, pool):
        if not isinstance(message, Mapping) and callable(getattr(message, "model_dump", None)):
            message = message.model_dump()
        if not isinstance(message, Mapping):
            raise ValueError("a message should be a dict and is %r" % (type(message),))
        role = str(message.get("role"))
        self.role = _ROLES.get(role, role)
        self.text, self.images, self.calls = "", [], []
        self.pool = pool
        self.failed = bool(message.get("is_error"))
        thought = message.get("reasoning_content") or message.get("reasoning")
        if isinstance(thought, str):
            self.text = "<think>%s</think>" % thought
        self._content(message.get("content"))
        for call in message.get("tool_calls") or ():
            self._call(call)

    def _content(self, content):
        if content is None:
            return
        if isinstance(content, str):
            self._say(content)
        elif isinstance(content, Mapping):
            self._part(content)
        else:
            for part in content:
                self._say(part) if isinstance(part, str) else self._part(part)

    def _say(self, text):
        self.text += text
        # What the model wrote stays text.
        if self.role != "assistant":
            self.images.extend(next(self.pool, None) for _ in range(text.count(_IMAGE)))

    def _part(self, part):
        kind = part.get("type")
        if kind == "tool_use":
            self._call(part)
        elif kind == "tool_result":
            self.failed = self.failed or bool(part.get("is_error"))
            self._content(part.get("content"))
        elif kind in ("image", "image_url", "input_image") or (kind is None and part.get("image") is not None):
            held = any(part.get(key) is not None for key in _IMAGE_KEYS)
            self.images.append(part if held else next(self.pool, None))
        elif isinstance(part.get("text"), str):
            self._say(part["text"])

    def _call(self, call):
        if not isinstance(call, Mapping) and callable(getattr(call, "model_dump", None)):
            call = call.model_dump()
        inner = call.get("function") or call
        arguments = inner.get("arguments", inner.get("input"))
        self.calls.append((_text(inner.get("name") or ""), arguments))


def _joined(messages):
    return "\n\n".join(message.text for message in messages if message.text)


def _prompt_of(messages):
    """Prompt fields and images of the messages before the first turn."""
    systems = [message for message in messages if message.role == "system"]
    others = [message for message in messages if message.role != "system"]
    prompt = {"user": _joined(others).replace(_IMAGE, "")}
    if systems:
        prompt["system"] = _joined(systems)
    return prompt, [image for message in messages for image in message.images]


# --- The file ---------------------------------------------------------------------------------------------------------

_recorders = weakref.WeakSet()


def _quiet(method):
    """Keeps what goes wrong in a call away from the trainer."""

    @functools.wraps(method)
    def guarded(self, *given, **named):
        try:
            return method(self, *given, **named)
        except Exception as fault:
            self._recorder._complain(method.__name__, "A call of %s was not recorded" % method.__name__, fault, lost=1)

    return guarded


def _forget_parent():
    for recorder in list(_recorders):
        recorder._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)


def _named(path, name):
    """The path with a name of its own before the ending."""
    path = os.fspath(path)
    stem = _SUFFIX.sub("", path)
    return "%s.%s%s" % (stem, name, path[len(stem) :] or ".imcot.jsonl")


def rank_path(path, rank=None):
    """A path of this process's own: ``run.imcot.jsonl`` becomes ``run.rank3.imcot.jsonl``.

    The rank is the one given, or the launcher's (``RANK``, ``SLURM_PROCID``, ``OMPI_COMM_WORLD_RANK``). Where there is
    none, as in Ray's workers, host and process number take its place.
    """
    for name in ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK"):
        rank = os.environ.get(name) if rank is None else rank
    if rank is None:
        return _named(path, "%s-%d" % (re.sub(r"[^\w-]+", "-", socket.gethostname()), os.getpid()))
    return _named(path, "rank%s" % rank)


class Recorder:
    """An event log that trajectories are written to, from any number of threads.

    A file that is there already is continued. If another process is writing it, or after a fork, a file of the same
    name with the process number in it is used instead: ``path`` says which.

    :param path: the log, usually ``*.imcot.jsonl``; folders on the way are made
    :param keep_files: copy images that are given as paths into the folder beside the log, so that the log can move
    :param fsync: also wait for the device at every line: then a power cut loses nothing either, and each line costs ms
    :param strict: raise what goes wrong instead of logging it
    """

    def __init__(self, path, keep_files=False, fsync=False, strict=False):
        self.strict = strict
        self.lost = 0
        self._keep_files = keep_files
        self._fsync = fsync
        self._told = set()
        self._lock = threading.RLock()
        self._fd = None
        self._torn = False
        self._closed = False
        self._next = 0
        self._generation = 0
        self._stored = set()
        self.path = os.fspath(path)
        if not self.path.endswith(".jsonl"):
            self.path += ".imcot.jsonl"
        _recorders.add(self)
        try:
            with self._lock:
                self._open()
        except Exception as fault:
            self._complain("open", "%s can't be opened" % self.path, fault)

    def trajectory(
        self,
        prompt,
        images=None,
        system=None,
        question=None,
        id=None,
        model=None,
        step=None,
        group=None,
        ground_truth=None,
        boxes=None,
        settings=None,
        frame=None,
        split=None,
        zoom_variant=None,
        semantics=None,
        extras=None,
    ):
        """Begins a trajectory. What is None is not recorded.

        :param prompt: the user's text, or the prompt as chat messages (then ``images`` fill their placeholders)
        :param images: Pillow images, bytes, paths, data URLs, or the dicts that data sets keep these in
        :param question: the question alone, where the prompt's text says more
        :param group: the key that rollouts of one question share, such as verl's ``uid``
        :param boxes: those of the ground truth, ``[x1, y1, x2, y2]`` in pixels of the first image
        :param frame: in which coordinates the model's boxes are: one of ``FRAMES``, by default ``original``
        :param zoom_variant: who crops, one of ``ZOOM_VARIANTS``
        :param semantics: by whose rules the text divides into thought, call and answer, one of ``SEMANTICS``
        :param extras: anything else, as a dict
        """
        fields = {"user": ""}
        try:
            if isinstance(prompt, str):
                fields["user"] = _plain(prompt)
            else:
                pool = iter(_image_list(images))
                fields, found = _prompt_of(self._read(prompt, pool))
                images = found + list(pool)
        except Exception as fault:
            self._complain("prompt", "A prompt could not be read", fault)
        given = {
            "id": (_text, id),
            "model": (_text, model),
            "settings": (_object, settings),
            "groundTruth": (_text, ground_truth),
            "boxes": (_boxes, boxes),
            "group": (_group, group),
            "step": (_number, step),
            "split": (_text, split),
            "frame": (_word(FRAMES), frame),
            "zoomVariant": (_word(ZOOM_VARIANTS), zoom_variant),
            "semantics": (_word(SEMANTICS), semantics),
            "extras": (_pairs, extras),
        }
        fields.update(self._fields({"system": (_text, system), "question": (_text, question)}))
        return Trajectory(self, fields, images, self._fields(given))

    def record_messages(
        self,
        messages,
        images=None,
        prompt_messages=None,
        status="finished",
        reason=None,
        prediction=None,
        reward=None,
        verdict=None,
        **start
    ):
        """Writes a whole conversation: each assistant message is a turn, what follows it its observation.

        :param messages: chat messages; their images stand in the parts, or where a part or ``<image>`` only marks the
            place, they are taken from ``images`` in reading order
        :param prompt_messages: how many messages are the prompt; by default those before the first assistant message
        :param status: as in ``Trajectory.end``; None leaves the trajectory open
        :param reward: the total, or a dict of parts with or without ``total``
        :param verdict: whether the answer is right
        :param start: the other arguments of ``trajectory``
        """
        read, pool = [], iter(())
        try:
            pool = iter(_image_list(images))
            read = self._read(messages, pool)
        except Exception as fault:
            self._complain("messages", "Messages could not be read", fault)
        first = next((at for at, message in enumerate(read) if message.role == "assistant"), len(read))
        first = self._fields({"prompt_messages": (_count, prompt_messages)}).get("prompt_messages", first)
        prompt, found = _prompt_of(read[:first])
        # Images that no text points to were given with the prompt.
        start = dict({"system": prompt.get("system")}, **start)
        trajectory = self.trajectory(prompt["user"], images=found + list(pool), **start)
        trajectory._turns(read[first:])
        if verdict is not None:
            trajectory.verdict(verdict)
        if isinstance(reward, Mapping):
            trajectory.reward(reward.get("total"), {name: held for name, held in reward.items() if name != "total"})
        elif reward is not None:
            trajectory.reward(reward)
        if status is not None:
            trajectory.end(status, reason, prediction)
        return trajectory

    def close(self):
        """Closes the file; what comes later is lost, and counted."""
        with self._lock:
            self._closed = True
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None

    def __enter__(self):
        return self

    def __exit__(self, *_fault):
        self.close()

    def _fields(self, given):
        """Converts fields by name. One that is not what it should be is left out, so that the rest is kept."""
        fields = {}
        for name, (convert, value) in given.items():
            if value is None:
                continue
            try:
                fields[name] = convert(value)
            except Exception as fault:
                self._complain(name, "%s is not recorded" % name, fault)
        return fields

    def _read(self, messages, pool):
        read = []
        for message in messages:
            try:
                read.append(_Message(message, pool))
            except Exception as fault:
                self._complain("message", "A message could not be read", fault)
        return read

    def _complain(self, kind, what, fault, lost=0):
        if self.strict:
            raise fault
        with self._lock:
            self.lost += lost
            first = kind not in self._told
            self._told.add(kind)
        if first:
            _log.warning("%s: %s (said once)", what, fault)

    def _forked(self):
        # The parent may have held the lock at that moment; its file is not ours to write.
        self._lock = threading.RLock()
        self._generation += 1
        self._stored = set()
        self._torn = False
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
            self.path = _named(self.path, str(os.getpid()))

    def _begin(self):
        with self._lock:
            number = self._next
            self._next += 1
            return number

    def _open(self):
        if self._closed:
            raise ValueError("%s was closed" % self.path)
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        self._torn = False
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        fd = os.open(self.path, flags, 0o644)
        if not _claim(fd):
            os.close(fd)
            taken, self.path = self.path, _named(self.path, str(os.getpid()))
            _log.warning("%s is being written by somebody else; writing %s", taken, self.path)
            fd = os.open(self.path, flags, 0o644)
            _claim(fd)
        try:
            size = os.fstat(fd).st_size
            if size > 0:
                os.lseek(fd, size - 1, os.SEEK_SET)
                self._torn = os.read(fd, 1) != b"\n"
            # A second header begins a new numbering, so a continued file needs no look at what it holds.
            header = {"imcot": FORMAT_VERSION, "writer": "imcot_recorder.py " + __version__, "created": _now()}
            self._put(fd, _line(header))
        except Exception:
            os.close(fd)
            raise
        self._fd = fd

    def _append(self, line):
        with self._lock:
            if self._fd is None:
                self._open()
            self._put(self._fd, line)

    def _put(self, fd, line):
        """Writes a whole line. What a fault left of an earlier one gets its line end first."""
        rest = memoryview(b"\n" + line if self._torn else line)
        while rest:
            written = os.write(fd, rest)
            rest = rest[written:]
            # Until the last byte is out, the file ends in the middle of a line.
            self._torn = len(rest) > 0
        if self._fsync:
            os.fsync(fd)

    def _image(self, image, inlined, fresh):
        """An image as a record; ``blank`` where it can't be kept."""
        try:
            return self._record_of(_unwrap(image), inlined, fresh)
        except Exception as fault:
            self._complain("image", "An image could not be recorded", fault)
            return dict(_BLANK)

    def _record_of(self, image, inlined, fresh):
        if image is None:
            return dict(_BLANK)
        if isinstance(image, Mapping):
            return _reference(image)
        told = {}
        if _is_picture(image):
            told["size"] = {"width": int(image.size[0]), "height": int(image.size[1])}
            image = _png(image)
        elif isinstance(image, (str, os.PathLike)):
            image = _from_address(os.fsdecode(image))
        if isinstance(image, str):
            return self._file_record(image, inlined, fresh)
        if not isinstance(image, (bytes, bytearray, memoryview)):
            raise ValueError("%r is no image; give a Pillow image, bytes, a path or a data URL" % (type(image),))
        return dict(self._stored_record(bytes(image), inlined, fresh), **told)

    def _file_record(self, path, inlined, fresh):
        if self._keep_files and os.path.isfile(path):
            with open(path, "rb") as file:
                return self._stored_record(file.read(), inlined, fresh)
        # Paths in a log are relative to the log, a trainer's to where it runs.
        if not os.path.isabs(path) and os.path.exists(path):
            path = os.path.abspath(path)
        return {"kind": "file", "path": path}

    def _stored_record(self, data, inlined, fresh):
        if not data:
            raise ValueError("it has no bytes")
        digest = hashlib.sha256(data).hexdigest()
        extension = _extension(data)
        if len(data) > INLINE_IMAGE_BYTES:
            return {"kind": "file", "path": self._store(digest, extension, data)}
        record = {"kind": "inline", "hash": digest, "mediaType": _TYPES.get(extension, "application/octet-stream")}
        if digest not in inlined and digest not in fresh:
            fresh.append(digest)
            record["data"] = base64.b64encode(data).decode("ascii")
        return record

    def _store(self, digest, extension, data):
        folder = os.path.basename(_SUFFIX.sub("", self.path)) + ".images"
        name = "%s.%s" % (digest, extension)
        logged = "%s/%s" % (folder, name)
        target = os.path.join(os.path.dirname(self.path), folder, name)
        known = target in self._stored or (os.path.isfile(target) and os.path.getsize(target) == len(data))
        if not known:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            # Under another name first, so that nobody ever sees half an image.
            unfinished = "%s.%d-%d.part" % (target, os.getpid(), threading.get_ident())
            try:
                with open(unfinished, "wb") as file:
                    file.write(data)
                    if self._fsync:
                        file.flush()
                        os.fsync(file.fileno())
                os.replace(unfinished, target)
            except Exception:
                if os.path.exists(unfinished):
                    os.remove(unfinished)
                raise
        self._stored.add(target)
        return logged


def _claim(fd):
    """Takes the file for this process; False when another one has it. File systems without locks let everybody."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


class Trajectory:
    """One rollout that is being written; made by ``Recorder.trajectory``. Turns count from 0."""

    def __init__(self, recorder, prompt, images, fields):
        self._recorder = recorder
        self._generation = recorder._generation
        self._number = recorder._begin()
        self._inlined = set()
        self._ended = False
        fresh = []
        if images is not None:
            prompt = dict(prompt, **self._images(images, fresh))
        start = self._event("start", dict({"prompt": prompt}, **fields))
        # Without its start a trajectory can't be read: it is tried again before each later event.
        self._start = (start, fresh)
        self._send(None)

    @_quiet
    def text(self, turn, text, tokens=None, logprobs=None):
        """The policy wrote text; a turn's text is all of its pieces in the order of the calls.

        :param tokens: the tokens of this piece, each decoded alone
        :param logprobs: natural logarithms, one per token
        """
        fields = self._recorder._fields({"tokens": (_texts, tokens), "logProbabilities": (_numbers, logprobs)})
        if "logProbabilities" in fields and len(fields["logProbabilities"]) != len(fields.get("tokens", ())):
            del fields["logProbabilities"]
            fault = ValueError("there should be one for each of the tokens")
            self._recorder._complain("logprobs", "logprobs are not recorded", fault)
        self._record("text", {"turn": (_count, turn), "text": (_text, text)}, fields)

    @_quiet
    def tool_call(self, turn, name, arguments=None, structured=True):
        """A tool is about to run.

        :param structured: the call stands beside the text, as chat APIs return it; False where the text has it
        """
        fields = {"structured": True} if structured else {}
        if arguments is not None:
            fields["arguments"] = _plain(arguments)
        self._record("toolCall", {"turn": (_count, turn), "name": (_text, name)}, fields)

    @_quiet
    def observation(self, turn, raw, images=None, error=None, text=None, tokens=None):
        """What the environment appended behind a turn's text.

        :param raw: as the policy sees it, tags included; or chat messages, whose placeholders ``images`` fill
        :param error: the environment's complaint, where it is one
        :param text: its words without tags, where these differ from ``raw``
        :param tokens: its tokens, each decoded alone; they are outside the loss
        """
        if isinstance(raw, Sequence) and not isinstance(raw, str):
            pool = iter(_image_list(images))
            return self._reply(turn, self._recorder._read(raw, pool), pool)
        optional = {"text": (_text, text), "error": (_text, error), "tokens": (_texts, tokens)}
        fields, fresh = self._recorder._fields(optional), []
        if images is not None:
            fields.update(self._images(images, fresh))
        self._record("observation", {"turn": (_count, turn), "raw": (_text, raw)}, fields, fresh)

    @_quiet
    def verdict(self, correct, by=None, reason=None, provenance=None):
        """Somebody judged the answer.

        :param by: who decided, such as ``rule: number`` or ``judge``
        """
        optional = {"provenance": (_word(PROVENANCES), provenance), "by": (_text, by), "reason": (_text, reason)}
        self._record("verdict", {"correct": (_truth, correct)}, self._recorder._fields(optional))

    @_quiet
    def reward(self, total=None, parts=None, weights=None, formula=None):
        """The scalar that training uses.

        :param parts: its parts by name, before their weights
        :param weights: what the formula multiplies parts with, by name
        """
        fields = self._recorder._fields({"total": (_number, total), "formula": (_text, formula)})
        listed = []
        for name, value in (parts or {}).items():
            numbers = {"value": (_number, value), "weight": (_number, (weights or {}).get(name))}
            part = self._recorder._fields(numbers)
            if "value" in part:
                listed.append(dict({"name": _key(name), "provenance": "stored"}, **part))
        if parts is not None:
            fields["parts"] = listed
        self._record("reward", {}, fields)

    @_quiet
    def end(self, status="finished", reason=None, prediction=None):
        """The rollout is over.

        :param status: one of ``STATUSES``
        :param prediction: the answer to be judged
        """
        fields = self._recorder._fields({"reason": (_text, reason), "prediction": (_text, prediction)})
        self._ended = True
        if status == "error" and "reason" in fields:
            fields["message"] = fields.pop("reason")
        if status in ("error", "cancelled"):
            self._record(status, {}, fields)
        else:
            self._record("outcome", {"status": (_word(STATUSES), status)}, fields)

    def __enter__(self):
        return self

    def __exit__(self, _kind, fault, _trace):
        if fault is not None and not self._ended:
            stopped = not isinstance(fault, Exception)
            self.end("cancelled" if stopped else "error", "%s: %s" % (type(fault).__name__, fault))

    def _turns(self, messages):
        turn = -1
        replies = []
        for message in messages:
            if message.role != "assistant":
                replies.append(message)
                continue
            self._reply(max(turn, 0), replies)
            turn, replies = turn + 1, []
            self.text(turn, message.text)
            for name, arguments in message.calls:
                self.tool_call(turn, name, arguments)
        self._reply(max(turn, 0), replies)

    def _reply(self, turn, messages, rest=()):
        if not messages:
            return
        raw = _joined(messages)
        images = [image for message in messages for image in message.images] + list(rest)
        words = _TAGS.sub("", raw).strip()
        failed = any(message.failed for message in messages) or (not images and _ERROR.match(words) is not None)
        text = None if words == raw else words
        self.observation(turn, raw, images=images, text=text, error=words if failed else None)

    def _images(self, images, fresh):
        listed = self._recorder._fields({"images": (_image_list, images)})
        if "images" not in listed:
            return {}
        return {"images": [self._recorder._image(image, self._inlined, fresh) for image in listed["images"]]}

    def _event(self, name, fields):
        return dict({"t": self._number, "event": name, "at": _now()}, **fields)

    def _record(self, name, needed, fields, fresh=()):
        """Writes an event, unless a field that it can't do without is not what it should be."""
        try:
            required = {key: convert(value) for key, (convert, value) in needed.items()}
        except Exception as fault:
            self._recorder._complain(name, "A %s is not recorded" % name, fault, lost=1)
            return
        self._send((self._event(name, dict(required, **fields)), fresh))

    def _send(self, event):
        recorder = self._recorder
        try:
            if self._generation != recorder._generation:
                raise ValueError("it was begun by the parent process, before a fork")
            with recorder._lock:
                if self._start is not None:
                    self._write(self._start)
                    self._start = None
                    # A start that went through late had been counted as lost.
                    recorder.lost -= 0 if event is None else 1
                if event is not None:
                    self._write(event)
        except Exception as fault:
            recorder._complain("write", "%s: an event was not written" % recorder.path, fault, lost=1)

    def _write(self, event):
        value, fresh = event
        self._recorder._append(_line(value))
        # Only now are the bytes of these images in the log.
        self._inlined.update(fresh)
