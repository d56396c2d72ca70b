import { ImcotError } from '../../common/errors';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import { SETTINGS } from '../contributions';
import type { SettingValue } from '../models/modelSettings';

/**
 * What the settings say about rollouts. A settings file may say anything; the editor's own check of types only warns.
 * @throws ImcotError `usage`, naming the setting and what it may be
 */
export function readRunSettings(value: SettingValue): RolloutChoices {
  const temperature = numberIn(SETTINGS.rolloutTemperature, value, 0, 2, false);
  const maxTurns = numberIn(SETTINGS.rolloutMaxTurns, value, 1, 100, true);
  const maxTokens = numberIn(SETTINGS.rolloutMaxTokens, value, 1, 100_000, true);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTurns !== undefined && { maxTurns }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

function numberIn(
  name: string,
  read: SettingValue,
  least: number,
  most: number,
  whole: boolean,
): number | undefined {
  const value = read(name);
  if (value === undefined || value === null) return undefined;
  const fits = typeof value === 'number' && value >= least && value <= most;
  if (fits && (!whole || Number.isInteger(value))) return value;
  const shown = JSON.stringify(value).slice(0, 100);
  const wanted = `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`;
  throw new ImcotError('usage', `The setting ${name} is ${shown}: it must be ${wanted}, or null.`);
}
