import type { AppendedImage, TokenChoice } from '../inference/backend';
import type { ToolCall } from '../trajectory/toolCall';
import type { ToolReport } from '../trajectory/toolReport';
import type { OutcomeStatus } from '../trajectory/trajectory';
import type { ModelPart } from '../trajectory/turn';
import type { Picture } from './picture';
import type { TrajectoryStart } from './recorder';

/** Which picture a call works on. */
export interface CalledPicture {
  /** Position among all pictures of the conversation, those of the prompt first. */
  readonly picture: number;
  /** Which tool, by name. */
  readonly tool: string;
}

/**
 * What happens in a rollout, in order:
 * `start`, `prompt`, then for each turn `text`* `turn` (`toolCall` `crop`?)* `observation`?, and one `end`, which comes
 * whatever happens. After a fault or a stop the events go from wherever they were to `end`.
 */
export type RolloutEvent =
  | { readonly type: 'start'; readonly start: TrajectoryStart }
  | {
      /** The prompt is in the model's context. */
      readonly type: 'prompt';
      /** Absent where the backend does not tell. */
      readonly tokens?: number;
      readonly images: readonly AppendedImage[];
    }
  | {
      /** The model said a token; without `id` and `logProbability`, a piece of several or the rest of a character. */
      readonly type: 'text';
      readonly turn: number;
      /** '' while a character is incomplete, and for the token that closes the turn. */
      readonly text: string;
      readonly id?: number;
      readonly logProbability?: number;
      readonly entropy?: number;
      readonly top?: readonly TokenChoice[];
    }
  | {
      /** The model's turn is over. */
      readonly type: 'turn';
      readonly turn: number;
      readonly raw: string;
      readonly parts: readonly ModelPart[];
      /** The protocol divides otherwise than the log's `semantics`: the log must hold the parts. */
      readonly writesParts: boolean;
      /** Tokens that the model wrote in this turn; pieces, where a server does not tell tokens. */
      readonly tokens: number;
      /** Why generation stopped: see `GenerationEvent`. */
      readonly reason: 'endOfTurn' | 'stopString' | 'length' | 'context' | 'cancelled';
      /** The seed that was used; absent at temperature 0. */
      readonly seed?: number;
    }
  | {
      /** The environment acts on a call; the report says what becomes of it. */
      readonly type: 'toolCall';
      readonly turn: number;
      readonly call: ToolCall;
      /** Absent when the call names a picture that is not there. */
      readonly on?: CalledPicture;
      readonly report: ToolReport;
    }
  | {
      /** A picture was cut. It is shown to the model with the observation that follows, unless a limit ends the rollout. */
      readonly type: 'crop';
      readonly turn: number;
      readonly picture: Picture;
      readonly report: ToolReport;
    }
  | {
      /** The environment answered. */
      readonly type: 'observation';
      readonly turn: number;
      /** The content of the message, `<image>` for each picture; the role markers around it are the chat template's. */
      readonly raw: string;
      /** Its words without tags. */
      readonly text: string;
      /** The environment's complaint, where this is one. */
      readonly error?: string;
      readonly pictures: readonly Picture[];
      /** What the model got; absent when the message did not reach it, since the rollout ended. */
      readonly appended?: { readonly tokens?: number; readonly images: readonly AppendedImage[] };
    }
  | {
      readonly type: 'end';
      readonly status: Exclude<OutcomeStatus, 'running'>;
      /** A sentence. */
      readonly reason?: string;
      /** The answer to be judged. */
      readonly prediction?: string;
      /** What was thrown, where the status is `error` and something was. */
      readonly thrown?: unknown;
    };

/** How a rollout ended. */
export type RolloutEnd = Extract<RolloutEvent, { type: 'end' }>;
