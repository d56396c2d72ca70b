import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { MadeRollout } from './rolloutLog';
import { boardLine } from './rolloutLog';

/** Rollouts of one question, as DeepEyes trains with them. */
export const GROUP_SIZE = 16;
/** Groups of one training step. */
export const GROUPS_PER_STEP = 64;

const THINGS = ['cup', 'sign', 'bicycle', 'umbrella', 'vending machine', 'door', 'clock', 'bench', 'scarf'];
const PLACES = [
  'by the entrance',
  'left of the stairs',
  'on the red truck',
  'under the poster',
  'in the window',
];
const COLOURS = ['red', 'green', 'blue', 'yellow', 'white', 'black'];
/** What the released formula gives: right with a tool, right without, wrong, wrong with a fault in its format. */
const REWARDS = [2, 0.8, 0, -0.2] as const;

/** A whole number below `end` that looks random and follows from the two others. */
function drawn(index: number, salt: number, end: number): number {
  let bits = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return ((bits ^ (bits >>> 15)) >>> 0) % end;
}

/**
 * Rollout number `index` of a synthetic training run. Every figure follows from the number: a test knows what a list must
 * show without reading the file. Every seventh group is dead.
 */
export function groupedRollout(index: number): MadeRollout & { readonly group: number } {
  const group = Math.floor(index / GROUP_SIZE);
  const of = <T>(list: readonly T[], salt: number): T => list[drawn(group, salt, list.length)] as T;
  const zooms = drawn(index, 1, 4);
  const [x, y] = [drawn(index, 2, 900), drawn(index, 3, 700)];
  const isDead = group % 7 === 6;
  return {
    group,
    step: Math.floor(group / GROUPS_PER_STEP),
    question: `What colour is the ${of(THINGS, 4)} ${of(PLACES, 5)} in picture ${group}?`,
    zooms,
    tokens: 4 + drawn(index, 6, 40),
    reward: isDead ? 0 : (REWARDS[zooms === 0 ? 1 + drawn(index, 7, 3) : drawn(index, 7, 4)] as number),
    answer: of(COLOURS, 8),
    box: [x, y, x + 40 + drawn(index, 9, 120), y + 40 + drawn(index, 10, 120)],
  };
}

/** Writes the first rollouts of that run, one line each, without holding more than a few of them. */
export async function writeGroupedDump(file: string, count: number): Promise<void> {
  const stream = createWriteStream(file, { highWaterMark: 1 << 20 });
  for (let index = 0; index < count; index++) {
    if (!stream.write(`${boardLine(groupedRollout(index))}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}
