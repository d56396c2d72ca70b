import type { ImageReference } from './imageReference';
import type { ToolCall } from './toolCall';

/** A half-open range of character offsets (UTF-16 units) into the raw text that the part was cut from. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** How many tokens a part or turn has, where the file tells. */
export interface TokenSpan {
  /** Index of the first token in `Trajectory.tokens`. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

interface PartOfModelText {
  readonly range: TextRange;
  /** The text between the tags (or all of it where there are none), untrimmed. */
  readonly text: string;
  readonly tokens?: TokenSpan;
  /** False when the closing tag is missing. Plain text is always closed. */
  readonly closed: boolean;
}

/** Model text outside every tag. */
export interface TextPart extends PartOfModelText {
  readonly kind: 'text';
}

/** What stands in `<think>`. */
export interface ThoughtPart extends PartOfModelText {
  readonly kind: 'thought';
}

/** What stands in `<tool_call>`, or a structured call of a chat API (then the range is empty). */
export interface ToolCallPart extends PartOfModelText {
  readonly kind: 'toolCall';
  readonly call: ToolCall;
  /** Whether the environment acted on it: of several calls training takes the last one and evaluation the first. */
  readonly acted: boolean;
}

/** What stands in `<answer>`. */
export interface AnswerPart extends PartOfModelText {
  readonly kind: 'answer';
}

/** A part of what the policy itself wrote. */
export type ModelPart = TextPart | ThoughtPart | ToolCallPart | AnswerPart;

/** What the environment appended: crops, words, or an error; never part of the loss. */
export interface ObservationPart {
  readonly kind: 'observation';
  /** As the file has it, special tokens included where it keeps them. */
  readonly raw: string;
  readonly images: readonly ImageReference[];
  /** The words of the observation without tags, pads and special tokens. */
  readonly text: string;
  /** The environment's complaint, when this observation is one (`Error: ...`). */
  readonly error?: string;
  readonly tokens?: TokenSpan;
}

/** One generation of the policy and what the environment gave back for it. */
export interface Turn {
  /** Model text byte for byte as the file has it (special tokens included where it keeps them). */
  readonly raw: string;
  readonly parts: readonly ModelPart[];
  /** Absent after the last turn, and where the environment's reply was not recorded. */
  readonly observation?: ObservationPart;
  /**
   * True where the turn is not in the record's message list and was found elsewhere in it: DeepEyes' evaluation loses
   * the turn on which a tool raised, but keeps its text as the prediction. Such a turn is shown and not counted.
   */
  readonly recovered?: boolean;
}
