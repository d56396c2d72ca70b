import assert from 'node:assert/strict';
import { silentLogger } from '../../../../src/common/logger';
import type { DynamicsApi } from '../../../../src/dynamics/dynamicsApi';
import { CurvesDocument } from '../../../../src/host/dynamics/curvesDocument';
import type { DynamicsActions } from '../../../../src/host/dynamics/dynamicsSession';
import { DynamicsSession } from '../../../../src/host/dynamics/dynamicsSession';
import { FakeClient, readyView } from './fakeClient';

class Fixture {
  readonly client: FakeClient;
  readonly done: unknown[][] = [];
  readonly session: DynamicsSession;
  listened = 0;

  constructor(
    answers: Partial<Record<keyof DynamicsApi, unknown>> = {},
    actions: Partial<DynamicsActions> = {},
  ) {
    this.client = new FakeClient(answers);
    const document = new CurvesDocument({
      paths: ['/runs/run.log'],
      target: () => Promise.resolve({ paths: ['/runs/run.log'], links: {}, follow: true }),
      start: () => {
        setImmediate(() => this.client.answer(readyView()));
        return this.client;
      },
      logger: silentLogger,
    });
    const note =
      <T>(name: string, result: T) =>
      (...args: unknown[]): Promise<T> => {
        this.done.push([name, ...args]);
        return Promise.resolve(result);
      };
    this.session = new DynamicsSession(
      document,
      {
        chooseRollouts: note('choose', '/dumps/a.jsonl'),
        openRollouts: note('open', undefined),
        reveal: note('reveal', undefined),
        savePicture: note('savePicture', true),
        saveTable: note('saveTable', true),
        ...actions,
      },
      () => this.listened++,
    );
  }
}

describe('a session over curves', () => {
  it('tells the state when the page listens', async () => {
    const fixture = new Fixture();
    assert.deepEqual(await fixture.session.ready(), { status: 'loading' });
    assert.equal(fixture.listened, 1);
  });

  it('passes on what was checked, and nothing else', async () => {
    const { session, client } = new Fixture();
    await session.stageCards('run', [20, 46]);
    await session.zoomHeat('run', 'step', undefined, 99.7);
    await session.table([{ run: 'run', key: 'loss' }], 0, 1e9);
    await session.stepRollouts('run', 46);
    assert.deepEqual(client.asked, [
      ['stageCards', 'run', [20, 46]],
      ['zoomHeat', 'run', 'step', undefined, 100],
      ['table', [{ run: 'run', key: 'loss' }], 0, 2000],
      ['stepRollouts', 'run', 46],
    ]);
    const wrong: Promise<unknown>[] = [
      session.stageCards('run', ['20'] as never),
      session.zoomHeat(7 as never, 'step', undefined, 10),
      session.table('all' as never, 0, 1),
      session.stepRollouts('run', Number.NaN),
      session.openRollouts('run', '46' as never),
      session.linkRollouts({ path: '/etc/passwd' } as never),
      session.revealPoint({ run: 'run' } as never, 1),
      session.savePicture('png', '<svg' as never),
      session.saveTable(undefined as never),
      session.curves({} as never),
    ];
    for (const attempt of wrong) await assert.rejects(attempt, { code: 'usage' });
    assert.equal(client.asked.length, 4);
  });

  it('opens the rollouts of a step, and says so where there are none', async () => {
    const records = { paths: ['/dumps/a.jsonl'], ranges: [[5, 9]] };
    const { session, done } = new Fixture({ stepRecords: records });
    await session.openRollouts('run', 46);
    assert.deepEqual(done, [['open', 46, records]]);
    await assert.rejects(new Fixture().session.openRollouts('run', 46), {
      code: 'missing',
      message: /step 46/,
    });
  });

  it('links what a person chose for the run, and nothing where nobody chose', async () => {
    const { session, client, done } = new Fixture({ sourcePath: '/runs/run.log' });
    assert.equal(await session.linkRollouts('run'), true);
    assert.deepEqual(done, [['choose', '/runs/run.log']]);
    assert.deepEqual(client.asked.at(-1), ['link', 'run', '/dumps/a.jsonl']);
    const nobody = new Fixture(
      { sourcePath: '/runs/run.log' },
      { chooseRollouts: () => Promise.resolve(undefined) },
    );
    assert.equal(await nobody.session.linkRollouts('run'), false);
    assert.deepEqual(nobody.client.asked, [['sourcePath', 'run']]);
  });

  it('reveals the bytes of a point, and says so where it has none', async () => {
    const place = { file: '/runs/run.log', start: 5, end: 9 };
    const { session, done } = new Fixture({ place });
    await session.revealPoint({ run: 'run', key: 'loss' }, 46);
    assert.deepEqual(done, [['reveal', place]]);
    const without = new Fixture().session.revealPoint({ run: 'run', key: 'loss' }, 46);
    await assert.rejects(without, { code: 'missing', message: /loss/ });
  });

  it('saves a table by asking the thread for its pieces', async () => {
    const read: unknown[] = [];
    const { session, client } = new Fixture(
      { csv: { text: 'step\n' } },
      {
        saveTable: async (source) => {
          read.push(await source(40));
          return true;
        },
      },
    );
    assert.equal(await session.saveTable([{ run: 'run', key: 'loss' }]), true);
    assert.deepEqual(read, [{ text: 'step\n' }]);
    assert.deepEqual(client.asked, [['csv', [{ run: 'run', key: 'loss' }], 40]]);
  });
});
