import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

/** A command that is run again and again. */
export interface BatchCommand {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What all runs print goes here. */
  readonly logFile: string;
}

/** One run of the command. */
export interface BatchRun {
  /** Absent where it was killed. */
  readonly exitCode?: number;
  readonly seconds: number;
}

const LOOK_MS = 20;

/**
 * Runs a command with this Node.
 * @param shallDie asked all the time; once it says yes, the command is killed as a crash would
 */
export async function runBatch(command: BatchCommand, shallDie: () => boolean): Promise<BatchRun> {
  const log = await open(command.logFile, 'a');
  const begin = performance.now();
  const child = spawn(process.execPath, command.words, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  let killed = false;
  const watch = setInterval(() => {
    if (killed || !shallDie()) return;
    killed = true;
    child.kill('SIGKILL');
  }, LOOK_MS);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? -1));
  }).finally(() => clearInterval(watch));
  const seconds = (performance.now() - begin) / 1000;
  return killed ? { seconds } : { exitCode, seconds };
}
