/** Runs tasks one after the other, in the order of asking; one that fails does not keep the next from running. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** @returns what the task gives, once those before it are over */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    this.last = result.catch(() => undefined);
    return result;
  }
}
