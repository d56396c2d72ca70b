/** Something that must be let go of. Calling `dispose` twice does nothing the second time. */
export interface Disposable {
  dispose(): void;
}

/** Makes a `Disposable` of a function. */
export function toDisposable(release: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      release();
    },
  };
}

/** Base of everything that owns other disposables: they go with it, the last one registered first. */
export class DisposableOwner implements Disposable {
  private readonly owned: Disposable[] = [];
  private disposed = false;

  /** True from the moment `dispose` was called. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Takes ownership and returns the same object. After `dispose` the newcomer is let go at once. */
  protected own<T extends Disposable>(disposable: T): T {
    if (this.disposed) disposable.dispose();
    else this.owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    while (this.owned.length > 0) this.owned.pop()?.dispose();
  }
}
