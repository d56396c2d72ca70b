/** When to strike: so many milliseconds after so many steps. Counted in steps, it fits however busy the machine is. */
export interface Moment {
  readonly after: number;
  readonly wait: number;
}

/** The last part of a run is left out, so that a quicker one is not over before it is struck. */
const LATEST = 0.97;

/**
 * A moment of a run that all have the same chance by time: slow steps are hit more often than quick ones.
 * @param times when each step of an untouched run came, in milliseconds from its beginning, ascending
 */
export function drawMoment(times: readonly number[], random: { uniform(): number }): Moment {
  const at = random.uniform() * LATEST * (times.at(-1) ?? 0);
  const after = times.filter((time) => time <= at).length;
  return { after, wait: at - (times[after - 1] ?? 0) };
}
