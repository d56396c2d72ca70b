import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseJson } from '../../../common/json';
import type { WeightBits } from './blocks';

/** Version of the layout, the rounding and the manifest; entries of another one are never used. */
export const FORMAT_VERSION = 1;

/** Names inside an entry's folder. */
export const WEIGHTS_FILE = 'weights.bin';
export const MANIFEST_FILE = 'manifest.json';

/** Bytes that one hash covers. */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** What a finished entry says of itself. */
export interface Manifest {
  readonly version: number;
  /** The checkpoint's content. */
  readonly identity: string;
  /** The checkpoint's name, for people. */
  readonly model: string;
  readonly bits: WeightBits;
  /** `QuantisedLayout.digest`. */
  readonly layout: string;
  /** Size of the weights' file. */
  readonly bytes: number;
  /** The file's modification time as the maker saw it last, in milliseconds. */
  readonly modified: number;
  /** Hex SHA-256 of each `CHUNK_BYTES` of the file. */
  readonly chunks: readonly string[];
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The file: a JSON object of the manifest and its own SHA-256. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ sha256: digestOf(JSON.stringify(manifest)), manifest }, undefined, 1)}\n`;
}

/** The manifest in a file; `undefined` where there is none, or not one that was written whole by this format. */
export async function readManifest(file: string): Promise<Manifest | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : parseJson(text);
  if (!parsed?.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  const { sha256, manifest } = parsed.value as { sha256?: unknown; manifest?: unknown };
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  if (digestOf(JSON.stringify(manifest)) !== sha256) return undefined;
  const whole = manifest as Manifest;
  return whole.version === FORMAT_VERSION ? whole : undefined;
}
