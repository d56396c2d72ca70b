import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../../common/disposable';
import { toDisposable } from '../../common/disposable';
import { ownerState, ownerToken } from '../../inference/onnx/quantise/owner';

/** A model that a window has in memory, or is loading. */
export interface ModelLease {
  /** The checkpoint folder, links followed. */
  readonly folder: string;
  /** Size of its weight files in bytes: what it takes at full precision, roughly. */
  readonly weightBytes: number;
  /** When loading began, in milliseconds since 1970. */
  readonly since: number;
}

/** What came of taking a lease: disposing it gives the lease back. */
export interface TakenLease extends Disposable {
  /** Leases that other windows of this machine hold on the same model. */
  readonly others: readonly ModelLease[];
}

const ENDING = '.json';

/**
 * Says which windows have which model in memory, by one file per window in a folder that they share. A window that died
 * leaves its file behind; it no longer counts, and whoever sees it takes it away.
 */
export class ModelLeases {
  /**
   * @param folder made when it is not there
   * @param owner names this window's process
   */
  constructor(
    private readonly folder: string,
    private readonly owner = ownerToken(),
  ) {}

  /**
   * Notes that this window loads the model, then looks who else has it; so of two windows that load at a time at least one
   * sees the other.
   */
  async take(model: string): Promise<TakenLease> {
    const folder = await realpath(model).catch(() => path.resolve(model));
    const lease: ModelLease = { folder, weightBytes: await weightBytes(folder), since: Date.now() };
    const file = path.join(this.folder, this.owner + ENDING);
    await mkdir(this.folder, { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(lease));
    await rename(`${file}.new`, file);
    const others = (await this.others()).filter((other) => other.folder === folder);
    // Synchronous, since a window that closes waits for nothing.
    return { others, ...toDisposable(() => rmSync(file, { force: true })) };
  }

  private async others(): Promise<ModelLease[]> {
    const found: ModelLease[] = [];
    for (const name of await readdir(this.folder)) {
      const owner = name.slice(0, -ENDING.length);
      if (!name.endsWith(ENDING) || owner === this.owner) continue;
      const file = path.join(this.folder, name);
      const state = ownerState(owner);
      if (state === 'gone') await rm(file, { force: true });
      const lease = state === 'alive' ? await readLease(file) : undefined;
      if (lease) found.push(lease);
    }
    return found;
  }
}

/** Undefined for a file that is gone by now, or that another version of this program wrote. */
async function readLease(file: string): Promise<ModelLease | undefined> {
  try {
    const { folder, weightBytes, since } = JSON.parse(await readFile(file, 'utf8')) as Partial<ModelLease>;
    const whole = typeof folder === 'string' && typeof weightBytes === 'number' && typeof since === 'number';
    return whole ? { folder, weightBytes, since } : undefined;
  } catch {
    return undefined;
  }
}

async function weightBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let sum = 0;
  for (const name of names.filter((entry) => entry.endsWith('.safetensors'))) {
    sum += await stat(path.join(folder, name)).then(
      (file) => file.size,
      () => 0,
    );
  }
  return sum;
}
