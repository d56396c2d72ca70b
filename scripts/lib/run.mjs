// Child processes for the scripts. Built-ins only: runs before node_modules exists.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** An absolute path inside the project. */
export const inRoot = (...parts) => path.join(ROOT, ...parts);

/**
 * Runs a program in the project's folder and shows what it prints.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, quiet?: boolean, shell?: boolean }} [options] quiet: keep the
 *   output back; it is in the result
 * @returns {Promise<{ code: number, output: string }>} a code of 127 when the program could not be started
 */
export function run(command, args, { cwd = ROOT, env = {}, quiet = false, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks = [];
    const take = (stream) => (chunk) => {
      chunks.push(chunk);
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    const output = () => Buffer.concat(chunks).toString('utf8');
    child.on('error', (error) => resolve({ code: 127, output: `${output()}${error.message}` }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), output: output() }));
  });
}

/** Runs a script of this project, or of a package's `bin`, in this Node. */
export const runNode = (script, args = [], options = {}) =>
  run(process.execPath, [inRoot(script), ...args], options);

/** Runs npm: the one that runs this script where there is one, else the one on the PATH. */
export function runNpm(args, options = {}) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) return run(process.execPath, [npm, ...args], options);
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Prints one line about what a script does. */
export const say = (line) => process.stdout.write(`${line}\n`);

/** Ends the script with a sentence about what went wrong. */
export function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
