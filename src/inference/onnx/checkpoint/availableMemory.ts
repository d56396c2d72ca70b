import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import path from 'node:path';

/** What `availableMemory` asks of the computer. */
export interface MemorySource {
  readonly platform: string;
  /** A file's text; undefined where it cannot be read. */
  read(file: string): Promise<string | undefined>;
  /** What a program prints; undefined where it cannot be run. */
  run(program: string): Promise<string | undefined>;
  /** Bytes that are free by the operating system's plain count. */
  free(): number;
}

const CGROUP_ROOT = '/sys/fs/cgroup';

const thisComputer: MemorySource = {
  platform: process.platform,
  read: (file) => readFile(file, 'utf8').catch(() => undefined),
  run: (program) =>
    new Promise((resolve) => {
      execFile(program, { timeout: 5000 }, (error, output) => resolve(error ? undefined : output));
    }),
  free: freemem,
};

/**
 * Bytes that a program may still take before this computer, or the container it runs in, is out of memory.
 *
 * Linux: MemAvailable of /proc/meminfo, or what is left of the control group's limit where that is less (versions 1 and
 * 2; file pages that can be dropped count as free). macOS: free, inactive, speculative and purgeable pages as vm_stat
 * counts them, since the plain count leaves out what is only cached. Elsewhere the plain count.
 */
export async function availableMemory(source: MemorySource = thisComputer): Promise<number> {
  if (source.platform === 'darwin') return (await macAvailable(source)) ?? source.free();
  if (source.platform !== 'linux') return source.free();
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec((await source.read('/proc/meminfo')) ?? '')?.[1];
  const system = kilobytes === undefined ? source.free() : Number(kilobytes) * 1024;
  const groups = (await source.read('/proc/self/cgroup')) ?? '';
  let least = system;
  for (const [folder, names] of controlGroups(groups)) {
    const left = await leftInGroup(source, folder, names);
    if (left !== undefined) least = Math.min(least, left);
  }
  return Math.max(0, least);
}

interface GroupFiles {
  readonly limit: string;
  readonly used: string;
  readonly droppable: RegExp;
}

const VERSION_1: GroupFiles = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  droppable: /^total_inactive_file (\d+)$/m,
};
const VERSION_2: GroupFiles = {
  limit: 'memory.max',
  used: 'memory.current',
  droppable: /^inactive_file (\d+)$/m,
};

/** Each group that this process is in, from its own up to the root: a limit of any of them holds. */
function* controlGroups(listing: string): Iterable<readonly [folder: string, files: GroupFiles]> {
  for (const line of listing.split('\n')) {
    const [, controllers, group] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || group === undefined) continue;
    const first = controllers.split(',').includes('memory');
    if (!first && controllers !== '') continue;
    const root = first ? `${CGROUP_ROOT}/memory` : CGROUP_ROOT;
    // Within a container the listed path may be the host's, and only the root be there.
    for (let at = path.posix.normalize(group); ; at = path.posix.dirname(at)) {
      yield [path.posix.join(root, at), first ? VERSION_1 : VERSION_2];
      if (at === '/') break;
    }
  }
}

async function leftInGroup(
  source: MemorySource,
  folder: string,
  files: GroupFiles,
): Promise<number | undefined> {
  const limit = wholeNumber(await source.read(path.posix.join(folder, files.limit)));
  const used = wholeNumber(await source.read(path.posix.join(folder, files.used)));
  if (limit === undefined || used === undefined) return undefined;
  const droppable = files.droppable.exec(
    (await source.read(path.posix.join(folder, 'memory.stat'))) ?? '',
  )?.[1];
  return limit - used + Number(droppable ?? 0);
}

/** Undefined for "max", which version 2 writes where there is no limit. */
function wholeNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}

async function macAvailable(source: MemorySource): Promise<number | undefined> {
  const printed = await source.run('vm_stat');
  const page = /page size of (\d+) bytes/.exec(printed ?? '')?.[1];
  if (printed === undefined || page === undefined) return undefined;
  const kinds = ['free', 'inactive', 'speculative', 'purgeable'];
  const pages = kinds.map((kind) => new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, 'm').exec(printed)?.[1]);
  return pages.reduce((sum, count) => sum + Number(count ?? 0), 0) * Number(page);
}
