import { LruCache } from '../common/lru';
import type { Picture } from '../rollout/picture';

/** Pixels that are kept though nobody looks at them at the moment; a picture of 48 megapixels has 144 MB. */
const IDLE_BYTES = 256 * 2 ** 20;

interface Held {
  users: number;
  readonly picture: Promise<Picture>;
}

/**
 * Opens the pictures of a batch: once for all rollouts that use one at the same time, and for those that come soon after,
 * as far as memory is set aside.
 */
export class BatchPictures {
  private readonly held = new Map<string, Held>();
  private readonly idle: LruCache<string, Picture>;

  /** @param load opens a picture by its path */
  constructor(
    private readonly load: (file: string) => Promise<Picture>,
    idleBytes = IDLE_BYTES,
  ) {
    this.idle = new LruCache(idleBytes);
  }

  /** Every call needs a `release`, also when the picture can't be opened. @throws what opening it throws */
  acquire(file: string): Promise<Picture> {
    const known = this.held.get(file);
    if (known) {
      known.users++;
      return known.picture;
    }
    const kept = this.idle.get(file);
    this.idle.delete(file);
    const picture = kept ? Promise.resolve(kept) : this.load(file);
    this.held.set(file, { users: 1, picture });
    return picture;
  }

  release(file: string): void {
    const held = this.held.get(file);
    if (!held || --held.users > 0) return;
    this.held.delete(file);
    held.picture.then(
      (picture) => this.idle.set(file, picture, picture.pixels.data.length),
      () => undefined,
    );
  }
}
