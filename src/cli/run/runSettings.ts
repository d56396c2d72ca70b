import type { PrecisionChoice, ProviderChoice } from '../../inference/localModelOptions';
import type { RolloutChoices } from '../../launch/rolloutChoices';

/** What is asked. */
export type Asked =
  | {
      readonly kind: 'one';
      /** As the person typed it. */
      readonly image: string;
      readonly question: string;
      /** The right answer, where it was given. */
      readonly answer?: string;
    }
  | {
      readonly kind: 'file';
      /** A file or folder of questions, as typed. */
      readonly place: string;
    };

/** How a model of this machine is opened. */
export interface LocalSettings {
  readonly provider: ProviderChoice;
  readonly precision: PrecisionChoice;
  /** 0: automatic. */
  readonly threads: number;
  /** Where quantised weights are kept; absent: in the user's own cache. */
  readonly cacheFolder?: string;
}

/** Which model is asked. */
export type ModelSettings =
  | { readonly kind: 'demo'; readonly local: LocalSettings }
  | { readonly kind: 'folder'; readonly folder: string; readonly local: LocalSettings }
  | {
      readonly kind: 'server';
      readonly address: string;
      /** Absent: the server's only one. */
      readonly model?: string;
    };

/** Everything that `imcot run` was told. */
export interface RunSettings {
  readonly asked: Asked;
  /** Rollouts of each question, from 1. */
  readonly perQuestion: number;
  readonly model: ModelSettings;
  readonly choices: RolloutChoices;
  /** A server that judges what the rules leave open. */
  readonly judge?: { readonly address: string; readonly model?: string };
  /** Name of the reward formula; absent: the usual one. */
  readonly formula?: string;
  /** Rollouts at a time; absent: what suits the model. */
  readonly concurrency?: number;
  /** The log; absent: a new one in the present folder's `.imcot`. */
  readonly out?: string;
  readonly retryErrors: boolean;
  /** Events as lines on standard output in place of text. */
  readonly json: boolean;
}
