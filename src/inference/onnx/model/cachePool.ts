import type { KvCache } from './kvCache';

/** Somebody whose cache may be taken away; it computes again what it needs. */
export interface CacheOwner {
  /** Of the tokens that its cache holds now. */
  readonly cached: number;
  onEvicted(): void;
}

/** What the pool needs of the model. */
export interface CacheMaker {
  make(capacity: number): KvCache;
  copy(from: KvCache, to: KvCache, tokens: number): Promise<void>;
  bytes(capacity: number): number;
}

const SMALLEST = 512;

/**
 * The caches of all sequences within a budget. The one that was used longest ago goes first; the one that is being
 * asked for always fits, so that a budget too small means slowness and not a failure.
 */
export class CachePool {
  private readonly caches = new Map<CacheOwner, KvCache>();

  /**
   * @param budget bytes
   * @param longest tokens that one sequence may hold
   */
  constructor(
    private readonly maker: CacheMaker,
    private readonly budget: number,
    private readonly longest: number,
  ) {}

  /** The bytes that are taken now. */
  get bytes(): number {
    let total = 0;
    for (const cache of this.caches.values()) total += cache.bytes;
    return total;
  }

  /** The owner's cache with room for `tokens`, what it held kept. Not to be called while any run is going on. */
  async cacheFor(owner: CacheOwner, tokens: number): Promise<KvCache> {
    const present = this.caches.get(owner);
    this.caches.delete(owner);
    if (present && present.capacity >= tokens) {
      this.caches.set(owner, present);
      return present;
    }
    const capacity = capacityFor(tokens, this.longest);
    this.makeRoom(this.maker.bytes(capacity) + (present?.bytes ?? 0));
    try {
      const larger = await this.grown(present, capacity, owner.cached);
      this.caches.set(owner, larger);
      return larger;
    } catch (thrown) {
      owner.onEvicted();
      throw thrown;
    } finally {
      present?.dispose();
    }
  }

  /** Gives somebody else a copy of the owner's cache; nothing when it has none. The owner keeps its own in any case. */
  async fork(owner: CacheOwner, other: CacheOwner): Promise<void> {
    const present = this.caches.get(owner);
    if (!present || owner.cached === 0) return;
    this.caches.delete(owner);
    let copy: KvCache;
    try {
      this.makeRoom(2 * present.bytes);
      copy = await this.grown(present, present.capacity, owner.cached);
    } finally {
      this.caches.set(owner, present);
    }
    this.caches.set(other, copy);
  }

  /** A new cache of this capacity that begins with what the present one holds. */
  private async grown(present: KvCache | undefined, capacity: number, tokens: number): Promise<KvCache> {
    const made = this.maker.make(capacity);
    try {
      if (present) await this.maker.copy(present, made, tokens);
      return made;
    } catch (thrown) {
      made.dispose();
      throw thrown;
    }
  }

  private makeRoom(bytes: number): void {
    for (const [owner, cache] of this.caches) {
      if (this.bytes + bytes <= this.budget) return;
      this.caches.delete(owner);
      cache.dispose();
      owner.onEvicted();
    }
  }

  /** Takes every cache away. */
  clear(): void {
    for (const [owner, cache] of this.caches) {
      cache.dispose();
      owner.onEvicted();
    }
    this.caches.clear();
  }

  holds(owner: CacheOwner): boolean {
    return this.caches.has(owner);
  }

  release(owner: CacheOwner): void {
    this.caches.get(owner)?.dispose();
    this.caches.delete(owner);
  }
}

/** Doubling, so that growing costs a constant share. */
function capacityFor(tokens: number, longest: number): number {
  let capacity = SMALLEST;
  while (capacity < tokens) capacity *= 2;
  return Math.max(tokens, Math.min(capacity, longest));
}
