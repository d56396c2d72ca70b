import { parseArgs } from 'node:util';
import { ImcotError } from '../common/errors';
import { nearestWord } from './nearestWord';

/** An option of a verb as its help shows it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** Name of the value in the help, such as `N`. */
  readonly value?: string;
  readonly description: string;
}

/** How a verb is called. */
export interface VerbSpec {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What stands after the verb in the usage line. */
  readonly usage: string;
  readonly details: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Default 1. */
  readonly minPaths?: number;
  readonly maxPaths?: number;
}

/** The words after the verb, checked against its spec. */
export interface VerbArguments {
  readonly paths: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly help: boolean;
}

/** Options that every verb has. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', description: 'print JSON, and nothing else, on standard output' },
  help: { type: 'boolean', description: 'print this help' },
};

const DASH_HINT = ' A path that begins with a dash goes behind --.';

/** A sentence about how a verb was called, with the way to its help. */
export function usageError(spec: VerbSpec, message: string): ImcotError {
  return new ImcotError('usage', `${message} See imcot ${spec.name} --help.`);
}

function unknownOption(
  spec: VerbSpec,
  options: Readonly<Record<string, OptionSpec>>,
  raw: string,
): ImcotError {
  const near = nearestWord(raw.replace(/^-+/, ''), Object.keys(options));
  const hint = near !== undefined ? ` Did you mean --${near}?` : raw.startsWith('--') ? '' : DASH_HINT;
  return usageError(spec, `imcot ${spec.name} has no option ${raw}.${hint}`);
}

/**
 * Splits the words after a verb into paths and options.
 * @throws ImcotError `usage`, naming the nearest option for an unknown one
 */
export function parseVerbArguments(spec: VerbSpec, words: readonly string[]): VerbArguments {
  const options = { ...spec.options, ...COMMON_OPTIONS };
  const types = Object.entries(options).map(([name, { type }]) => [name, { type }] as const);
  const { tokens } = parseArgs({
    args: [...words],
    options: { ...Object.fromEntries(types), help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const paths: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') paths.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw unknownOption(spec, options, token.rawName);
    if (option.type === 'boolean') {
      if (token.value !== undefined) throw usageError(spec, `${token.rawName} takes no value.`);
      flags.add(token.name);
    } else {
      if (token.value === undefined || token.value === '') {
        throw usageError(spec, `${token.rawName} needs a value (${option.value ?? 'VALUE'}).`);
      }
      values.set(token.name, token.value);
    }
  }
  const help = flags.has('help');
  if (!help && paths.length < (spec.minPaths ?? 1))
    throw usageError(spec, `imcot ${spec.name} needs a path.`);
  if (!help && paths.includes('')) throw usageError(spec, 'An empty text was given for a path.');
  if (!help && paths.length > (spec.maxPaths ?? Infinity)) {
    throw usageError(spec, `imcot ${spec.name} takes one path, but ${paths.length} were given.`);
  }
  return { paths, flags, values, help };
}

/**
 * Reads an option's value as a whole number.
 * @param least the smallest that it may be
 * @throws ImcotError `usage`
 */
export function wholeNumber(
  spec: VerbSpec,
  args: VerbArguments,
  name: string,
  least = 0,
): number | undefined {
  const text = args.values.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw usageError(spec, `--${name} needs a whole number of at least ${least}, but got "${text}".`);
  }
  return value;
}

/**
 * Reads an option's value as a number from 0, such as `0.7`.
 * @throws ImcotError `usage`
 */
export function decimalNumber(spec: VerbSpec, args: VerbArguments, name: string): number | undefined {
  const text = args.values.get(name);
  if (text === undefined) return undefined;
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) {
    throw usageError(spec, `--${name} needs a number of at least 0, but got "${text}".`);
  }
  return Number(text);
}

/**
 * Reads an option's value as one of a few words.
 * @throws ImcotError `usage` naming them all
 */
export function oneOfWords<T extends string>(
  spec: VerbSpec,
  args: VerbArguments,
  name: string,
  words: readonly T[],
): T | undefined {
  const text = args.values.get(name);
  const found = words.find((word) => word === text);
  if (text === undefined || found !== undefined) return found;
  throw usageError(spec, `--${name} is one of ${words.join(', ')}, but got "${text}".`);
}
