import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Every file and folder below a folder, relative to it; empty where there is none. */
export async function listing(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.sort();
}

/** Hex SHA-256 of a file. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Processes whose command line holds a text. Only Linux lists them as files; elsewhere undefined, which is not "none".
 */
export async function processesWith(text: string): Promise<readonly number[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const line = await readFile(path.join('/proc', name, 'cmdline'), 'utf8').catch(() => '');
    if (line.includes(text)) found.push(Number(name));
  }
  return found;
}

/** Whether a process lives, or waits for its parent to hear of its end. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * Waits until no process has a text in its command line.
 * @returns milliseconds until then; undefined when some are left after `limitMs`, and where nobody lists them 0
 */
export async function untilGone(text: string, limitMs: number): Promise<number | undefined> {
  const begin = performance.now();
  for (;;) {
    const alive = await processesWith(text);
    if (!alive) return 0;
    const passed = performance.now() - begin;
    if (alive.length === 0) return passed;
    if (passed > limitMs) return undefined;
    await delay(50);
  }
}
