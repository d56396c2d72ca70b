import type { Checkpoint } from '../checkpoint/checkpoint';
import { EMBEDDING, LM_HEAD } from '../checkpoint/neededTensors';
import { buildDecoder } from '../graph/decoder';
import { buildVision } from '../graph/vision';
import type { Provider } from '../runtime/providers';
import type { GraphOptions, Runtime } from '../runtime/runtime';
import { Decoder } from './decoder';
import type { PreparedWeights } from './prepareWeights';
import { VisionTower } from './visionTower';

/** The module that makes logits: the embedding where the checkpoint ties them. */
export function headModule(checkpoint: Checkpoint): string {
  const name = checkpoint.tensors.has(LM_HEAD) ? LM_HEAD : EMBEDDING;
  return name.replace(/\.weight$/, '');
}

/** Builds both graphs and opens them. */
export async function openGraphs(
  runtime: Runtime,
  checkpoint: Checkpoint,
  prepared: PreparedWeights,
  options: Omit<GraphOptions, 'dataFolder'> & { readonly visionProvider: Provider },
): Promise<{ decoder: Decoder; vision: VisionTower }> {
  const { text, vision } = checkpoint.config;
  const decoderGraph = buildDecoder(text, prepared.decoder.weights, headModule(checkpoint));
  const decoder = new Decoder(
    await runtime.open(decoderGraph, { ...options, dataFolder: prepared.decoder.dataFolder }),
    text,
  );
  try {
    const visionGraph = buildVision(vision, prepared.vision.weights);
    const session = await runtime.open(visionGraph, {
      provider: options.visionProvider,
      threads: options.threads,
      dataFolder: prepared.vision.dataFolder,
    });
    return { decoder, vision: new VisionTower(session, vision) };
  } catch (thrown) {
    decoder.dispose();
    throw thrown;
  }
}
