import { availableParallelism, loadavg } from 'node:os';
import type { Checkpoint } from '../../src/inference/onnx/checkpoint/checkpoint';
import { memoryNeeded } from '../../src/inference/onnx/checkpoint/memory';
import { planLayout } from '../../src/inference/onnx/quantise/layout';
import { median, type BenchResult, type Measurement, type Ratio } from '../harness';
import type { Decoded } from './answers';
import { readBandwidth } from './bandwidth';
import { ask, makePeer, openRequest, startOurs, startPeer } from './model';
import { MemoryWatch } from './processMemory';

const CONTEXTS = [512, 4096] as const;
const ROUNDS = 7;
const TOKENS = 12;

/** What each context is held to, against the peer at full precision. */
const GOALS = { 512: 1, 4096: 1.3 } as const;

type Precision = 'full' | 'int4';

/** Milliseconds per token of both at one context, and the tokens that they chose alike. */
interface Raced {
  readonly ours: number;
  readonly peer: number;
  readonly alike: number;
  /** The fastest token of all rounds: hardly moved by what else the machine does. */
  readonly fastest: Readonly<Record<'ours' | 'peer', number>>;
}

/** Decoding against transformers.js on the same weights, and against what the memory allows. */
export async function benchDecode(checkpoint: Checkpoint, precision: Precision): Promise<BenchResult> {
  await makePeer(checkpoint, precision);
  const [ours, peer] = [await startOurs(), await startPeer()];
  try {
    const watches = { ours: new MemoryWatch(ours.pid), peer: new MemoryWatch(peer.pid) };
    await ask(ours, openRequest(precision, 'ours'));
    await ask(peer, openRequest(precision, 'peer'));
    const raced = new Map<(typeof CONTEXTS)[number], Raced>();
    for (const context of CONTEXTS) {
      for (const child of [ours, peer]) await ask(child, { do: 'fill', tokens: context });
      raced.set(context, await race(ours, peer));
    }
    const peaks = { ours: watches.ours.stop().resident, peer: watches.peer.stop().resident };
    return describe(checkpoint, precision, raced, peaks, await readBandwidth());
  } finally {
    await ours.gone();
    await peer.gone();
  }
}

type Program = Awaited<ReturnType<typeof startOurs>>;

async function race(ours: Program, peer: Program): Promise<Raced> {
  const times: Record<'ours' | 'peer', number[]> = { ours: [], peer: [] };
  const fastest = { ours: Infinity, peer: Infinity };
  let alike = TOKENS;
  for (let round = 0; round <= ROUNDS; round++) {
    const request = { do: 'decode', tokens: TOKENS };
    const [a, b] = [await ask<Decoded>(ours, request), await ask<Decoded>(peer, request)];
    const parted = a.ids.findIndex((id, at) => id !== b.ids[at]);
    if (parted >= 0) alike = Math.min(alike, parted);
    if (round === 0) continue;
    times.ours.push(a.perToken);
    times.peer.push(b.perToken);
    fastest.ours = Math.min(fastest.ours, a.fastest);
    fastest.peer = Math.min(fastest.peer, b.fastest);
  }
  return { ours: median(times.ours), peer: median(times.peer), alike, fastest };
}

/** Bytes that a token must read: every weight that the decoder multiplies with, and the cache of what stands before. */
function bytesPerToken(checkpoint: Checkpoint, precision: Precision, context: number): number {
  const { text } = checkpoint.config;
  const cache = memoryNeeded(checkpoint, { precision: 'full', contextLength: context, device: 'cpu' }).cache;
  if (precision === 'int4') return planLayout(checkpoint, 4).bytes + cache;
  // Tied: the embedding is read as what makes the logits. The vision tower rests.
  const language = [...checkpoint.tensors.values()].filter(({ name }) => !name.startsWith('visual.'));
  const parameters = language.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  if (!text.tiedEmbeddings) throw new Error('counted for tied embeddings only');
  return parameters * Float32Array.BYTES_PER_ELEMENT + cache;
}

function describe(
  checkpoint: Checkpoint,
  precision: Precision,
  raced: ReadonlyMap<(typeof CONTEXTS)[number], Raced>,
  peaks: Readonly<Record<'ours' | 'peer', number>>,
  bandwidth: number,
): BenchResult {
  const ratios: Ratio[] = [];
  const measurements: Measurement[] = [];
  for (const [context, { ours, peer, fastest }] of raced) {
    const at = `at ${context} tokens of context`;
    const bound = (1000 * bytesPerToken(checkpoint, precision, context)) / bandwidth;
    ratios.push(
      {
        what: `speed / transformers.js ${at}`,
        value: peer / ours,
        ...(precision === 'full' && { limit: { atLeast: GOALS[context] } }),
      },
      {
        what: `speed of the fastest token / that of transformers.js ${at}`,
        value: fastest.peer / fastest.ours,
      },
      { what: `speed / the memory's limit ${at}`, value: bound / ours },
    );
    measurements.push(
      { what: `ours ${at}`, value: 1000 / ours, unit: 'tokens/s' },
      { what: `transformers.js ${at}`, value: 1000 / peer, unit: 'tokens/s' },
      { what: `the memory's limit ${at}`, value: 1000 / bound, unit: 'tokens/s' },
    );
  }
  measurements.push(
    { what: 'memory read by all cores', value: bandwidth / 1e9, unit: 'GB/s' },
    { what: 'peak resident memory, ours', value: peaks.ours / 1e6, unit: 'MB' },
    { what: 'peak resident memory, transformers.js', value: peaks.peer / 1e6, unit: 'MB' },
  );
  const alike = [...raced].map(([context, race]) => `${race.alike} at ${context}`).join(' and ');
  const weights =
    precision === 'full'
      ? 'float32 in both, widened from the same bfloat16.'
      : 'the same blocks of 32 in both: 4 bits, 8 in the matrix that makes logits; int8 activations in both.';
  return {
    name: `Decoding, 0.5B parameters, ${precision === 'full' ? 'float32' : 'int4'}, against transformers.js`,
    how: [
      'A random decoder of the shape of Qwen2-0.5B (24 layers, 14 heads, 2 key-value heads, 151,936 tokens).',
      `Weights: ${weights}`,
      'The peer is @huggingface/transformers 4.3.1 on the same ONNX Runtime 1.30.0, in a process of its own; its ONNX file was written by this project in the form of onnxruntime-genai’s builder and the newer onnx-community models: one matrix for queries, keys and values, GroupQueryAttention that rotates (so it has GQA), logits of the last position only, a cache that grows.',
      `Greedy, ${TOKENS} tokens a round, timed between the first and the last; median of ${ROUNDS} rounds in which both take turns, sampling, streaming and detokenising included.`,
      `Of ${TOKENS} tokens both chose the same first ${alike} tokens of context.`,
      `Load of the machine at the end: ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores, the benchmark’s own included; figures mean something on a quiet one only.`,
      'The memory’s limit: the bytes of weights and cache that a token must read, over the speed at which all cores together compare memory (memcmp), the best of 7 passes of 1 GiB.',
    ],
    ratios,
    measurements,
  };
}
