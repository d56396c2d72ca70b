import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ImcotError } from '../common/errors';
import type { RolloutConfig } from '../rollout/rolloutConfig';
import { readRolloutConfig, ROLLOUT_CONFIG_FILE } from '../rollout/rolloutConfig';

/**
 * What a checkpoint folder says about its rollouts; nothing where it has no such file.
 * @throws ImcotError `input` naming the file and the key that is off, `denied` when it can't be read
 */
export async function readCheckpointConfig(folder: string): Promise<RolloutConfig> {
  const file = path.join(folder, ROLLOUT_CONFIG_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ImcotError('denied', `${file} can't be read: ${errorMessage(thrown)}`, { cause: thrown });
  }
  try {
    return readRolloutConfig(JSON.parse(text));
  } catch (thrown) {
    throw new ImcotError('input', `${file}: ${errorMessage(thrown)}`, { cause: thrown });
  }
}
