/**
 * Where a number comes from.
 *
 * - `stored`: the file has it
 * - `recovered`: it follows from the stored total within one formula
 * - `recomputed`: we worked it out from the text
 */
export type Provenance = 'stored' | 'recovered' | 'recomputed';

/** One part of a reward, before its weight. A part that can't be known is not in the list. */
export interface RewardPart {
  /** `accuracy`, `format` and `tool` for DeepEyes; else the file's own name. */
  readonly name: string;
  readonly value: number;
  /** What the formula multiplies it with, where a formula is known. */
  readonly weight?: number;
  readonly provenance: Provenance;
  /** Why it has this value, in words for a person. */
  readonly reason?: string;
  /** What a judge said, one text per attempt. */
  readonly replies?: readonly string[];
}

/** A part of the formula that could not be told when the reward was worked out. */
export interface UnknownPart {
  readonly name: string;
  /** Why, in words for a person. */
  readonly reason: string;
  /** What a judge said, one text per attempt. */
  readonly replies?: readonly string[];
}

/** The scalar that training used, and what is known of its parts. */
export interface Reward {
  /** Absent when the file has no reward; 0 is a reward of zero. */
  readonly total?: number;
  /** Where the total comes from; absent where the file has it. */
  readonly totalProvenance?: Provenance;
  readonly parts: readonly RewardPart[];
  /** Name of the formula that the parts belong to. */
  readonly formula?: string;
  /** Formulas that explain the total equally well, when more than one does and `parts` is therefore empty. */
  readonly candidates?: readonly string[];
  /** Parts of the formula that are not in `parts`, where somebody tried to work them out. */
  readonly unknown?: readonly UnknownPart[];
}
