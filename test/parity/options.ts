import type { ProviderChoice } from '../../src/inference/localModelOptions';
import { WAYS } from './conversations/ways';

/** What the command line asks for. */
export interface ParityOptions {
  readonly folder: string;
  readonly provider: ProviderChoice;
  /** Greedy steps at most; Infinity: all. */
  readonly steps: number;
  /** Names of conversations; absent: all. */
  readonly cases?: readonly string[];
  readonly ways: readonly string[];
  readonly json: boolean;
}

const PROVIDERS: readonly string[] = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'];

export const USAGE = `npm run verify:parity -- FOLDER [--provider ${PROVIDERS.join('|')}] [--steps N] [--cases NAME,...] [--ways NAME,...] [--json]
Ways: ${Object.keys(WAYS).join(', ')}`;

/** @throws Error with a sentence when something is not understood */
export function parseOptions(words: readonly string[]): ParityOptions {
  const folders: string[] = [];
  const named = new Map<string, string>();
  let json = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--json') json = true;
    else if (['--provider', '--steps', '--cases', '--ways'].includes(word))
      named.set(word, words[++at] ?? '');
    else if (word.startsWith('-')) throw new Error(`${word} is not an option`);
    else folders.push(word);
  }
  const [folder, ...more] = folders;
  if (folder === undefined || more.length > 0) throw new Error('Name one folder');
  const provider = named.get('--provider') ?? 'cpu';
  if (!PROVIDERS.includes(provider)) throw new Error(`"${provider}" is not a provider`);
  const steps = named.has('--steps') ? Number(named.get('--steps')) : Infinity;
  if (!(steps >= 1)) throw new Error('--steps takes a number from 1 on');
  const cases = named.get('--cases')?.split(',');
  const ways = named.get('--ways')?.split(',') ?? Object.keys(WAYS);
  const unknown = ways.find((name) => !(name in WAYS));
  if (unknown !== undefined) throw new Error(`"${unknown}" is not a way`);
  return { folder, provider: provider as ProviderChoice, steps, ways, json, ...(cases && { cases }) };
}
