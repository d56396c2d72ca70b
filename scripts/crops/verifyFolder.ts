import path from 'node:path';
import { errorMessage } from '../../src/common/errors';
import { SharpImageStore } from '../../src/imaging/sharpImageStore';
import { GoldenFolder } from '../../test/parity/goldenFolder';
import { CaseComparer } from './compareCase';
import { findCases, type GoldenCase } from './findCases';

/** Mismatches of one file that are shown. */
const SHOWN = 12;
/** Words for people and what made the folder. */
const ABOUT = /\.(?:md|txt|py)$/i;
const PICTURE = /\.(?:png|jpe?g|webp|gif|tiff?)$/i;
const PLURALS: Readonly<Record<GoldenCase['kind'], string>> = {
  box: 'boxes',
  picture: 'pictures',
  turn: 'turns',
  size: 'sizes',
};

/** What came of the cases of one JSON file. */
class Tally {
  used = 0;
  values = 0;
  readonly mismatches: string[] = [];
  readonly unused: string[] = [];

  constructor(
    readonly manifest: string,
    readonly cases: readonly GoldenCase[],
  ) {}

  get line(): string {
    const kinds = new Map<GoldenCase['kind'], number>();
    for (const { kind } of this.cases) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const parts = [...kinds].map(([kind, count]) => `${PLURALS[kind]} ${count}`).join(', ');
    const { manifest, used, cases, values, mismatches } = this;
    return `${manifest}: ${used} of ${cases.length} cases used (${parts}), ${values} values, ${mismatches.length} mismatched`;
  }
}

/**
 * Cuts, decodes, resizes and turns every case of a folder and compares the results with those that stand there.
 * @param say takes the report, line by line
 * @returns whether there were cases, all of them were used, every file with pictures was too, and nothing differed
 */
export async function verifyCrops(folder: string, say: (line: string) => void): Promise<boolean> {
  const golden = new GoldenFolder(folder);
  const store = new SharpImageStore();
  const comparer = new CaseComparer(golden, store);
  const tallies: Tally[] = [];
  const faults: string[] = [];
  try {
    for (const manifest of golden.allFiles().filter((name) => /\.json$/i.test(name))) {
      try {
        const tally = new Tally(manifest, findCases(golden, manifest));
        if (tally.cases.length === 0) continue;
        tallies.push(tally);
        for (const one of tally.cases) await use(comparer, one, tally);
      } catch (thrown) {
        faults.push(`${manifest}: ${errorMessage(thrown)}`);
      }
    }
  } finally {
    store.dispose();
  }
  const { present, unused } = filesOf(golden, tallies);
  faults.push(...unused.map((name) => `${name} is used by no case`));
  return tell({ tallies, faults, present, unused: unused.length }, say);
}

async function use(comparer: CaseComparer, one: GoldenCase, tally: Tally): Promise<void> {
  const { place } = one.entry;
  try {
    const { values, mismatches } = await comparer.compare(one);
    tally.used++;
    tally.values += values;
    tally.mismatches.push(...mismatches.map((what) => `${place}: ${what}`));
  } catch (thrown) {
    tally.unused.push(`${place}: ${errorMessage(thrown)}`);
  }
}

/** The files that cases are about: those with cases, every picture, and whatever lies in a folder of pictures. */
function filesOf(
  golden: GoldenFolder,
  tallies: readonly Tally[],
): { present: readonly string[]; unused: readonly string[] } {
  const files = golden.allFiles();
  const folders = new Set(files.filter((name) => PICTURE.test(name)).map((name) => path.posix.dirname(name)));
  const manifests = new Set(tallies.map(({ manifest }) => manifest));
  const isAbout = (name: string): boolean =>
    manifests.has(name) || (folders.has(path.posix.dirname(name)) && !ABOUT.test(name));
  const present = files.filter(isAbout);
  const isUnused = (name: string): boolean =>
    !golden.wasUsed(name) || (/\.json$/i.test(name) && !manifests.has(name) && !name.endsWith('sha256.json'));
  return { present, unused: present.filter(isUnused) };
}

interface Result {
  readonly tallies: readonly Tally[];
  readonly faults: readonly string[];
  readonly present: readonly string[];
  readonly unused: number;
}

function tell({ tallies, faults, present, unused }: Result, say: (line: string) => void): boolean {
  for (const tally of tallies) {
    say(tally.line);
    for (const line of shortened(tally.mismatches)) say(`  MISMATCH ${line}`);
    for (const line of shortened(tally.unused)) say(`  UNUSED ${line}`);
  }
  for (const fault of faults) say(`UNUSED ${fault}`);
  const sum = (count: (tally: Tally) => number): number => tallies.reduce((all, one) => all + count(one), 0);
  const [used, cases] = [sum((one) => one.used), sum((one) => one.cases.length)];
  const mismatched = sum((one) => one.mismatches.length);
  say('');
  say(
    `${present.length - unused} of ${present.length} files and ${used} of ${cases} cases used, ` +
      `${sum((one) => one.values)} values compared, ${mismatched} mismatched.`,
  );
  return used > 0 && used === cases && mismatched === 0 && faults.length === 0;
}

function shortened(lines: readonly string[]): readonly string[] {
  return lines.length > SHOWN ? [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more`] : lines;
}
