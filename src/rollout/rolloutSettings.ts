import type { CoordinateFrame } from '../common/boundingBox';
import type { SamplingParameters } from '../inference/backend';

/** Where a rollout is cut off. Defaults: `AUTHORS_LIMITS`. */
export interface RolloutLimits {
  /** Generations at most. In training the last one's observation is dropped, so 5 turns bring at most 4 crops. */
  readonly maxTurns: number;
  /** Tokens of one generation at most. */
  readonly maxTokensPerTurn: number;
  /** With `maxResponseTokens`: tokens of the whole sequence at most, observations included. */
  readonly maxPromptTokens: number;
  readonly maxResponseTokens: number;
  /** Pictures in one request at most, the prompt's included. */
  readonly maxImages: number;
}

/**
 * The limits of DeepEyes' authors. Source: `final_merged_v1v8_thinklite.sh` (5 turns for 7B; 20 for 32B), the
 * evaluation's `try_count` and `max_tokens`.
 */
export const AUTHORS_LIMITS: Readonly<Record<'training' | 'evaluation', RolloutLimits>> = {
  training: {
    maxTurns: 5,
    maxTokensPerTurn: 10_240,
    maxPromptTokens: 8192,
    maxResponseTokens: 20_480,
    maxImages: 32,
  },
  // The evaluation has no limit on the whole: each of its 11 requests may bring as many tokens as it asks for.
  evaluation: {
    maxTurns: 11,
    maxTokensPerTurn: 10_240,
    maxPromptTokens: Infinity,
    maxResponseTokens: Infinity,
    maxImages: Infinity,
  },
};

/** How large the model sees a picture, in pixels of area. Absent: the image processor's own limits. */
export interface AreaLimits {
  readonly minPixels?: number;
  readonly maxPixels?: number;
}

/** Everything about a rollout that a person may change. */
export interface RolloutSettings extends Partial<RolloutLimits> {
  readonly sampling: SamplingParameters;
  /** Generation also ends at these; the released training has none. Default: the protocol's. */
  readonly stopStrings?: readonly string[];
  /** Alternatives to report per token. Default 0. */
  readonly topCount?: number;
  /** What the model's boxes count. Default: the protocol's. */
  readonly frame?: CoordinateFrame;
  /** How the pictures of the prompt are seen. */
  readonly view?: AreaLimits;
  /** How crops are seen. */
  readonly crop?: AreaLimits;
  /** The shorter side of a box must be longer than this, in pixels of the picture that is cut. */
  readonly minBoxSideAbove?: number;
  /** Names of tools to declare in the system text beside those that it has. */
  readonly declare?: readonly string[];
}
