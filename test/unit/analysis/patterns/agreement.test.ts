import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PatternName } from '../../../../src/analysis/patterns/pattern';
import { PATTERN_NAMES } from '../../../../src/analysis/patterns/pattern';
import { thinkingPatterns } from '../../../../src/analysis/patterns/thinkingPatterns';
import { rolloutOfTurns } from './support/rolloutOfTurns';

interface Labelled {
  readonly id: string;
  readonly part: 'tuning' | 'heldOut';
  readonly patterns: readonly PatternName[];
  readonly user: string;
  readonly turns: readonly string[];
}

const FILE = path.join(__dirname, '../../../fixtures/thinking-patterns/labels.json');
const { rollouts } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly rollouts: readonly Labelled[] };

interface Counts {
  readonly right: number;
  readonly found: number;
  readonly labelled: number;
}

function counts(name: PatternName, among: readonly Labelled[]): Counts {
  const both = among.map(({ patterns, user, turns }) => ({
    isLabelled: patterns.includes(name),
    isFound: thinkingPatterns(rolloutOfTurns(turns, user)).some((found) => found.name === name),
  }));
  return {
    right: both.filter(({ isLabelled, isFound }) => isLabelled && isFound).length,
    found: both.filter(({ isFound }) => isFound).length,
    labelled: both.filter(({ isLabelled }) => isLabelled).length,
  };
}

function agreeing(among: readonly Labelled[]): number {
  const sameSet = ({ patterns, user, turns }: Labelled): boolean =>
    [...patterns].sort().join() ===
    thinkingPatterns(rolloutOfTurns(turns, user))
      .map(({ name }) => name)
      .sort()
      .join();
  return among.filter(sameSet).length;
}

describe('thinking patterns of forty real rollouts', () => {
  const heldOut = rollouts.filter(({ part }) => part === 'heldOut');

  it('agree with the labels that were given by hand', () => {
    const share = (part: number, whole: number): string => (whole === 0 ? 'none' : `${part} of ${whole}`);
    for (const [title, among] of [
      ['all', rollouts],
      ['held out', heldOut],
    ] as const) {
      console.log(
        `      ${title}: ${agreeing(among)} of ${among.length} rollouts have exactly the labels given by hand`,
      );
      for (const name of PATTERN_NAMES) {
        const { right, found, labelled } = counts(name, among);
        console.log(`        ${name}: precision ${share(right, found)}, recall ${share(right, labelled)}`);
      }
    }
    assert.equal(rollouts.length, 40);
    assert.equal(heldOut.length, 20);
    assert.ok(agreeing(heldOut) >= 19, 'measured: 20 of 20');
    assert.ok(agreeing(rollouts) >= 38, 'measured: 40 of 40');
    const confirmation = counts('visual confirmation', rollouts);
    assert.equal(confirmation.labelled, 7);
    assert.ok(confirmation.right >= 6 && confirmation.found <= 8, 'measured: 7 of 7 and none beside');
  });

  it('point at the very words that they rest on', () => {
    let phrases = 0;
    for (const { turns, user, id } of rollouts) {
      for (const { evidence, name } of thinkingPatterns(rolloutOfTurns(turns, user))) {
        assert.ok(
          evidence.some(({ kind }) => kind === 'box'),
          `${id} ${name}`,
        );
        for (const one of evidence) {
          if (one.kind !== 'phrase') continue;
          phrases++;
          assert.equal(turns[one.turn]?.slice(one.range.start, one.range.end), one.text, id);
        }
      }
    }
    assert.ok(phrases >= 7);
  });
});
