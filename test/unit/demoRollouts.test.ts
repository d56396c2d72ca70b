import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toOriginalFrame } from '../../src/common/boundingBox';
import type { BoundingBox } from '../../src/common/boundingBox';
import { buildWorker } from '../../scripts/torture/buildWorker';
import type { InferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import type { RemoteModel } from '../../src/inference/onnx/process/remoteModel';
import { Tokenizer } from '../../src/inference/onnx/text/tokenizer';
import type { Question } from '../../src/launch/question';
import type { ImageReference } from '../../src/trajectory/imageReference';
import type { Trajectory } from '../../src/trajectory/trajectory';
import { DEMO_MODEL, demoQuestions, openInProcess, playQuestions, readLog } from '../support/demoModel';
import { PROJECT_ROOT } from '../support/sources';

/** The boxes that the model named, in pixels of the picture as it saw it. */
const boxesOf = ({ turns }: Trajectory): (BoundingBox | undefined)[] =>
  turns.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.kind === 'toolCall' ? [part.call.status === 'parsed' ? part.call.box : undefined] : [],
    ),
  );
const cropsOf = ({ turns }: Trajectory): ImageReference[] =>
  turns.flatMap(({ observation }) => observation?.images ?? []);
const textsOf = ({ turns }: Trajectory): string[] => turns.map(({ raw }) => raw);

/** How large a scene is, and how large the model sees it. */
const SCENE = { width: 1344, height: 1344 };
const SEEN = { width: 224, height: 224 };

describe('the demo model', function () {
  this.timeout(180_000);
  let folder = '';
  let bundle = '';
  let worker = '';
  let process: InferenceProcess;
  let model: RemoteModel;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-demo-'));
    // Inside the project, where the bundle finds its modules.
    const bundles = path.join(PROJECT_ROOT, 'out/demo');
    mkdirSync(bundles, { recursive: true });
    bundle = mkdtempSync(path.join(bundles, 'worker-'));
    worker = await buildWorker(bundle);
    ({ process, model } = await openInProcess(worker, DEMO_MODEL));
  });
  after(async () => {
    process?.dispose();
    await process?.gone;
    for (const made of [folder, bundle]) rmSync(made, { recursive: true, force: true });
  });

  const logFile = (name: string): string => path.join(folder, `${name}.imcot.jsonl`);

  describe('asked about each of its scenes at temperature 0', () => {
    let questions: Question[] = [];
    let trajectories: Trajectory[] = [];
    before(async () => {
      questions = await demoQuestions();
      assert.ok(questions.length >= 20, `${questions.length} questions`);
      await playQuestions(model, logFile('greedy'), questions);
      const read = await readLog(logFile('greedy'));
      assert.deepEqual(read.damage, []);
      trajectories = read.trajectories;
    });

    it('answers nine of ten right at least', () => {
      assert.deepEqual(
        trajectories.map(({ id }) => id),
        questions.map(({ id }) => id),
      );
      const wrong = trajectories.filter(({ verdict }) => verdict?.correct !== true);
      assert.ok(
        wrong.length * 10 <= questions.length,
        wrong.map(({ id, prediction }) => `${id}: ${prediction}`).join('; '),
      );
    });

    it('looks at a close-up of the right place first', () => {
      let looked = 0;
      for (const trajectory of trajectories) {
        const { id, frame, groundTruthBoxes: truths = [] } = trajectory;
        assert.equal(trajectory.outcome.status, 'finished', id);
        if (truths.length === 0) continue;
        looked++;
        const [crop] = cropsOf(trajectory);
        assert.ok(crop, `${id} has no crop`);
        const [box] = boxesOf(trajectory);
        assert.ok(box, `${id} has no box`);
        const asked = toOriginalFrame(box, frame, SCENE, SEEN)!;
        assert.ok(Math.max(...truths.map((truth) => overlap(asked, truth))) > 0, id);
      }
      assert.ok(looked >= 10, `${looked} questions need a close-up`);
    });

    it('leaves a log without damage, that says with what it was made', () => {
      for (const { id, extras, frame, reward, groundTruth, turns } of trajectories) {
        assert.equal(extras.has('damagedEvents'), false, id);
        assert.equal(extras.get('model'), 'demo', id);
        assert.equal((extras.get('settings') as { temperature: number }).temperature, 0, id);
        assert.equal(frame, 'resized', id);
        assert.ok(groundTruth !== undefined && reward !== undefined, id);
        assert.ok(turns.length >= 1, id);
      }
    });
  });

  it('does the same again with the same seed, and something else with another one', async () => {
    const questions = (await demoQuestions()).slice(0, 4);
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map(async (seed, at) => {
        const file = logFile(`seed-${at}`);
        await playQuestions(model, file, questions, { temperature: 1, seed });
        const { trajectories, damage } = await readLog(file);
        assert.deepEqual(damage, []);
        return { file, trajectories };
      }),
    );
    assert.deepEqual(first!.trajectories.map(textsOf), again!.trajectories.map(textsOf));
    assert.deepEqual(first!.trajectories.map(boxesOf), again!.trajectories.map(boxesOf));
    assert.deepEqual(timeless(first!.file), timeless(again!.file));
    assert.notDeepEqual(first!.trajectories.map(textsOf), other!.trajectories.map(textsOf));
  });

  it('never says a placeholder in a rollout, however much it wants to', async () => {
    const eager = path.join(folder, 'eager');
    cpSync(DEMO_MODEL, eager, { recursive: true });
    const tokenizer = await Tokenizer.open(DEMO_MODEL);
    const pads = ['<|image_pad|>', '<|video_pad|>', '<|vision_start|>', '<|vision_end|>', '<|vision_pad|>'];
    for (const pad of pads) preferTo(eager, tokenizer.encode('<think>')[0]!, tokenizer.idOf(pad)!);
    const opened = await openInProcess(worker, eager);
    try {
      const sequence = await opened.model.start();
      await sequence.appendMessage({
        role: 'user',
        parts: [{ type: 'text', text: 'What letter is there?' }],
      });
      const said: string[] = [];
      const sampling = { temperature: 0 };
      for await (const event of sequence.generate({ sampling, maxTokens: 1 })) said.push(event.text);
      assert.ok(pads.includes(said[0]!), `without the option a pad comes first: ${said.join('')}`);
      const [question] = await demoQuestions();
      for (const [name, backend] of Object.entries({ plain: model, eager: opened.model }))
        await playQuestions(backend, logFile(name), [question!]);
      const [plain] = (await readLog(logFile('plain'))).trajectories;
      const [held] = (await readLog(logFile('eager'))).trajectories;
      assert.deepEqual(textsOf(held!), textsOf(plain!));
      assert.equal(held!.verdict?.correct, true);
    } finally {
      opened.process.dispose();
      await opened.process.gone;
    }
  });
});

/** Area that two boxes share, in square pixels. */
function overlap(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return Math.max(0, width) * Math.max(0, height);
}

/** A log's events without what a clock or the log's own name put there. */
function timeless(file: string): unknown[] {
  const own = path.basename(file).replace('.imcot.jsonl', '');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const { at: _at, ...event } = JSON.parse(line.replaceAll(own, 'LOG')) as Record<string, unknown>;
    return event;
  });
}

/** Makes a checkpoint score one token twice as high as another one, wherever that one scores above zero. */
function preferTo(checkpoint: string, token: number, preferred: number): void {
  const file = path.join(checkpoint, 'model.safetensors');
  const bytes = new Uint8Array(readFileSync(file));
  const view = new DataView(bytes.buffer);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, start)).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: number[] }
  >;
  // Tied: the embedding is the last layer too.
  const { dtype, shape, data_offsets } = header['model.embed_tokens.weight']!;
  assert.equal(dtype, 'BF16');
  const width = shape[1]! * 2;
  const row = (id: number): number => start + data_offsets[0]! + id * width;
  bytes.copyWithin(row(preferred), row(token), row(token) + width);
  // The exponent begins at bit 7: one more doubles every weight. Zeros, and the smallest numbers, stay.
  for (let at = row(preferred); at < row(preferred) + width; at += 2) {
    const bits = view.getUint16(at, true);
    if ((bits & 0x7f80) !== 0) view.setUint16(at, bits + 0x80, true);
  }
  writeFileSync(file, bytes);
}
