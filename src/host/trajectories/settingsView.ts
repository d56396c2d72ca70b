import { previewJson } from '../../common/json';
import { ROLLOUT_PROTOCOLS } from '../../rollout/protocols/protocolByName';

/** Longest value in UTF-16 units. */
const VALUE_LENGTH = 400;

type Words = (value: unknown) => string | undefined;

const text: Words = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const amount: Words = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value.toLocaleString('en-US') : undefined;
const plain: Words = (value) => (typeof value === 'number' ? String(value) : undefined);
const pixels: Words = (value) => (amount(value) === undefined ? undefined : `${amount(value)} px`);

/** Limits on the area of a picture. */
const area: Words = (value) => {
  if (!isRecord(value)) return undefined;
  const [least, most] = [amount(value['minPixels']), amount(value['maxPixels'])];
  if (least !== undefined && least === most) return `${least} px of area`;
  if (least !== undefined && most !== undefined) return `${least} to ${most} px of area`;
  if (most !== undefined) return `at most ${most} px of area`;
  return least === undefined ? undefined : `at least ${least} px of area`;
};

const texts: Words = (value) =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string')
    ? value.map((entry) => JSON.stringify(entry)).join(', ')
    : undefined;

const temperature: Words = (value) => (value === 0 ? '0 (the most likely token)' : plain(value));

const protocol: Words = (value) => {
  const name = text(value);
  if (name === undefined) return undefined;
  const label = ROLLOUT_PROTOCOLS.find((entry) => entry.name === name)?.label;
  return label === undefined ? name : `${name} (${label})`;
};

/** Names of settings as the agent loop writes them, what they are called, and how to say their value. */
const KNOWN: readonly (readonly [key: string, name: string, words: Words])[] = [
  ['protocol', 'Protocol', protocol],
  ['device', 'Device', text],
  ['temperature', 'Temperature', temperature],
  ['seed', 'Seed', plain],
  ['topK', 'Top k', plain],
  ['topP', 'Top p', plain],
  ['minP', 'Min p', plain],
  ['repetitionPenalty', 'Repetition penalty', plain],
  ['maxTurns', 'Turns at most', amount],
  ['maxTokensPerTurn', 'Tokens per turn', amount],
  ['maxResponseTokens', 'Response tokens', amount],
  ['maxPromptTokens', 'Prompt tokens', amount],
  ['maxImages', 'Images at most', amount],
  ['view', 'Image seen at', area],
  ['crop', 'Crops seen at', area],
  ['minBoxSideAbove', 'Box side above', pixels],
  ['stopStrings', 'Stops at', texts],
  ['declare', 'Tools declared', texts],
];

/**
 * How a rollout was made, for people: model first, then what the agent loop recorded, then settings that only their
 * writer knows, under their own names.
 * @param extras of the trajectory, with the fields `model` and `settings` where there are any
 */
export function settingsView(extras: ReadonlyMap<string, unknown>): [string, string][] {
  const model = text(extras.get('model'));
  const given = extras.get('settings');
  const settings = new Map<string, unknown>(isRecord(given) ? Object.entries(given) : []);
  const shown: [string, string][] = model === undefined ? [] : [['Model', short(model)]];
  for (const [key, name, words] of KNOWN) {
    const value = settings.get(key);
    const said = value === undefined ? undefined : words(value);
    if (said === undefined) continue;
    settings.delete(key);
    shown.push([name, short(said)]);
  }
  for (const [key, value] of settings) shown.push([short(key), previewJson(value, VALUE_LENGTH)]);
  return shown;
}

/** Whether a field of the record is told by `settingsView`; a value that it can't read stays among the others. */
export function isSettingField(name: string, value: unknown): boolean {
  return (name === 'model' && text(value) !== undefined) || (name === 'settings' && isRecord(value));
}

function short(words: string): string {
  return words.length <= VALUE_LENGTH ? words : `${words.slice(0, VALUE_LENGTH)}…`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
