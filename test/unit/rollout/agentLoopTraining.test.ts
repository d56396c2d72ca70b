import assert from 'node:assert/strict';
import { playScript } from './support/rolloutLog';
import { TRAINING_BRANCHES } from './support/trainingBranches';
import { goldenLines, playedLines } from './support/transcript';

describe('agent loop, as in training', () => {
  for (const { name, rule, turns, end, run, ends } of TRAINING_BRANCHES) {
    it(`${name} (${rule})`, async () => {
      const played = await playScript({
        ...run,
        turns: turns.map(({ says }) => ({ says, ...(ends && { end: ends }) })),
      });
      assert.deepEqual(playedLines(played), goldenLines(turns, end));
    });
  }
});
