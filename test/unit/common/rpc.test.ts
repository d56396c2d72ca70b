import assert from 'node:assert/strict';
import { Emitter } from '../../../src/common/event';
import { ImcotError } from '../../../src/common/errors';
import { Channel, type MessagePortLike } from '../../../src/common/rpc';

interface Calculator {
  add(a: number, b: number): Promise<number>;
  fail(): Promise<void>;
  never(): Promise<void>;
}

/** Two ports whose messages cross as structured clones, one task later, as between threads. */
function portPair(): { left: MessagePortLike; right: MessagePortLike; inject(message: unknown): void } {
  const toLeft = new Emitter<unknown>();
  const toRight = new Emitter<unknown>();
  const cross = (target: Emitter<unknown>) => (message: unknown) => {
    const copy: unknown = structuredClone(message);
    setImmediate(() => target.fire(copy));
  };
  return {
    left: { post: cross(toRight), onMessage: toLeft.event },
    right: { post: cross(toLeft), onMessage: toRight.event },
    inject: (message) => toRight.fire(message),
  };
}

const calculator: Calculator = {
  add: (a, b) => Promise.resolve(a + b),
  fail: () => Promise.reject(new ImcotError('missing', 'There is no such thing.')),
  never: () => new Promise(() => {}),
};

describe('Channel', () => {
  it('returns what the other end returns, for calls that cross each other', async () => {
    const { left, right } = portPair();
    const a = new Channel<Calculator>(left, calculator);
    const b = new Channel<Calculator>(right, calculator);
    const results = await Promise.all([a.remote.add(1, 2), b.remote.add(3, 4), a.remote.add(5, 6)]);
    assert.deepEqual(results, [3, 7, 11]);
  });

  it('carries an error with its code and sentence', async () => {
    const { left, right } = portPair();
    const a = new Channel<Calculator>(left, {});
    new Channel<Calculator>(right, calculator);
    await assert.rejects(
      a.remote.fail(),
      (error: unknown) =>
        error instanceof ImcotError &&
        error.code === 'missing' &&
        error.message === 'There is no such thing.',
    );
  });

  it('answers a call of an unknown method with an error, also for names that every object has', async () => {
    const { left, right } = portPair();
    const a = new Channel<Record<string, () => Promise<unknown>>>(left, {});
    new Channel(right, calculator);
    for (const name of ['multiply', 'toString', 'constructor', '__proto__', 'hasOwnProperty']) {
      await assert.rejects(a.remote[name]!(), /No method is named/, name);
    }
  });

  it('rejects what is pending and what comes later once it is disposed', async () => {
    const { left, right } = portPair();
    const a = new Channel<Calculator>(left, {});
    new Channel(right, calculator);
    const pending = a.remote.never();
    a.dispose();
    await assert.rejects(
      pending,
      (error: unknown) => error instanceof ImcotError && error.code === 'cancelled',
    );
    await assert.rejects(
      a.remote.add(1, 1),
      (error: unknown) => error instanceof ImcotError && error.code === 'cancelled',
    );
  });

  it('rejects with the reason that disposing gave', async () => {
    const { left } = portPair();
    const a = new Channel<Calculator>(left, {});
    const reason = new ImcotError('internal', 'The other side crashed.');
    const pending = a.remote.never();
    a.dispose(reason);
    const same = (error: unknown): boolean => error === reason;
    await assert.rejects(pending, same);
    await assert.rejects(a.remote.add(1, 1), same);
  });

  it('ignores messages that are none of its own', async () => {
    const { left, right, inject } = portPair();
    const a = new Channel<Calculator>(left, {});
    new Channel(right, calculator);
    for (const stray of [
      undefined,
      null,
      7,
      'call',
      [],
      { type: 'call' },
      { type: 'call', id: 1, method: 3, args: [] },
      { type: 'reply', id: 99 },
    ]) {
      inject(stray);
    }
    assert.equal(await a.remote.add(20, 22), 42);
  });

  it('can be awaited by mistake without calling the other end', async () => {
    const { left, right } = portPair();
    const a = new Channel<Calculator>(left, {});
    new Channel(right, calculator);
    const remote = await Promise.resolve(a.remote);
    assert.equal(await remote.add(2, 2), 4);
  });
});
