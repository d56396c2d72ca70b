import { EXCEPTIONS, UNNAMED } from './exceptions';
import type { Verified } from './verifyFolder';

/** How many differences of one file are shown. */
const SHOWN = 5;

/** Tells what came of each file, and of all of them. */
export class VerifyReport {
  private files = 0;
  private compared = 0;
  private mismatched = 0;
  private untouched = 0;
  private unread = 0;
  private leftOut = 0;
  private readonly reasons = new Map<string, number>();

  constructor(private readonly say: (line: string) => void) {}

  add({ name, outcome }: Verified): void {
    if (outcome.kind === 'leftOut') {
      this.leftOut++;
      return;
    }
    this.files++;
    if (outcome.kind === 'unread') {
      this.unread++;
      this.say(`${name}: NOT READ, ${outcome.named} values: ${outcome.reason}`);
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
    this.say(
      `${name} (${outcome.format}): named ${named}, compared ${compared}, excepted ${sum}${why && ` (${why})`}, ` +
        `mismatched ${mismatched.length}${untouched.length > 0 ? `, UNTOUCHED ${untouched.length}` : ''}${more}`,
    );
    for (const line of mismatched.slice(0, SHOWN)) this.say(`  MISMATCH ${line}`);
    for (const line of untouched.slice(0, SHOWN)) this.say(`  UNTOUCHED ${line}`);
  }

  /** Says the sums. @returns the exit code: 0 when something was compared and nothing is wrong */
  finish(): number {
    this.say('');
    const sentences: Readonly<Record<string, string>> = { ...EXCEPTIONS, ...UNNAMED };
    for (const [reason, count] of this.reasons) this.say(`${reason} (${count}): ${sentences[reason]}`);
    const { compared, mismatched, untouched, unread, leftOut, files } = this;
    this.say('');
    this.say(
      `${files} entries: ${compared} values compared, ${mismatched} mismatched, ${untouched} neither compared nor ` +
        `excepted, ${unread} files not read.`,
    );
    if (leftOut > 0) this.say(`${leftOut} files of rollouts were left out (--only metrics).`);
    return compared > 0 && mismatched + untouched + unread === 0 ? 0 : 1;
  }
}
