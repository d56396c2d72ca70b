import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../../../common/errors';
import type { JsonObject } from '../checkpoint/folderFiles';
import { isJsonObject, readError, readJsonObject, statOrNothing } from '../checkpoint/folderFiles';

const MAX_TEMPLATE_BYTES = 2 ** 20;
const MAX_CONFIG_BYTES = 16 * 2 ** 20;

/** A chat template's text, and the special tokens by the names that a template uses (`bos_token`, `eos_token`). */
export interface FoundTemplate {
  readonly text: string;
  /** The file that it stands in. */
  readonly file: string;
  readonly specialTokens: Readonly<Record<string, string>>;
}

/**
 * Finds a checkpoint's chat template in the order of transformers' processors: processor_config.json's `chat_template`,
 * chat_template.json, chat_template.jinja, and last the tokenizer's own in tokenizer_config.json. Of several named ones
 * `default` is taken.
 *
 * @throws ImcotError naming the file; `missing` where none of them holds one
 */
export async function findTemplate(folder: string): Promise<FoundTemplate> {
  const tokenizer = await readJsonObject(path.join(folder, 'tokenizer_config.json'), MAX_CONFIG_BYTES);
  const specialTokens = tokenizer === undefined ? {} : namedTokens(tokenizer);
  const inJson = async (name: string): Promise<string | undefined> => {
    const holder = await readJsonObject(path.join(folder, name), MAX_CONFIG_BYTES);
    return holder && templateOf(holder['chat_template'], path.join(folder, name));
  };
  const places: readonly [string, () => Promise<string | undefined>][] = [
    ['processor_config.json', () => inJson('processor_config.json')],
    ['chat_template.json', () => inJson('chat_template.json')],
    ['chat_template.jinja', () => readText(path.join(folder, 'chat_template.jinja'))],
    ['tokenizer_config.json', () => inJson('tokenizer_config.json')],
  ];
  for (const [name, read] of places) {
    const text = await read();
    const file = path.join(folder, name);
    if (text === undefined) continue;
    if (text.length > MAX_TEMPLATE_BYTES) throw tooLong(file);
    return { text, file, specialTokens };
  }
  throw new ImcotError(
    'missing',
    `${folder} has no chat template: it would stand in chat_template.jinja, chat_template.json or tokenizer_config.json. ` +
      'Take it from the model that the checkpoint was trained from.',
  );
}

/** A text, or `default` of a list of named ones ({name, template}) or of an object (name to text). */
function templateOf(value: unknown, file: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  const named = Array.isArray(value)
    ? (value as readonly unknown[]).filter(isJsonObject).map((entry) => [entry['name'], entry['template']])
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  const text = named.find(([name]) => name === 'default')?.[1];
  if (typeof text === 'string') return text;
  const names = named.map(([name]) => String(name)).join(', ');
  throw new ImcotError(
    'input',
    names === ''
      ? `"chat_template" in ${file} is neither a text nor a list of named templates.`
      : `"chat_template" in ${file} has no template named "default", only ${names}.`,
  );
}

/** `bos_token` and its kin: a text, or an object that holds it as `content`. */
function namedTokens(config: JsonObject): Record<string, string> {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (!/^[a-z]+_token$/.test(name)) continue;
    const text = isJsonObject(value) ? value['content'] : value;
    if (typeof text === 'string') named[name] = text;
  }
  return named;
}

async function readText(file: string): Promise<string | undefined> {
  const found = await statOrNothing(file);
  if (!found) return undefined;
  if (found.size > MAX_TEMPLATE_BYTES) throw tooLong(file);
  return readFile(file, 'utf8').catch((thrown: unknown) => {
    throw readError(thrown, file);
  });
}

function tooLong(file: string): ImcotError {
  return new ImcotError(
    'limit',
    `The chat template in ${file} is longer than ${MAX_TEMPLATE_BYTES} characters; no chat template is.`,
  );
}
