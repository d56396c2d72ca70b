import path from 'node:path';
import type { LoadHooks, LocalModelOptions } from '../../localModelOptions';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { checkpointIdentity } from '../checkpoint/checkpointIdentity';
import { readTensor } from '../checkpoint/readTensor';
import { CheckpointWeights, type GraphWeights, QuantisedGraphWeights } from '../graph/weights';
import { openQuantised } from '../quantise/quantisedWeights';
import { makeQuantiser } from '../quantise/threadedQuantiser';

/** Beside the bundle that this is part of; run from sources there is none, and this thread quantises. */
const QUANTISE_WORKER = path.join(__dirname, 'quantiseWorker.js');

/** Weights of one part of the model, and the folder that their external data is relative to. */
export interface PartWeights {
  readonly weights: GraphWeights;
  readonly dataFolder: string;
}

/** Where the graphs' numbers come from. */
export interface PreparedWeights {
  readonly decoder: PartWeights;
  /** Always at full precision: it is a tenth of the model, and what it sees is what the boxes hang on. */
  readonly vision: PartWeights;
  /** Lets the cache of quantised weights remove them when it needs room. */
  release(): Promise<void>;
}

/** Reads norms and biases, and makes or finds quantised weights where they are asked for. */
export async function prepareWeights(
  checkpoint: Checkpoint,
  precision: 'full' | 'int8' | 'int4',
  options: Pick<LocalModelOptions, 'cacheFolder' | 'maxCacheBytes'>,
  hooks: LoadHooks,
): Promise<PreparedWeights> {
  const vectors = new Map<string, Float32Array>();
  for (const tensor of checkpoint.tensors.values()) {
    if (tensor.shape.length === 1)
      vectors.set(tensor.name, await readTensor(tensor, { signal: hooks.signal }));
  }
  const weights = new CheckpointWeights(checkpoint, vectors);
  const full = { weights, dataFolder: weights.dataFolder };
  if (precision === 'full') return { decoder: full, vision: full, release: () => Promise.resolve() };
  const message = precision === 'int8' ? 'Quantising to 8 bit' : 'Quantising to 4 bit';
  const quantised = await openQuantised(checkpoint, {
    bits: precision === 'int8' ? 8 : 4,
    cacheFolder: options.cacheFolder,
    maxCacheBytes: options.maxCacheBytes,
    identity: checkpointIdentity,
    quantiser: () => makeQuantiser(QUANTISE_WORKER),
    signal: hooks.signal,
    onProgress: (done, total) => hooks.onProgress({ stage: 'quantising', fraction: done / total, message }),
  });
  return {
    decoder: {
      weights: new QuantisedGraphWeights(quantised.file, quantised.tensors, vectors),
      dataFolder: quantised.folder,
    },
    vision: full,
    release: () => quantised.release(),
  };
}
