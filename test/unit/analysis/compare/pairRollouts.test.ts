import assert from 'node:assert/strict';
import type { AskedQuestion } from '../../../../src/analysis/compare/askedQuestion';
import { askedQuestion, mayBeOnePicture } from '../../../../src/analysis/compare/askedQuestion';
import { Comparison } from '../../../../src/analysis/compare/comparison';
import type { Pairing } from '../../../../src/analysis/compare/pairRollouts';
import { pairRollouts } from '../../../../src/analysis/compare/pairRollouts';
import type { ImageReference } from '../../../../src/trajectory/imageReference';

const file = (path: string): ImageReference => ({ kind: 'file', path });
const asked = (question: string, ...images: ImageReference[]): AskedQuestion =>
  askedQuestion({ question, images });
const BLANK: ImageReference = { kind: 'blank' };
const inline = (hash: string): ImageReference => ({ kind: 'inline', hash, mediaType: 'image/png' });

/** Rows as `a-b`, a dash alone where a partner is missing. */
function rowsOf({ a, b, count }: Pairing): string[] {
  return Array.from({ length: count }, (_, row) =>
    [a[row], b[row]].map((index) => (index === -1 ? '' : String(index))).join('-'),
  );
}

describe('what a rollout was asked', () => {
  it('is the same whatever case, white space, width of letters, folder and ending of the picture', () => {
    const one = asked('What colour is the  glove?\n', file('/data/vstar/direct/SA_4690.jpg'));
    assert.deepEqual(one, asked('what colour is the glove?', file('C:\\images\\sa_4690.PNG')));
    assert.deepEqual(one, asked('What ｃolour is the glove?', file('sa_4690')));
    assert.notDeepEqual(one, asked('What colour is the glove?', file('sa_4691.jpg')));
    assert.notDeepEqual(one, asked('What colour is the dog?', file('sa_4690.jpg')));
    // A dot in a name is no ending unless it ends like one.
    assert.notEqual(asked('q', file('a.1')).picture, asked('q', file('a.2')).picture);
  });

  it('keeps several pictures apart from one', () => {
    assert.notEqual(asked('q', file('a.jpg'), file('b.jpg')).picture, asked('q', file('a.jpg')).picture);
    assert.equal(asked('q', file('a.jpg'), BLANK).picture, '');
  });

  it('compares names with names and contents with contents', () => {
    const [name, other] = [asked('q', file('a.jpg')).picture, asked('q', file('b.jpg')).picture];
    const content = asked('q', inline('f00')).picture;
    assert.ok(mayBeOnePicture(name, name) && mayBeOnePicture(name, content) && mayBeOnePicture(name, ''));
    assert.ok(!mayBeOnePicture(name, other) && !mayBeOnePicture(content, asked('q', inline('bad')).picture));
  });
});

describe('pairing the rollouts of two logs', () => {
  const [p, q, r] = [asked('p', file('1.jpg')), asked('q', file('1.jpg')), asked('r', file('2.jpg'))];

  it('pairs by question and picture, in any order, and keeps what has no partner', () => {
    const pairing = pairRollouts([p, q, undefined], [r, q, p]);
    assert.deepEqual(rowsOf(pairing), ['0-2', '1-1', '-0']);
    assert.deepEqual(pairing.questions, { a: 2, b: 3, shared: 2 });
  });

  it('pairs several rollouts of a question in their order', () => {
    const pairing = pairRollouts([p, q, p, p], [p, p, q, q]);
    assert.deepEqual(rowsOf(pairing), ['0-0', '1-2', '2-1', '3-', '-3']);
    assert.deepEqual([...pairing.question], [0, 1, 0, 0, 1]);
  });

  it('goes by the question alone where a log does not name its picture', () => {
    const unnamed = asked('p', BLANK);
    assert.deepEqual(rowsOf(pairRollouts([p, q], [asked('q', inline('f00')), unnamed])), ['0-1', '1-0']);
    // Not where the other log asks it of two pictures: either could be meant.
    const twice = [p, asked('p', file('9.jpg'))];
    assert.deepEqual(rowsOf(pairRollouts(twice, [unnamed])), ['0-', '1-', '-0']);
    // But of two pictures of which one has found its partner.
    assert.deepEqual(rowsOf(pairRollouts(twice, [unnamed, p])), ['0-1', '1-0']);
  });

  it('never pairs other pictures, nor records that say nothing', () => {
    assert.deepEqual(rowsOf(pairRollouts([p], [asked('p', file('2.jpg'))])), ['0-', '-0']);
    const nothing = asked(' ', BLANK);
    assert.deepEqual(rowsOf(pairRollouts([nothing, nothing], [nothing])), ['0-', '1-', '-0']);
  });

  it('agrees with a plain search over random logs', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 50; round++) {
      const make = (): AskedQuestion[] =>
        Array.from({ length: random(30) }, () => asked(`q${random(6)}`, file(`${random(3)}.jpg`)));
      const [a, b] = [make(), make()];
      const free = b.map((entry) => ({ ...entry, taken: false }));
      const expected = a.map((one) => {
        const at = free.findIndex(
          (other) => !other.taken && other.question === one.question && other.picture === one.picture,
        );
        const found = free[at];
        if (found) found.taken = true;
        return at;
      });
      const pairing = pairRollouts(a, b);
      const partners = new Map(rowsOf(pairing).map((row) => row.split('-') as [string, string]));
      assert.deepEqual(
        a.map((_, row) => partners.get(String(row)) || '-1'),
        expected.map(String),
      );
      const alone = free.flatMap(({ taken }, row) => (taken ? [] : [`-${row}`]));
      assert.deepEqual(
        rowsOf(pairing).filter((row) => row.startsWith('-')),
        alone,
      );
    }
  });
});

describe('the figures of a comparison', () => {
  const question = (name: string) => asked(name, file('1.jpg'));
  const records = (verdicts: readonly (boolean | undefined | 'bad')[]) => ({
    count: verdicts.length,
    isBad: (row: number) => verdicts[row] === 'bad',
    correct: (row: number) => (verdicts[row] === 'bad' ? undefined : (verdicts[row] as boolean | undefined)),
    zooms: (row: number) => row,
    tokens: (row: number) => (row === 0 ? undefined : row * 10),
  });

  it('counts every outcome once, and means over what has a partner', () => {
    const names = ['p', 'q', 'r', 's', 't'];
    const a = [...names.map(question), undefined, question('only a')];
    const b = [question('only b'), ...names.map(question)];
    const { summary } = new Comparison(
      pairRollouts(a, b),
      records([true, true, false, false, undefined, 'bad', true]),
      records([false, true, false, true, false, true]),
    );
    assert.deepEqual(summary.cells, {
      bothRight: 1,
      onlyA: 1,
      onlyB: 1,
      bothWrong: 1,
      unjudged: 1,
      aloneA: 1,
      aloneB: 1,
    });
    assert.deepEqual([summary.questions, summary.pairs, summary.mostPairs], [5, 5, 1]);
    assert.deepEqual(summary.a, {
      records: 6,
      badRecords: 1,
      questions: 6,
      all: { total: 6, judged: 5, right: 3, accuracy: 0.6 },
      paired: { total: 5, judged: 4, right: 2, accuracy: 0.5 },
      meanZooms: 2,
      meanTokens: 25,
      tokensKnown: 4,
    });
    assert.deepEqual(summary.b.paired, { total: 5, judged: 5, right: 3, accuracy: 0.6 });
    assert.equal(summary.b.meanTokens, 30);
  });

  it('sums up the pairs of one question', () => {
    const p = question('p');
    const comparison = new Comparison(
      pairRollouts([p, p, p, p], [p, p, p]),
      records([true, false, undefined, true]),
      records([true, true, false]),
    );
    assert.deepEqual(comparison.tallyOf(0), { pairs: 3, judgedA: 2, rightA: 1, judgedB: 3, rightB: 2 });
    assert.equal(comparison.summary.mostPairs, 3);
    assert.deepEqual(
      [0, 1, 2, 3].map((row) => comparison.cellAt(row)),
      ['bothRight', 'onlyB', 'unjudged', 'aloneA'],
    );
  });

  it('of nothing are nothing', () => {
    const { summary } = new Comparison(pairRollouts([], []), records([]), records([]));
    assert.deepEqual(
      [summary.pairs, summary.mostPairs, summary.a.paired.accuracy, summary.a.meanZooms],
      [0, 0, null, null],
    );
  });
});
