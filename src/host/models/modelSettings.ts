import { homedir } from 'node:os';
import path from 'node:path';
import { ImcotError } from '../../common/errors';
import type { PrecisionChoice, ProviderChoice } from '../../inference/localModelOptions';
import { SETTINGS } from '../contributions';

/** How models are run on this machine, as the settings say, checked. */
export interface ModelSettings {
  /** Absolute paths of folders that are checkpoints, or hold some. */
  readonly modelFolders: readonly string[];
  readonly provider: ProviderChoice;
  readonly precision: PrecisionChoice;
  /** Tokens. */
  readonly contextLength: number;
  /** 0: automatic. */
  readonly threads: number;
  /** Absolute; absent: in the extension's own storage. */
  readonly cacheFolder?: string;
  readonly maxCacheBytes: number;
  readonly sequenceMemoryBytes: number;
  /** How long an unused model stays, in milliseconds; 0: for ever. */
  readonly idleMs: number;
  /** Absolute path of the Node program for models; absent: the editor's own. */
  readonly nodeExecutable?: string;
  /** Absolute path of another build of ONNX Runtime's library; absent: the one that ships. */
  readonly runtimeLibrary?: string;
}

/** The value of a setting by its full name, as the editor has it. */
export type SettingValue = (name: string) => unknown;

export const PROVIDERS: readonly ProviderChoice[] = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'];
export const PRECISIONS: readonly PrecisionChoice[] = ['auto', 'full', 'int8', 'int4'];

const GIGABYTE = 1e9;
const MINUTE = 60_000;

/**
 * Reads the settings of local models. The editor's own check of types only warns: a settings file may say anything.
 * @throws ImcotError `usage`, naming the setting, its value and what it may be
 */
export function readModelSettings(value: SettingValue): ModelSettings {
  const number = (name: string, least: number, most: number): number =>
    numberIn(name, value(name), least, most);
  const cacheFolder = optionalPath(SETTINGS.cacheFolder, value(SETTINGS.cacheFolder));
  const nodeExecutable = optionalPath(SETTINGS.nodeExecutable, value(SETTINGS.nodeExecutable));
  const runtimeLibrary = optionalPath(SETTINGS.runtimeLibrary, value(SETTINGS.runtimeLibrary));
  return {
    modelFolders: readModelFolders(value),
    provider: oneOf(SETTINGS.provider, value(SETTINGS.provider), PROVIDERS),
    precision: oneOf(SETTINGS.precision, value(SETTINGS.precision), PRECISIONS),
    contextLength: whole(SETTINGS.contextLength, number(SETTINGS.contextLength, 256, 1_000_000)),
    threads: whole(SETTINGS.threads, number(SETTINGS.threads, 0, 1024)),
    maxCacheBytes: number(SETTINGS.cacheSize, 0, 100_000) * GIGABYTE,
    sequenceMemoryBytes: number(SETTINGS.sequenceMemory, 0.1, 10_000) * GIGABYTE,
    idleMs: number(SETTINGS.idleMinutes, 0, 10_000) * MINUTE,
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
    ...(nodeExecutable === undefined ? {} : { nodeExecutable }),
    ...(runtimeLibrary === undefined ? {} : { runtimeLibrary }),
  };
}

/**
 * Reads the folders of checkpoints alone, whatever the other settings are.
 * @returns absolute paths, as `absoluteFolder` gives them
 * @throws ImcotError `usage`
 */
export function readModelFolders(value: SettingValue): string[] {
  return paths(SETTINGS.modelFolders, value(SETTINGS.modelFolders)).map((folder) => path.resolve(folder));
}

/** The place that an entry of such a list means, without a separator at its end; undefined when it means none. */
export function absoluteFolder(entry: unknown): string | undefined {
  try {
    return path.resolve(absolute(SETTINGS.modelFolders, entry));
  } catch {
    return undefined;
  }
}

function wrong(name: string, value: unknown, wanted: string): ImcotError {
  const shown = JSON.stringify(value) ?? 'nothing';
  return new ImcotError('usage', `The setting ${name} is ${shown.slice(0, 100)}: it must be ${wanted}.`);
}

function numberIn(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw wrong(name, value, `a number from ${least} to ${most}`);
}

function whole(name: string, value: number): number {
  if (Number.isInteger(value)) return value;
  throw wrong(name, value, 'a whole number');
}

function oneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw wrong(name, value, `one of ${choices.join(', ')}`);
}

function optionalPath(name: string, value: unknown): string | undefined {
  return value === '' ? undefined : absolute(name, value);
}

function paths(name: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw wrong(name, value, 'a list of paths');
  return value.map((entry) => absolute(name, entry));
}

/** Machine settings belong to no folder, so a relative path starts nowhere. */
function absolute(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrong(name, value, 'an absolute path');
  const place = /^~(?=$|[\\/])/.test(value) ? path.join(homedir(), value.slice(1)) : value;
  if (!path.isAbsolute(place)) throw wrong(name, value, 'an absolute path');
  return path.normalize(place);
}
