/** Pixels that are worked on before others get their turn: some milliseconds. */
export const PIXELS_A_TURN = 400_000;

/** Resolves when whatever else is waiting on this thread has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
