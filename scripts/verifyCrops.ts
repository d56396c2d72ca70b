/*
 * npm run verify:crops -- <folder>: takes every box, picture and angle that a JSON file of the folder names, cuts, decodes,
 * resizes and turns it by src/imaging, and compares the pixels with those that Pillow gave. Says the files and the cases
 * used of those present, and what differs. Ends with 1 on a difference, on a case or file that was not used, and when there
 * is none.
 */
import { statSync } from 'node:fs';
import { verifyCrops } from './crops/verifyFolder';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(words: readonly string[]): Promise<number> {
  const [folder] = words;
  if (folder === undefined || words.length > 1) {
    say('Usage: npm run verify:crops -- <folder>');
    return 2;
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    say(`There is no folder ${folder}.`);
    return 2;
  }
  return (await verifyCrops(folder, say)) ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
