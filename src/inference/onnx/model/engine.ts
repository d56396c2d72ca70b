import type { Disposable } from '../../../common/disposable';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { buildDecoder } from '../graph/decoder';
import { buildVision } from '../graph/vision';
import { EMBEDDING, LM_HEAD } from '../checkpoint/neededTensors';
import { PROVIDERS } from '../runtime/providers';
import type { Runtime } from '../runtime/runtime';
import { openCacheCopier, type CacheCopier } from './cacheCopier';
import { fixedChunk, measuredChunk, type ChunkSize } from './chunkSize';
import { Decoder } from './decoder';
import type { PreparedWeights } from './prepareWeights';
import type { SelfTestResult } from './selfTest';
import { VisionTower } from './visionTower';

/** The graphs of a model on one provider. */
export interface Engine extends Disposable {
  readonly decoder: Decoder;
  readonly vision: VisionTower;
  readonly copier: CacheCopier;
  readonly chunk: ChunkSize;
  /** For a person: "WebGPU, pictures on the CPU". */
  readonly device: string;
}

/** Tokens of one run at most. */
const LARGEST_CHUNK = 512;

/** The module that makes logits: the embedding where the checkpoint ties them. */
export function headModule(checkpoint: Checkpoint): string {
  const name = checkpoint.tensors.has(LM_HEAD) ? LM_HEAD : EMBEDDING;
  return name.replace(/\.weight$/, '');
}

/**
 * Builds both graphs and opens them.
 * @param tested what the provider was found to be good for
 * @param threads 0: the runtime's own choice
 * @throws ImcotError when the provider does not take them
 */
export async function openEngine(
  runtime: Runtime,
  tested: SelfTestResult,
  checkpoint: Checkpoint,
  weights: PreparedWeights,
  threads: number,
): Promise<Engine> {
  const { text, vision } = checkpoint.config;
  const { provider } = tested;
  const opened: Disposable[] = [];
  const keep = <T extends Disposable>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  const dispose = (): void => {
    for (const thing of opened.splice(0).reverse()) thing.dispose();
  };
  try {
    const decoderGraph = buildDecoder(text, weights.decoder.weights, headModule(checkpoint));
    const { dataFolder } = weights.decoder;
    const decoder = keep(
      new Decoder(await runtime.open(decoderGraph, { provider, threads, dataFolder }), text),
    );
    const visionSession = await runtime.open(buildVision(vision, weights.vision.weights), {
      provider: tested.vision ? provider : 'cpu',
      threads,
      dataFolder: weights.vision.dataFolder,
    });
    const tower = keep(new VisionTower(visionSession, vision));
    const copier = keep(await openCacheCopier(decoder.session, text));
    const most = Math.min(tested.largestChunk, LARGEST_CHUNK);
    const chunk = decoder.session.stoppable ? fixedChunk(checkpoint.parameters, most) : measuredChunk(most);
    const threadsText =
      provider === 'cpu' && threads > 0 ? `, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : '';
    const device = `${PROVIDERS[provider].label}${threadsText}${tested.vision ? '' : ', pictures on the CPU'}`;
    return { decoder, vision: tower, copier, chunk, device, dispose };
  } catch (thrown) {
    dispose();
    throw thrown;
  }
}
