import assert from 'node:assert/strict';
import { compareGreedy, type GreedyKinds } from '../../../../parity/conversations/greedy';
import type { ConversationCase } from '../../../../parity/conversations/cases';
import { EXACT, Kind, within } from '../../../../parity/report';

const recorded = (margins: readonly number[]): ConversationCase => ({
  name: 'tale',
  checkpoint: 'checkpoint',
  ids: [1],
  grids: [],
  images: [],
  logitPositions: [],
  logits: { place: '', shape: [], sha256: '' },
  penalised: [],
  greedy: { ids: [5, 6, 7], seconds: [8, 8, 8], margins, logProbabilities: [-1, -1, -1] },
});

const step = (id: number, logProbability = -1) => {
  const choice = (other: number, value: number) => ({ id: other, text: '', logProbability: value });
  return { id, logProbability, top: [choice(id, -1), choice(8, -1.5), choice(9, -3)] };
};

function compared(source: ConversationCase, ids: readonly number[], limit = 3): GreedyKinds {
  const kinds = { tokens: new Kind('tokens', EXACT), logProbabilities: new Kind('log', within(5e-4)) };
  compareGreedy(
    source,
    ids.map((id) => step(id)),
    limit,
    kinds,
  );
  return kinds;
}

describe('comparison of greedy continuations', () => {
  it('takes equal tokens, also where the margin is small', () => {
    const { tokens, logProbabilities } = compared(recorded([0.5, 1e-5, 0.5]), [5, 6, 7]);
    assert.deepEqual([...tokens.faults, ...logProbabilities.faults], []);
    assert.deepEqual([tokens.used, tokens.excused], [3, 0]);
  });

  it('ends rightly, and says so, where another token comes at a small margin', () => {
    const { tokens, logProbabilities } = compared(recorded([0.5, 9e-4, 0.5]), [5, 9, 1]);
    assert.deepEqual([...tokens.faults, ...logProbabilities.faults], []);
    assert.deepEqual([tokens.used, tokens.excused], [1, 2]);
    assert.match(tokens.notes.join(), /"tale" parts at step 1, rightly: its margin is 9\.0e-4/);
  });

  it('faults another token at a larger margin, and one that did not come', () => {
    assert.match(compared(recorded([0.5, 2e-3, 0.5]), [5, 9, 7]).tokens.faults.join(), /"tale" step 1/);
    assert.match(compared(recorded([0.5, 0.5, 0.5]), [5, 6]).tokens.faults.join(), /"tale" step 2/);
  });

  it('says how many steps it was limited to', () => {
    const { tokens } = compared(recorded([0.5, 0.5, 0.5]), [5, 6], 2);
    assert.deepEqual(tokens.faults, []);
    assert.deepEqual([tokens.used, tokens.excused, tokens.notes], [2, 1, ['limited to 2 steps']]);
  });
});
