import assert from 'node:assert/strict';
import path from 'node:path';
import { ImcotError } from '../../../../../src/common/errors';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { type Engine, openEngine } from '../../../../../src/inference/onnx/model/engine';
import { EngineQueue } from '../../../../../src/inference/onnx/model/engineQueue';
import { LocalSequence } from '../../../../../src/inference/onnx/model/localSequence';
import { ModelCore } from '../../../../../src/inference/onnx/model/modelCore';
import { prepareWeights } from '../../../../../src/inference/onnx/model/prepareWeights';
import type { SelfTestResult } from '../../../../../src/inference/onnx/model/selfTest';
import { libraryPath } from '../../../../../src/inference/onnx/runtime/libraryPath';
import { Runtime } from '../../../../../src/inference/onnx/runtime/runtime';
import { ChatTemplate } from '../../../../../src/inference/onnx/text/chatTemplate';
import { Tokenizer } from '../../../../../src/inference/onnx/text/tokenizer';

const FOLDER = path.join(__dirname, '../../../../golden/qwen2_5_vl/checkpoint');
const CPU: SelfTestResult = { provider: 'cpu', decodeMs: 1, largestChunk: Infinity, vision: true };
const PICTURE = { pixels: { width: 90, height: 60, data: new Uint8Array(90 * 60 * 3).fill(99) } };

interface Model {
  readonly core: ModelCore;
  readonly told: string[];
  start(): LocalSequence;
}

/** A model with so many engines, all on the processor. */
async function openModel(engines: number): Promise<Model> {
  const checkpoint = await openCheckpoint(FOLDER);
  const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
  const weights = await prepareWeights(checkpoint, 'full', { cacheFolder: '', maxCacheBytes: 0 }, hooks);
  const runtime = Runtime.load(libraryPath());
  const told: string[] = [];
  const open = (tested: SelfTestResult): Promise<Engine> =>
    openEngine(runtime, tested, checkpoint, weights, 1);
  const queue = new EngineQueue(new Array<SelfTestResult>(engines).fill(CPU), open, [], (text) =>
    told.push(text),
  );
  const core = new ModelCore({
    checkpoint,
    tokenizer: await Tokenizer.open(FOLDER),
    template: await ChatTemplate.open(FOLDER),
    engine: await queue.next(),
    others: queue,
    tell: (text) => told.push(text),
    contextLength: 2048,
    sequenceMemory: 1e9,
  });
  return { core, told, start: () => core.register(new LocalSequence(core, () => undefined)) };
}

async function generated(
  sequence: LocalSequence,
  maxTokens: number,
  each?: (count: number) => void,
): Promise<number[]> {
  const ids: number[] = [];
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens })) {
    if (event.type !== 'token' || event.id === undefined) continue;
    ids.push(event.id);
    each?.(ids.length);
  }
  return ids;
}

/** From now on this engine's decoder does nothing but fail. */
function breakDecoder(engine: Engine, failure: Error): void {
  engine.decoder.run = () => Promise.reject(failure);
}

describe('a provider that fails in use', () => {
  let model: Model;
  afterEach(() => model.core.dispose());

  it('is left for the next one in the middle of a generation, with the same tokens', async () => {
    model = await openModel(2);
    const undisturbed = model.start();
    await undisturbed.appendText('Where is the small kite?');
    await undisturbed.appendImage(PICTURE);
    const expected = await generated(undisturbed, 12);
    const sequence = model.start();
    await sequence.appendText('Where is the small kite?');
    await sequence.appendImage(PICTURE);
    const first = model.core.engine;
    const found = await generated(sequence, 12, (count) => {
      if (count === 5) breakDecoder(first, new Error('device lost'));
    });
    assert.deepEqual(found, expected);
    assert.notEqual(model.core.engine, first);
    assert.deepEqual(model.told, ['CPU, 1 thread failed: device lost', 'Going on with CPU, 1 thread.']);
  });

  it('is left also when a picture is what it fails at', async () => {
    model = await openModel(2);
    model.core.engine.vision.features = () => Promise.reject(new Error('device lost'));
    const sequence = model.start();
    assert.ok((await sequence.appendImage(PICTURE)).tokens > 0);
  });

  it('gives the scores that an unbroken one gives', async () => {
    model = await openModel(2);
    const sequence = model.start();
    await sequence.appendText('one two three four five six seven eight nine ten '.repeat(30));
    const expected = await sequence.score(300);
    breakDecoder(model.core.engine, new Error('device lost'));
    assert.deepEqual(await sequence.score(300), expected);
  });

  it('is told of with every failure when none is left', async () => {
    model = await openModel(1);
    const sequence = model.start();
    await sequence.appendText('Hello');
    breakDecoder(model.core.engine, new Error('device lost'));
    await assert.rejects(sequence.appendText('again'), /CPU, 1 thread failed: device lost/);
  });

  it('is not left for what is not its fault', async () => {
    model = await openModel(2);
    const sequence = model.start();
    const { engine } = model.core;
    breakDecoder(engine, new ImcotError('limit', 'too much'));
    await assert.rejects(sequence.appendText('Hello'), /too much/);
    assert.equal(model.core.engine, engine);
  });
});
