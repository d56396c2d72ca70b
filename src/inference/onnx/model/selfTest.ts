import { ImcotError } from '../../../common/errors';
import type { TextConfig, VisionConfig } from '../checkpoint/modelConfig';
import { buildDecoder } from '../graph/decoder';
import type { GraphBuilder, Value } from '../graph/builder';
import { buildVision } from '../graph/vision';
import type { GraphWeights } from '../graph/weights';
import { textPositions } from '../positions/mrope';
import type { Provider } from '../runtime/providers';
import type { Runtime } from '../runtime/runtime';
import { Decoder } from './decoder';
import { KvCache } from './kvCache';
import { VisionTower } from './visionTower';

const COMMON = {
  layers: 1,
  keyValueHeads: 2,
  vocabularySize: 1024,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 10000,
  maxPositions: 128,
  tiedEmbeddings: false,
};
/** Small: whether the numbers are right does not hang on the size. */
const FOR_NUMBERS: TextConfig = {
  ...COMMON,
  hiddenSize: 256,
  intermediateSize: 512,
  heads: 4,
  headDim: 64,
  mropeSection: [8, 12, 12],
};
/** 17 million parameters, so that a GPU shows what it is worth. */
const FOR_SPEED: TextConfig = {
  ...COMMON,
  hiddenSize: 1024,
  intermediateSize: 3072,
  heads: 8,
  headDim: 128,
  mropeSection: [16, 24, 24],
};
const PROMPT = 64;
const STEPS = 4;
/** Logits are about 1 in size here; orders of addition part them by some 1e-6. */
const TOLERANCE = 1e-3;
/** A device that needs longer for one step of the larger decoder is slow enough to be told by that one. */
const SLOW_MS = 500;

/** What a provider made of the test. */
export interface SelfTestResult {
  readonly provider: Provider;
  /** Milliseconds that one token of the larger decoder took, the least of a few. */
  readonly decodeMs: number;
  /** The most new tokens in one run that came out right: some devices' kernels are wrong for more than 16. */
  readonly largestChunk: number;
  /** Whether the vision tower came out right; where it did not, it belongs on the processor. */
  readonly vision: boolean;
}

/**
 * Runs a small decoder on the provider and compares it with the processor, in one run of 64 tokens and then one by one.
 * A kernel that is wrong for many new tokens at once (seen with WebGPU on a software device; microsoft/onnxruntime
 * #28520 is its kin) is found by trying runs of 16.
 * @param slowest milliseconds a step above which the provider is refused, before any lengthy comparison
 * @throws ImcotError when the provider is not there, fails, or is wrong even so
 */
export async function testProvider(
  runtime: Runtime,
  provider: Provider,
  threads: number,
  slowest = Infinity,
): Promise<SelfTestResult> {
  const decodeMs = await decodeTime(runtime, provider, threads);
  if (decodeMs > slowest) {
    throw new ImcotError('usage', `it is slower than the CPU (${decodeMs.toFixed(1)} ms a step)`);
  }
  const largestChunk = provider === 'cpu' ? Infinity : await largestRightChunk(runtime, provider, threads);
  const vision = provider === 'cpu' || (await isVisionRight(runtime, provider, threads));
  return { provider, largestChunk, vision, decodeMs };
}

const VISION: VisionConfig = {
  depth: 2,
  hiddenSize: 128,
  intermediateSize: 256,
  heads: 4,
  outHiddenSize: 128,
  patchSize: 14,
  mergeSize: 2,
  temporalPatchSize: 2,
  channels: 3,
  windowSize: 112,
  fullAttentionBlocks: [1],
};
/** In patches: whole windows and ragged ones. */
const PICTURE = { rows: 12, columns: 10 };

async function isVisionRight(runtime: Runtime, provider: Provider, threads: number): Promise<boolean> {
  const model = buildVision(VISION, new MadeUpWeights());
  const pixelValues = madeUp(PICTURE.rows * PICTURE.columns * 3 * 2 * 14 * 14, 1, 1);
  const featuresOf = async (where: Provider): Promise<Float32Array> => {
    const tower = new VisionTower(await runtime.open(model, { provider: where, threads }), VISION);
    try {
      return await tower.features({ pixelValues, grid: PICTURE });
    } finally {
      tower.dispose();
    }
  };
  try {
    return largestDifference(await featuresOf(provider), await featuresOf('cpu')) <= TOLERANCE;
  } catch {
    // An operator that the provider lacks or fails at: the processor has it.
    return false;
  }
}

async function largestRightChunk(runtime: Runtime, provider: Provider, threads: number): Promise<number> {
  const model = buildDecoder(FOR_NUMBERS, new MadeUpWeights(), 'lm_head');
  const logitsOf = (where: Provider, chunk: number): Promise<Float32Array> =>
    withDecoder(runtime, { model, shape: FOR_NUMBERS, provider: where, threads }, (run) =>
      promptAndSteps(run, chunk),
    );
  const expected = await logitsOf('cpu', PROMPT);
  if (largestDifference(await logitsOf(provider, PROMPT), expected) <= TOLERANCE) return Infinity;
  if (largestDifference(await logitsOf(provider, 16), expected) <= TOLERANCE) return 16;
  throw new ImcotError('internal', 'its results differ from those of the processor');
}

/** Milliseconds a token. */
async function decodeTime(runtime: Runtime, provider: Provider, threads: number): Promise<number> {
  const model = buildDecoder(FOR_SPEED, new MadeUpWeights(), 'lm_head');
  return withDecoder(runtime, { model, shape: FOR_SPEED, provider, threads }, async (run) => {
    const logits = new Float32Array(FOR_SPEED.vocabularySize);
    const times: number[] = [];
    // The first step compiles kernels on some devices.
    for (let step = 0; step <= STEPS; step++) {
      const began = performance.now();
      await run(step, 1, logits);
      times.push(performance.now() - began);
      if (step > 0 && performance.now() - began > SLOW_MS) break;
    }
    return Math.min(...times.slice(1));
  });
}

/** Computes `count` tokens after `past` ones; the logits of the last one go into `target`. */
type RunTokens = (past: number, count: number, target: Float32Array) => Promise<void>;

interface Trial {
  readonly model: Uint8Array;
  readonly shape: TextConfig;
  readonly provider: Provider;
  readonly threads: number;
}

async function withDecoder<T>(
  runtime: Runtime,
  trial: Trial,
  task: (run: RunTokens) => Promise<T>,
): Promise<T> {
  const { model, shape, provider, threads } = trial;
  const decoder = new Decoder(await runtime.open(model, { provider, threads }), shape);
  let cache: KvCache | undefined;
  try {
    const own = (cache = new KvCache(decoder.session, shape, 2 * PROMPT));
    return await task((past, count, target) => {
      const embeddings = new Float32Array(count * shape.hiddenSize);
      for (let token = 0; token < count; token++) {
        embeddings.set(madeUp(shape.hiddenSize, past + token + 1, 1), token * shape.hiddenSize);
      }
      const input = { embeddings, positions: textPositions(past, count), past, wanted: [count - 1] };
      return decoder.run(own, input, target);
    });
  } finally {
    cache?.dispose();
    decoder.dispose();
  }
}

/** Logits after the prompt and after each step behind it, one row each. */
async function promptAndSteps(run: RunTokens, chunk: number): Promise<Float32Array> {
  const width = COMMON.vocabularySize;
  const logits = new Float32Array((1 + STEPS) * width);
  const row = (index: number): Float32Array => logits.subarray(index * width, (index + 1) * width);
  for (let past = 0; past < PROMPT; past += chunk) await run(past, chunk, row(0));
  for (let step = 0; step < STEPS; step++) await run(PROMPT + step, 1, row(1 + step));
  return logits;
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
