import type { OutcomeStatus } from '../../trajectory/trajectory';

/** How far a run is: one rollout, or several of one question. */
export type RolloutRunState =
  | {
      readonly status: 'queued';
      /** Runs that come before it. */
      readonly ahead: number;
    }
  | {
      readonly status: 'loading';
      /** What is being done, in a few words. */
      readonly message: string;
      /** Of the present stage, 0 to 1; absent where it can't be told. */
      readonly fraction?: number;
    }
  | {
      readonly status: 'generating';
      /** Which rollout, from 0, of how many. */
      readonly rollout: number;
      readonly of: number;
      /** Which turn, from 0. */
      readonly turn: number;
      /** That the model wrote in this rollout. */
      readonly tokens: number;
      /** Of the last seconds. */
      readonly tokensPerSecond?: number;
    }
  | RolloutRunEnd;

/** How a run ended: as its last rollout did. */
export interface RolloutRunEnd {
  readonly status: 'ended';
  readonly outcome: Exclude<OutcomeStatus, 'running'>;
  /** A sentence. */
  readonly reason?: string;
}

/** The words of a progress notification. */
export function runWords(state: RolloutRunState): string {
  switch (state.status) {
    case 'queued':
      if (state.ahead === 0) return 'starting';
      return `waiting for ${state.ahead} other ${state.ahead === 1 ? 'rollout' : 'rollouts'}`;
    case 'loading': {
      const percent = state.fraction === undefined ? '' : ` ${Math.floor(state.fraction * 100)}%`;
      return `loading the model: ${state.message}${percent}`;
    }
    case 'generating': {
      const { rollout, of, turn, tokens, tokensPerSecond } = state;
      const which = of > 1 ? [`rollout ${rollout + 1} of ${of}`] : [];
      const rate = tokensPerSecond === undefined ? [] : [`${inFigures(tokensPerSecond)} tok/s`];
      const words =
        tokens === 0 && turn === 0 ? ['reading the picture'] : [`turn ${turn + 1}`, `${tokens} tokens`];
      return [...which, ...words, ...rate].join(', ');
    }
    case 'ended':
      return state.outcome;
  }
}

/** A rate for people. */
export function inFigures(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : rate.toFixed(0);
}
