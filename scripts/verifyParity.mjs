// npm run verify:parity -- FOLDER: compares a folder of reference values of Qwen2.5-VL with what this code computes; one
// line per kind of value. Ends with 1 when a value differs, and when anything in the folder was not compared.
import { spawn } from 'node:child_process';
import { fail, inRoot, ROOT } from './lib/run.mjs';
import { ensureModules } from './setup.mjs';

try {
  await ensureModules();
} catch (error) {
  fail(error.message);
}
const words = process.argv.slice(2);
const child = spawn(
  process.execPath,
  [inRoot('node_modules/tsx/dist/cli.mjs'), inRoot('test/parity/main.ts'), ...words],
  { cwd: ROOT, stdio: 'inherit' },
);
child.on('error', (error) => fail(error.message));
child.on('close', (code, signal) => {
  if (signal) process.stderr.write(`ended by ${signal}\n`);
  process.exitCode = code ?? 1;
});
