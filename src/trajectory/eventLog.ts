import type { CoordinateFrame } from '../common/boundingBox';
import { writeJson } from '../common/jsonWriter';
import type { TurnSemantics } from './environment';
import type { GroupKey } from './group';
import type { ImageReference } from './imageReference';
import type { Reward } from './reward';
import type { ToolCall } from './toolCall';
import type { OutcomeStatus, Verdict, ZoomVariant } from './trajectory';
import type { AnswerPart, TextPart, ThoughtPart, TokenSpan, ToolCallPart } from './turn';

/*
 * The project's own file, `*.imcot.jsonl`: the types of its lines, for those who write and those who read it.
 * docs/trajectory-format.md describes it. A line that is not the header begins with the number of its trajectory, so
 * that an index can tell lines apart without parsing them. Everything optional means "not recorded" when absent.
 */

/** The major version that is written. A newer one may change the meaning of what is there; additions do not raise it. */
export const EVENT_LOG_VERSION = 1;

/** The first line of a file. */
export interface EventLogHeader {
  readonly imcot: typeof EVENT_LOG_VERSION;
  /** Name and version of the program that writes. */
  readonly writer?: string;
  /** ISO 8601. */
  readonly created?: string;
}

/** Names of values in their order, since the order of an object's keys does not survive every program. */
export type Pairs = readonly (readonly [string, unknown])[];

/** An image reference; an inline one holds its bytes as base64 where it stands first in the trajectory. */
export type ImageRecord = ImageReference & { readonly data?: string };

/** `Prompt` with image records. */
export interface PromptRecord {
  readonly system?: string;
  readonly user: string;
  /** Absent when it is to be found in the user's text by the usual rules (`questionOf`). */
  readonly question?: string;
  readonly images?: readonly ImageRecord[];
  readonly raw?: string;
}

/** A trajectory begins. */
export interface StartEvent {
  readonly event: 'start';
  readonly id?: string;
  readonly prompt: PromptRecord;
  /** Name of the model that is asked. */
  readonly model?: string;
  /** Settings of the rollout, such as `temperature`, `seed`, `maxTurns`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly groundTruth?: string;
  /** The boxes that the answer is about, `[x1, y1, x2, y2]` in pixels of the first image. */
  readonly boxes?: readonly (readonly [number, number, number, number])[];
  readonly group?: GroupKey;
  readonly step?: number;
  readonly split?: string;
  /** Default `original`. */
  readonly frame?: CoordinateFrame;
  /** Default `trainingV2`. */
  readonly zoomVariant?: ZoomVariant;
  /** By which rules the model's text divides into parts. Default `trainingV2`. */
  readonly semantics?: TurnSemantics;
  readonly extras?: Pairs;
}

/** Settings that were not known when the trajectory began, such as the device of a model that had to be loaded first. */
export interface SettingsEvent {
  readonly event: 'settings';
  /** Added to the start event's; of the same name the later one counts. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The policy wrote text: a turn's text is all of its pieces in file order. */
export interface TextEvent {
  readonly event: 'text';
  /** Which turn, from 0. */
  readonly turn: number;
  readonly text: string;
  /** The tokens of this piece, each decoded alone. */
  readonly tokens?: readonly string[];
  /** Natural logarithms, one per token. */
  readonly logProbabilities?: readonly number[];
  /** See `Turn.recovered`. */
  readonly recovered?: true;
}

/**
 * A tool is about to run. With `structured` the call is not in the text (a chat API returned it beside the text) and
 * becomes a part of the turn; without, it only marks the moment.
 */
export interface ToolCallEvent {
  readonly event: 'toolCall';
  readonly turn: number;
  readonly name: string;
  readonly arguments?: unknown;
  readonly structured?: true;
}

/** The environment answered. */
export interface ObservationEvent {
  readonly event: 'observation';
  readonly turn: number;
  readonly raw: string;
  /** Absent when it is `raw`. */
  readonly text?: string;
  readonly images?: readonly ImageRecord[];
  readonly error?: string;
  /** The observation's tokens, where the recorder has them; they are outside the loss. */
  readonly tokens?: readonly string[];
  /** Its place in the track of a `tokens` event. */
  readonly span?: TokenSpan;
}

/** `ToolCall` with its arguments as pairs. */
export type ToolCallRecord =
  | (Omit<Extract<ToolCall, { status: 'parsed' }>, 'arguments'> & { readonly arguments: Pairs })
  | Extract<ToolCall, { status: 'unparsable' }>;

/** `ModelPart` with the call's arguments as pairs. */
export type PartRecord =
  TextPart | ThoughtPart | AnswerPart | (Omit<ToolCallPart, 'call'> & { readonly call: ToolCallRecord });

/** How a turn's text divides, written only where the start event's `semantics` would divide it otherwise. */
export interface PartsEvent {
  readonly event: 'parts';
  readonly turn: number;
  readonly parts: readonly PartRecord[];
}

/** All tokens of the response at once, for logs made from other files. Lists are aligned. */
export interface TokensEvent {
  readonly event: 'tokens';
  readonly texts: readonly string[];
  readonly actionMask: readonly boolean[];
  readonly logProbabilities?: readonly number[];
  readonly referenceLogProbabilities?: readonly number[];
  readonly rewards?: readonly number[];
  readonly values?: readonly number[];
}

/** Somebody judged the answer. */
export interface VerdictEvent extends Verdict {
  readonly event: 'verdict';
}

/** The scalar that training uses, with its parts. */
export interface RewardEvent extends Reward {
  readonly event: 'reward';
}

/** The rollout ended by itself. */
export interface OutcomeEvent {
  readonly event: 'outcome';
  readonly status: Exclude<OutcomeStatus, 'running' | 'error' | 'cancelled'>;
  readonly reason?: string;
  /** The answer to be judged. */
  readonly prediction?: string;
}

/** The rollout ended by a fault. */
export interface ErrorEvent {
  readonly event: 'error';
  readonly message?: string;
  readonly prediction?: string;
}

/** Somebody stopped the rollout. */
export interface CancelledEvent {
  readonly event: 'cancelled';
  readonly reason?: string;
  readonly prediction?: string;
}

/** What can stand on a line, without the trajectory's number. Readers pass over events that they do not know. */
export type TrajectoryEvent =
  | StartEvent
  | SettingsEvent
  | TextEvent
  | ToolCallEvent
  | ObservationEvent
  | PartsEvent
  | TokensEvent
  | VerdictEvent
  | RewardEvent
  | OutcomeEvent
  | ErrorEvent
  | CancelledEvent;

/** The header as a line, without its line end. */
export function headerLine(header: Omit<EventLogHeader, 'imcot'> = {}): string {
  return writeJson({ imcot: EVENT_LOG_VERSION, ...header });
}

/**
 * An event as a line, without its line end; the trajectory's number comes first, as readers expect.
 * @param trajectory a whole number from 0 that names the trajectory within its file
 * @param at when it happened, ISO 8601
 */
export function eventLine(trajectory: number, event: TrajectoryEvent, at?: string): string {
  const { event: name, ...rest } = event;
  return writeJson({ t: trajectory, event: name, at, ...rest });
}
