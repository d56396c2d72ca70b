import type { CoordinateFrame } from '../../common/boundingBox';
import type { ResizeLimits } from '../../common/smartResize';
import type { TurnSemantics } from '../../trajectory/environment';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ZoomVariant } from '../../trajectory/trajectory';
import type { ModelPart } from '../../trajectory/turn';
import type { RolloutLimits } from '../rolloutSettings';

/** What the environment makes of one generation. */
export interface ReadTurn {
  readonly parts: readonly ModelPart[];
  /** The calls that it acts on, in order. */
  readonly acted: readonly ToolCall[];
  /** The answer that it takes, trimmed. */
  readonly answer?: string;
  /** Whether the episode ends with this turn, whatever the tools say. */
  readonly ends: boolean;
}

/** A piece of an observation, in reading order: text of the wire, or the next picture. */
export type ObservationPiece = string | { readonly picture: number };

/** What is asked. */
export interface AskedQuestion {
  readonly question: string;
  /** Texts of the options, without letters. */
  readonly options?: readonly string[];
}

/**
 * One way to talk to a model that looks again: texts, rules, and what comes back. All of it is data and pure functions;
 * the loop is the same for all.
 */
export interface RolloutProtocol {
  readonly name: string;
  /** For a person who chooses. */
  readonly label: string;
  /** Absent: no system text is given, and the chat template decides. */
  readonly system?: string;
  /** By which rules the log divides the model's text. */
  readonly semantics: TurnSemantics;
  /** Set where `readTurn` divides otherwise than `semantics`, so that the log says how. */
  readonly writesParts?: true;
  readonly variant: ZoomVariant;
  readonly frame: CoordinateFrame;
  /** How crops are resized for the model. */
  readonly cropLimits: ResizeLimits;
  readonly limits: RolloutLimits;
  readonly stopStrings: readonly string[];
  /**
   * What is special about DeepEyes' evaluation: calls of the last turn and of a turn with an answer still run and are
   * logged, a refused call ends the rollout as an error, a generation that was cut off is read like any other.
   */
  readonly evaluates: boolean;
  /** Tools run. Where not, a rollout is one generation. */
  readonly acts: boolean;
  userText(asked: AskedQuestion): string;
  readTurn(text: string): ReadTurn;
  /**
   * Which picture of the conversation a call works on, from 0.
   * @returns undefined when it names one that is not there
   */
  sourceOf(call: ToolCall, pictures: number): number | undefined;
  /**
   * The user's message that brings pictures.
   * @param pictures how many
   * @param before how many stand in the conversation already
   */
  observation(pictures: number, before: number): readonly ObservationPiece[];
  /** The words for a refused call where the tool's report has none. */
  readonly refusal: string;
}
