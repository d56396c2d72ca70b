import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { parseJson } from '../../../src/common/json';
import { streamRecords } from '../../../src/files/streamRecords';
import { imcotReader } from '../../../src/readers/trajectories/imcot';
import type { Trajectory } from '../../../src/trajectory/trajectory';
import { makePng } from '../../support/makePng';

const ROOT = path.join(__dirname, '../../..');
const ENVIRONMENT = {
  ...process.env,
  PYTHONPATH: path.join(ROOT, 'python'),
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONIOENCODING: 'utf-8',
};
const schema = JSON.parse(
  readFileSync(path.join(ROOT, 'docs/trajectory-format.schema.json'), 'utf8'),
) as object;
const validate = new Ajv2020({ strictNumbers: false, strict: true, allowUnionTypes: true }).compile(schema);

/** Runs Python in the folder; what it printed. It must end well, and silently unless `warns` says otherwise. */
function python(folder: string, code: string, warns?: RegExp): string {
  const done = spawnSync('python3', ['-c', `from imcot_recorder import *\n${code}`], {
    cwd: folder,
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
  assert.equal(done.status, 0, done.stderr);
  if (warns) assert.match(done.stderr, warns);
  else assert.equal(done.stderr, '');
  return done.stdout.trim();
}

/** The lines of a log, each checked against the schema. */
function checkedLines(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  assert.equal(lines.pop(), '', 'the file must end with a line end');
  return lines.map((line) => {
    const parsed = parseJson(line);
    assert.ok(parsed.ok, line);
    assert.ok(validate(parsed.value), `${JSON.stringify(validate.errors)} in ${line.slice(0, 400)}`);
    return parsed.value;
  });
}

async function trajectoriesOf(file: string): Promise<Trajectory[]> {
  const found: Trajectory[] = [];
  for await (const record of streamRecords(file, { readers: [imcotReader] })) {
    assert.equal(record.status, 'ok', record.status === 'bad' ? record.reason : '');
    if (record.status === 'ok') found.push(record.trajectory);
  }
  return found;
}

async function onlyTrajectory(file: string): Promise<Trajectory> {
  const [trajectory, ...rest] = await trajectoriesOf(file);
  assert.ok(trajectory && rest.length === 0);
  assert.equal(trajectory.extras.get('damagedEvents'), undefined);
  return trajectory;
}

const smallPng = (): Uint8Array =>
  makePng({ width: 4, height: 3, bitDepth: 8, colourType: 2, row: new Uint8Array(12).fill(90) });
/** Too large to stand in the log. */
const largePng = (): Uint8Array => Uint8Array.from([...smallPng(), ...new Uint8Array(9000).fill(7)]);
const bytesOf = (name: string): Uint8Array => Uint8Array.from(readFileSync(name));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const found = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']);
const missing = found.status !== 0;

describe(`imcot_recorder.py${missing ? ' (skipped: there is no python3 of version 3.8 or newer)' : ''}`, function () {
  this.timeout(60_000);
  let folder = '';
  let file = '';

  before(function () {
    if (missing) this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-python-'));
    file = path.join(folder, 'run.imcot.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('brings every field to the reader', async () => {
    const small = smallPng();
    const large = largePng();
    writeFileSync(path.join(folder, 'small.png'), small);
    writeFileSync(path.join(folder, 'large.png'), large);
    python(
      folder,
      `
small, large = open("small.png", "rb").read(), open("large.png", "rb").read()
r = Recorder("run.imcot.jsonl", strict=True)
t = r.trajectory(prompt="Question: Which?\\nOptions:\\nA. x", system="Be brief.", question="Which?", id="q1",
    images=["small.png", "elsewhere/photo.jpg", small, None], model="qwen", step=7, group="uid-1",
    ground_truth="A", boxes=[[1, 2, 3.5, 4]], settings={"temperature": 0.5}, frame="relative1000", split="val",
    zoom_variant="qwen3Vl", semantics="trainingV5", extras={"source": "set", "n": [1]})
t.text(0, "<think>Hm", tokens=["<think>", "Hm"], logprobs=[-0.5, float("-inf")])
t.text(0, "</think>", tokens=["</think>"], logprobs=[None])
t.tool_call(0, "image_zoom_in_tool", {"bbox_2d": [1, 2, 30, 40], "label": "kite"})
t.observation(0, "<tool_response><image></tool_response>", images=[large, small], text="", tokens=["<image>"])
t.text(1, "<answer>A</answer>")
t.observation(1, "Error: no", error="no")
t.verdict(True, by="rule: letter", reason="the same letter", provenance="recomputed")
t.reward(1.5, {"accuracy": 1, "format": 0.5}, weights={"accuracy": 0.8}, formula="sum")
t.end("turnLimit", "six turns", prediction="A")
e = r.trajectory("q"); e.end("error", "broke", prediction="B")
c = r.trajectory("q"); c.end("cancelled", "enough")
r.trajectory("q")
`,
    );
    const values = checkedLines(file) as Record<string, unknown>[];
    assert.equal(values[0]?.['imcot'], 1);
    const [t, e, c, open] = await trajectoriesOf(file);
    assert.ok(t && e && c && open);
    const { origin: _origin, turns, tokens, ...rest } = t;
    assert.deepEqual(rest, {
      id: 'q1',
      prompt: {
        system: 'Be brief.',
        user: 'Question: Which?\nOptions:\nA. x',
        question: 'Which?',
        images: [
          { kind: 'file', path: path.join(readRealPath(folder), 'small.png') },
          { kind: 'file', path: 'elsewhere/photo.jpg' },
          { kind: 'inline', hash: sha256(small), mediaType: 'image/png' },
          { kind: 'blank' },
        ],
      },
      outcome: { status: 'turnLimit', reason: 'six turns' },
      prediction: 'A',
      groundTruth: 'A',
      verdict: { correct: true, provenance: 'recomputed', by: 'rule: letter', reason: 'the same letter' },
      reward: {
        total: 1.5,
        formula: 'sum',
        parts: [
          { name: 'accuracy', value: 1, weight: 0.8, provenance: 'stored' },
          { name: 'format', value: 0.5, provenance: 'stored' },
        ],
      },
      group: { key: 'uid-1', provenance: 'uid' },
      step: 7,
      split: 'val',
      groundTruthBoxes: [{ x1: 1, y1: 2, x2: 3.5, y2: 4 }],
      frame: 'relative1000',
      zoomVariant: 'qwen3Vl',
      extras: new Map<string, unknown>([
        ['model', 'qwen'],
        ['settings', { temperature: 0.5 }],
        ['source', 'set'],
        ['n', [1]],
      ]),
    });
    assert.deepEqual(
      turns.map(({ raw, observation }) => [raw, observation?.raw, observation?.text, observation?.error]),
      [
        ['<think>Hm</think>', '<tool_response><image></tool_response>', '', undefined],
        ['<answer>A</answer>', 'Error: no', 'Error: no', 'no'],
      ],
    );
    const call = turns[0]?.parts.at(-1);
    assert.ok(call?.kind === 'toolCall' && call.call.status === 'parsed');
    assert.deepEqual(call.call.box, { x1: 1, y1: 2, x2: 30, y2: 40 });
    const stored = `run.images/${sha256(large)}.png`;
    assert.deepEqual(turns[0]?.observation?.images, [
      { kind: 'file', path: stored },
      { kind: 'inline', hash: sha256(small), mediaType: 'image/png' },
    ]);
    assert.deepEqual(bytesOf(path.join(folder, stored)), large);
    assert.equal(
      readFileSync(file, 'utf8').split(Buffer.from(small).toString('base64')).length,
      2,
      'the bytes of an inline image stand once',
    );
    assert.deepEqual(tokens, {
      texts: ['<think>', 'Hm', '</think>', '<image>'],
      actionMask: [true, true, true, false],
      logProbabilities: [-0.5, -Infinity, NaN, NaN],
    });
    assert.deepEqual(
      [e.outcome, e.prediction, c.outcome, open.outcome],
      [
        { status: 'error', reason: 'broke' },
        'B',
        { status: 'cancelled', reason: 'enough' },
        { status: 'running' },
      ],
    );
  });

  it('keeps hostile text as it is', async () => {
    const texts = [
      '\u0000\u0001\u001f\u007f',
      'a\nb\r\nc\u2028d\u2029e\u0085f',
      '"\\"}],{"t":0,"event":"start"}',
      '中文 😀 é',
      '\ud800 alone \udc00',
      'NaN Infinity -Infinity "NaN"',
      '\ufeff{"imcot":2}',
      '<image><|im_end|>',
    ];
    const turns = texts.map(
      (text, turn) => `t.text(${turn}, json.loads(${JSON.stringify(JSON.stringify(text))}))`,
    );
    python(
      folder,
      `import json\nt = Recorder("run", strict=True).trajectory("\\ud83d")\n${turns.join('\n')}\nt.end("length", "\\udfff")`,
    );
    checkedLines(file);
    const trajectory = await onlyTrajectory(file);
    assert.deepEqual(
      trajectory.turns.map((turn) => turn.raw),
      texts,
    );
    assert.equal(trajectory.prompt.user, '\ud83d');
    assert.deepEqual(trajectory.outcome, { status: 'length', reason: '\udfff' });
  });

  it('takes arrays and scalars that know tolist, and Pillow images, without importing their libraries', async () => {
    python(
      folder,
      `
import sys
class Array:  # what numpy and torch have in common
    def __init__(self, value): self.value = value
    def tolist(self): return self.value
class Picture:
    mode, size = "CMYK", (5, 6)
    def convert(self, mode): self.mode = mode; return self
    def save(self, target, format, **_): target.write((format + " of " + self.mode).encode())
class Number(float): pass
t = Recorder("run", strict=True).trajectory("q", images=Picture(), step=Array(3), boxes=Array([1, 2, 3, 4]),
    ground_truth=Array([1, "b"]), settings={"lr": Array(float("nan")), 5: {1}, "p": float("inf")})
t.text(Array(0), "x", tokens=Array(["x"]), logprobs=Array([Number(-1)]))
t.verdict(Array(True)); t.reward(Array([0.25]), {"a": Array(float("nan"))}); t.end()
assert not {"numpy", "torch", "PIL"} & set(sys.modules)
`,
    );
    checkedLines(file);
    const { step, extras, groundTruth, groundTruthBoxes, tokens, verdict, reward, prompt } =
      await onlyTrajectory(file);
    assert.equal(step, 3);
    assert.deepEqual(groundTruthBoxes, [{ x1: 1, y1: 2, x2: 3, y2: 4 }]);
    assert.deepEqual(extras.get('settings'), { lr: NaN, 5: [1], p: Infinity });
    assert.equal(groundTruth, '[1, "b"]');
    assert.deepEqual(tokens?.logProbabilities, [-1]);
    assert.equal(verdict?.correct, true);
    assert.deepEqual(reward, { total: 0.25, parts: [{ name: 'a', value: NaN, provenance: 'stored' }] });
    const hash = sha256(new TextEncoder().encode('PNG of RGB'));
    const size = { width: 5, height: 6 };
    assert.deepEqual(prompt.images, [{ kind: 'inline', hash, mediaType: 'application/octet-stream', size }]);
  });

  it('writes chat messages whole, in the shapes that verl and TRL hold', async () => {
    const png = smallPng();
    const hash = sha256(png);
    const inline = { kind: 'inline', hash, mediaType: 'image/png' };
    python(
      folder,
      `
import base64
png = base64.b64decode("${Buffer.from(png).toString('base64')}")
url = "data:image/png;base64," + base64.b64encode(png).decode()
r = Recorder("run", strict=True)
r.record_messages([
    {"role": "system", "content": "S"},
    {"role": "user", "content": [{"type": "image", "text": None}, {"type": "text", "text": "Which?", "image": None}]},
    {"role": "assistant", "content": "<tool_call>{}</tool_call> <image>"},
    {"role": "tool", "content": [{"type": "image"}, {"type": "text", "text": "<tool_response>Here</tool_response>"}]},
    {"role": "assistant", "content": [{"type": "text", "text": "<answer>A</answer>"}]},
], images=[{"bytes": png, "path": None}, "crop.png"], reward={"accuracy": 1.0, "total": 2.0}, verdict=1, step=4, group=9)
r.record_messages([
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "Q"}]},
    {"role": "assistant", "content": "an example"},
    {"role": "user", "content": "<image>R"},
    {"role": "assistant", "content": None, "reasoning_content": "Hm",
     "tool_calls": [{"function": {"name": "f", "arguments": "{\\"a\\": 1}"}}]},
    {"role": "tool", "content": "Error: no such tool"},
], images=[png], prompt_messages=3, status=None)
t = r.trajectory([{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Q"}]}], images=[png])
t.text(0, "x")
t.observation(0, [{"role": "tool", "content": [{"type": "image"}, {"type": "text", "text": "one"}]},
                  {"role": "tool", "content": "two"}], images=["a.png", "b.png"])
`,
    );
    checkedLines(file);
    const [first, second, third] = await trajectoriesOf(file);
    assert.ok(first && second && third);
    assert.equal(first.prompt.system, 'S');
    assert.deepEqual([first.prompt.user, first.prompt.images], ['Which?', [inline]]);
    assert.deepEqual(
      first.turns.map((turn) => turn.raw),
      ['<tool_call>{}</tool_call> <image>', '<answer>A</answer>'],
    );
    const observation = first.turns[0]?.observation;
    assert.deepEqual(observation?.images, [{ kind: 'file', path: 'crop.png' }]);
    assert.equal(observation.text, 'Here');
    assert.deepEqual(
      [first.reward?.total, first.verdict?.correct, first.step, first.group?.key, first.outcome.status],
      [2, true, 4, '9', 'finished'],
    );
    assert.equal(second.prompt.user, 'Q\n\nan example\n\nR');
    assert.deepEqual(second.prompt.images, [inline, inline]);
    assert.deepEqual(
      second.turns[0]?.parts.map((part) => part.kind),
      ['thought', 'toolCall'],
    );
    assert.equal(second.turns[0]?.observation?.error, 'Error: no such tool');
    assert.equal(second.outcome.status, 'running');
    assert.deepEqual([third.prompt.user, third.prompt.images], ['Q', [inline]]);
    const seen = third.turns[0]?.observation;
    assert.deepEqual(seen?.images, [
      { kind: 'file', path: 'a.png' },
      { kind: 'file', path: 'b.png' },
    ]);
    assert.equal(seen.raw, 'one\n\ntwo');
  });

  it('never raises, says what was wrong once, and keeps the rest', async () => {
    const said = python(
      folder,
      `
r = Recorder("run.imcot.jsonl")
loop = []; loop.append(loop)
t = r.trajectory(prompt="q", images=[5, b"", "data:x", {"kind": "odd"}], step="soon", boxes=[[1]], frame="mine",
    settings={"loop": loop}, extras=5)
for turn in (-1, None, 1.5, "x"): t.text(turn, "lost")
t.text(0, None)
t.text(0, "kept", tokens=[1, 2], logprobs=[0.5])
t.observation(0, "seen", images=7)
t.reward("much", {"a": None, "b": "x", "c": 2}); t.reward(1, parts=[1]); t.verdict(0.5); t.end("great")
r.record_messages([5, {"role": "user", "content": "hello"}], images=3)
r.record_messages(None)
r.trajectory(None)
with r.trajectory("w") as w: w.end("length")
try:
    with r.trajectory("x"): raise KeyError("gone")
except KeyError: pass
r.close()
t.text(0, "late")
print(r.lost)
`,
      /frame is not recorded.*should be one of original[\s\S]*was closed/,
    );
    // Four wrong turns, a text that is none, parts that are none, a verdict, an outcome, and the late text.
    assert.equal(said, '9');
    checkedLines(file);
    const [t, chat, none, nothing, w, x] = await trajectoriesOf(file);
    assert.ok(t && chat && none && nothing && w && x);
    assert.deepEqual(
      t.prompt.images,
      Array.from({ length: 4 }, () => ({ kind: 'blank' })),
    );
    assert.deepEqual([t.step, t.frame, t.turns[0]?.raw], [undefined, 'original', 'kept']);
    assert.equal(t.turns[0]?.observation?.raw, 'seen');
    assert.deepEqual(t.reward, { parts: [{ name: 'c', value: 2, provenance: 'stored' }] });
    assert.deepEqual([t.verdict, t.outcome.status, w.outcome.status], [undefined, 'running', 'length']);
    assert.deepEqual(x.outcome, { status: 'error', reason: "KeyError: 'gone'" });
  });

  it('raises when told to, and survives a place that can not be written', () => {
    writeFileSync(path.join(folder, 'taken'), '');
    const said = python(
      folder,
      `
r = Recorder("taken/run.imcot.jsonl")
t = r.trajectory("q"); t.text(0, "x")
print(r.lost, end=" ")
import os
os.remove("taken"); t.text(0, "y")
print(r.lost, end=" ")
strict = Recorder("strict", strict=True).trajectory("q")
for call in (lambda: strict.text(-1, "x"), lambda: strict.end("great"), lambda: strict.reward(1, 5)):
    try: call(); print("silent")
    except (ValueError, AttributeError): print("raised", end=" ")
`,
      /taken.run\.imcot\.jsonl can't be opened/,
    );
    assert.equal(said, '2 1 raised raised raised');
    assert.equal(checkedLines(path.join(folder, 'taken/run.imcot.jsonl')).length, 3);
  });

  it('writes from many threads at once', async () => {
    python(
      folder,
      `
import threading
r = Recorder("run", strict=True)
shared = r.trajectory("shared")
def work(n):
    for k in range(10):
        t = r.trajectory("q%d-%d" % (n, k), images=[b"x" * 9000 + bytes([k])])
        for turn in range(5):
            t.text(turn, "%d-%d-%d " % (n, k, turn) * 50)
            shared.text(n, "%d," % (k * 5 + turn))
        t.end()
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
`,
    );
    checkedLines(file);
    const [shared, ...rest] = await trajectoriesOf(file);
    const pieces = Array.from({ length: 50 }, (_, at) => `${at},`).join('');
    assert.deepEqual(
      shared?.turns.map((turn) => turn.raw),
      Array.from({ length: 8 }, () => pieces),
    );
    assert.equal(new Set(rest.map(({ prompt }) => prompt.user)).size, 80);
    for (const { prompt, turns, outcome } of rest) {
      const wanted = [0, 1, 2, 3, 4].map((turn) => `${prompt.user.slice(1)}-${turn} `.repeat(50));
      assert.deepEqual(
        turns.map((turn) => turn.raw),
        wanted,
      );
      assert.equal(outcome.status, 'finished');
    }
    const images = readdirSync(path.join(folder, 'run.images'));
    assert.ok(
      images.length === 10 && images.every((name) => /^[0-9a-f]{64}\.bin$/.test(name)),
      String(images),
    );
  });

  it('has written, when it is killed, whatever it had said', async () => {
    for (let run = 0; run < 3; run++) {
      const name = path.join(folder, `${run}.imcot.jsonl`);
      const said = await runAndKill(name, 30 + Math.floor(Math.random() * 150));
      assert.ok(said.length > 0);
      const raw = (await onlyTrajectory(name)).turns[0]?.raw ?? '';
      assert.ok(raw.startsWith(said.join('')), `${said.length} pieces were told`);
    }
  });

  it('goes on with a file, and closes the torn line of a crash', async () => {
    python(folder, 'Recorder("run", strict=True).trajectory("one").text(0, "a")');
    appendFileSync(file, '{"t":0,"event":"text","turn":0,"te');
    python(folder, 'Recorder("run", strict=True).trajectory("two").text(0, "b")');
    const users: unknown[] = [];
    for await (const record of streamRecords(file)) {
      users.push(record.status === 'ok' && [record.trajectory.prompt.user, record.trajectory.turns[0]?.raw]);
    }
    assert.deepEqual(users, [
      ['one', 'a'],
      ['two', 'b'],
    ]);
  });

  it('gives each process a file of its own', async function () {
    if (process.platform === 'win32') this.skip();
    const [ranked, given, unnamed, child] = python(
      folder,
      `
import os
os.environ.pop("RANK", None)
for name in ("SLURM_PROCID", "OMPI_COMM_WORLD_RANK"): os.environ.pop(name, None)
unnamed = rank_path("a.imcot.jsonl")
os.environ["RANK"] = "3"
print(rank_path("d/a.imcot.jsonl")); print(rank_path("a", 0)); print(unnamed.endswith("-%d.imcot.jsonl" % os.getpid()))
r = Recorder("run")
t = r.trajectory("parent")
pid = os.fork()
if pid == 0:
    t.text(0, "not mine"); r.trajectory("child").text(0, "c"); os._exit(r.lost)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1 if hasattr(os, "waitstatus_to_exitcode") else os.waitpid(pid, 0)
t.text(0, "p")
print("run.%d.imcot.jsonl" % pid)
`,
      /begun by the parent process/,
    ).split('\n');
    assert.deepEqual([ranked, given, unnamed], ['d/a.rank3.imcot.jsonl', 'a.rank0.imcot.jsonl', 'True']);
    assert.ok(child !== undefined);
    assert.equal((await onlyTrajectory(file)).turns[0]?.raw, 'p');
    assert.equal((await onlyTrajectory(path.join(folder, child))).turns[0]?.raw, 'c');
  });

  it('copies the files that paths name, when asked to', async () => {
    const large = largePng();
    writeFileSync(path.join(folder, 'photo.png'), large);
    python(
      folder,
      'Recorder("logs/run", keep_files=True, strict=True).trajectory("q", images=["photo.png", "gone.png"])',
    );
    const { prompt } = await onlyTrajectory(path.join(folder, 'logs/run.imcot.jsonl'));
    const kept = `run.images/${sha256(large)}.png`;
    assert.deepEqual(prompt.images, [
      { kind: 'file', path: kept },
      { kind: 'file', path: 'gone.png' },
    ]);
    assert.deepEqual(bytesOf(path.join(folder, 'logs', kept)), large);
  });
});

/** The folder as Python's `os.getcwd` calls it. */
function readRealPath(folder: string): string {
  return python(folder, 'import os; print(os.getcwd())');
}

/** Lets Python write pieces of text and say each one after it; kills it; the pieces that it said whole. */
function runAndKill(file: string, afterMilliseconds: number): Promise<string[]> {
  const code = `
import itertools, sys
from imcot_recorder import Recorder
t = Recorder(sys.argv[1], strict=True).trajectory("q")
for n in itertools.count():
    t.text(0, "%d;" % n)
    print("%d;" % n, flush=True)`;
  return new Promise((resolve, reject) => {
    const child = spawn('python3', ['-c', code, file], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      if (said === '') setTimeout(() => child.kill('SIGKILL'), afterMilliseconds);
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL'
        ? resolve(said.split('\n').slice(0, -1))
        : reject(new Error('The recorder ended by itself.')),
    );
  });
}
