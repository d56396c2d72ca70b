import { median, type BenchResult } from '../harness';
import type { Took } from './answers';
import { ask, openRequest, startOurs } from './model';

const CONTEXT = 4096;
/** Pixels: 16 x 16 visual tokens. */
const SIDE = 448;
const ROUNDS = 2;

/** A crop appended in mid-conversation against computing everything again; going back and branching. */
export async function benchAppend(precision: 'full' | 'int4'): Promise<BenchResult> {
  const ours = await startOurs();
  try {
    await ask(ours, openRequest(precision, 'ours'));
    await ask(ours, { do: 'fill', tokens: CONTEXT });
    const times = new Map<string, number[]>();
    let tokens = 0;
    const time = async (what: string, request: object, counted: boolean): Promise<void> => {
      const answer = await ask<Took & { readonly tokens?: number }>(ours, request);
      tokens = answer.tokens ?? tokens;
      if (counted) times.set(what, [...(times.get(what) ?? []), answer.took]);
    };
    for (let round = 0; round <= ROUNDS; round++) {
      const counted = round > 0;
      const fresh = (kind: string): object => ({ do: kind, side: SIDE, name: `${kind} ${round}` });
      const known = (kind: string): object => ({ do: kind, side: SIDE, name: 'known' });
      if (round === 0) await time('', known('append'), false);
      await time('append', known('append'), counted);
      await time('append with tower', fresh('append'), counted);
      if (counted) {
        await time('again', known('again'), true);
        await time('again with tower', fresh('again'), true);
      }
      await time('rewind', { do: 'rewind' }, counted);
      await time('fork', { do: 'fork' }, counted);
    }
    const of = (what: string): number => median(times.get(what) ?? []);
    return {
      name: `A crop in mid-conversation, 0.5B parameters, ${precision === 'full' ? 'float32' : 'int4'}`,
      how: [
        `A picture of ${SIDE} x ${SIDE} pixels, ${tokens} visual tokens, behind ${CONTEXT} tokens of context: appended to the cache, or everything computed again as without a cache that can be kept.`,
        'The vision tower stands to this decoder as that of the 7B model does to its own; in the first ratio the picture’s features are known to both.',
        `Median of ${ROUNDS} rounds in turns. A fork copies the cache; it and the rewind are timed until they are done.`,
      ],
      ratios: [
        {
          what: 'speed of appending / computing all again, features known',
          value: of('again') / of('append'),
          limit: { atLeast: 5 },
        },
        {
          what: 'the same with the vision tower in both',
          value: of('again with tower') / of('append with tower'),
        },
      ],
      measurements: [
        { what: 'append, features known', value: of('append'), unit: 'ms' },
        { what: 'compute all again, features known', value: of('again'), unit: 'ms' },
        { what: 'append with the vision tower', value: of('append with tower'), unit: 'ms' },
        { what: 'compute all again with the vision tower', value: of('again with tower'), unit: 'ms' },
        { what: `rewind at ${CONTEXT} tokens`, value: of('rewind'), unit: 'ms' },
        { what: `fork at ${CONTEXT} tokens`, value: of('fork'), unit: 'ms' },
      ],
    };
  } finally {
    await ours.gone();
  }
}
