import { spawn } from 'node:child_process';
import path from 'node:path';
import { PROJECT_ROOT } from '../../../../../support/sources';

/** What `verify:parity --json` prints. */
export interface ParityOutput {
  readonly passed: boolean;
  readonly remarks: readonly string[];
  readonly kinds: readonly {
    readonly kind: string;
    readonly used: number;
    readonly present: number;
    readonly excused: number;
    readonly faults: readonly string[];
  }[];
  readonly faults: readonly string[];
}

/** How the command ended. */
export interface ParityRun {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the comparison in a process of its own. @param env added to this process's own */
export function runParity(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ParityRun> {
  const tsx = path.join(PROJECT_ROOT, 'node_modules/tsx/dist/cli.mjs');
  const child = spawn(process.execPath, [tsx, path.join(PROJECT_ROOT, 'test/parity/main.ts'), ...words], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}

/** The report of a run with `--json`; a run that printed none throws what it said instead. */
export function reportOf(run: ParityRun): ParityOutput {
  try {
    return JSON.parse(run.output) as ParityOutput;
  } catch {
    throw new Error(`ended with ${String(run.code)} and no report: ${run.output}${run.errors}`);
  }
}
