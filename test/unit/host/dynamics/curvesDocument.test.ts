import assert from 'node:assert/strict';
import { ImcotError } from '../../../../src/common/errors';
import { silentLogger } from '../../../../src/common/logger';
import { CurvesDocument } from '../../../../src/host/dynamics/curvesDocument';
import type { DynamicsView } from '../../../../src/protocol/dynamicsView';
import { FakeClient, readyView } from './fakeClient';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Fixture {
  readonly clients: FakeClient[] = [];
  readonly seen: DynamicsView[] = [];
  readonly retries: (() => void)[] = [];
  refusal: Error | undefined;
  readonly document = new CurvesDocument({
    paths: ['/runs/run.log'],
    target: () =>
      this.refusal
        ? Promise.reject(this.refusal)
        : Promise.resolve({ paths: ['/runs/run.log'], links: {}, follow: true }),
    start: () => {
      const client = new FakeClient({ sourcePath: '/runs/run.log' });
      this.clients.push(client);
      return client;
    },
    retry: {
      beginning: () => undefined,
      failed: (_thrown, again) => {
        this.retries.push(again);
        return undefined;
      },
    },
    logger: silentLogger,
  });

  constructor() {
    this.document.onDidChange((view) => this.seen.push(view));
  }

  get last(): FakeClient {
    const client = this.clients.at(-1);
    assert.ok(client, 'no thread was started');
    return client;
  }

  get statuses(): string[] {
    return this.seen.map(({ status }) => status);
  }
}

describe('a document of curves', () => {
  it('opens what it is told to, and shows what comes', async () => {
    const fixture = new Fixture();
    const { document } = fixture;
    assert.equal(document.view.status, 'loading');
    await settled();
    assert.deepEqual(fixture.last.opened[0]?.paths, ['/runs/run.log']);
    fixture.last.answer(readyView(1));
    const remote = await document.remote();
    assert.equal(await remote.sourcePath('run'), '/runs/run.log');
    fixture.last.changed.fire(readyView(2));
    assert.deepEqual(document.view, readyView(2));
  });

  it('keeps what came before the answer, where that is newer', async () => {
    const { document, last } = await begun();
    last.changed.fire(readyView(5));
    last.answer(readyView(4));
    await document.remote();
    assert.deepEqual(document.view, readyView(5));
  });

  it('shows why it was refused, without starting a thread, and opens when asked again', async () => {
    const fixture = new Fixture();
    fixture.refusal = new ImcotError('denied', 'Not trusted.');
    await assert.rejects(fixture.document.remote(), { code: 'denied' });
    assert.deepEqual(fixture.document.view, { status: 'error', message: 'Not trusted.' });
    assert.equal(fixture.clients.length, 0);
    fixture.refusal = undefined;
    fixture.document.reload();
    await settled();
    fixture.last.answer(readyView());
    await fixture.document.remote();
    assert.deepEqual(fixture.statuses, ['error', 'loading', 'ready']);
  });

  it('shows the crash of its thread, rejects what is asked, and opens anew when asked to', async () => {
    const fixture = await begun();
    const { document, last } = fixture;
    last.answer(readyView());
    await document.remote();
    last.crash('The thread crashed.');
    assert.deepEqual(document.view, { status: 'error', message: 'The thread crashed.' });
    await assert.rejects(document.remote(), { code: 'internal', message: 'The thread crashed.' });
    document.reload();
    await settled();
    assert.equal(fixture.clients.length, 2);
    assert.equal(last.disposed, true);
    fixture.last.answer(readyView(1));
    await document.remote();
    assert.equal(document.view.status, 'ready');
  });

  it('shows a crash while it opens once', async () => {
    const { document, last, statuses, seen } = await begun();
    assert.deepEqual(statuses, []);
    last.crash('The thread crashed.');
    await settled();
    assert.deepEqual(seen, [{ status: 'error', message: 'The thread crashed.' }]);
    await assert.rejects(document.remote(), { code: 'internal' });
  });

  it('does not listen to a thread that it has let go', async () => {
    const fixture = await begun();
    const old = fixture.last;
    fixture.document.reload();
    await settled();
    old.changed.fire(readyView(9));
    old.failed.fire('Gone.');
    assert.equal(fixture.document.view.status, 'loading');
    const waiting = fixture.document.remote();
    fixture.last.answer(readyView(1));
    await waiting;
    assert.deepEqual(fixture.document.view, readyView(1));
  });

  it('tries again when the file has changed', async () => {
    const fixture = await begun();
    fixture.last.refuse(new ImcotError('input', 'Nothing in it.'));
    await settled();
    assert.equal(fixture.document.view.status, 'error');
    fixture.retries[0]?.();
    await settled();
    assert.equal(fixture.clients.length, 2);
  });

  it('ends its thread when it is closed', async () => {
    const { document, last } = await begun();
    document.dispose();
    assert.equal(last.disposed, true);
    await assert.rejects(document.remote(), { code: 'cancelled' });
    document.reload();
    await settled();
    assert.equal(document.view.status, 'loading');
  });
});

async function begun(): Promise<Fixture> {
  const fixture = new Fixture();
  await settled();
  return fixture;
}
