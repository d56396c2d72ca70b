/** How many tokens a run of a prefill takes. */
export interface ChunkSize {
  readonly size: number;
  /** Tells how long a run of so many tokens took. */
  measured(tokens: number, milliseconds: number): void;
}

/** Above this, one matrix over a chunk of 256 tokens takes a small machine longer than a person waits for "stop". */
const LARGE_MODEL_PARAMETERS = 2e9;

/**
 * For providers whose runs can be stopped: the same size every time, since another partition of a prefill gives sums of
 * another order, and the same seed must give the same tokens.
 */
export function fixedChunk(parameters: number, most: number): ChunkSize {
  return { size: Math.min(most, parameters > LARGE_MODEL_PARAMETERS ? 64 : 256), measured: () => undefined };
}

/** A stop is heard between two runs only: this is how long one may take. */
const TARGET_MS = 200;
const STEP = 16;

/** For providers whose runs can't be stopped: as many tokens as keep a run short, by what the last one took. */
export function measuredChunk(most: number): ChunkSize {
  let size = Math.min(most, 4 * STEP);
  return {
    get size() {
      return size;
    },
    measured(tokens, milliseconds) {
      if (tokens < STEP) return;
      const fitting = Math.floor((TARGET_MS * tokens) / Math.max(milliseconds, 1) / STEP) * STEP;
      // No more than double at a time: the first runs on a GPU are slow for reasons of their own.
      size = Math.max(STEP, Math.min(most, fitting, 2 * size));
    },
  };
}
