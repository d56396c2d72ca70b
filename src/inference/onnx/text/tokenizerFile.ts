import { ImcotError } from '../../../common/errors';
import type { JsonObject } from '../checkpoint/folderFiles';
import { isJsonObject } from '../checkpoint/folderFiles';

// Far above any vocabulary; keeps one wrong id from making a list of a billion places.
const MAX_ID = 2 ** 24;

/**
 * Finds a tokenizer.json whole before it is used: byte-level BPE with ids in range.
 *
 * @param where the file's path, for the error
 * @returns the ids of its special tokens
 * @throws ImcotError `input`, naming the file and what is off in it
 */
export function checkTokenizerFile(file: JsonObject, where: string): ReadonlySet<number> {
  const { model, decoder, added_tokens: added } = file;
  const refuse = (what: string): ImcotError =>
    new ImcotError('input', `${where} ${what}. The byte-level BPE tokenizer of a Qwen model is needed.`);
  if (!isJsonObject(model)) throw refuse('has no "model"');
  if (model['type'] !== 'BPE' && model['type'] !== undefined) {
    throw refuse(`holds a tokenizer of the kind ${JSON.stringify(model['type'])}`);
  }
  if (!isJsonObject(model['vocab']) || !Array.isArray(model['merges'])) {
    throw refuse('lacks "vocab" or "merges" in its "model"');
  }
  for (const [token, id] of Object.entries(model['vocab'])) {
    if (!isId(id)) throw refuse(`gives the token ${JSON.stringify(token)} no usable id`);
  }
  if (!model['merges'].every(isMerge)) throw refuse('has an entry in "merges" that is no pair of tokens');
  if (!isByteLevel(decoder)) throw refuse('has no byte-level "decoder"');
  if (!Array.isArray(added)) throw refuse('has no list "added_tokens"');
  const special = new Set<number>();
  for (const token of added as readonly unknown[]) {
    if (!isAddedToken(token)) throw refuse('has an entry in "added_tokens" without "id" and "content"');
    if (token.special === true) special.add(token.id);
  }
  return special;
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_ID;
}

/** Two generations of the format: "a b" and ["a", "b"]. */
function isMerge(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(' ');
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}

function isAddedToken(value: unknown): value is { id: number; content: string; special?: unknown } {
  return (
    isJsonObject(value) &&
    isId(value['id']) &&
    typeof value['content'] === 'string' &&
    value['content'] !== ''
  );
}

function isByteLevel(decoder: unknown): boolean {
  if (!isJsonObject(decoder)) return false;
  if (decoder['type'] === 'ByteLevel') return true;
  const parts = decoder['decoders'];
  return (
    decoder['type'] === 'Sequence' && Array.isArray(parts) && parts.length === 1 && isByteLevel(parts[0])
  );
}
