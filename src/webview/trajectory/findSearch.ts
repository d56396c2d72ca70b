import type { TextFinder } from '../../analysis/expression/textFinder';
import type { TrajectoryView } from '../../protocol/trajectoryView';
import type { DrawnText } from './findTexts';

/** More matches than this are counted and painted no further: nobody steps through them. */
export const MOST_MATCHES = 5000;
/** So long one slice of a search may hold the page, in milliseconds: half a frame. */
const SLICE_MS = 8;

/** A match as it stands in the page. */
export interface DrawnMatch {
  readonly text: DrawnText;
  readonly range: StaticRange;
}

/**
 * Looks through texts in slices, between which the page draws and listens.
 * @param isOver whether nobody wants the result any more
 * @returns undefined where it was over
 */
export async function findInTexts(
  texts: readonly DrawnText[],
  find: TextFinder,
  isOver: () => boolean,
): Promise<DrawnMatch[] | undefined> {
  const found: DrawnMatch[] = [];
  let begun = performance.now();
  for (const text of texts) {
    for (const match of find(text.text)) {
      found.push({ text, range: text.rangeOf(match) });
      if (found.length >= MOST_MATCHES) return found;
    }
    if (performance.now() - begun < SLICE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    if (isOver()) return undefined;
    begun = performance.now();
  }
  return found;
}

/** How often something stands in the texts of a file, as far as `MOST_MATCHES`. */
export function countInRaw({ system, user, turns }: TrajectoryView, find: TextFinder): number {
  const texts = [
    system ?? '',
    user,
    ...turns.flatMap(({ raw, observationRaw }) => [raw, observationRaw ?? '']),
  ];
  let count = 0;
  for (const text of texts)
    for (const match of find(text)) {
      if (match[1] > match[0]) count++;
      if (count >= MOST_MATCHES) return count;
    }
  return count;
}
