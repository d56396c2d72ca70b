import assert from 'node:assert/strict';
import { OpenedPanels } from '../../../../src/host/dynamics/openedPanels';
import { RolloutLinks } from '../../../../src/host/dynamics/rolloutLinks';

/** A workspace's memory, which keeps what JSON keeps. */
class FakeMemory {
  private readonly kept = new Map<string, string>();

  get<T>(key: string): T | undefined {
    const text = this.kept.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  update(key: string, value: unknown): Promise<void> {
    this.kept.set(key, JSON.stringify(value));
    return Promise.resolve();
  }
}

describe('links between runs and rollouts', () => {
  it('are remembered by the run, the latest first', async () => {
    const memory = new FakeMemory();
    const links = new RolloutLinks(memory);
    assert.equal(links.all.size, 0);
    await links.remember('/runs/a.log', '/dumps/a.jsonl');
    await links.remember('/runs/b.log', '/dumps/b');
    await links.remember('/runs/a.log', '/dumps/b');
    assert.deepEqual(
      [...new RolloutLinks(memory).all],
      [
        ['/runs/a.log', '/dumps/b'],
        ['/runs/b.log', '/dumps/b'],
      ],
    );
    assert.deepEqual(links.sourcesOf(['/dumps/b', '/dumps/b/46.jsonl']), ['/runs/a.log', '/runs/b.log']);
    assert.deepEqual(links.sourcesOf(['/dumps/a.jsonl']), []);
  });

  it('are forgotten when there are too many, and when what is kept is something else', async () => {
    const memory = new FakeMemory();
    const links = new RolloutLinks(memory);
    for (let i = 0; i < 205; i++) await links.remember(`/runs/${i}`, '/dump');
    assert.equal(links.all.size, 200);
    assert.ok(links.all.has('/runs/204') && !links.all.has('/runs/4'));
    for (const value of ['x', { a: 1 }, [['a'], ['a', 1], 'ab', null]]) {
      await memory.update('rolloutLinks', value);
      assert.equal(links.all.size, 0);
    }
  });

  it('take a run by any name that a file may have', async () => {
    const links = new RolloutLinks(new FakeMemory());
    await links.remember('__proto__', '/dump');
    assert.equal(links.all.get('__proto__'), '/dump');
    assert.equal(links.all.get('constructor'), undefined);
  });
});

describe('what panels of curves show', () => {
  it('is found by the id that a page keeps, after a reload too', async () => {
    const memory = new FakeMemory();
    const id = await new OpenedPanels(memory).remember(['/runs/b', '/runs/a']);
    const panels = new OpenedPanels(memory);
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual(panels.pathsOf({ opened: id, x: 'step' }), ['/runs/b', '/runs/a']);
    assert.equal(panels.idOf(['/runs/a', '/runs/b']), id);
    assert.notEqual(panels.idOf(['/runs/a']), id);
  });

  it('is nothing for a state that names nothing, or a path', async () => {
    const panels = new OpenedPanels(new FakeMemory());
    const id = await panels.remember(['/runs/a']);
    for (const state of [undefined, null, 'x', {}, { opened: '/runs/a' }, { opened: [id] }, { opened: '0' }])
      assert.equal(panels.pathsOf(state), undefined, JSON.stringify(state));
  });

  it('is forgotten when there are too many', async () => {
    const panels = new OpenedPanels(new FakeMemory());
    const first = await panels.remember(['/runs/first']);
    for (let i = 0; i < 100; i++) await panels.remember([`/runs/${i}`]);
    assert.equal(panels.pathsOf({ opened: first }), undefined);
  });
});
