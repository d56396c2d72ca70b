import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Checkpoint } from '../../src/inference/onnx/checkpoint/checkpoint';
import { checkpointIdentity } from '../../src/inference/onnx/checkpoint/checkpointIdentity';
import { openCheckpoint } from '../../src/inference/onnx/checkpoint/openCheckpoint';
import { openQuantised } from '../../src/inference/onnx/quantise/quantisedWeights';
import { HALF_BILLION, writeRandomCheckpoint } from '../../test/support/randomCheckpoint';
import { buildProgram, CACHE, Child } from '../programs';
import type { OpenRequest } from './answers';
import { writePeer } from './peerModel';
import { FullPeerWeights, QuantisedPeerWeights } from './peerWeights';

/** Where the inference benchmarks keep what they make. */
export const FOLDER = path.join(CACHE, 'inference');
/** The checkpoint that all of them use. */
export const CHECKPOINT = path.join(FOLDER, 'checkpoint');
/** Quantised weights. */
export const QUANTISED = path.join(FOLDER, 'quantised');
const PEER = path.join(FOLDER, 'peer');
/** Room for the longest context that is measured. */
export const CONTEXT_LENGTH = 6144;

/**
 * A vision tower that stands to the language model as that of the 7B model does: it does 0.4 of its work for a visual
 * token.
 */
const VISION = {
  depth: 8,
  hiddenSize: 512,
  heads: 8,
  intermediateSize: 1368,
  fullAttentionBlocks: [3, 7],
};

const OUR_PROGRAM = path.join(FOLDER, 'ourChild.js');
const PEER_PROGRAM = path.join(FOLDER, 'peerChild.js');

/** Bundles the programs and writes the checkpoint: 24 layers of Qwen2-0.5B's shape, random weights, bfloat16. */
export async function prepare(): Promise<Checkpoint> {
  await buildProgram('bench/inference/ourChild.ts', OUR_PROGRAM);
  await buildProgram('bench/inference/peerChild.ts', PEER_PROGRAM);
  // Where our program looks for it, as the shipped one does.
  await buildProgram('src/inference/onnx/quantise/quantiseWorker.ts', path.join(FOLDER, 'quantiseWorker.js'));
  if (!existsSync(path.join(CHECKPOINT, 'model.safetensors'))) {
    await writeRandomCheckpoint(CHECKPOINT, { text: HALF_BILLION, vision: VISION });
  }
  return openCheckpoint(CHECKPOINT);
}

/** Removes everything that was made: some 7 GB. */
export function cleanUp(): void {
  rmSync(FOLDER, { recursive: true, force: true });
}

/** Our model's process, nothing opened yet. */
export const startOurs = (): Promise<Child> => Child.start(OUR_PROGRAM);

/** The peer's. */
export const startPeer = (): Promise<Child> => Child.start(PEER_PROGRAM);

/** Asks and throws what went wrong. */
export async function ask<T>(child: Child, request: object): Promise<T> {
  const answer = (await child.ask(request)) as T | { readonly failed: string };
  if (typeof answer === 'object' && answer !== null && 'failed' in answer) throw new Error(answer.failed);
  return answer as T;
}

/** How both are opened. */
export function openRequest(precision: OpenRequest['precision'], whose: 'ours' | 'peer'): OpenRequest {
  return {
    do: 'open',
    folder: whose === 'ours' ? CHECKPOINT : PEER,
    precision,
    contextLength: CONTEXT_LENGTH,
    cacheFolder: QUANTISED,
    threads: 0,
  };
}

/** Writes the peer's model out of the same numbers, at that precision. */
export async function makePeer(checkpoint: Checkpoint, precision: 'full' | 'int4'): Promise<void> {
  rmSync(PEER, { recursive: true, force: true });
  if (precision === 'full') {
    await writePeer(PEER, 'model', checkpoint, FullPeerWeights.into(PEER, checkpoint));
    return;
  }
  const quantised = await openQuantised(checkpoint, {
    bits: 4,
    cacheFolder: QUANTISED,
    maxCacheBytes: 4e9,
    identity: checkpointIdentity,
  });
  await writePeer(PEER, 'model_q4', checkpoint, QuantisedPeerWeights.into(PEER, checkpoint, quantised));
  await quantised.release();
}
