import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../../../common/errors';
import { previewJson } from '../../../common/json';
import { isJsonObject, readError, readJsonObject, realFile } from './folderFiles';
import { releasedName } from './tensorNames';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const MAX_INDEX_BYTES = 4 * 2 ** 20;

/**
 * Names of the files in which the needed tensors are to be found. With a single file that is `model.safetensors`, as in
 * transformers also where an index lies beside it; else those that the index names for a needed tensor.
 * Errors: `missing` when there is neither, saying what is there instead; `input` for an index that is none, or that names
 * files outside the folder.
 */
export async function weightFiles(folder: string, needed: ReadonlySet<string>): Promise<string[]> {
  // Looked up by name: a link that leads nowhere is a single file too, one that is not there.
  if ((await namesIn(folder)).includes(SINGLE)) return [SINGLE];
  const file = path.join(folder, INDEX);
  const index = await readJsonObject(file, MAX_INDEX_BYTES);
  if (!index) throw await noWeights(folder);
  const map = Object.hasOwn(index, 'weight_map') ? index['weight_map'] : undefined;
  if (!isJsonObject(map)) throw new ImcotError('input', `${file} has no weight_map.`);
  const names = new Set<string>();
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== 'string' || !/^[^/\\:\0]{1,255}\.safetensors$/.test(name)) {
      throw new ImcotError(
        'input',
        `${file} names ${previewJson(name, 120)} as a file: needed is the plain name of a .safetensors file.`,
      );
    }
    if (needed.has(releasedName(tensor))) names.add(name);
  }
  return [...names];
}

/** The real path of a weight file. Errors: `missing`, saying how far a download came. */
export async function weightFile(folder: string, name: string): Promise<string> {
  const file = path.join(folder, name);
  const real = await realFile(file);
  if (real !== undefined) return real;
  const partial = await unfinishedDownload(folder);
  throw new ImcotError(
    'missing',
    partial === undefined
      ? `The weight file ${file} is missing, or a link that leads nowhere. Download or copy it again.`
      : `The weight file ${file} is missing: its download has not finished (${partial}). Download the model again: it goes on where it stopped.`,
  );
}

async function noWeights(folder: string): Promise<ImcotError> {
  const needed = `Needed is ${SINGLE}, or ${INDEX} with the files that it names.`;
  const partial = await unfinishedDownload(folder);
  const other =
    partial === undefined ? await otherWeights(folder) : `a download that has not finished (${partial})`;
  return new ImcotError('missing', `${folder} holds ${other ?? 'no weights'}. ${needed}`);
}

/** Weights that this program cannot take, in words with what to do; the first kind that fits counts. */
const OTHER_WEIGHTS: readonly (readonly [pattern: RegExp, words: (name: string) => string])[] = [
  [
    /^adapter_(?:model|config)\./,
    (name) => `a LoRA adapter (${name}), not a model: merge it into its base model`,
  ],
  [/\.gguf$/i, (name) => `GGUF weights (${name}), which cannot be read: choose the original checkpoint`],
  [
    /^model_world_size_\d+_rank_\d+\.pt$/,
    (name) => `a trainer's own shards (${name}): merge them into the Hugging Face format first`,
  ],
  [
    /\.(?:bin|pt|pth|ckpt)$/i,
    (name) => `PyTorch weights (${name}), which cannot be read: save them as safetensors`,
  ],
  [/-of-\d+\.safetensors$/, (name) => `parts of weights (${name}), but not the index that lists them`],
  [/\.safetensors$/, (name) => `safetensors of another name (${name})`],
];

/** What weights of another kind a folder holds, as the end of a sentence; undefined where it holds none. */
export async function otherWeights(folder: string): Promise<string | undefined> {
  const names = await namesIn(folder);
  for (const [pattern, words] of OTHER_WEIGHTS) {
    const name = names.find((entry) => pattern.test(entry));
    if (name !== undefined) return words(name);
  }
  return undefined;
}

/** A file that Hugging Face's downloader left unfinished, in a cache's blobs or in a plain download folder. */
async function unfinishedDownload(folder: string): Promise<string | undefined> {
  const places = [
    folder,
    path.join(folder, '.cache', 'huggingface', 'download'),
    path.join(folder, '..', '..', 'blobs'),
  ];
  for (const place of places) {
    const name = (await namesIn(place)).find((entry) => entry.endsWith('.incomplete'));
    if (name !== undefined) return path.join(place, name);
  }
  return undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (thrown) {
    if (readError(thrown, folder).code === 'missing') return [];
    throw readError(thrown, folder);
  }
}
