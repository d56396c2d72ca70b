/*
 * npm run verify:quantised -- <checkpoint folders...>: each in 8 and 4 bits against itself in full precision, on the CPU.
 * Ends with 1 when a file is not as large as it should be, or 8 bits diverge by 0.01 nats or more on average.
 */
import { dialoguesFor } from './quality/dialogues';
import { measureQuantised } from './quality/measureQuantised';

/** The largest mean divergence of 8 bits, in nats. */
const INT8_MEAN = 0.01;

async function main(folders: readonly string[]): Promise<boolean> {
  let good = true;
  for (const folder of folders) {
    const dialogues = await dialoguesFor(folder);
    process.stdout.write(`${folder}: ${dialogues.length} conversations\n`);
    for (const result of await measureQuantised(folder, dialogues)) {
      const { precision, positions, agreement, mean, largest, fileBytes, expectedBytes } = result;
      const size = fileBytes === expectedBytes ? 'as expected' : `instead of ${expectedBytes}`;
      process.stdout.write(
        `  ${precision}: ${positions} positions, top-1 agreement ${(100 * agreement).toFixed(2)} %, ` +
          `KL divergence mean ${mean.toExponential(2)}, largest ${largest.toExponential(2)} nats; ` +
          `file ${fileBytes} bytes, ${size}\n`,
      );
      const close = precision !== 'int8' || mean < INT8_MEAN;
      good = good && positions > 0 && close && fileBytes === expectedBytes;
    }
  }
  return good;
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  process.stderr.write('Name checkpoint folders: npm run verify:quantised -- <folder> [<folder>...]\n');
  process.exit(2);
}
main(folders).then(
  // The runtime's own threads would keep the process.
  (good) => process.exit(good ? 0 : 1),
  (thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exit(1);
  },
);
