import { spawn } from 'node:child_process';
import type { Moment } from './moments';

/** What came of a command. */
export interface CommandRun {
  /** Whole lines on standard output. */
  readonly lines: readonly string[];
  /** What came behind the last of them. */
  readonly rest: string;
  /** When each line came, in milliseconds from the start. */
  readonly times: readonly number[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it said beside its output. */
  readonly said: string;
}

/**
 * Runs the command line with this Node.
 * @param moment when to kill it as a crash would, counted in printed lines; absent: never
 */
export function runCommand(cli: string, words: readonly string[], moment?: Moment): Promise<CommandRun> {
  const begin = performance.now();
  const child = spawn(process.execPath, [cli, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let said = '';
  const times: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    if (moment && !timer && times.length >= moment.after)
      timer = setTimeout(() => child.kill('SIGKILL'), moment.wait);
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    const now = performance.now() - begin;
    times.push(...Array.from(chunk.matchAll(/\n/g), () => now));
    arm();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-500)));
  arm();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const lines = output.split('\n');
      const rest = lines.pop() ?? '';
      resolve({ lines, rest, times, code, signal, said });
    });
  });
}
