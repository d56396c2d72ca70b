import { rmSync } from 'node:fs';
import type { Checkpoint } from '../../src/inference/onnx/checkpoint/checkpoint';
import { memoryNeeded } from '../../src/inference/onnx/checkpoint/memory';
import type { BenchResult, Limit, Measurement } from '../harness';
import type { OpenRequest, Took } from './answers';
import { ask, CONTEXT_LENGTH, openRequest, QUANTISED, startOurs } from './model';
import { MemoryWatch, processMemory, type ProcessMemory } from './processMemory';

/** Memory of Node itself with the program loaded is not the model's: the estimate leaves it out. */
const NODE_BYTES = 150e6;

interface Opened {
  readonly what: string;
  readonly took: number;
  readonly peak: ProcessMemory & { readonly resident: number };
  readonly after: ProcessMemory;
  readonly estimate: number;
}

/** How long a checkpoint of 1 GB takes to open, how much memory, and how good the estimate is. */
export async function benchOpening(checkpoint: Checkpoint): Promise<BenchResult> {
  rmSync(QUANTISED, { recursive: true, force: true });
  const opened: Opened[] = [];
  for (const [what, precision] of [
    ['full precision', 'full'],
    ['int8, first time', 'int8'],
    ['int8, from the cache', 'int8'],
    ['int4, first time', 'int4'],
    ['int4, from the cache', 'int4'],
  ] as const) {
    opened.push(await open(checkpoint, what, precision));
  }
  const bytes = [...checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    name: 'Opening a checkpoint of 1 GB',
    how: [
      `${(checkpoint.parameters / 1e6).toFixed(0)} million random parameters in ${(bytes / 1e9).toFixed(2)} GB of bfloat16, just written, so its pages are warm; a new process each time.`,
      'From the request until the first token was computed; the test of what can compute included.',
      'Own memory is what the process alone has; pages of mapped files are apart, since the system takes them back at any time. Looked at every 5 ms.',
      `The estimate is what the program refuses a model by: for a context of ${CONTEXT_LENGTH} tokens, of which only the first exist here. Node’s own memory is not in it: up to ${NODE_BYTES / 1e6} MB are allowed for that.`,
    ],
    ratios: opened.map(({ what, peak, estimate }) => ({
      what: `peak of own memory / estimate, ${what}`,
      value: peak.own / estimate,
    })),
    limits: opened.map(({ what, peak, estimate }): Limit => ({
      what: `peak of own memory, ${what}`,
      value: peak.own / 1e6,
      unit: 'MB',
      atMost: Math.round((estimate + NODE_BYTES) / 1e6),
    })),
    measurements: opened.flatMap(({ what, took, peak, after, estimate }): Measurement[] => [
      { what: `${what}: time`, value: took / 1000, unit: 's' },
      { what: `${what}: estimated peak`, value: estimate / 1e6, unit: 'MB' },
      { what: `${what}: peak resident, mapped files included`, value: peak.resident / 1e6, unit: 'MB' },
      { what: `${what}: own memory once open`, value: after.own / 1e6, unit: 'MB' },
      { what: `${what}: mapped files once open`, value: after.mapped / 1e6, unit: 'MB' },
    ]),
  };
}

async function open(
  checkpoint: Checkpoint,
  what: string,
  precision: OpenRequest['precision'],
): Promise<Opened> {
  const child = await startOurs();
  try {
    const watch = new MemoryWatch(child.pid);
    const { took } = await ask<Took>(child, openRequest(precision, 'ours'));
    const peak = watch.stop();
    const after = processMemory(child.pid) ?? { own: NaN, mapped: NaN };
    const options = { precision, contextLength: CONTEXT_LENGTH, device: 'cpu' } as const;
    return { what, took, peak, after, estimate: memoryNeeded(checkpoint, options).peakAtOpen };
  } finally {
    await child.gone();
  }
}
