/*
 * Which of the theme's tones (classes `tone-…` of theme.css) runs and stages have: the same on curves, in the legend
 * and on the cards.
 */

const RUN_TONES = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;
const STAGE_TONES = ['orange', 'blue', 'green'] as const;

/** How many runs have a tone of their own. */
export const RUN_TONE_COUNT = RUN_TONES.length;
export const STAGE_TONE_COUNT = STAGE_TONES.length;

/** Tone of a run by its colour number, from 0; after the last one they begin again, with another dash. */
export function runTone(colour: number): string {
  return RUN_TONES[colour % RUN_TONES.length] ?? 'blue';
}

/** Tone of a stage by its index, from 0. */
export function stageTone(index: number): string {
  return STAGE_TONES[index % STAGE_TONES.length] ?? 'orange';
}

/** Dash patterns in CSS pixels: line, gap, … The first is a whole line. */
const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [14, 4],
  [5, 2, 1, 2, 1, 2],
];

/**
 * The dash of a run's line. Where colours can be told apart it changes only when they begin again; in high contrast
 * every run has its own.
 */
export function runDash(colour: number, isHighContrast: boolean): readonly number[] {
  const turn = isHighContrast ? colour : Math.floor(colour / RUN_TONES.length);
  return DASHES[turn % DASHES.length] ?? [];
}
