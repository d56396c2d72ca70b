import type { Disposable } from '../../common/disposable';
import { toDisposable } from '../../common/disposable';

interface Watcher<S> {
  check(state: S): void;
}

/** The state of a page: replaced in patches, watched by slices. */
export class Store<S extends object> {
  private readonly watchers = new Set<Watcher<S>>();

  constructor(private state: S) {}

  /** The state as it is now. */
  get(): S {
    return this.state;
  }

  /** Puts new values in; watchers whose slice changed are called, in the order of subscription. */
  update(patch: Partial<S>): void {
    this.state = { ...this.state, ...patch };
    for (const watcher of [...this.watchers]) watcher.check(this.state);
  }

  /** Calls the listener now and whenever what `select` picks is another value (`Object.is`). */
  watch<T>(select: (state: S) => T, listener: (value: T) => void): Disposable {
    let last = select(this.state);
    const watcher: Watcher<S> = {
      check: (state) => {
        const value = select(state);
        if (Object.is(value, last)) return;
        last = value;
        listener(value);
      },
    };
    this.watchers.add(watcher);
    listener(last);
    return toDisposable(() => this.watchers.delete(watcher));
  }
}
