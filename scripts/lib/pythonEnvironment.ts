import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { errorMessage } from '../../src/common/errors';

const run = promisify(execFile);

/** torch without CUDA, a tenth of what PyPI's needs. */
const CPU_WHEELS = 'https://download.pytorch.org/whl/cpu';
const CPU_WHEEL_PACKAGES = /^(torch|torchvision)==/;
const REACH_MS = 5000;
const INSTALL_MS = 30 * 60_000;
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** A Python that can't be had. */
export class NoPython extends Error {}

/** An environment of our own with packages in it. */
export interface PythonEnvironment {
  /** Its interpreter, absolute. */
  readonly python: string;
  readonly folder: string;
  /** Whether it was made now. */
  readonly fresh: boolean;
}

/** Where programs of this user keep what they can make again. */
function cacheFolder(): string {
  const { env, platform } = process;
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME'];
  if (platform === 'win32' && env['LOCALAPPDATA']) return env['LOCALAPPDATA'];
  return platform === 'darwin' ? path.join(homedir(), 'Library', 'Caches') : path.join(homedir(), '.cache');
}

/**
 * The environment that a file of requirements asks for, made on the first call and kept in the user's cache folder.
 * @param purpose begins the folder's name, such as `verify-server`
 * @throws NoPython with the reason, for a person
 */
export async function pythonEnvironment(
  purpose: string,
  requirements: string,
  say: (line: string) => void,
): Promise<PythonEnvironment> {
  const wanted = await readFile(requirements, 'utf8');
  const { command, version } = await findPython();
  const name = createHash('sha256').update(`${version}\n${wanted}`).digest('hex').slice(0, 12);
  const folder = path.join(cacheFolder(), 'imcot-debugger', `${purpose}-${name}`);
  const python =
    process.platform === 'win32'
      ? path.join(folder, 'Scripts', 'python.exe')
      : path.join(folder, 'bin', 'python');
  const complete = path.join(folder, 'complete');
  if (await exists(complete)) return { python, folder, fresh: false };
  say(`Making a Python environment in ${folder} (once; with Python ${version}).`);
  // One that was not finished is not mended.
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  try {
    await run(command, ['-m', 'venv', folder]);
    await install(python, requirements, wanted, say);
  } catch (thrown) {
    throw new NoPython(`The Python environment can't be made: ${lastLines(thrown)}`, { cause: thrown });
  }
  await writeFile(complete, '');
  return { python, folder, fresh: true };
}

async function findPython(): Promise<{ readonly command: string; readonly version: string }> {
  const named = process.env['PYTHON'];
  for (const command of named ? [named] : ['python3', 'python']) {
    try {
      const { stdout } = await run(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
      const version = stdout.trim();
      const [major = 0, minor = 0] = version.split('.').map(Number);
      if (major > 3 || (major === 3 && minor >= 11)) return { command, version };
    } catch {
      // Not this one.
    }
  }
  throw new NoPython(
    'There is no Python 3.11 or later: install one, or name it in the environment variable PYTHON.',
  );
}

async function install(
  python: string,
  requirements: string,
  wanted: string,
  say: (line: string) => void,
): Promise<void> {
  const pip = (...rest: string[]): Promise<unknown> =>
    run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', ...rest], {
      timeout: INSTALL_MS,
      maxBuffer: LONGEST_OUTPUT,
    });
  const own = wanted.split('\n').filter((line) => CPU_WHEEL_PACKAGES.test(line));
  if (own.length > 0) await installTorch(own, pip, say);
  say(`Installing what ${path.basename(path.dirname(requirements))}/${path.basename(requirements)} names.`);
  await pip('--requirement', requirements);
}

async function installTorch(
  own: readonly string[],
  pip: (...rest: string[]) => Promise<unknown>,
  say: (line: string) => void,
): Promise<void> {
  if (await isReachable(CPU_WHEELS)) {
    say(`Installing ${own.join(', ')} for CPUs from ${CPU_WHEELS}.`);
    await pip('--index-url', CPU_WHEELS, ...own);
  } else {
    say(`${CPU_WHEELS} can't be reached: torch comes from where pip finds it, which may be some gigabytes.`);
  }
}

async function isReachable(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/torch/`, { signal: AbortSignal.timeout(REACH_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

function lastLines(thrown: unknown): string {
  const told = (thrown as { stderr?: unknown }).stderr;
  const text = typeof told === 'string' && told.trim() !== '' ? told : errorMessage(thrown);
  return text.trim().split('\n').slice(-6).join('\n');
}
