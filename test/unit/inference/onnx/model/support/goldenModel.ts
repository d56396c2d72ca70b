import type { GenerateOptions, GenerationEvent, Sequence } from '../../../../../../src/inference/backend';
import { openCheckpoint } from '../../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { openEngine } from '../../../../../../src/inference/onnx/model/engine';
import { LocalSequence } from '../../../../../../src/inference/onnx/model/localSequence';
import { ModelCore } from '../../../../../../src/inference/onnx/model/modelCore';
import { prepareWeights } from '../../../../../../src/inference/onnx/model/prepareWeights';
import { libraryPath } from '../../../../../../src/inference/onnx/runtime/libraryPath';
import { Runtime } from '../../../../../../src/inference/onnx/runtime/runtime';
import { ChatTemplate } from '../../../../../../src/inference/onnx/text/chatTemplate';
import { Tokenizer } from '../../../../../../src/inference/onnx/text/tokenizer';
import { qwenPath } from '../../../../../support/goldenQwen';

/** The small reference checkpoint on the processor, with limits of its own. */
export interface GoldenModel {
  readonly core: ModelCore;
  /** How often the decoder ran, and the new tokens of each run. */
  readonly runs: number[];
  start(): LocalSequence;
}

export async function openGoldenModel(
  limits: { readonly contextLength?: number; readonly sequenceMemory?: number; readonly chunk?: number } = {},
): Promise<GoldenModel> {
  const folder = qwenPath('checkpoint');
  const checkpoint = await openCheckpoint(folder);
  const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
  const weights = await prepareWeights(checkpoint, 'full', { cacheFolder: '', maxCacheBytes: 0 }, hooks);
  const tested = {
    provider: 'cpu',
    decodeMs: 1,
    largestChunk: limits.chunk ?? Infinity,
    vision: true,
  } as const;
  const engine = await openEngine(Runtime.load(libraryPath()), tested, checkpoint, weights, 1);
  const runs: number[] = [];
  const run = engine.decoder.run.bind(engine.decoder);
  engine.decoder.run = (cache, input, ...rest) => {
    runs.push(input.positions.length / 3);
    return run(cache, input, ...rest);
  };
  const core = new ModelCore({
    checkpoint,
    tokenizer: await Tokenizer.open(folder),
    template: await ChatTemplate.open(folder),
    engine,
    others: { after: () => Promise.reject(new Error('there is no other')) },
    tell: () => undefined,
    contextLength: limits.contextLength ?? 4096,
    sequenceMemory: limits.sequenceMemory ?? 1e9,
  });
  const forget = (sequence: LocalSequence): void => core.forget(sequence);
  return { core, runs, start: () => core.register(new LocalSequence(core, forget)) };
}

type TokenEvent = Extract<GenerationEvent, { type: 'token' }>;
type EndEvent = Extract<GenerationEvent, { type: 'end' }>;

/** Everything that a generation yields. `each` is called after each token. */
export async function generated(
  sequence: Sequence,
  options: Partial<GenerateOptions> = {},
  each: (count: number) => void | Promise<void> = () => undefined,
): Promise<{
  readonly tokens: TokenEvent[];
  readonly ids: number[];
  readonly end: EndEvent;
  readonly text: string;
}> {
  const tokens: TokenEvent[] = [];
  let end: EndEvent | undefined;
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 16, ...options })) {
    if (end) throw new Error('something came after the end');
    if (event.type === 'end') end = event;
    else {
      tokens.push(event);
      await each(tokens.length);
    }
  }
  if (!end) throw new Error('the generation did not end');
  const text = tokens.map((token) => token.text).join('') + end.text;
  return { tokens, ids: tokens.map((token) => token.id ?? -1), end, text };
}
