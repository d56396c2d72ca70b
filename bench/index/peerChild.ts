import { spawnSync } from 'node:child_process';

/*
 * A process that does nothing but time programs: starting one from a process with much memory takes tens of
 * milliseconds, part of which passes while the program already runs, so it can't be subtracted.
 */

/** The program and its arguments. */
export type Timed = readonly [string, ...string[]];

process.on('message', ([command, ...args]: Timed) => {
  const start = performance.now();
  const done = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const milliseconds = performance.now() - start;
  // ripgrep ends with 1 when no line matches, as in an empty file.
  const failure = done.error !== undefined || (done.status ?? 2) > 1;
  process.send?.(failure ? { failed: `${command} ended with ${done.status}` } : { milliseconds });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
