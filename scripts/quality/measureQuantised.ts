import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Message } from '../../src/inference/backend';
import { openCheckpoint } from '../../src/inference/onnx/checkpoint/openCheckpoint';
import { openLocalModel } from '../../src/inference/onnx/localModel';
import type { LocalModel } from '../../src/inference/onnx/localModel';
import { cacheEntries } from '../../src/inference/onnx/quantise/cacheFolder';
import { expectedBytes } from '../../src/inference/onnx/quantise/layout';
import { WEIGHTS_FILE } from '../../src/inference/onnx/quantise/manifest';
import { compareLogits, sumUp } from './divergence';
import type { Difference } from './divergence';

/** A conversation to judge by: every position of it counts. */
export type Dialogue = readonly Message[];

/** What quantising costs, and the file that it makes. */
export interface QuantisedQuality extends Difference {
  readonly precision: 'int8' | 'int4';
  readonly fileBytes: number;
  readonly expectedBytes: number;
}

/** Positions whose logits are held at once. */
const AT_ONCE = 64;
const CONTEXT = 4096;

/** Compares a checkpoint in 8 and 4 bits with itself in full precision, over every position of the conversations. */
export async function measureQuantised(
  folder: string,
  dialogues: readonly Dialogue[],
): Promise<readonly QuantisedQuality[]> {
  const cacheFolder = await mkdtemp(path.join(tmpdir(), 'imcot-quantised-'));
  const checkpoint = await openCheckpoint(folder);
  const vocabulary = checkpoint.config.text.vocabularySize;
  const reference = await openAt(folder, 'full', cacheFolder);
  try {
    const results: QuantisedQuality[] = [];
    for (const precision of ['int8', 'int4'] as const) {
      const before = await cacheEntries(cacheFolder);
      const model = await openAt(folder, precision, cacheFolder);
      try {
        const rows = [];
        for (const dialogue of dialogues)
          rows.push(...(await compareOn(dialogue, reference, model, vocabulary)));
        const known = before.map(({ key }) => key);
        const entry = (await cacheEntries(cacheFolder)).find(({ key }) => !known.includes(key));
        const fileBytes = entry ? (await stat(path.join(entry.folder, WEIGHTS_FILE))).size : 0;
        const bits = precision === 'int8' ? 8 : 4;
        results.push({
          precision,
          ...sumUp(rows),
          fileBytes,
          expectedBytes: expectedBytes(checkpoint, bits),
        });
      } finally {
        model.dispose();
      }
    }
    return results;
  } finally {
    reference.dispose();
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

function openAt(
  folder: string,
  precision: 'full' | 'int8' | 'int4',
  cacheFolder: string,
): Promise<LocalModel> {
  return openLocalModel(
    {
      folder,
      precision,
      cacheFolder,
      provider: 'cpu',
      contextLength: CONTEXT,
      threads: 0,
      maxCacheBytes: 1e11,
      sequenceMemoryBytes: 2e9,
    },
    { onProgress: () => undefined, signal: new AbortController().signal },
  );
}

async function compareOn(
  dialogue: Dialogue,
  reference: LocalModel,
  model: LocalModel,
  vocabulary: number,
): Promise<readonly { readonly divergence: number; readonly agrees: boolean }[]> {
  const sequences = await Promise.all([reference.start(), model.start()]);
  const [first, second] = sequences;
  try {
    for (const message of dialogue) for (const sequence of sequences) await sequence.appendMessage(message);
    if (first.length !== second.length) throw new Error('The same conversation has two lengths.');
    const rows = [];
    for (let from = 0; from < first.length; from += AT_ONCE) {
      const length = Math.min(AT_ONCE, first.length - from);
      const places = Array.from({ length }, (_, at) => from + at);
      rows.push(
        ...compareLogits(await first.logitsAfter(places), await second.logitsAfter(places), vocabulary),
      );
    }
    return rows;
  } finally {
    for (const sequence of sequences) await sequence.close();
  }
}
