import { ImcotError } from '../../common/errors';
import { DEEPEYES_EVALUATION, DEEPEYES_V1, DEEPEYES_V2, DEEPEYES_V5, PLAIN } from './deepEyes';
import { CHAIN_OF_FOCUS, MINI_O3, QWEN3_VL } from './kin';
import type { RolloutProtocol } from './protocol';

/** Every protocol that a rollout can follow, the usual one first. */
export const ROLLOUT_PROTOCOLS: readonly RolloutProtocol[] = [
  DEEPEYES_V2,
  DEEPEYES_EVALUATION,
  DEEPEYES_V5,
  DEEPEYES_V1,
  QWEN3_VL,
  MINI_O3,
  CHAIN_OF_FOCUS,
  PLAIN,
];

/**
 * A protocol by its name.
 * @throws ImcotError `usage` naming those that there are
 */
export function protocolByName(name: string): RolloutProtocol {
  const found = ROLLOUT_PROTOCOLS.find((protocol) => protocol.name === name);
  if (found) return found;
  const names = ROLLOUT_PROTOCOLS.map((protocol) => protocol.name).join(', ');
  throw new ImcotError('usage', `There is no protocol named "${name}"; there are ${names}.`);
}
