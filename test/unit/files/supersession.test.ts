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
    const doubled = [JUDGED[0], JUDGED[0]] as const;
    for (const twin of [other, longer, doubled]) {
      assert.equal(findSuperseded([content('r.jsonl', BARE), content('r_acc.jsonl', twin)]).size, 0);
    }
  });

  it('knows a twin whose judge wrote the rows in another order', () => {
    const swapped = content('r_acc.jsonl', [JUDGED[1], JUDGED[0]]);
    assert.deepEqual([...findSuperseded([content('r.jsonl', BARE), swapped])], [['r.jsonl', 'r_acc.jsonl']]);
  });

  it('counts a copy once, judged or not, wherever it lies', () => {
    for (const rows of [BARE, JUDGED]) {
      const copies = ['a/r.jsonl', 'b/r.jsonl', 'c/other.jsonl'].map((name) => content(name, rows));
      assert.deepEqual(
        [...findSuperseded(copies)],
        [
          ['b/r.jsonl', 'a/r.jsonl'],
          ['c/other.jsonl', 'a/r.jsonl'],
        ],
      );
    }
  });

  it('lets every copy give way to the judged file', () => {
    const sources = [content('a', BARE), content('b', BARE), content('c', JUDGED)];
    assert.deepEqual(
      [...findSuperseded(sources)],
      [
        ['b', 'c'],
        ['a', 'c'],
      ],
    );
  });

  it('lets two judgements both count when the same rows were right in number but not in kind', () => {
    const other = content('b', [
      ['q1', 'a', false],
      ['q2', 'b', true],
    ]);
    assert.equal(findSuperseded([content('a', JUDGED), other]).size, 0);
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
    const judgedAs = (first: boolean, second: boolean) =>
      [
        ['q1', 'a', first],
        ['q2', 'b', second],
      ] as const;
    const twins = [
      content('a/result_x_acc.jsonl', judgedAs(true, true)),
      content('b/other.jsonl', judgedAs(true, false)),
      content('b/result_x_tmp_acc.jsonl', judgedAs(false, false)),
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
