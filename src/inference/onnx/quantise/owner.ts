import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import os from 'node:os';

/** A word for this process that a later one with the same number does not share, fit for file names. */
export function ownerToken(): string {
  return tokenOf(process.pid);
}

/** The word of another process on this machine, for as long as it runs. */
export function tokenOf(pid: number): string {
  return `${hostWord()}-${String(pid)}-${startOf(pid) ?? '0'}`;
}

/**
 * Whether the process that the word stands for may still run. `elsewhere`: it runs on another machine, which shares the
 * folder; nothing can be said of it. Where a process's start can't be had (outside Linux) another process with the
 * same number passes for it until it ends.
 */
export function ownerState(token: string): 'alive' | 'gone' | 'elsewhere' {
  const [host, pid, start] = token.split('-');
  if (host !== hostWord()) return 'elsewhere';
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0 || !exists(number)) return 'gone';
  const now = startOf(number);
  return now === undefined || start === '0' || now === start ? 'alive' : 'gone';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks from boot to the process's start: field 22 of /proc/PID/stat (proc_pid_stat(5)). */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The second field, a name in brackets, may hold spaces and brackets itself.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function hostWord(): string {
  return createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);
}
