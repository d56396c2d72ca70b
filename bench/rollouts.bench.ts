import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildProgram, CACHE, ROOT } from './programs';

const FOLDER = path.join(CACHE, 'rollouts');
const PROGRAM = path.join(FOLDER, 'program.js');
const SCRATCH = path.join(FOLDER, 'made');

async function main(): Promise<void> {
  rmSync(SCRATCH, { recursive: true, force: true });
  mkdirSync(SCRATCH, { recursive: true });
  await buildProgram('bench/rollouts/program.ts', PROGRAM);
  try {
    // Its report goes out through this process's own output.
    const { status } = spawnSync(process.execPath, [PROGRAM, ROOT, SCRATCH], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
