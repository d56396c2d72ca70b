import type { BoundingBox } from '../../common/boundingBox';
import type { TextRange } from '../../trajectory/turn';

/** The four ways of thinking with images that the DeepEyes paper (arXiv 2505.14362) tells apart. */
export const PATTERN_NAMES = [
  'visual search',
  'visual comparison',
  'visual confirmation',
  'hallucination mitigation',
] as const;

/** A thinking pattern, by the paper's name for it. */
export type PatternName = (typeof PATTERN_NAMES)[number];

/** Something in the rollout that a label rests on. */
export type PatternEvidence =
  | {
      readonly kind: 'box';
      readonly turn: number;
      /** Position among the parts of the turn. */
      readonly part: number;
      /** As requested, in the trajectory's frame. */
      readonly box: BoundingBox;
    }
  | {
      readonly kind: 'phrase';
      readonly turn: number;
      /** Position among the parts of the turn. */
      readonly part: number;
      /** In the turn's raw text. */
      readonly range: TextRange;
      readonly text: string;
      /** What the phrase shows, in a few words. */
      readonly role: 'belief' | 'intent' | 'outcome' | 'correction' | 'not found' | 'comparison';
    };

/** A pattern that was found in a rollout. */
export interface FoundPattern {
  readonly name: PatternName;
  /** Which rule found it, as a sentence with what it saw. */
  readonly why: string;
  /** In the order of the rollout. */
  readonly evidence: readonly PatternEvidence[];
}
