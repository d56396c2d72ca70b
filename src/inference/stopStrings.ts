import { ImcotError } from '../common/errors';

/** A stop string that is complete. */
export interface StopMatch {
  readonly stopString: string;
  /** Where it ends in the piece that completed it: UTF-16 units from the piece's start, 1 to the piece's length. */
  readonly end: number;
}

/**
 * Watches text that arrives in pieces for the first stop string that is complete, wherever the borders of the pieces
 * lie. The one that ends first wins; of several that end at the same place, the longest. A new one is needed after a
 * match.
 */
export class StopStrings {
  private readonly longest: number;
  private tail = '';

  /** @param stopStrings none of them empty, else an `ImcotError` `usage`; no string at all never matches */
  constructor(private readonly stopStrings: readonly string[]) {
    if (stopStrings.includes('')) {
      throw new ImcotError('usage', 'A stop string is empty; leave it out.');
    }
    this.longest = Math.max(0, ...stopStrings.map((text) => text.length));
  }

  /** Takes the next piece; tells of the stop string that it completes. */
  push(piece: string): StopMatch | undefined {
    if (this.longest === 0) return undefined;
    const text = this.tail + piece;
    const before = this.tail.length;
    let found: StopMatch | undefined;
    for (const stopString of this.stopStrings) {
      const at = text.indexOf(stopString);
      if (at < 0) continue;
      const end = at + stopString.length - before;
      const sooner = found === undefined || end < found.end;
      const longer = found?.end === end && stopString.length > found.stopString.length;
      if (sooner || longer) found = { stopString, end };
    }
    // One unit less than the longest: a whole stop string in the tail would be found a second time.
    this.tail = this.longest > 1 ? text.slice(-(this.longest - 1)) : '';
    return found;
  }
}
