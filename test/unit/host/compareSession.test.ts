import assert from 'node:assert/strict';
import path from 'node:path';
import { ImcotError } from '../../../src/common/errors';
import { CompareSession } from '../../../src/host/compare/compareSession';
import { checkCompareQuery, checkSide } from '../../../src/host/compare/compareRequests';
import type { CompareTarget } from '../../../src/compare/compareApi';
import type { CompareView } from '../../../src/protocol/compareView';
import { PROJECT_ROOT } from '../../support/sources';

const SAMPLES = path.join(PROJECT_ROOT, 'media/demo/samples');
const JUDGED = path.join(SAMPLES, 'result_direct_attributes_demo_acc.jsonl');
const UNJUDGED = path.join(SAMPLES, 'result_direct_attributes_demo.jsonl');
const NAMES = { a: { name: 'a', folder: '' }, b: { name: 'b', folder: '' } };

describe('a comparison in the host', function () {
  this.timeout(30_000);
  const sessions: CompareSession[] = [];
  afterEach(() => sessions.splice(0).forEach((session) => session.dispose()));

  function sessionOf(target: () => Promise<CompareTarget>): CompareSession {
    const workerPath = path.join(PROJECT_ROOT, 'dist/compareWorker.js');
    const session = new CompareSession({ names: NAMES, workerPath, target });
    sessions.push(session);
    return session;
  }

  /** The first state that is not reading. */
  const settled = (session: CompareSession): Promise<CompareView> =>
    new Promise((resolve) => {
      if (session.view.status !== 'reading') return resolve(session.view);
      session.onDidChange((view) => {
        if (view.status !== 'reading') resolve(view);
      });
    });

  it('reads by itself, answers, and reads again under another number', async () => {
    const session = sessionOf(async () => ({ a: [UNJUDGED], b: [JUDGED] }));
    const before = session.view;
    assert.equal(before.status, 'reading');
    const view = await settled(session);
    assert.ok(view.status === 'ready' && view.generation === 1, JSON.stringify(view));
    assert.deepEqual(view.compared.sameRollouts, { judgedA: false, judgedB: true });
    const found = await session.query({ text: 'b.correct', cell: 'unjudged' });
    assert.ok(found.status === 'ok' && found.count === 5, JSON.stringify(found));
    assert.equal((await session.rows(found.result, 0, 100)).length, 5);
    await session.again();
    const again = await settled(session);
    assert.ok(again.status === 'ready' && again.generation === 2);
  });

  it('says why it could not, and goes on when the reason is gone', async () => {
    let mayRead = false;
    const session = sessionOf(async () => {
      if (!mayRead) throw new ImcotError('denied', 'It is not read.');
      return { a: [UNJUDGED], b: [JUDGED] };
    });
    const view = await settled(session);
    assert.ok(view.status === 'error' && view.message === 'It is not read.');
    mayRead = true;
    await session.again();
    assert.equal(session.view.status, 'ready');
  });

  it('stands still where it was stopped', async () => {
    const session = sessionOf(async () => ({ a: [UNJUDGED], b: [JUDGED] }));
    await settled(session);
    const reading = session.again();
    // Asked before the thread has read a byte.
    await new Promise((resolve) => setImmediate(resolve));
    await session.stop();
    await reading;
    assert.equal(session.view.status, 'stopped');
  });

  it('takes nothing from a page but what there is', async () => {
    for (const side of ['c', '', 0, null, '__proto__'])
      assert.throws(() => checkSide(side), /does not exist: a log/);
    assert.deepEqual(checkCompareQuery({ text: 'x', cell: 'onlyA', selected: 3, path: '/etc' }), {
      text: 'x',
      cell: 'onlyA',
      selected: 3,
    });
    for (const wrong of [
      null,
      'x',
      {},
      { text: 1 },
      { text: '', cell: 'constructor' },
      { text: '', selected: -1 },
    ])
      assert.throws(() => checkCompareQuery(wrong), /does not exist/);
    assert.ok(checkCompareQuery({ text: 'x'.repeat(100_000) }).text.length < 3000);
  });
});
