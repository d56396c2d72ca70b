import assert from 'node:assert/strict';
import { DisposableOwner, toDisposable } from '../../../src/common/disposable';
import { Emitter } from '../../../src/common/event';

class Owner extends DisposableOwner {
  take(name: string, log: string[]): void {
    this.own(toDisposable(() => log.push(name)));
  }
}

describe('DisposableOwner', () => {
  it('lets go of the newest first, each once, and of latecomers at once', () => {
    const log: string[] = [];
    const owner = new Owner();
    owner.take('first', log);
    owner.take('second', log);
    owner.dispose();
    owner.dispose();
    assert.deepEqual(log, ['second', 'first']);
    assert.equal(owner.isDisposed, true);
    owner.take('late', log);
    assert.deepEqual(log, ['second', 'first', 'late']);
  });
});

describe('Emitter', () => {
  it('calls listeners in order until they are disposed, the same function once per subscription', () => {
    const seen: string[] = [];
    const emitter = new Emitter<string>();
    const listener = (value: string) => seen.push(value);
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire('a');
    first.dispose();
    emitter.fire('b');
    emitter.dispose();
    emitter.fire('c');
    assert.deepEqual(seen, ['a', 'a', 'b']);
  });
});
