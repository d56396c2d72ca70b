import assert from 'node:assert/strict';
import { ContentDigest, findSuperseded } from '../../../src/files/supersession';
import type { Trajectory } from '../../../src/trajectory/trajectory';

const RANGE = { start: 0, end: 0 };

/** A source of rollouts, each as [question, prediction, verdict]. */
function content(path: string, rollouts: readonly (readonly [string, string, boolean?])[]) {
  const digest = new ContentDigest();
  for (const [question, prediction, correct] of rollouts) {
    const trajectory: Trajectory = {
      origin: { file: path, index: 0, bytes: RANGE },
      prompt: { user: question, question, images: [] },
      turns: [],
      outcome: { status: 'finished' },
      prediction,
      ...(correct !== undefined && { verdict: { correct, provenance: 'stored' } }),
      frame: 'original',
      zoomVariant: 'evaluation',
      extras: new Map(),
    };
    digest.add(trajectory);
  }
  return digest.content(path);
}

const BARE = [
  ['q1', 'a'],
  ['q2', 'b'],
] as const;
const JUDGED = [
  ['q1', 'a', true],
  ['q2', 'b', false],
] as const;

describe('supersession', () => {
  it('lets the judged twin count, whatever the names and the order', () => {
    for (const sources of [
      [content('x/result.jsonl', BARE), content('x/result_acc.jsonl', JUDGED)],
      [content('y/z.jsonl', JUDGED), content('x/result.jsonl', BARE)],
    ]) {
      const judged = sources.find(({ judged: count }) => count > 0)!;
      const bare = sources.find(({ judged: count }) => count === 0)!;
      assert.deepEqual([...findSuperseded(sources)], [[bare.path, judged.path]]);
    }
  });

  it('lets twins of different content both count', () => {
    const other = [
      ['q1', 'a', true],
      ['q2', 'c', false],
    ] as const;
    const longer = [...JUDGED, ['q3', 'c', true]] as const;
    const swapped = [JUDGED[1], JUDGED[0]] as const;
    for (const twin of [other, longer, swapped]) {
      assert.equal(findSuperseded([content('r.jsonl', BARE), content('r_acc.jsonl', twin)]).size, 0);
    }
  });

  it('lets equal files both count when neither or both are judged', () => {
    assert.equal(findSuperseded([content('a/r.jsonl', BARE), content('b/r.jsonl', BARE)]).size, 0);
    assert.equal(
      findSuperseded([content('a/r_acc.jsonl', JUDGED), content('b/r_acc.jsonl', JUDGED)]).size,
      0,
    );
  });

  it('counts a file that was judged twice once, unless the verdicts differ', () => {
    const [first, second] = [content('a/r_acc.jsonl', JUDGED), content('a/r_tmp_acc.jsonl', JUDGED)];
    assert.deepEqual([...findSuperseded([first, second])], [[second.path, first.path]]);
    const changed = content('a/r_tmp_acc.jsonl', [
      ['q1', 'a', true],
      ['q2', 'b', true],
    ]);
    assert.equal(findSuperseded([first, changed]).size, 0);
  });

  it('prefers the twin of the same folder and name', () => {
    const bare = content('b/result_x.jsonl', BARE);
    const twins = [
      content('a/result_x_acc.jsonl', JUDGED),
      content('b/other.jsonl', JUDGED),
      content('b/result_x_tmp_acc.jsonl', JUDGED),
    ];
    assert.equal(findSuperseded([...twins, bare]).get(bare.path), 'b/result_x_tmp_acc.jsonl');
  });

  it('says nothing of empty files', () => {
    assert.equal(findSuperseded([content('a', []), content('b', [])]).size, 0);
  });

  it('does not let texts run together', () => {
    const one = content('a', [['q', 'xy', true]]);
    const two = content('b', [['qx', 'y']]);
    assert.equal(findSuperseded([one, two]).size, 0);
  });
});
