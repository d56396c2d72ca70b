/**
 * The ids of a sequence in their order, and how often each occurs. What the repetition penalty asks for, the distinct
 * ids, costs nothing to have at hand; taking back costs what is taken back.
 */
export class TokenHistory {
  private readonly order: number[] = [];
  private readonly counts = new Map<number, number>();

  /** Ids in it, repeated ones counted each time. */
  get length(): number {
    return this.order.length;
  }

  /** How many different ids occur. */
  get distinctCount(): number {
    return this.counts.size;
  }

  /** The different ids, in no order that means anything. */
  distinct(): Iterable<number> {
    return this.counts.keys();
  }

  /** Whether the id occurs. */
  has(id: number): boolean {
    return this.counts.has(id);
  }

  /** The id at a place, 0 the oldest; undefined outside. */
  at(index: number): number | undefined {
    return this.order[index];
  }

  /** A copy of the ids from `start` up to `end`, which is not included; as `Array.slice` reads them. */
  slice(start?: number, end?: number): number[] {
    return this.order.slice(start, end);
  }

  /** Appends one id. */
  add(id: number): void {
    this.order.push(id);
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }

  /** Appends ids. */
  addAll(ids: Iterable<number>): void {
    for (const id of ids) this.add(id);
  }

  /** Drops everything after the first `length` ids; does nothing when there are no more than that. */
  rewind(length: number): void {
    while (this.order.length > Math.max(0, length)) {
      const id = this.order.pop();
      if (id === undefined) return;
      const left = (this.counts.get(id) ?? 0) - 1;
      if (left > 0) this.counts.set(id, left);
      else this.counts.delete(id);
    }
  }

  /** Another one with the same content; each goes on by itself. */
  copy(): TokenHistory {
    const other = new TokenHistory();
    for (const id of this.order) other.order.push(id);
    for (const [id, count] of this.counts) other.counts.set(id, count);
    return other;
  }
}
