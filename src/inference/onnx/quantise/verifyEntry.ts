import { randomInt } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { QuantisedLayout } from './layout';
import type { Manifest } from './manifest';
import { CHUNK_BYTES, MANIFEST_FILE, readManifest, WEIGHTS_FILE } from './manifest';
import { chunksMatch } from './weightsFile';

/** Chunks that are looked at when the file's time says that nobody touched it: 64 MiB, some 60 ms. */
const SAMPLES = 16;

/**
 * Whether a folder holds the finished weights of this checkpoint in this layout, undamaged. The manifest is checked by
 * its own hash and the file by its size. All of its content is hashed (1 GB/s) when `full` or when its modification
 * time is not the one that its maker saw; otherwise its first and last chunk and some at random: then a disk that
 * silently lost a bit is noticed with the likelihood of the sample only.
 */
export async function isSound(
  folder: string,
  identity: string,
  layout: QuantisedLayout,
  full: boolean,
  check: () => void,
): Promise<boolean> {
  const manifest = await readManifest(path.join(folder, MANIFEST_FILE));
  if (!manifest || !fits(manifest, identity, layout)) return false;
  const handle = await open(path.join(folder, WEIGHTS_FILE), 'r').catch(() => undefined);
  if (!handle) return false;
  try {
    const stats = await handle.stat();
    if (stats.size !== layout.bytes) return false;
    const count = manifest.chunks.length;
    const indices =
      full || stats.mtimeMs !== manifest.modified
        ? Array.from({ length: count }, (_, i) => i)
        : sample(count);
    return await chunksMatch(handle, layout.bytes, manifest.chunks, indices, check);
  } finally {
    await handle.close();
  }
}

function fits(manifest: Manifest, identity: string, layout: QuantisedLayout): boolean {
  return (
    manifest.identity === identity &&
    manifest.layout === layout.digest &&
    manifest.bytes === layout.bytes &&
    manifest.chunks.length === Math.ceil(layout.bytes / CHUNK_BYTES)
  );
}

function sample(count: number): Iterable<number> {
  const chosen = new Set([0, count - 1]);
  while (chosen.size < Math.min(count, SAMPLES)) chosen.add(randomInt(count));
  return chosen;
}
