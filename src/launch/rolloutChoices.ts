import { randomInt } from 'node:crypto';
import { protocolByName } from '../rollout/protocols/protocolByName';
import type { RolloutProtocol } from '../rollout/protocols/protocol';
import type { RolloutConfig } from '../rollout/rolloutConfig';
import { overrideConfig } from '../rollout/rolloutConfig';
import type { RolloutSettings } from '../rollout/rolloutSettings';

/** What a person chooses for rollouts. Absent: the checkpoint's own value, then the protocol's. */
export interface RolloutChoices {
  /** Default 0, the most likely token each time; 1 for several rollouts of one question, which would all be equal. */
  readonly temperature?: number;
  /** Whole, from 0. Default: drawn when the temperature is above 0, and written to the log. */
  readonly seed?: number;
  readonly maxTurns?: number;
  /** Tokens of one turn at most. */
  readonly maxTokens?: number;
  /** False: the question alone, answered directly. Default true. */
  readonly tools?: boolean;
  /** Name of a protocol. */
  readonly protocol?: string;
  /** Names of tools to declare beside those that the protocol has. */
  readonly declare?: readonly string[];
}

/** The choices as the agent loop takes them. */
export interface SettledChoices {
  readonly protocol: RolloutProtocol;
  readonly settings: RolloutSettings;
  /** Whether an answer that no rule finds right is wrong. Default false: it is left open. */
  readonly exactAnswers?: boolean;
}

/** The protocol of a model that says nothing about it. */
export const USUAL_PROTOCOL = 'deepeyes-v2';
const DIRECT_PROTOCOL = 'plain';
const SEEDS = 2 ** 31;
/** Far enough apart that the turns of one rollout, which count on from its seed, never meet those of the next. */
const SEED_STEP = 1000;

/**
 * Puts a person's choices above what travels with the checkpoint. Above temperature 0 a seed always comes out, so that
 * the log can say how to get the same rollout again.
 * @param config what the checkpoint's `rollout_config.json` says
 * @param sample which rollout of its group, from 0; each has a seed of its own
 * @param rollouts how many the group has
 * @throws ImcotError `usage` for a protocol that does not exist
 */
export function settleChoices(
  config: RolloutConfig,
  choices: RolloutChoices,
  sample = 0,
  rollouts = 1,
): SettledChoices {
  const { temperature = rollouts > 1 ? 1 : 0, maxTurns, maxTokens, declare } = choices;
  const name = choices.tools === false ? DIRECT_PROTOCOL : (choices.protocol ?? config.protocol);
  const settings = overrideConfig(config, {
    sampling: { temperature, ...(temperature > 0 && { seed: sampleSeed(choices.seed, sample) }) },
    ...(maxTurns !== undefined && { maxTurns }),
    ...(maxTokens !== undefined && { maxTokensPerTurn: maxTokens }),
    ...(declare && declare.length > 0 && { declare }),
  });
  const exact = config.answers === 'exact' ? { exactAnswers: true } : {};
  return { protocol: protocolByName(name ?? USUAL_PROTOCOL), settings, ...exact };
}

function sampleSeed(seed: number | undefined, sample: number): number {
  return seed === undefined ? randomInt(SEEDS) : seed + sample * SEED_STEP;
}
