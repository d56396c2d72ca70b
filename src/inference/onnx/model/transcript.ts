import { TokenHistory } from '../../tokenHistory';
import type { ModelImage } from '../../backend';
import { imagePositions, positionAfterImage, textPositions } from '../positions/mrope';
import type { PatchGrid } from '../positions/patchGrid';

/** A picture's place in a sequence. */
export interface ImageSpan {
  /** Of its first visual token. */
  readonly start: number;
  readonly tokens: number;
  /** In visual tokens. */
  readonly merged: PatchGrid;
  readonly image: ModelImage;
}

/** What a sequence holds, apart from any cache: enough to compute it again from nothing. */
export class Transcript {
  private positions = new Int32Array(3 * 64);

  private constructor(
    readonly history: TokenHistory,
    private readonly spans: ImageSpan[],
  ) {}

  static empty(): Transcript {
    return new Transcript(new TokenHistory(), []);
  }

  /** In tokens. */
  get length(): number {
    return this.history.length;
  }

  get images(): readonly ImageSpan[] {
    return this.spans;
  }

  /** Where the next token stands: one further than text, past the longer side of an image. */
  private get nextPosition(): number {
    const last = this.spans.at(-1);
    if (last && last.start + last.tokens === this.length) {
      return positionAfterImage(this.positions[3 * last.start] ?? 0, last.merged);
    }
    return this.length === 0 ? 0 : (this.positions[3 * (this.length - 1)] ?? 0) + 1;
  }

  addTokens(ids: readonly number[]): void {
    this.place(textPositions(this.nextPosition, ids.length));
    this.history.addAll(ids);
  }

  /** @param imageToken the id that stands for each visual token */
  addImage(imageToken: number, tokens: number, merged: PatchGrid, image: ModelImage): void {
    const start = this.length;
    this.place(imagePositions(this.nextPosition, merged));
    this.history.addAll(new Array<number>(tokens).fill(imageToken));
    this.spans.push({ start, tokens, merged, image });
  }

  private place(positions: Int32Array): void {
    const used = 3 * this.length;
    if (used + positions.length > this.positions.length) {
      const larger = new Int32Array(Math.max(2 * this.positions.length, used + positions.length));
      larger.set(this.positions);
      this.positions = larger;
    }
    this.positions.set(positions, used);
  }

  /** (t, h, w) of the tokens from `start` up to `end`, which is not included. */
  positionsOf(start: number, end: number): Int32Array {
    return this.positions.slice(3 * start, 3 * end);
  }

  /** Drops everything after the first `length` tokens. A cut through an image drops the whole of it. */
  rewind(length: number): void {
    let kept = length;
    for (let last = this.spans.at(-1); last && last.start + last.tokens > kept; last = this.spans.at(-1)) {
      kept = Math.min(kept, last.start);
      this.spans.pop();
    }
    this.history.rewind(kept);
  }

  copy(): Transcript {
    const other = new Transcript(this.history.copy(), [...this.spans]);
    other.positions = this.positions.slice();
    return other;
  }
}
