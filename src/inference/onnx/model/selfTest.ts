import { ImcotError } from '../../../common/errors';
import type { TextConfig } from '../checkpoint/modelConfig';
import { buildDecoder } from '../graph/decoder';
import type { GraphBuilder, Value } from '../graph/builder';
import type { GraphWeights } from '../graph/weights';
import { textPositions } from '../positions/mrope';
import type { Provider } from '../runtime/providers';
import type { Runtime } from '../runtime/runtime';
import { Decoder } from './decoder';
import { KvCache } from './kvCache';

/** A decoder of one layer, large enough that a GPU shows what it is worth. About 17 million parameters. */
const SHAPE: TextConfig = {
  hiddenSize: 1024,
  intermediateSize: 3072,
  layers: 1,
  heads: 8,
  keyValueHeads: 2,
  headDim: 128,
  vocabularySize: 1024,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 10000,
  mropeSection: [16, 24, 24],
  maxPositions: 128,
  tiedEmbeddings: false,
};
const PROMPT = 64;
const STEPS = 4;
/** Logits are about 1 in size here; orders of addition part them by some 1e-6. */
const TOLERANCE = 1e-3;

/** What a provider made of the test. */
export interface SelfTestResult {
  readonly provider: Provider;
  /** Milliseconds that one token took to decode, the median of a few. */
  readonly decodeMs: number;
  /** The most new tokens in one run that came out right: some devices' kernels are wrong for more than 16. */
  readonly largestChunk: number;
}

/**
 * Runs a small decoder on the provider and compares it with the processor, in one run of 64 tokens and then one by one.
 * A kernel that is wrong for many new tokens at once (seen with WebGPU on a software device; microsoft/onnxruntime
 * #28520 is its kin) is found by trying runs of 16.
 * @throws ImcotError when the provider is not there, fails, or is wrong even so
 */
export async function testProvider(
  runtime: Runtime,
  provider: Provider,
  threads: number,
): Promise<SelfTestResult> {
  const model = buildDecoder(SHAPE, new MadeUpWeights(), 'lm_head');
  const expected = await runTest(runtime, model, 'cpu', threads, PROMPT);
  if (provider === 'cpu') return { provider, decodeMs: expected.decodeMs, largestChunk: Infinity };
  for (const chunk of [PROMPT, 16]) {
    const found = await runTest(runtime, model, provider, threads, chunk);
    if (largestDifference(found.logits, expected.logits) <= TOLERANCE) {
      return { provider, decodeMs: found.decodeMs, largestChunk: chunk === PROMPT ? Infinity : chunk };
    }
  }
  throw new ImcotError('internal', 'its results differ from those of the processor');
}

interface TestRun {
  readonly logits: Float32Array;
  readonly decodeMs: number;
}

async function runTest(
  runtime: Runtime,
  model: Uint8Array,
  provider: Provider,
  threads: number,
  chunk: number,
): Promise<TestRun> {
  const decoder = new Decoder(await runtime.open(model, { provider, threads }), SHAPE);
  const cache = new KvCache(decoder.session, SHAPE, 2 * PROMPT);
  try {
    const logits = new Float32Array((1 + STEPS) * SHAPE.vocabularySize);
    const run = (past: number, count: number, target: Float32Array): Promise<void> =>
      decoder.run(
        cache,
        {
          embeddings: madeUp(count * SHAPE.hiddenSize, past + 1, 1),
          positions: textPositions(past, count),
          past,
          wanted: [count - 1],
        },
        target,
      );
    const row = (index: number): Float32Array =>
      logits.subarray(index * SHAPE.vocabularySize, (index + 1) * SHAPE.vocabularySize);
    for (let past = 0; past < PROMPT; past += chunk) await run(past, Math.min(chunk, PROMPT - past), row(0));
    const times: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const began = performance.now();
      await run(PROMPT + step, 1, row(1 + step));
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    return { logits, decodeMs: times[STEPS >> 1] ?? 0 };
  } finally {
    cache.dispose();
    decoder.dispose();
  }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs((a[index] ?? 0) - (b[index] ?? 0));
    // Written so that NaN counts as a difference.
    if (!(difference <= largest)) largest = difference;
  }
  return Number.isNaN(largest) ? Infinity : largest;
}

/** The same numbers every time, uniform in [-scale, scale]. */
function madeUp(length: number, seed: number, scale: number): Float32Array {
  const numbers = new Float32Array(length);
  let state = (seed * 2654435761) >>> 0;
  for (let index = 0; index < length; index++) {
    // Numerical Recipes' linear congruential generator: quick, and good enough to tell kernels apart.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    numbers[index] = (state / 2 ** 31 - 1) * scale;
  }
  return numbers;
}

class MadeUpWeights implements GraphWeights {
  private seed = 1000;

  linear(graph: GraphBuilder, x: Value, module: string, inputs: number, outputs: number): Value {
    const weights = madeUp(inputs * outputs, this.seed++, 1.7 / Math.sqrt(inputs));
    return graph.op('Gemm', [x, graph.tensor(module, weights, [outputs, inputs])], { transB: 1 });
  }

  vector(graph: GraphBuilder, name: string, length: number): Value {
    return graph.tensor(name, new Float32Array(length).fill(1), [length]);
  }
}
