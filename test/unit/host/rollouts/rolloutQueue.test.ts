import assert from 'node:assert/strict';
import { RolloutQueue } from '../../../../src/host/rollouts/rolloutQueue';

/** Somebody in the queue: where it stands, and how to go. */
class Visitor {
  readonly moves: number[] = [];
  readonly stopping = new AbortController();
  leave: (() => void) | undefined;
  error: unknown;
  readonly entered: Promise<void>;

  constructor(queue: RolloutQueue, lane: string | undefined) {
    this.entered = queue
      .enter(lane, (ahead) => this.moves.push(ahead), this.stopping.signal)
      .then(
        (leave) => void (this.leave = leave),
        (error: unknown) => void (this.error = error),
      );
  }

  go(): void {
    this.leave?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the queue of rollouts', () => {
  it('lets one in at a time, in the order of coming, and says how many are ahead', async () => {
    const queue = new RolloutQueue();
    const [a, b, c] = [new Visitor(queue, 'x'), new Visitor(queue, 'x'), new Visitor(queue, 'x')];
    await turn();
    assert.deepEqual([a.moves, b.moves, c.moves], [[0], [1], [2]]);
    assert.ok(a.leave && !b.leave);
    for (let twice = 0; twice < 2; twice++) a.go();
    await turn();
    assert.deepEqual(
      [b.moves, c.moves],
      [
        [1, 0],
        [2, 1],
      ],
    );
    assert.ok(b.leave && !c.leave);
    b.go();
    await turn();
    assert.ok(c.leave);
  });

  it('lets go of who does not want to wait any more', async () => {
    const queue = new RolloutQueue();
    const [a, b, c] = [new Visitor(queue, 'x'), new Visitor(queue, 'x'), new Visitor(queue, 'x')];
    await turn();
    b.stopping.abort();
    await turn();
    assert.equal((b.error as { code?: string }).code, 'cancelled');
    assert.deepEqual(c.moves, [2, 1]);
    a.go();
    await turn();
    assert.ok(c.leave && !b.leave);
    a.stopping.abort();
    const late = new Visitor(queue, 'x');
    late.stopping.abort();
    await late.entered;
    assert.equal((late.error as { code?: string }).code, 'cancelled');
  });

  it('knows lanes apart, and no waiting where there is none', async () => {
    const queue = new RolloutQueue();
    const all = ['x', 'y', undefined, undefined].map((lane) => new Visitor(queue, lane));
    await turn();
    assert.ok(all.every(({ leave }) => leave));
    assert.ok(all.every(({ moves }) => moves.length === 1 && moves[0] === 0));
  });
});
