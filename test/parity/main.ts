import path from 'node:path';
import { errorMessage } from '../../src/common/errors';
import { parseOptions, USAGE, type ParityOptions } from './options';
import { verifyParity } from './verifyParity';

/** Compares a folder of reference values with what this code computes: 0 when all of it agrees, 1 when not, 2 for words not understood. */
async function main(): Promise<number> {
  let options: ParityOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`${errorMessage(thrown)}\n${USAGE}\n`);
    return 2;
  }
  const began = performance.now();
  const report = await verifyParity({ ...options, folder: path.resolve(options.folder) });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  report.remarks.unshift(`${options.folder}, provider ${options.provider}, ${seconds} s`);
  const text = options.json ? JSON.stringify(report.toJson(), undefined, 1) : report.lines().join('\n');
  process.stdout.write(`${text}\n`);
  return report.passed ? 0 : 1;
}

main().then(
  // Whatever the runtime's own threads still hold must not keep the process.
  (code) => setTimeout(() => process.exit(code), 200),
  (thrown: unknown) => {
    process.stderr.write(`${errorMessage(thrown)}\n`);
    process.exit(1);
  },
);
