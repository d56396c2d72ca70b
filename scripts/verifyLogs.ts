/*
 * npm run verify:logs -- [--only metrics] <folder>: walks the folder for expected.json and compares what the readers give
 * of each file named there, before restarts are merged, with the values written down. Ends with 1 on a difference, on a
 * file that nothing reads, on values that are neither compared nor excepted, and when nothing was compared. With
 * `--only metrics` files of rollouts are left out.
 */
import { statSync } from 'node:fs';
import { VerifyReport } from './logs/report';
import { verifyFolder } from './logs/verifyFolder';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(words: readonly string[]): Promise<number> {
  const only = words.indexOf('--only');
  const paths = words.filter((_, index) => only < 0 || (index !== only && index !== only + 1));
  const [folder] = paths;
  if (folder === undefined || paths.length > 1 || (only >= 0 && words[only + 1] !== 'metrics')) {
    say('Usage: npm run verify:logs -- [--only metrics] <folder>');
    return 2;
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    say(`There is no folder ${folder}.`);
    return 2;
  }
  const report = new VerifyReport(say);
  for await (const verified of verifyFolder(folder, only >= 0)) report.add(verified);
  return report.finish();
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
