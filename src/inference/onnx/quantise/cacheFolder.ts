import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { WeightBits } from './blocks';
import { FORMAT_VERSION, MANIFEST_FILE, readManifest, WEIGHTS_FILE } from './manifest';
import { ownerState, ownerToken } from './owner';

/*
 * The cache folder holds one folder per finished entry, made under another name and renamed when it was complete, and
 * leaves everything else in it alone:
 *
 *   <key>                          a finished entry: the weights, their manifest, a lease per process that uses it
 *   .making-<key>.<owner>.<word>   being made by that process
 *   .trash-<key>.<owner>.<word>    being removed by that process
 */

const KEY = String.raw`[0-9a-f]{32}-int[48]-b\d+-v\d+`;
const ENTRY = new RegExp(`^${KEY}$`);
const TEMPORARY = new RegExp(String.raw`^\.(making|trash)-(${KEY})\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}$`);
const LEASE = /^lease-([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}$/;

/** What a machine that shares the folder left behind is taken for abandoned after this, in milliseconds. */
const ELSEWHERE_MS = 7 * 24 * 60 * 60 * 1000;

/** The name of the entry for a checkpoint's content in one precision. */
export function entryKey(identity: string, bits: WeightBits, blockSize: number): string {
  const word = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  return `${word}-int${String(bits)}-b${String(blockSize)}-v${String(FORMAT_VERSION)}`;
}

/** A new name for something of ours that is not an entry. */
export function temporaryName(kind: 'making' | 'trash', key: string): string {
  return `.${kind}-${key}.${ownerToken()}.${randomBytes(4).toString('hex')}`;
}

/** A new name for a lease of this process. */
export function leaseName(): string {
  return `lease-${ownerToken()}.${randomBytes(4).toString('hex')}`;
}

/** A finished entry. */
export interface CacheEntry {
  readonly key: string;
  /** Absolute. */
  readonly folder: string;
  /** The checkpoint's name; absent where the manifest can't be read. */
  readonly model?: string;
  readonly bits?: WeightBits;
  /** Of all files in it. */
  readonly bytes: number;
  /** When it was last opened, in milliseconds since 1970. */
  readonly used: number;
  /** A process that may still run has it open. */
  readonly inUse: boolean;
}

/** The finished entries of a cache folder, the one used last first; none where there is no such folder. */
export async function cacheEntries(folder: string): Promise<readonly CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const key of await namesIn(folder)) {
    const place = path.join(path.resolve(folder), key);
    if (ENTRY.test(key) && (await isFolder(place))) entries.push(await describe(place, key));
  }
  return entries.sort((a, b) => b.used - a.used);
}

/** What clearing did. */
export interface Cleared {
  readonly removed: number;
  readonly bytes: number;
  /** Entries left because they are in use. */
  readonly kept: number;
}

/** Removes all entries that nobody uses, and what killed processes left. */
export async function clearCache(folder: string): Promise<Cleared> {
  await sweep(folder);
  const entries = await cacheEntries(folder);
  let removed = 0;
  let bytes = 0;
  for (const entry of entries) {
    if (!(await discardUnused(folder, entry))) continue;
    removed++;
    bytes += entry.bytes;
  }
  return { removed, bytes, kept: entries.length - removed };
}

/** Removes the entries used longest ago until `coming` bytes more fit under the limit, if the ones in use let it. */
export async function makeRoom(folder: string, coming: number, limit: number): Promise<void> {
  const entries = await cacheEntries(folder);
  let total = entries.reduce((sum, { bytes }) => sum + bytes, coming);
  for (const entry of [...entries].reverse()) {
    if (total <= limit) return;
    if (await discardUnused(folder, entry)) total -= entry.bytes;
  }
}

/** Removes what processes left that ended in the middle of their work, and leases whose owners are gone. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const owner = TEMPORARY.exec(name)?.[3];
    const place = path.join(folder, name);
    if (owner !== undefined && !(await isOwned(owner, place))) await removeOurs(place);
    if (ENTRY.test(name)) await sweepLeases(place);
  }
}

async function sweepLeases(place: string): Promise<void> {
  for (const name of await namesIn(place)) {
    const owner = LEASE.exec(name)?.[1];
    const lease = path.join(place, name);
    if (owner !== undefined && !(await isOwned(owner, lease)))
      await rm(lease, { force: true }).catch(() => undefined);
  }
}

/** Folders in which running processes make this entry right now. */
export async function makersOf(folder: string, key: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of await namesIn(folder)) {
    const [, kind, its, owner] = TEMPORARY.exec(name) ?? [];
    if (kind !== 'making' || its !== key || owner === undefined) continue;
    if (await isOwned(owner, path.join(folder, name))) names.push(name);
  }
  return names.sort();
}

/**
 * Removes an entry at once for everybody: it is renamed first, so that whoever is killed here leaves no half of it.
 * @returns whether it is gone from its place
 */
export async function discard(folder: string, key: string): Promise<boolean> {
  const trash = path.join(folder, temporaryName('trash', key));
  const moved = await rename(path.join(folder, key), trash).then(
    () => true,
    () => false,
  );
  if (moved) await removeOurs(trash);
  return moved;
}

async function discardUnused(folder: string, { key, inUse }: CacheEntry): Promise<boolean> {
  if (inUse) return false;
  const place = path.join(folder, key);
  const trash = path.join(folder, temporaryName('trash', key));
  try {
    await rename(place, trash);
    // Somebody may have opened it after we looked: then it goes back, unless it was made anew meanwhile.
    if ((await isLeased(trash)) && (await rename(trash, place).then(() => true))) return false;
  } catch {
    // It is gone already, or it can't be moved (open on Windows, or a read-only folder).
  }
  await removeOurs(trash);
  return !(await isFolder(place));
}

/** Removes our files in a folder of ours, and the folder unless somebody else keeps something there. */
export async function removeOurs(place: string): Promise<void> {
  for (const name of await namesIn(place)) {
    if (name === WEIGHTS_FILE || name === MANIFEST_FILE || LEASE.test(name))
      await rm(path.join(place, name), { force: true }).catch(() => undefined);
  }
  await rmdir(place).catch(() => undefined);
}

async function describe(place: string, key: string): Promise<CacheEntry> {
  const manifestFile = path.join(place, MANIFEST_FILE);
  const [manifest, inUse] = await Promise.all([readManifest(manifestFile), isLeased(place)]);
  let bytes = 0;
  let used = 0;
  for (const name of await namesIn(place)) {
    const stats = await stat(path.join(place, name)).catch(() => undefined);
    bytes += stats?.size ?? 0;
    if (name === MANIFEST_FILE) used = stats?.mtimeMs ?? 0;
  }
  const known = manifest && { model: manifest.model, bits: manifest.bits };
  return { key, folder: place, ...known, bytes, used, inUse };
}

async function isLeased(place: string): Promise<boolean> {
  for (const name of await namesIn(place)) {
    const owner = LEASE.exec(name)?.[1];
    if (owner !== undefined && (await isOwned(owner, path.join(place, name)))) return true;
  }
  return false;
}

async function isOwned(owner: string, place: string): Promise<boolean> {
  const state = ownerState(owner);
  if (state !== 'elsewhere') return state === 'alive';
  const stats = await stat(place).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs < ELSEWHERE_MS;
}

async function isFolder(place: string): Promise<boolean> {
  const stats = await stat(place).catch(() => undefined);
  return stats?.isDirectory() === true;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
