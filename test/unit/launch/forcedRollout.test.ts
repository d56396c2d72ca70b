import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildWorker } from '../../../scripts/torture/buildWorker';
import { smartResize, visualTokenCount } from '../../../src/common/smartResize';
import { ImagePictures } from '../../../src/host/images/imagePictures';
import { viewOfRecord } from '../../../src/host/trajectories/recordView';
import { ImageLookup } from '../../../src/imaging/imageLookup';
import type { RgbImage } from '../../../src/imaging/imageStore';
import { pillowCrop } from '../../../src/imaging/pillowCrop';
import { pillowResize } from '../../../src/imaging/pillowResize';
import { SharpImageStore } from '../../../src/imaging/sharpImageStore';
import type { Message } from '../../../src/inference/backend';
import type { InferenceProcess } from '../../../src/inference/onnx/process/inferenceProcess';
import type { RemoteModel } from '../../../src/inference/onnx/process/remoteModel';
import { ChatTemplate } from '../../../src/inference/onnx/text/chatTemplate';
import { Tokenizer } from '../../../src/inference/onnx/text/tokenizer';
import { openTrajectorySource } from '../../../src/files/openSource';
import { loadPicture } from '../../../src/launch/loadPicture';
import { RolloutPictureCutter } from '../../../src/launch/pictureCutter';
import type { PlayEvent } from '../../../src/launch/playRollout';
import { playRollout } from '../../../src/launch/playRollout';
import { settleChoices } from '../../../src/launch/rolloutChoices';
import { createRolloutLog } from '../../../src/launch/rolloutLog';
import type { ImageView, ToolCallView, TrajectoryView } from '../../../src/protocol/trajectoryView';
import type { RecordResult } from '../../../src/readers/reader';
import type { ImageReference } from '../../../src/trajectory/imageReference';
import { openInProcess } from '../../support/demoModel';
import type { ForcedScript, ForcedSequence } from '../../support/forcedBackend';
import { ForcedBackend } from '../../support/forcedBackend';
import { plainRgb, sha256 } from '../../support/goldenImages';
import { qwenPath } from '../../support/goldenQwen';
import { PROJECT_ROOT } from '../../support/sources';
import { ANSWER, SCENARIOS } from './support/forcedScenarios';

const CHECKPOINT = qwenPath('checkpoint');
const SCENE = qwenPath('images/scene.png');
const SIZE = { width: 226, height: 152 };
const PAD = '<|image_pad|>';
const LOG = 'forced.imcot.jsonl';

/** A rollout that was played into a log. */
interface Played {
  readonly file: string;
  readonly events: readonly PlayEvent[];
  readonly sequence: ForcedSequence;
}

describe('a rollout of a real model that says what it is told to', function () {
  this.timeout(120_000);
  const folders: string[] = [];
  let process: InferenceProcess;
  let model: RemoteModel;
  let tokenizer: Tokenizer;
  let template: ChatTemplate;
  const images = new SharpImageStore();

  before(async () => {
    // Inside the project, where the bundle finds its modules.
    const bundles = path.join(PROJECT_ROOT, 'out/forced');
    mkdirSync(bundles, { recursive: true });
    const bundle = mkdtempSync(path.join(bundles, 'worker-'));
    folders.push(bundle);
    ({ process, model } = await openInProcess(await buildWorker(bundle), CHECKPOINT, 8192));
    tokenizer = await Tokenizer.open(CHECKPOINT);
    template = await ChatTemplate.open(CHECKPOINT);
  });
  after(async () => {
    images.dispose();
    process?.dispose();
    await process?.gone;
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  async function play(protocol: string, turns: readonly ForcedScript[], maxTokens = 2000): Promise<Played> {
    const folder = mkdtempSync(path.join(tmpdir(), 'imcot-forced-'));
    folders.push(folder);
    const place = { file: path.join(folder, LOG), root: folder };
    const backend = new ForcedBackend(model, tokenizer, turns);
    const cutter = new RolloutPictureCutter();
    const log = await createRolloutLog(place, 'test');
    const events: PlayEvent[] = [];
    try {
      const question = { image: SCENE, question: 'What colour is it?', groundTruth: 'red', id: 'q' };
      const choices = settleChoices({}, { protocol, maxTokens });
      const task = { question, picture: await loadPicture(SCENE, place), choices };
      for await (const event of playRollout(task, { backend, cutter, recorder: log.recorder })) {
        if (event.type === 'end') assert.equal(event.thrown, undefined);
        events.push(event);
      }
    } finally {
      cutter.dispose();
      await log.close();
    }
    const [sequence] = backend.sequences;
    assert.ok(sequence);
    return { file: place.file, events, sequence };
  }

  /** The one record of a log, as the program that shows logs reads it; nothing may be left over. */
  async function recordOf(file: string): Promise<Extract<RecordResult, { status: 'ok' }>> {
    const source = await openTrajectorySource(file, { index: 'inProcess' });
    try {
      const { records, incompleteTail, failure } = await source.indexed();
      assert.deepEqual([records, incompleteTail, failure], [1, 0, undefined]);
      const record = await source.record(0);
      assert.ok(record.status === 'ok', 'the record is damaged');
      assert.equal(record.trajectory.extras.has('damagedEvents'), false);
      return record;
    } finally {
      source.dispose();
    }
  }

  async function viewOf(file: string): Promise<TrajectoryView> {
    const lookup = new ImageLookup({ roots: [path.dirname(file)] });
    const access = new ImagePictures(images, (logged) => lookup.find(logged, file));
    const planned = await viewOfRecord(0, await recordOf(file), access);
    assert.ok('view' in planned);
    return planned.view;
  }

  /** Tokens of the whole conversation, worked out from the messages alone. */
  function tokensOf({ events }: Played, turns: readonly string[], visual: readonly number[]): number {
    const start = events.find((event) => event.type === 'start')?.start;
    const observations = events.filter((event) => event.type === 'observation');
    assert.ok(start);
    const { system, user } = start.prompt;
    const messages: Message[] = [
      ...(system === undefined ? [] : [said('system', system)]),
      { role: 'user', parts: [PICTURE, { type: 'text', text: user }] },
      ...turns.flatMap((turn, index) => [
        said('assistant', turn),
        ...observations.filter((event) => event.turn === index).map(({ raw }) => shown(raw)),
      ]),
    ];
    const pieces = template.render(messages, { addGenerationPrompt: false }).split(PAD);
    assert.equal(pieces.length, visual.length + 1);
    const words = pieces.reduce((sum, piece) => sum + tokenizer.encode(piece).length, 0);
    // The last turn is left open: without its end and the line end behind that.
    return words + visual.reduce((sum, count) => sum + count, 0) - 2;
  }

  for (const scenario of SCENARIOS) {
    describe(`with ${scenario.name}`, () => {
      const { protocol, turns } = scenario;
      let played: Played;
      before(async () => {
        played = await play(protocol, turns);
      });

      it('ends with the answer, and scores it', () => {
        const { events } = played;
        const end = events.find((event) => event.type === 'end');
        assert.deepEqual([end?.status, end?.prediction], ['finished', 'red']);
        assert.equal(events.find((event) => event.type === 'score')?.score.verdict?.correct, true);
      });

      it('leaves the model with every token of it, and no other', () => {
        const { events, sequence } = played;
        const prompt = events.find((event) => event.type === 'prompt');
        const brought = events.flatMap((event) =>
          event.type === 'observation' && event.appended ? [event.appended] : [],
        );
        assert.equal(brought.length, turns.length - 1);
        const seen = [...(prompt?.images ?? []), ...brought.flatMap((appended) => appended.images)];
        const visual = seen.map(({ tokens }) => tokens);
        assert.equal(sequence.length, tokensOf(played, turns, visual));
        const spoken = sequence.said.reduce((sum, { ids, opening }) => sum + opening + ids.length - 1, 0);
        const observed = brought.reduce((sum, { tokens = NaN }) => sum + tokens, 0);
        assert.equal(sequence.length, (prompt?.tokens ?? NaN) + spoken + observed);
      });

      it('records the text, token by token, with what the model thinks of it', async () => {
        const { trajectory } = await recordOf(played.file);
        assert.deepEqual(
          trajectory.turns.map(({ raw }) => raw),
          turns,
        );
        const lines = linesOf(played.file).filter(({ event }) => event === 'text');
        const tokens = played.sequence.said.flatMap(({ ids }) => ids);
        assert.equal(lines.length, tokens.length);
        const numbers = lines.map(({ logProbabilities }) => (logProbabilities as number[])[0] ?? NaN);
        assert.ok(numbers.every((value) => Number.isFinite(value) && value < 0));
        assert.ok(new Set(numbers).size > numbers.length / 2, 'they are worked out, not made up');
      });

      it('keeps crops with the pixels that Pillow would have cut', async () => {
        const record = await recordOf(played.file);
        const kept = record.trajectory.turns.flatMap(({ observation }) => observation?.images ?? []);
        assert.equal(kept.length, scenario.crops.length);
        const scene = await plainRgb(SCENE);
        const cut: RgbImage[] = [];
        for (const [index, { from, box }] of scenario.crops.entries()) {
          const source = from === undefined ? scene : cut[from];
          const [x1, y1, x2, y2] = box;
          assert.ok(source);
          const piece = pillowCrop(source, { x1, y1, x2, y2 });
          const seen = smartResize(piece);
          cut.push(pillowResize(piece, seen));
          const reference = kept[index];
          assert.ok(reference);
          assert.deepEqual(
            fingerprint(await pixelsOf(reference, record, played.file)),
            fingerprint(cut[index]),
          );
          assert.equal(reference.visualTokens, visualTokenCount(seen));
        }
      });

      it('shows in the editor where the model looked', async () => {
        const view = await viewOf(played.file);
        const calls = callsOf(view);
        assert.deepEqual(
          calls.map(({ place }) => place?.box),
          scenario.places.map((box) => box && { x1: box[0], y1: box[1], x2: box[2], y2: box[3] }),
        );
        assert.equal(calls.filter(({ report }) => report?.rejected !== undefined).length, scenario.errors);
        assert.ok(calls.every(({ place }) => place === undefined || place.image === 'original:0'));
        assert.deepEqual([view.originals.length, view.originals[0]?.state], [1, 'available']);
        assert.deepEqual(view.originals[0]?.size, SIZE);
        assert.equal(view.originals[0]?.visualTokens, visualTokenCount(smartResize(SIZE)));
        const crops = cropsOf(view);
        assert.ok(crops.every(({ state, kind }) => state === 'available' && kind === 'stored'));
        assert.equal(crops.length, scenario.crops.length);
        const errors = view.turns
          .flatMap(({ parts }) => parts)
          .filter((part) => part.kind === 'observation' && part.error !== undefined);
        assert.equal(errors.length, scenario.errors);
        assert.deepEqual([view.outcome.status, view.prediction], ['finished', 'red']);
      });

      it('is the same a second time, but for the clock', async () => {
        const again = await play(protocol, turns);
        assert.deepEqual(linesOf(again.file), linesOf(played.file));
      });
    });
  }

  it('gives words of the model’s own the log-probabilities with which it chose them', async () => {
    const sequence = await model.start();
    await sequence.appendMessage(said('user', 'Say something.'));
    const chosen: { id: number; logProbability: number }[] = [];
    const options = { sampling: { temperature: 0 }, maxTokens: 12 };
    for await (const event of sequence.generate(options))
      if (event.type === 'token')
        chosen.push({ id: event.id ?? NaN, logProbability: event.logProbability ?? NaN });
    await sequence.close();
    assert.equal(chosen.length, 12);
    const backend = new ForcedBackend(model, tokenizer, [chosen.map(({ id }) => id)]);
    const forced = await backend.start();
    await forced.appendMessage(said('user', 'Say something.'));
    const told: { id: number; logProbability: number }[] = [];
    for await (const event of forced.generate(options))
      if (event.type === 'token')
        told.push({ id: event.id ?? NaN, logProbability: event.logProbability ?? NaN });
    assert.deepEqual(
      told.map(({ id }) => id),
      chosen.map(({ id }) => id),
    );
    for (const [index, { logProbability }] of told.entries()) {
      const difference = Math.abs(logProbability - (chosen[index]?.logProbability ?? NaN));
      assert.ok(difference < 1e-4, `token ${index} is off by ${difference}`);
    }
    await forced.close();
  });

  it('cuts a turn off at the limit of tokens, in the model’s sequence as in the log', async () => {
    const { events, sequence, file } = await play('deepeyes-v2', [ANSWER], 5);
    assert.equal(events.find((event) => event.type === 'end')?.status, 'length');
    assert.equal(sequence.said[0]?.ids.length, 5);
    const prompt = events.find((event) => event.type === 'prompt');
    assert.equal(sequence.length, (prompt?.tokens ?? NaN) + (sequence.said[0]?.opening ?? NaN) + 5);
    const { trajectory } = await recordOf(file);
    assert.equal(trajectory.turns[0]?.raw, ANSWER.slice(0, trajectory.turns[0]?.raw.length));
  });
});

const PICTURE = {
  type: 'image',
  image: { pixels: { width: 1, height: 1, data: new Uint8Array(3) } },
} as const;

const said = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] });

/** An observation as the message that it was. */
function shown(raw: string): Message {
  const texts = raw.split('<image>').map((text) => ({ type: 'text', text }) as const);
  return { role: 'user', parts: texts.flatMap((part, index) => (index === 0 ? [part] : [PICTURE, part])) };
}

/** The lines of a log without what a clock put there. */
function linesOf(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { at: _at, created: _created, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return rest;
  });
}

async function pixelsOf(
  reference: ImageReference,
  { images }: Extract<RecordResult, { status: 'ok' }>,
  log: string,
): Promise<RgbImage> {
  assert.notEqual(reference.kind, 'blank');
  if (reference.kind === 'file') return plainRgb(path.join(path.dirname(log), reference.path));
  const bytes = reference.kind === 'inline' ? images.get(reference.hash) : undefined;
  assert.ok(bytes);
  return plainRgb(bytes);
}

/** Two pictures are equal when these are. */
const fingerprint = (pixels: RgbImage | undefined): unknown =>
  pixels && { width: pixels.width, height: pixels.height, sha256: sha256(pixels.data) };

const partsOf = ({ turns }: TrajectoryView): TrajectoryView['turns'][number]['parts'] =>
  turns.flatMap(({ parts }) => parts);
const callsOf = (view: TrajectoryView): ToolCallView[] =>
  partsOf(view).flatMap((part) => (part.kind === 'toolCall' ? [part.call] : []));
const cropsOf = (view: TrajectoryView): ImageView[] =>
  partsOf(view).flatMap((part) => (part.kind === 'observation' ? [...part.images] : []));
