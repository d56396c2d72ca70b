import { ImcotError } from '../../../common/errors';
import type { StoredTensor, TensorType } from './checkpoint';
import { sameBytes } from './readTensor';
import type { ModelConfig } from './modelConfig';
import { EMBEDDING, LM_HEAD, neededTensors } from './neededTensors';
import { readSafetensors } from './readSafetensors';
import type { HeaderTensor } from './safetensorsHeader';
import { releasedName } from './tensorNames';
import { weightFile, weightFiles } from './weightFiles';

const READABLE: readonly string[] = ['BF16', 'F16', 'F32'] satisfies readonly TensorType[];

/** Needed tensors by released name, and whether lm_head shares the embedding's weights. */
export interface FoundTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly tied: boolean;
}

/**
 * Finds every needed tensor in the folder's safetensors and checks its shape and type; what is not needed is ignored.
 *
 * lm_head is tied when it is not stored, whatever the configuration says. Where the configuration ties it and it is
 * stored nevertheless, it counts as tied only if it equals the embedding: so does transformers 5 (version 4 drops it).
 * Errors: `missing`, `denied`; `input` with file, tensor and reason.
 */
export async function findTensors(folder: string, config: ModelConfig): Promise<FoundTensors> {
  const shapes = neededTensors({ ...config, text: { ...config.text, tiedEmbeddings: false } });
  const tensors = new Map<string, StoredTensor>();
  for (const name of await weightFiles(folder, new Set(shapes.keys()))) {
    const file = await weightFile(folder, name);
    for (const stored of await readSafetensors(file)) {
      const released = releasedName(stored.name);
      const shape = shapes.get(released);
      if (!shape) continue;
      const earlier = tensors.get(released);
      if (earlier) {
        throw new ImcotError('input', `${released} is stored twice: in ${earlier.file} and in ${file}.`);
      }
      tensors.set(released, checked(stored, released, shape, file));
    }
  }
  const lost = [...shapes.keys()].filter((name) => name !== LM_HEAD && !tensors.has(name));
  if (lost[0] !== undefined) {
    const others = lost.length > 1 ? ` and ${lost.length - 1} other tensors` : '';
    throw new ImcotError(
      'missing',
      `The weights in ${folder} lack ${lost[0]}${others}, which config.json asks for.`,
    );
  }
  const tied = await isTied(tensors, config.text.tiedEmbeddings);
  if (tied) tensors.delete(LM_HEAD);
  return { tensors, tied };
}

function checked(stored: HeaderTensor, name: string, shape: readonly number[], file: string): StoredTensor {
  if (stored.shape.length !== shape.length || stored.shape.some((side, axis) => side !== shape[axis])) {
    throw new ImcotError(
      'input',
      `${file}: ${name} has the shape [${stored.shape.join(', ')}], but config.json asks for [${shape.join(', ')}].`,
    );
  }
  if (!isReadable(stored.type)) {
    throw new ImcotError(
      'input',
      `${file}: ${name} is stored as ${stored.type.slice(0, 40)}, which cannot be read. Needed is BF16, F16 or F32.`,
    );
  }
  return { name, type: stored.type, shape, file, offset: stored.offset, byteLength: stored.byteLength };
}

function isReadable(type: string): type is TensorType {
  return READABLE.includes(type);
}

async function isTied(tensors: ReadonlyMap<string, StoredTensor>, asked: boolean): Promise<boolean> {
  const head = tensors.get(LM_HEAD);
  const embedding = tensors.get(EMBEDDING);
  if (!head || !embedding) return true;
  return asked && (await sameBytes(head, embedding));
}
