import path from 'node:path';
import { ImcotError } from '../../../common/errors';
import type { Checkpoint } from './checkpoint';
import { findCheckpointFolder } from './checkpointFolder';
import { findTensors } from './checkpointTensors';
import { realFile } from './folderFiles';
import { readModelConfig } from './readModelConfig';
import { elementCount } from './readTensor';

/**
 * Reads a checkpoint folder and finds it whole, or refuses it; no weight is taken into memory. The folder may be a plain
 * one, a snapshot of a Hugging Face cache, or such a cache's model folder (see `Checkpoint.revision`).
 * Errors, each naming file and reason: `missing` (folder, file, tensor), `denied`, `limit`, `usage` (a file instead of a
 * folder), `input` (damage, another architecture, shapes that do not fit, what cannot be computed here).
 */
export async function openCheckpoint(given: string): Promise<Checkpoint> {
  const place = await findCheckpointFolder(given);
  const config = await readModelConfig(place.folder);
  if ((await realFile(path.join(place.folder, 'tokenizer.json'))) === undefined) {
    throw new ImcotError(
      'missing',
      `${place.folder} has no tokenizer.json. Copy it from the model that this one was trained from.`,
    );
  }
  const { tensors, tied } = await findTensors(place.folder, config);
  const parameters = [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return {
    ...place,
    config: { ...config, text: { ...config.text, tiedEmbeddings: tied } },
    tensors,
    parameters,
  };
}
