import { throwIfCancelled } from '../../../common/cancel';
import { ImcotError } from '../../../common/errors';
import type { AppendedImage, ModelImage } from '../../backend';
import { logProbabilityOf, summarizeLogits } from '../../logits';
import { mergedGrid } from '../positions/patchGrid';
import type { CacheOwner } from './cachePool';
import type { ImageFeatures } from './imageFeatures';
import type { Engine } from './engine';
import type { ModelCore } from './modelCore';
import { Transcript } from './transcript';

/** The content of a sequence and how far it has been computed. */
export class SequenceState implements CacheOwner {
  private computed = 0;
  /** How far it had been computed when its cache was taken. */
  private lost = 0;
  /** The sequence's length for which `logits` hold; -1: for none. */
  private logitsFor = -1;
  private lastLogits = new Float32Array(0);

  constructor(
    private readonly core: ModelCore,
    readonly transcript = Transcript.empty(),
  ) {}

  get cached(): number {
    return this.computed;
  }

  /** [vocabulary]: of the token that comes next; valid after `compute`, until the next call. */
  get logits(): Float32Array {
    return this.lastLogits;
  }

  onEvicted(): void {
    this.lost = Math.max(this.lost, this.computed);
    this.computed = 0;
  }

  addTokens(ids: readonly number[]): void {
    this.checkRoom(ids.length);
    const rows = this.core.config.text.vocabularySize;
    const bad = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= rows);
    if (bad !== undefined)
      throw new ImcotError('usage', `${bad} is no token id: the model has ${rows} of them.`);
    this.transcript.addTokens(ids);
  }

  async addImage(image: ModelImage, signal?: AbortSignal): Promise<AppendedImage> {
    const { grid, tokens, seen } = await this.look(image, signal);
    this.checkRoom(tokens);
    const { vision, specialTokens } = this.core.config;
    this.transcript.addImage(specialTokens.image, tokens, mergedGrid(grid, vision.mergeSize), image);
    return { tokens, seen };
  }

  private async look(image: ModelImage, signal?: AbortSignal): ReturnType<ImageFeatures['look']> {
    const { engine, images } = this.core;
    try {
      return await images.look(image, signal);
    } catch (thrown) {
      throwIfCancelled(signal);
      await this.core.exclusively(() => this.core.recover(engine, thrown), signal);
      return images.look(image, signal);
    }
  }

  private checkRoom(tokens: number): void {
    const total = this.transcript.length + tokens;
    if (total <= this.core.contextLength) return;
    throw new ImcotError(
      'limit',
      `The sequence would have ${total} tokens; the context length is ${this.core.contextLength}. Raise the setting, or make the image smaller.`,
    );
  }

  /**
   * Computes what has not been computed, so that `logits` hold for the next token.
   * @throws ImcotError `cancelled` by the signal: what was done until then is kept
   */
  async compute(signal?: AbortSignal): Promise<void> {
    const { length } = this.transcript;
    if (length === 0) throw new ImcotError('usage', 'Nothing stands in the sequence yet.');
    if (this.logitsFor === length) return;
    // After going back the last token's logits are gone: it is computed again, the others are not.
    if (this.computed >= length) this.computed = length - 1;
    const { vocabularySize } = this.core.config.text;
    if (this.lastLogits.length !== vocabularySize) this.lastLogits = new Float32Array(vocabularySize);
    this.logitsFor = -1;
    for (let reached = this.computed; reached < length;) {
      reached = await this.step(
        length,
        (_start, end) => [end - 1],
        () => this.lastLogits,
        signal,
      );
    }
    this.logitsFor = length;
  }

  /**
   * Computes the next chunk; returns how far it went, 0 when it must be done again on another engine. `wanted` names
   * the places (0 the sequence's first) whose logits go into `target`.
   */
  private async step(
    length: number,
    wanted: (start: number, end: number) => readonly number[],
    target: (count: number) => Float32Array,
    signal?: AbortSignal,
  ): Promise<number> {
    return this.core.exclusively(async () => {
      const { engine } = this.core;
      try {
        await this.regain(engine, length, signal);
        const end = Math.min(length, this.computed + engine.chunk.size);
        await this.run(engine, end, wanted(this.computed, end), target, signal);
        return end;
      } catch (thrown) {
        throwIfCancelled(signal);
        await this.core.recover(engine, thrown);
        return 0;
      }
    }, signal);
  }

  /**
   * What was taken comes back in one go. Chunk by chunk, two sequences with room for one of them would take each other
   * what they have just computed, and neither would ever come to its end.
   */
  private async regain(engine: Engine, length: number, signal?: AbortSignal): Promise<void> {
    const until = Math.min(this.lost, length - 1);
    if (this.computed >= until) return;
    const unused = new Float32Array(this.core.config.text.vocabularySize);
    while (this.computed < until) {
      const end = Math.min(until, this.computed + engine.chunk.size);
      await this.run(engine, end, [end - 1], () => unused, signal);
      await this.core.pause();
    }
  }

  private async run(
    engine: Engine,
    end: number,
    places: readonly number[],
    target: (count: number) => Float32Array,
    signal?: AbortSignal,
  ): Promise<void> {
    const start = this.computed;
    const embeddings = await this.core.embeddings(this.transcript, start, end, signal);
    const cache = await this.core.pool.cacheFor(this, end);
    const input = {
      embeddings,
      positions: this.transcript.positionsOf(start, end),
      past: start,
      wanted: places.map((place) => place - start),
    };
    const began = performance.now();
    await engine.decoder.run(cache, input, target(places.length), signal);
    engine.chunk.measured(end - start, performance.now() - began);
    this.computed = end;
  }

  /** [places, vocabulary]: logits after the tokens at these places, computed anew. */
  async logitsAfter(places: readonly number[]): Promise<Float32Array> {
    const { vocabularySize } = this.core.config.text;
    const { length } = this.transcript;
    if (places.some((place) => !Number.isInteger(place) || place < 0 || place >= length)) {
      throw new ImcotError('usage', `Places are 0 to ${length - 1} in this sequence.`);
    }
    const result = new Float32Array(places.length * vocabularySize);
    this.computed = Math.min(this.computed, places[0] ?? 0);
    this.lost = Math.min(this.lost, places[0] ?? 0);
    this.logitsFor = -1;
    let filled = 0;
    while (filled < places.length) {
      let found: readonly number[] = [];
      const choose = (start: number, end: number): readonly number[] => {
        found = places.slice(filled).filter((place) => place >= start && place < end);
        return found.length > 0 ? found : [start];
      };
      const target = (count: number): Float32Array =>
        found.length > 0
          ? result.subarray(filled * vocabularySize, (filled + count) * vocabularySize)
          : new Float32Array(vocabularySize);
      if ((await this.step(length, choose, target)) > 0) filled += found.length;
    }
    return result;
  }

  /** Log-probability of each of the last `count` tokens, in pieces so that no memory of their logits piles up. */
  async score(count: number): Promise<Float32Array> {
    const { history, length } = this.transcript;
    if (!Number.isInteger(count) || count < 0 || (count > 0 && count >= length)) {
      throw new ImcotError(
        'usage',
        `Of ${length} tokens at most ${length - 1} can be scored: the first has nothing before it.`,
      );
    }
    const { vocabularySize } = this.core.config.text;
    const scores = new Float32Array(count);
    for (let done = 0; done < count;) {
      const first = length - count + done;
      const places = Array.from({ length: Math.min(64, count - done) }, (_, index) => first - 1 + index);
      const logits = await this.logitsAfter(places);
      for (const [index, place] of places.entries()) {
        const row = logits.subarray(index * vocabularySize, (index + 1) * vocabularySize);
        scores[done + index] = logProbabilityOf(row, history.at(place + 1) ?? 0, summarizeLogits(row));
      }
      done += places.length;
    }
    return scores;
  }

  rewind(length: number): void {
    this.transcript.rewind(length);
    this.computed = Math.min(this.computed, this.transcript.length);
    this.lost = Math.min(this.lost, this.transcript.length);
    if (this.logitsFor !== this.transcript.length) this.logitsFor = -1;
  }

  async fork(): Promise<SequenceState> {
    const other = new SequenceState(this.core, this.transcript.copy());
    await this.core.exclusively(async () => {
      await this.core.pool.fork(this, other);
      other.computed = this.core.pool.holds(other) ? this.computed : 0;
    });
    other.lastLogits = this.lastLogits.slice();
    other.logitsFor = this.logitsFor;
    return other;
  }

  dispose(): void {
    this.core.pool.release(this);
    this.computed = 0;
  }
}
