import assert from 'node:assert/strict';
import type { MadeView } from '../../../../src/host/trajectories/plannedViews';
import { PlannedViews } from '../../../../src/host/trajectories/plannedViews';

const MEGABYTE = 1024 * 1024;
const view = (reason: string, cost = 100): MadeView => ({
  planned: { status: 'bad', index: 0, reason, offset: 0, bytes: 0 },
  cost,
});
const reasonOf = (planned: MadeView['planned']): string => ('reason' in planned ? planned.reason : '');

/** A view that is made when the test says so. */
function later(): { readonly make: () => Promise<MadeView>; finish(made: MadeView): void } {
  let finish: (made: MadeView) => void = () => undefined;
  const work = new Promise<MadeView>((resolve) => (finish = resolve));
  return { make: () => work, finish: (made) => finish(made) };
}

describe('the views of a session', () => {
  it('are made once for all who ask at a time', async () => {
    const views = new PlannedViews();
    const work = later();
    let made = 0;
    const ask = (): Promise<MadeView['planned']> =>
      views.get(3, () => {
        made++;
        return work.make();
      });
    const asked = [ask(), ask(), ask()];
    work.finish(view('one'));
    assert.deepEqual((await Promise.all(asked)).map(reasonOf), ['one', 'one', 'one']);
    await ask();
    assert.equal(made, 1);
  });

  it('are not kept when they were begun before all was forgotten', async () => {
    const views = new PlannedViews();
    const old = later();
    const asked = views.get(0, old.make);
    views.forget();
    const fresh = views.get(0, () => Promise.resolve(view('new')));
    assert.equal(reasonOf(await fresh), 'new');
    old.finish(view('old'));
    assert.equal(reasonOf(await asked), 'old');
    const again = await views.get(0, () => assert.fail('it was kept'));
    assert.equal(reasonOf(again), 'new');
  });

  it('keep the latest whatever it costs, and no other above the budget', async () => {
    const views = new PlannedViews();
    await views.get(0, () => Promise.resolve(view('huge', 500 * MEGABYTE)));
    await views.get(0, () => assert.fail('the latest is made again'));
    await views.get(1, () => Promise.resolve(view('small')));
    let again = false;
    await views.get(0, () => {
      again = true;
      return Promise.resolve(view('huge', 500 * MEGABYTE));
    });
    assert.ok(again);
    await views.get(1, () => assert.fail('a small one is kept'));
  });

  it('are tried again after a failure', async () => {
    const views = new PlannedViews();
    await assert.rejects(views.get(0, () => Promise.reject(new Error('no'))));
    assert.equal(reasonOf(await views.get(0, () => Promise.resolve(view('yes')))), 'yes');
  });
});
