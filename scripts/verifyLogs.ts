/*
 * npm run verify:logs -- [--only metrics] <folder>: walks the folder for expected.json and compares what the readers give
 * of each file named there, before restarts are merged, with the values written down. Ends with 1 on a difference, on a
 * file that nothing reads, on values that are neither compared nor excepted, and when nothing was compared. Files of
 * rollouts are not compared yet: without `--only metrics` they too end it with 1.
 */
import { statSync } from 'node:fs';
import { EXCEPTIONS, UNNAMED } from './logs/exceptions';
import { verifyFolder } from './logs/verifyFolder';
import type { Verified } from './logs/verifyFolder';

/** How many differences of one file are shown. */
const SHOWN = 5;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

class Report {
  private files = 0;
  private compared = 0;
  private mismatched = 0;
  private untouched = 0;
  private unread = 0;
  private rollouts = 0;
  private readonly reasons = new Map<string, number>();

  constructor(private readonly onlyMetrics: boolean) {}

  add({ name, outcome }: Verified): void {
    if (outcome.kind === 'rollouts') {
      this.rollouts++;
      if (!this.onlyMetrics)
        say(`${name}: NOT READ YET, ${outcome.named} values of rollouts are not compared`);
      return;
    }
    this.files++;
    if (outcome.kind === 'unread') {
      this.unread++;
      say(`${name}: NOT READ, ${outcome.named} values: ${outcome.reason}`);
      return;
    }
    const { named, compared, excepted, unnamed, mismatched, untouched } = outcome.tally;
    this.compared += compared;
    this.mismatched += mismatched.length;
    this.untouched += untouched.length;
    for (const [reason, count] of [...excepted, ...unnamed])
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + count);
    const sum = [...excepted.values()].reduce((total, count) => total + count, 0);
    const why = [...excepted].map(([reason, count]) => `${reason} ${count}`).join(', ');
    const more = [...unnamed].map(([reason, count]) => `; ${count} more given (${reason})`).join('');
    say(
      `${name} (${outcome.format}): named ${named}, compared ${compared}, excepted ${sum}${why && ` (${why})`}, ` +
        `mismatched ${mismatched.length}${untouched.length > 0 ? `, UNTOUCHED ${untouched.length}` : ''}${more}`,
    );
    for (const line of mismatched.slice(0, SHOWN)) say(`  MISMATCH ${line}`);
    for (const line of untouched.slice(0, SHOWN)) say(`  UNTOUCHED ${line}`);
  }

  finish(): number {
    say('');
    const sentences: Readonly<Record<string, string>> = { ...EXCEPTIONS, ...UNNAMED };
    for (const [reason, count] of this.reasons) say(`${reason} (${count}): ${sentences[reason]}`);
    const { compared, mismatched, untouched, unread, rollouts, files } = this;
    say('');
    say(
      `${files} entries: ${compared} values compared, ${mismatched} mismatched, ${untouched} neither compared nor ` +
        `excepted, ${unread} files not read.`,
    );
    if (rollouts > 0)
      say(
        `${rollouts} files of rollouts are not read yet by this comparison` +
          (this.onlyMetrics ? ' and were left out (--only metrics).' : ', which is an error.'),
      );
    const isGood = compared > 0 && mismatched + untouched + unread === 0;
    return isGood && (this.onlyMetrics || rollouts === 0) ? 0 : 1;
  }
}

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
  const report = new Report(only >= 0);
  for await (const verified of verifyFolder(folder)) report.add(verified);
  return report.finish();
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
