// npm run test:training: one step of each stage of the demo model's training, and the result in transformers. No part of
// npm test: it installs PyTorch, once, into .cache/. `IMCOT_PYTHON` names the Python to begin with.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fail, inRoot, ROOT, say } from './lib/run.mjs';

const REQUIREMENTS = 'training/requirements.txt';
const VENV = inRoot('.cache/training');
const OLDEST = [3, 11];
const isWindows = process.platform === 'win32';
const PYTHON = path.join(VENV, isWindows ? 'Scripts/python.exe' : 'bin/python');
const DONE = path.join(VENV, 'installed');

/** Runs a program on this terminal; throws with its name when it fails. */
function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')} ended with ${status}`);
}

const pip = (...args) =>
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args]);

/** The first Python that is new enough. */
function findPython() {
  const names = process.env.IMCOT_PYTHON ? [process.env.IMCOT_PYTHON] : ['python3', 'python'];
  const print = 'import sys; print(*sys.version_info[:2])';
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ['-c', print], { encoding: 'utf8' });
    const [major = 0, minor = 0] = status === 0 ? stdout.trim().split(' ').map(Number) : [];
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return name;
  }
  throw new Error(
    `Python ${OLDEST.join('.')} or newer is needed, and ${names.join(' or ')} is none. Name one with IMCOT_PYTHON.`,
  );
}

/** On Linux the index's own PyTorch is for CUDA, and loads with NVIDIA's libraries only: then the one for processors. */
function ensureTorch() {
  const loads = () => spawnSync(PYTHON, ['-c', 'import torch'], { cwd: ROOT }).status === 0;
  if (loads()) return;
  const [pinned] = /^torch==\S+$/m.exec(readFileSync(inRoot(REQUIREMENTS), 'utf8')) ?? ['torch'];
  say(`${pinned} does not load here; taking the one without CUDA`);
  pip('--force-reinstall', '--no-deps', '--index-url', 'https://download.pytorch.org/whl/cpu', pinned);
  if (!loads()) throw new Error(`${pinned} can't be loaded by ${PYTHON}.`);
}

/** A virtual environment with what training/requirements.txt pins; made anew when that changes. */
function ensureEnvironment() {
  const wanted = createHash('sha256')
    .update(readFileSync(inRoot(REQUIREMENTS)))
    .digest('hex');
  if (existsSync(DONE) && readFileSync(DONE, 'utf8') === wanted) return;
  say(`installing ${REQUIREMENTS} into ${path.relative(ROOT, VENV)} (PyTorch: some hundred MB, once)`);
  rmSync(VENV, { recursive: true, force: true });
  run(findPython(), ['-m', 'venv', VENV]);
  pip('--no-deps', '-r', REQUIREMENTS);
  ensureTorch();
  writeFileSync(DONE, wanted);
}

try {
  ensureEnvironment();
  run(PYTHON, ['-m', 'training.smoke']);
} catch (error) {
  fail(error.message);
}
