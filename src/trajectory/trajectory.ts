import type { BoundingBox, CoordinateFrame } from '../common/boundingBox';
import type { GroupKey } from './group';
import type { ImageReference } from './imageReference';
import type { Reward } from './reward';
import type { Turn } from './turn';

/*
 * The one model that every format maps to and every view draws. Throughout: a property that is absent was not
 * recorded; 0, '' and [] mean zero, empty and none.
 */

/** Where in which file a record stands. */
export interface RecordOrigin {
  /** The file's name as the source calls it: a path, usually. */
  readonly file: string;
  /** Position among the source's records, from 0. */
  readonly index: number;
  /** Half-open byte range in the file; an event log's trajectory spans from its first to its last event. */
  readonly bytes: { readonly start: number; readonly end: number };
}

/** What the policy was given before its first token. */
export interface Prompt {
  readonly system?: string;
  /** The user's text without tags, pads and image placeholders. */
  readonly user: string;
  /** The question alone, without options and format instructions, where it can be told; else the user's text. */
  readonly question: string;
  readonly images: readonly ImageReference[];
  /** The prompt byte for byte where the file has it as one string. */
  readonly raw?: string;
}

/** How a rollout ended. `running` only in our own format: its log has no end yet. */
export type OutcomeStatus = 'finished' | 'error' | 'cancelled' | 'length' | 'turnLimit' | 'running';

export interface Outcome {
  readonly status: OutcomeStatus;
  /** A sentence or the file's own word, where there is one. */
  readonly reason?: string;
}

/** Whether the answer is right. Absent on a trajectory = nobody judged it. */
export interface Verdict {
  readonly correct: boolean;
  readonly provenance: 'stored' | 'recovered' | 'recomputed';
  /** Who decided: `rule: number`, `judge` and so on. */
  readonly by?: string;
  /** Why, in words for a person. */
  readonly reason?: string;
}

/** Tokens of the response as the file has them, all lists aligned. */
export interface TokenTrack {
  /** Each token decoded alone: parts of a character read U+FFFD, so joining need not give the text. */
  readonly texts: readonly string[];
  /** True for tokens that the policy wrote; false for observation tokens, which are outside the loss. */
  readonly actionMask: readonly boolean[];
  /** Natural logarithms. */
  readonly logProbabilities?: readonly number[];
  readonly referenceLogProbabilities?: readonly number[];
  readonly rewards?: readonly number[];
  readonly values?: readonly number[];
}

export interface Trajectory {
  readonly origin: RecordOrigin;
  /** The file's own identifier. */
  readonly id?: string;
  readonly prompt: Prompt;
  readonly turns: readonly Turn[];
  readonly outcome: Outcome;
  /** The answer that was judged, where the file has it apart from the turns. */
  readonly prediction?: string;
  readonly groundTruth?: string;
  /** The boxes that the answer is about, in pixels of the prompt's first image as stored. Empty: it is about none. */
  readonly groundTruthBoxes?: readonly BoundingBox[];
  readonly verdict?: Verdict;
  readonly reward?: Reward;
  readonly group?: GroupKey;
  /** Training step. */
  readonly step?: number;
  /** The file's own division of its records, such as V*'s `direct_attributes`. */
  readonly split?: string;
  /** The frame that this file's format implies for its boxes. */
  readonly frame: CoordinateFrame;
  /** Name of the zoom tool's variant that this file's producer runs (see `rollout/tools/imageZoomIn`). */
  readonly zoomVariant: ZoomVariant;
  readonly tokens?: TokenTrack;
  /** Everything else that the record holds, for display; keys in file order. */
  readonly extras: ReadonlyMap<string, unknown>;
}

/**
 * Who crops, and so by which rules: DeepEyes' training environments v2 and v5, DeepEyes' evaluation scripts,
 * verl's own tool, ms-swift's plugin, Qwen-Agent's tool for Qwen3-VL, Mini-o3, Chain-of-Focus.
 */
export type ZoomVariant =
  'trainingV2' | 'trainingV5' | 'evaluation' | 'verl' | 'msSwift' | 'qwen3Vl' | 'miniO3' | 'chainOfFocus';
