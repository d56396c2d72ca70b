import { mkdir, open, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { throwIfCancelled } from '../../../common/cancel';
import { ImcotError } from '../../../common/errors';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { WeightBits } from './blocks';
import { InProcessQuantiser, type BlockQuantiser } from './blockQuantiser';
import { cacheError, checkFree, checkLimit } from './cacheErrors';
import { discard, entryKey, leaseName, makeRoom, makersOf, removeOurs } from './cacheFolder';
import { sweep, temporaryName } from './cacheFolder';
import { BLOCK_SIZE, planLayout, type QuantisedLayout, type QuantisedTensor } from './layout';
import { FORMAT_VERSION, MANIFEST_FILE, manifestText, WEIGHTS_FILE, type Manifest } from './manifest';
import { isSound } from './verifyEntry';
import { writeWeights } from './writeWeights';

/** How often somebody else's work on the same entry is looked at, in milliseconds. */
const WAIT_MS = 50;

/** Who makes no progress for so long is not waited for: it may have been stopped, or hang. In milliseconds. */
const STALLED_MS = 60_000;

/** What renaming a folder onto an entry says; the last two on Windows. */
const TAKEN: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES']);

/** What opening needs. */
export interface QuantiseOptions {
  readonly bits: WeightBits;
  /** Absolute; made when it is not there. */
  readonly cacheFolder: string;
  /** The most that all entries together may take; entries in use stay even above it. */
  readonly maxCacheBytes: number;
  /** Names the checkpoint's content: see `checkpointIdentity`. */
  readonly identity: (checkpoint: Checkpoint, options: { readonly signal?: AbortSignal }) => Promise<string>;
  readonly signal?: AbortSignal;
  /** Bytes written of those to write, also while another process does it. Not called where a finished entry is used. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Hash a finished entry wholly before it is used; see `isSound` for what is done otherwise. */
  readonly verify?: boolean;
  /** Makes what quantises, when there is something to quantise; by default this thread. Disposed of afterwards. */
  readonly quantiser?: () => BlockQuantiser;
  /** Bytes that an unprivileged user may still write below a folder; by default asks the system. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Quantised weights on the disk, kept from removal until they are released or the process ends. */
export interface QuantisedWeights {
  /** Absolute; holds `file` and nothing that may be changed. */
  readonly folder: string;
  /** The name in `folder` of the file of weights. */
  readonly file: string;
  /** By released name, for example `model.layers.0.mlp.up_proj.weight`. */
  readonly tensors: ReadonlyMap<string, QuantisedTensor>;
  /** They were made just now, by this call. */
  readonly fresh: boolean;
  /** Lets the cache remove them when it needs room. */
  release(): Promise<void>;
}

interface Work extends QuantiseOptions {
  readonly checkpoint: Checkpoint;
  readonly layout: QuantisedLayout;
  readonly id: string;
  readonly key: string;
}

/**
 * The quantised weights of a checkpoint: from the cache where they are, otherwise made and kept there. Whoever is killed
 * in here leaves temporary folders only, which the next call removes. Two processes that want the same share the work:
 * the later one waits, and takes over when the first is gone.
 * @throws ImcotError `input`: the checkpoint can't be read or quantised; `limit`: the disk is full or the cache too
 *   small; `denied` or `usage`: the folder can't be written; `cancelled`
 */
export async function openQuantised(
  checkpoint: Checkpoint,
  options: QuantiseOptions,
): Promise<QuantisedWeights> {
  const layout = planLayout(checkpoint, options.bits);
  throwIfCancelled(options.signal);
  const id = await options.identity(checkpoint, options.signal ? { signal: options.signal } : {});
  const key = entryKey(id, options.bits, BLOCK_SIZE);
  const work: Work = { ...options, checkpoint, layout, id, key };
  const { cacheFolder, signal } = options;
  await sweep(cacheFolder);
  for (let patient = true; ;) {
    throwIfCancelled(signal);
    const kept = await openEntry(work);
    if (kept) return kept;
    if (patient && (await makersOf(cacheFolder, key)).length > 0) {
      patient = await watchOther(work);
      continue;
    }
    try {
      if (await makeEntry(work, patient)) {
        const made = await openEntry(work, true);
        if (made) return made;
      }
    } catch (thrown) {
      throw cacheError(thrown, cacheFolder, layout.bytes);
    }
  }
}

/** The finished entry, leased; `undefined` where there is none. One that is damaged is removed. */
async function openEntry(work: Work, fresh = false): Promise<QuantisedWeights | undefined> {
  const { cacheFolder, key, layout, id, signal } = work;
  const folder = path.join(path.resolve(cacheFolder), key);
  if (!(await isFolder(folder))) return undefined;
  const lease = path.join(folder, leaseName());
  // In a read-only folder nobody removes anything: no lease is needed.
  await writeFile(lease, '').catch(() => undefined);
  const release = (): Promise<void> => rm(lease, { force: true }).catch(() => undefined);
  try {
    const check = (): void => throwIfCancelled(signal);
    const sound = fresh
      ? // What was written a moment ago needs no second look, but room may have been made of it before the lease.
        await isFolder(folder)
      : await isSound(folder, id, layout, work.verify === true, check);
    if (sound) {
      const now = new Date();
      await utimes(path.join(folder, MANIFEST_FILE), now, now).catch(() => undefined);
      return { folder, file: WEIGHTS_FILE, tensors: layout.tensors, fresh, release };
    }
  } catch (thrown) {
    await release();
    throw thrown;
  }
  await release();
  const gone = (await discard(cacheFolder, key)) || !(await isFolder(folder));
  if (gone) return undefined;
  throw new ImcotError(
    'denied',
    `The quantised weights in ${folder} are damaged and can't be removed. Remove the folder by hand.`,
  );
}

/** Makes the entry. `false`: somebody else was faster or is at it. */
async function makeEntry(work: Work, patient: boolean): Promise<boolean> {
  const { cacheFolder, key, layout, maxCacheBytes } = work;
  checkLimit(maxCacheBytes, layout.bytes, cacheFolder);
  await mkdir(cacheFolder, { recursive: true });
  const name = temporaryName('making', key);
  const folder = path.join(cacheFolder, name);
  await mkdir(folder);
  try {
    // Whoever came at the same moment sees us as we see them: the first by name goes on.
    if (patient && (await makersOf(cacheFolder, key))[0] !== name) return false;
    await makeRoom(cacheFolder, layout.bytes, maxCacheBytes);
    checkFree(await (work.freeBytes ?? freeBytes)(cacheFolder), layout.bytes, cacheFolder);
    await fillEntry(folder, work);
    throwIfCancelled(work.signal);
    await rename(folder, path.join(cacheFolder, key));
    await syncFolder(cacheFolder);
    return true;
  } catch (thrown) {
    // The place is taken: another process has finished the same.
    const taken = TAKEN.has((thrown as NodeJS.ErrnoException).code ?? '');
    if (taken && (await isFolder(path.join(cacheFolder, key)))) return false;
    throw thrown;
  } finally {
    await removeOurs(folder);
  }
}

async function fillEntry(folder: string, work: Work): Promise<void> {
  const { layout, checkpoint, signal, onProgress } = work;
  const file = await open(path.join(folder, WEIGHTS_FILE), 'wx');
  const quantiser = work.quantiser?.() ?? new InProcessQuantiser();
  let chunks: readonly string[];
  let modified: number;
  try {
    chunks = await writeWeights(checkpoint, layout, file, { quantiser, signal, onProgress });
    await file.sync();
    modified = (await file.stat()).mtimeMs;
  } finally {
    quantiser.dispose();
    await file.close();
  }
  const manifest: Manifest = {
    version: FORMAT_VERSION,
    identity: work.id,
    model: checkpoint.name,
    bits: work.bits,
    layout: layout.digest,
    bytes: layout.bytes,
    modified,
    chunks,
  };
  const handle = await open(path.join(folder, MANIFEST_FILE), 'wx');
  try {
    await handle.writeFile(manifestText(manifest));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(folder);
}

/** Waits while somebody else makes the entry, and tells how far it is. `false`: it does not get on. */
async function watchOther({ cacheFolder, key, layout, signal, onProgress }: Work): Promise<boolean> {
  let size = -1;
  let moved = performance.now();
  for (;;) {
    const [maker] = await makersOf(cacheFolder, key);
    if (maker === undefined) return true;
    const file = await stat(path.join(cacheFolder, maker, WEIGHTS_FILE)).catch(() => undefined);
    const now = performance.now();
    if (file && file.size !== size) {
      size = file.size;
      moved = now;
      onProgress?.(size, layout.bytes);
    }
    if (now - moved > STALLED_MS) return false;
    await delay(WAIT_MS);
    throwIfCancelled(signal);
  }
}

async function isFolder(place: string): Promise<boolean> {
  const stats = await stat(place).catch(() => undefined);
  return stats?.isDirectory() === true;
}

/** Makes names in a folder last through a loss of power, where the system can do that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
