import type { BoundingBox } from '../../common/boundingBox';
import { boxArea } from '../../common/boundingBox';
import type { Trajectory } from '../../trajectory/trajectory';
import { boxEvidence, phrase } from './beliefRules';
import type { Moment, Sentence, Zoom } from './narrative';
import type { FoundPattern } from './pattern';
import { contentWords } from './words';

/** Two boxes are different regions when they share less than this of the smaller one: a closer look is no other region. */
const SAME_REGION_FROM = 0.5;
/** So many regions are a search even when nothing is said about it. */
const MANY_REGIONS = 3;

/** What was looked for is not there, or the search goes on. */
const NOT_FOUND =
  /\b(?:not (?:visible|here|there|found|present|in this)|no (?:sign|trace|clear view)|(?:can(?:not|'t)|could(?: not|n't)|do(?:es)?(?: not|n't)|did(?: not|n't)) (?:see|find|spot|locate|show|contain|include|have)|isn't (?:here|there|visible)|elsewhere|(?:an)?other (?:area|region|part|side|place|spot|section|corner)s?|next (?:area|region|part|section)|(?:keep|continue|go on) (?:looking|searching|to (?:look|search))|look(?:ing)? further|search(?:ing)? (?:further|again|more|on))\b/i;
/** Two things are held against each other. */
const COMPARISON =
  /\b(?:compar(?:e|ed|es|ing|ison)|both|each of (?:the|them)|the two|respectively|whereas|than the (?:other|first|second|former|latter)|in contrast|difference between)\b/i;
/** A question that is about two things. */
const ABOUT_TWO = /\bor\b|\bthan\b|\bboth\b|\bcompare|\bsame\b|\bdifferen|\brelative\b/i;

/** Visual search and visual comparison: several regions, and whether they show one thing sought or several compared. */
export function regionPatterns(moments: readonly Moment[], { prompt }: Trajectory): FoundPattern[] {
  const zooms = moments.filter((moment): moment is Zoom => moment.kind === 'zoom');
  const regions = differentRegions(zooms);
  if (regions.length < 2) return [];
  const comparison = compared(moments, regions, prompt.question);
  return comparison ? [comparison] : searched(moments, regions);
}

/** The first zoom of each region. */
function differentRegions(zooms: readonly Zoom[]): Zoom[] {
  const regions: Zoom[] = [];
  for (const zoom of zooms) {
    if (boxArea(zoom.box) > 0 && regions.every(({ box }) => overlap(box, zoom.box) < SAME_REGION_FROM)) {
      regions.push(zoom);
    }
  }
  return regions;
}

/** What two boxes share, as a share of the smaller one. */
function overlap(a: BoundingBox, b: BoundingBox): number {
  const shared = boxArea({
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  });
  return shared / Math.min(boxArea(a), boxArea(b));
}

/** Neither label says the other's words and more: "cap" and "red cap" may be one thing, "red cap" and "blue cap" not. */
function areDifferent(a: Zoom, b: Zoom): boolean {
  if (a.label === undefined || b.label === undefined) return false;
  const [one, other] = [contentWords(a.label), contentWords(b.label)];
  return !one.every((word) => other.includes(word)) && !other.every((word) => one.includes(word));
}

function compared(
  moments: readonly Moment[],
  regions: readonly Zoom[],
  question: string,
): FoundPattern | undefined {
  const second = regions.find((zoom) =>
    regions.some((earlier) => areDifferent(earlier, zoom) && earlier !== zoom),
  );
  const pair = second && regions.find((zoom) => areDifferent(zoom, second));
  const last = regions.at(-1);
  const after = moments.slice(moments.findIndex((moment) => moment === last) + 1);
  const words = after.find(
    (moment): moment is Sentence => moment.kind === 'sentence' && COMPARISON.test(moment.text),
  );
  const isTold = regions.every(({ label }) => label !== undefined);
  if (isTold && !pair) return undefined;
  if (!words && !(pair && ABOUT_TWO.test(question))) return undefined;
  return {
    name: 'visual comparison',
    why: pair
      ? `Different things were looked at in ${regions.length} regions, and they are compared.`
      : `${regions.length} regions were looked at, and the words behind them compare.`,
    evidence: [...regions.map(boxEvidence), ...(words ? [phrase(words, 'comparison')] : [])],
  };
}

function searched(moments: readonly Moment[], regions: readonly Zoom[]): FoundPattern[] {
  const [first] = regions;
  const last = regions.at(-1);
  const between = moments.slice(
    moments.findIndex((moment) => moment === first) + 1,
    moments.findIndex((moment) => moment === last),
  );
  const words = between.filter(
    (moment): moment is Sentence => moment.kind === 'sentence' && NOT_FOUND.test(moment.text),
  );
  if (words.length === 0 && regions.length < MANY_REGIONS) return [];
  return [
    {
      name: 'visual search',
      why:
        words.length > 0
          ? `${regions.length} regions were looked at, and the words between them say that the search goes on.`
          : `${regions.length} different regions were looked at.`,
      evidence: inOrder([...regions.map(boxEvidence), ...words.map((one) => phrase(one, 'not found'))]),
    },
  ];
}

function inOrder(evidence: FoundPattern['evidence']): FoundPattern['evidence'] {
  return evidence.toSorted((a, b) => a.turn - b.turn || a.part - b.part);
}
